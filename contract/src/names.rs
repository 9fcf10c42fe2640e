//! From names on the wire to names in Rust: one rule, and a table of exceptions that must each do something.

mod rule;
mod streams;
mod table;

use std::collections::BTreeMap;

use self::rule::{param_name, type_name, value_name, variant_name};
pub(crate) use self::table::is_value_name;
use self::table::{Rows, Table};
use crate::model::{Field, Kind, Location, Model, Note, Shape, TypeDef};
use crate::{Diagnostic, Diagnostics, Place};

/// The tables of operations are called so themselves.
const OWN_CONSTANTS: &[&str] = &["OPERATIONS", "TABLE"];

/// The arm of an open enum that keeps a value nobody listed.
pub const OPEN_ARM: &str = "Unknown";

/// Every name of a model in Rust.
///
/// A name follows from the name on the wire by one rule, or stands in the table of exceptions. Where two names of one
/// scope would be the same, the one that is written in the document as in Rust keeps it; the others get `_2`, `_3`, …
/// (types and variants `2`, `3`, …) in the order of their names on the wire. [`Names::notes`] tells of each.
#[derive(Debug, Clone, Default)]
pub struct Names {
    types: BTreeMap<String, String>,
    variants: BTreeMap<(String, String), String>,
    fields: BTreeMap<(String, String), String>,
    /// By component: the field for properties that the contract does not declare.
    extras: BTreeMap<String, String>,
    methods: BTreeMap<String, String>,
    builders: BTreeMap<String, String>,
    params: BTreeMap<(String, String, Location), String>,
    /// By component and property: a type other than the property's own.
    members: BTreeMap<(String, String), String>,
    /// By address.
    streams: BTreeMap<String, String>,
    /// By address and parameter.
    stream_params: BTreeMap<(String, String), String>,
    /// The names that had to step aside.
    pub notes: Vec<Note>,
}

impl Names {
    /// Names `model` by the rule and the exceptions in `table` (file name and TOML text).
    ///
    /// # Errors
    /// Broken TOML, a row without effect, a name that is none, two rows that give the same name.
    pub fn resolve(model: &Model, table: Option<(&str, &str)>) -> Result<Self, Diagnostics> {
        let mut faults = Vec::new();
        let rows = match table.map(|(file, text)| (file, Table::parse(file, text))) {
            Some((file, Ok(table))) => Rows::check(model, file, &table, &mut faults),
            Some((_, Err(found))) => return Err(found),
            None => Rows::default(),
        };
        let mut names = Self::default();
        names.name_types(model, &rows, &mut faults);
        names.name_operations(model, &rows, &mut faults);
        names.name_streams(model, &rows, &mut faults);
        Diagnostics::or(faults, names)
    }

    fn name_types(&mut self, model: &Model, rows: &Rows, faults: &mut Vec<Diagnostic>) {
        let mut scope = Scope::of("type", "");
        for (component, def) in &model.types {
            let given = rows.types.get(component);
            scope.add(component, given, type_name(component), &def.place);
        }
        for alias in model.aliases.keys() {
            // They have no place of their own: a schema that stands alone has little else.
            scope.add(
                alias,
                rows.types.get(alias),
                type_name(alias),
                &Place::file(""),
            );
        }
        self.types = scope.settle(self, faults);
        for (component, def) in &model.types {
            let mut scope = Scope::of("variant", "");
            for value in def.kind.values() {
                let given = rows.variants.get(&(component.clone(), value.to_owned()));
                let listed = def.kind.listed_name(value).map(variant_name);
                let wanted = listed.unwrap_or_else(|| variant_name(value));
                scope.add(value, given, wanted, &def.place);
            }
            let named = scope.settle(self, faults);
            self.variants.extend(under(component, named));
            let Kind::Object(fields) = &def.kind else {
                continue;
            };
            let mut scope = Scope::of("field", "_");
            for field in fields {
                let given = rows.fields.get(&(component.clone(), field.name.clone()));
                let given = given.or(field.rust_name.as_ref());
                scope.add(&field.name, given, value_name(&field.name, &[]), &def.place);
            }
            let named = scope.settle(self, faults);
            let taken = |name: &String| named.values().any(|it| it == name);
            let extra = numbered(EXTRA, "_").find(|name| !taken(name));
            self.extras
                .insert(component.clone(), extra.unwrap_or_default());
            self.fields.extend(under(component, named));
            let given = fields.iter().filter_map(|field| {
                let rust = rows.members.get(&field.name)?;
                Some((field.name.clone(), member_type(rust, def, field)?))
            });
            self.members.extend(under(component, given.collect()));
        }
    }

    fn name_operations(&mut self, model: &Model, rows: &Rows, faults: &mut Vec<Diagnostic>) {
        let mut scope = Scope::of("operation", "_");
        for (id, operation) in &model.operations {
            let given = rows.operations.get(id);
            scope.add(id, given, value_name(id, &[]), &operation.place);
        }
        self.methods = scope.settle(self, faults);
        let mut scope = Scope::of("builder of an operation", "");
        for (id, operation) in &model.operations {
            let wanted = type_name(self.method(id));
            scope.add(id, None, wanted, &operation.place);
        }
        self.builders = scope.settle(self, faults);
        for (id, operation) in &model.operations {
            let mut scope = Scope::of("parameter", "_");
            for param in &operation.params {
                let key = (id.clone(), param.name.clone(), param.location);
                let wanted = param_name(&param.name, param.location);
                // Names are unique in their location only; the path counts first, for its template shows it.
                let wire = format!("{}\u{0}{}", param.name, param.location.as_str());
                scope.add(&wire, rows.params.get(&key), wanted, &operation.place);
            }
            for (wire, rust) in scope.settle(self, faults) {
                let (name, location) = wire.rsplit_once('\u{0}').unwrap_or((&wire, ""));
                if let Some(location) = Location::parse(location) {
                    self.params
                        .insert((id.clone(), name.to_owned(), location), rust);
                }
            }
        }
    }

    /// Checks what a table says by itself, where there is no model to hold it against.
    ///
    /// # Errors
    /// Broken TOML, or a row with fields that no row has.
    pub fn check_syntax(file: &str, text: &str) -> Result<(), Diagnostics> {
        Table::parse(file, text).map(drop)
    }

    /// The Rust type of a component.
    pub fn ty(&self, component: &str) -> &str {
        self.types.get(component).map_or("", String::as_str)
    }

    /// The Rust variant of an enum's wire value or a union's tag value.
    pub fn variant(&self, component: &str, value: &str) -> &str {
        let key = (component.to_owned(), value.to_owned());
        self.variants.get(&key).map_or("", String::as_str)
    }

    /// The Rust name of a component's property.
    pub fn field(&self, component: &str, wire: &str) -> &str {
        let key = (component.to_owned(), wire.to_owned());
        self.fields.get(&key).map_or("", String::as_str)
    }

    /// The Rust type of a component's property, where the table gives one: as it is in what is sent, and in what is only
    /// read as a `Lenient` one, which takes any notation.
    pub fn member_type(&self, component: &str, wire: &str) -> Option<&str> {
        let key = (component.to_owned(), wire.to_owned());
        self.members.get(&key).map(String::as_str)
    }

    /// The field of a component that keeps the properties which the contract does not declare.
    pub fn extra(&self, component: &str) -> &str {
        self.extras.get(component).map_or(EXTRA, String::as_str)
    }

    /// The Rust name of an operation's parameter; the `X-` of a header says nothing.
    pub fn param(&self, operation: &str, wire: &str, location: Location) -> &str {
        let key = (operation.to_owned(), wire.to_owned(), location);
        self.params.get(&key).map_or("", String::as_str)
    }

    /// The Rust name of an operation's method.
    pub fn method(&self, operation: &str) -> &str {
        self.methods.get(operation).map_or("", String::as_str)
    }

    /// The Rust type of an operation's builder.
    pub fn builder(&self, operation: &str) -> &str {
        self.builders.get(operation).map_or("", String::as_str)
    }

    /// The constant that holds an operation's row of the table of signed operations.
    pub fn constant(&self, operation: &str) -> String {
        let name = self
            .method(operation)
            .trim_end_matches('_')
            .to_ascii_uppercase();
        if OWN_CONSTANTS.contains(&name.as_str()) {
            format!("{name}_")
        } else {
            name
        }
    }

    /// The type that the rule gives for words such as the id of an operation.
    pub fn type_of_words(words: &str) -> String {
        type_name(&value_name(words, &[]))
    }

    /// The name that the rule gives for a method, without regard to what it may collide with.
    pub fn method_of_words(words: &str) -> String {
        value_name(words, &[])
    }
}

/// What a row makes of a property: nothing where it is no scalar, or an integer that is sent, which has a type already.
fn member_type(rust: &str, def: &TypeDef, field: &Field) -> Option<String> {
    match (&field.shape, def.sent) {
        (Shape::Integer(_), true) => None,
        (Shape::String(_), true) => Some(rust.to_owned()),
        (Shape::Integer(_) | Shape::String(_), false) => Some(format!("Lenient<{rust}>")),
        _ => None,
    }
}

/// What the field for undeclared properties is called, unless a property is called so.
const EXTRA: &str = "additional_properties";

fn under(
    component: &str,
    named: BTreeMap<String, String>,
) -> impl Iterator<Item = ((String, String), String)> {
    let component = component.to_owned();
    named
        .into_iter()
        .map(move |(wire, rust)| ((component.clone(), wire), rust))
}

/// `name`, then `name_2`, `name_3`, …
fn numbered(name: &str, between: &str) -> impl Iterator<Item = String> {
    let bare = name.trim_end_matches('_');
    let further = (2_usize..).map(move |number| format!("{bare}{between}{number}"));
    std::iter::once(name.to_owned()).chain(further)
}

/// One name to be given.
struct Wanted {
    wire: String,
    rust: String,
    /// A row of the table gives it.
    given: bool,
    place: Place,
}

/// Names that must differ from one another.
struct Scope {
    what: &'static str,
    between: &'static str,
    wanted: Vec<Wanted>,
}

impl Scope {
    fn of(what: &'static str, between: &'static str) -> Self {
        Self {
            what,
            between,
            wanted: Vec::new(),
        }
    }

    fn add(&mut self, wire: &str, given: Option<&String>, rule: String, place: &Place) {
        self.wanted.push(Wanted {
            wire: wire.to_owned(),
            rust: given.cloned().unwrap_or(rule),
            given: given.is_some(),
            place: place.clone(),
        });
    }

    /// Gives every name, those of the table first, then those that are written alike in the document.
    fn settle(
        mut self,
        names: &mut Names,
        faults: &mut Vec<Diagnostic>,
    ) -> BTreeMap<String, String> {
        let shown = |wire: &str| {
            let (name, _) = wire.rsplit_once('\u{0}').unwrap_or((wire, ""));
            name.to_owned()
        };
        self.wanted.sort_by_key(|it| {
            let is_alike = shown(&it.wire) == it.rust;
            (
                !it.given,
                !is_alike,
                !it.wire.ends_with("\u{0}path"),
                it.wire.clone(),
            )
        });
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        let mut named = BTreeMap::new();
        for it in self.wanted {
            let what = self.what;
            let other = taken.get(&it.rust).map(|wire| shown(wire));
            if let (Some(other), true) = (&other, it.given) {
                let problem = format!(
                    "two rows name the {what}s `{other}` and `{}` both `{}`",
                    shown(&it.wire),
                    it.rust
                );
                faults.push(Diagnostic::new(it.place, problem, "change one of the rows"));
                continue;
            }
            let free = numbered(&it.rust, self.between).find(|name| !taken.contains_key(name));
            let free = free.unwrap_or_default();
            if let Some(other) = other {
                let wire = shown(&it.wire);
                let text = format!(
                    "the {what} `{wire}` is named `{free}`: `{}` is taken by `{other}`",
                    it.rust
                );
                names.notes.push(Note {
                    place: it.place,
                    text,
                    is_loss: false,
                });
            }
            taken.insert(free.clone(), it.wire.clone());
            named.insert(it.wire, free);
        }
        named
    }
}

impl Kind {
    /// The wire values that become variants.
    fn values(&self) -> Vec<&str> {
        match self {
            Self::Enum(listed) | Self::IntegerEnum(listed) => {
                listed.values.iter().map(String::as_str).collect()
            }
            Self::Union(union) => union.arms.iter().map(|arm| arm.value.as_str()).collect(),
            Self::Object(_) => Vec::new(),
        }
    }

    /// The name that the document gives a value (`x-enum-varnames`).
    fn listed_name(&self, value: &str) -> Option<&str> {
        match self {
            Self::Enum(listed) | Self::IntegerEnum(listed) => {
                listed.names.get(value).map(String::as_str)
            }
            _ => None,
        }
    }
}
