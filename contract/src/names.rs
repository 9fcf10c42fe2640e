//! From names on the wire to names in Rust: one rule, and a table of exceptions that must each do something.

mod table;

use std::collections::BTreeMap;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

use self::table::{Rows, Table};
use crate::model::{Kind, Location, Model};
use crate::{Diagnostic, Diagnostics, Place};

/// Words Rust keeps for itself.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods and fields that generated code has for its own ends.
const OWN_VALUES: &[&str] = &[
    "new",
    "with_options",
    "send",
    "stream",
    "client",
    "body",
    "clone",
    "inner",
    "known",
];

/// What the body of a generated `send` calls its own values and functions.
const OWN_LOCALS: &[&str] = &["url", "request", "header_map", "encode_path"];

/// Types and traits that generated modules import or expect from the prelude.
const OWN_TYPES: &[&str] = &[
    "Self",
    "Option",
    "Vec",
    "Box",
    "String",
    "Result",
    "Some",
    "None",
    "Ok",
    "Err",
    "Client",
    "PublicClient",
    "Decimal",
    "NaiveDateTime",
    "Error",
    "Outcome",
    "Page",
    "Rows",
    "As",
    "BTreeMap",
    "Bytes",
    "Connection",
    "DateTime",
    "Deserialize",
    "Deserializer",
    "Exact",
    "HeaderMap",
    "Into",
    "Known",
    "New",
    "QueryParam",
    "ResponseValue",
    "Serialize",
    "Tagged",
    "TryInto",
    "Utc",
    "Value",
    "WireEnum",
];

/// The tables of operations are called so themselves.
const OWN_CONSTANTS: &[&str] = &["OPERATIONS", "TABLE"];

/// The arm of an open enum that keeps a value nobody listed.
pub const OPEN_ARM: &str = "Unknown";

/// Every name of a model in Rust.
#[derive(Debug, Clone, Default)]
pub struct Names {
    types: BTreeMap<String, String>,
    variants: BTreeMap<(String, String), String>,
}

impl Names {
    /// Names `model` by the rule and the exceptions in `table` (file name and TOML text).
    ///
    /// # Errors
    /// Broken TOML, a row without effect, a name that is none, two names that collide.
    pub fn resolve(model: &Model, table: Option<(&str, &str)>) -> Result<Self, Diagnostics> {
        let mut faults = Vec::new();
        let rows = match table.map(|(file, text)| (file, Table::parse(file, text))) {
            Some((file, Ok(table))) => Rows::check(model, file, &table, &mut faults),
            Some((_, Err(found))) => return Err(found),
            None => Rows::default(),
        };
        let mut names = Self::default();
        for (component, def) in &model.types {
            let given = rows.types.get(component).cloned();
            names.types.insert(
                component.clone(),
                given.unwrap_or_else(|| type_name(component)),
            );
            for value in def.kind.values() {
                let key = (component.clone(), value.to_owned());
                let given = rows.variants.get(&key).cloned();
                names
                    .variants
                    .insert(key, given.unwrap_or_else(|| variant_name(value)));
            }
        }
        faults.extend(names.collisions(model));
        Diagnostics::or(faults, names)
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

    /// The Rust name of a property.
    pub fn field(&self, wire: &str) -> String {
        value_name(wire, &[])
    }

    /// The Rust name of a parameter; the `X-` of a header says nothing.
    pub fn param(&self, wire: &str, location: Location) -> String {
        let header = location == Location::Header;
        let bare = wire.strip_prefix("X-").or_else(|| wire.strip_prefix("x-"));
        value_name(bare.filter(|_| header).unwrap_or(wire), OWN_LOCALS)
    }

    /// The Rust name of an operation's method.
    pub fn method(&self, operation: &str) -> String {
        value_name(operation, &[])
    }

    /// The Rust type of an operation's builder.
    pub fn builder(&self, operation: &str) -> String {
        type_name(&self.method(operation))
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

    fn collisions(&self, model: &Model) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let mut types = Scope::of("types".to_owned(), TABLE);
        for (component, def) in &model.types {
            types.add(component, self.ty(component).to_owned(), &def.place);
            let mut variants = Scope::of(format!("variants of `{component}`"), TABLE);
            for value in def.kind.values() {
                variants.add(value, self.variant(component, value).to_owned(), &def.place);
            }
            let mut fields = Scope::of(format!("fields of `{component}`"), OVERLAY);
            if let Kind::Object(listed) = &def.kind {
                for field in listed {
                    fields.add(&field.name, self.field(&field.name), &def.place);
                }
            }
            faults.extend(variants.faults);
            faults.extend(fields.faults);
        }
        let mut methods = Scope::of("operations".to_owned(), OVERLAY);
        let mut builders = Scope::of("builders of operations".to_owned(), OVERLAY);
        for (id, operation) in &model.operations {
            let method = self.method(id);
            if methods.add(id, method, &operation.place) {
                builders.add(id, self.builder(id), &operation.place);
            }
            let mut params = Scope::of(format!("parameters of `{id}`"), OVERLAY);
            for param in &operation.params {
                params.add(
                    &param.name,
                    self.param(&param.name, param.location),
                    &operation.place,
                );
            }
            faults.extend(params.faults);
        }
        faults.extend(types.faults);
        faults.extend(methods.faults);
        faults.extend(builders.faults);
        faults
    }
}

const TABLE: &str = "name it in a row of the names table (--names)";
const OVERLAY: &str = "rename or remove it in the document, or with an overlay (--overlay)";

/// Names that must differ from one another.
struct Scope {
    what: String,
    fix: &'static str,
    taken: BTreeMap<String, String>,
    faults: Vec<Diagnostic>,
}

impl Scope {
    fn of(what: String, fix: &'static str) -> Self {
        Self {
            what,
            fix,
            taken: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    /// Takes a name; says whether it was free.
    fn add(&mut self, wire: &str, rust: String, place: &Place) -> bool {
        let problem = if rust.is_empty() {
            format!("`{wire}` among the {} gives no Rust name", self.what)
        } else if let Some(other) = self.taken.get(&rust) {
            format!(
                "the {} `{other}` and `{wire}` are both named `{rust}` in Rust",
                self.what
            )
        } else {
            self.taken.insert(rust, wire.to_owned());
            return true;
        };
        self.faults
            .push(Diagnostic::new(place.clone(), problem, self.fix));
        false
    }
}

impl Kind {
    /// The wire values that become variants.
    fn values(&self) -> Vec<&str> {
        match self {
            Self::Enum(listed) => listed.values.iter().map(String::as_str).collect(),
            Self::Union(union) => union.arms.iter().map(|arm| arm.value.as_str()).collect(),
            Self::Object(_) => Vec::new(),
        }
    }
}

fn is_reserved_type(name: &str) -> bool {
    OWN_TYPES.contains(&name)
}

fn type_name(component: &str) -> String {
    let name = type_rule(component);
    if is_reserved_type(&name) {
        format!("{name}Value")
    } else {
        name
    }
}

fn variant_name(value: &str) -> String {
    let name = type_rule(value);
    if name == OPEN_ARM || name == "Self" {
        format!("{name}Value")
    } else {
        name
    }
}

/// The rule for types and variants.
fn type_rule(wire: &str) -> String {
    if wire.is_empty() {
        return "Empty".to_owned();
    }
    let mut name = words(wire).to_upper_camel_case();
    // Until it stays: `A_B` gives `AB`, which read again is the one word `Ab`; later tools read it again.
    while name.to_upper_camel_case() != name {
        name = name.to_upper_camel_case();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("N{name}")
    } else {
        name
    }
}

/// The rule for fields, parameters and methods.
fn value_name(wire: &str, reserved: &[&str]) -> String {
    let name = words(wire).to_snake_case();
    let word = name.as_str();
    if KEYWORDS.contains(&word) || OWN_VALUES.contains(&word) || reserved.contains(&word) {
        format!("{name}_")
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else {
        name
    }
}

/// Everything that is no ASCII letter or digit divides words.
fn words(wire: &str) -> String {
    wire.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect()
}
