//! From names on the wire to names in Rust: one rule, and a table of exceptions that must each do something.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use serde::Deserialize;

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

/// Names that generated code uses for its own ends.
const OWN_VALUES: &[&str] = &[
    "new",
    "with_options",
    "send",
    "client",
    "body",
    "clone",
    "inner",
];
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
];

/// The arm of an open enum that keeps a value nobody listed.
pub const OPEN_ARM: &str = "Unknown";

/// The table of exceptions, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, rename = "type")]
    types: Vec<TypeRow>,
    #[serde(default, rename = "variant")]
    variants: Vec<VariantRow>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeRow {
    component: String,
    rust: String,
    reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantRow {
    component: String,
    wire: String,
    rust: String,
    reason: String,
}

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
        let (file, parsed) = match table {
            Some((file, text)) => (file, parse(file, text)?),
            None => ("", Table::default()),
        };
        let mut faults = Vec::new();
        let rows = Rows::check(model, file, &parsed, &mut faults);
        let mut names = Self::default();
        for (component, def) in &model.types {
            names
                .types
                .insert(component.clone(), rows.type_name(component));
            for value in def.kind.values() {
                names.variants.insert(
                    (component.clone(), value.to_owned()),
                    rows.variant(component, value),
                );
            }
        }
        names.check_collisions(model, &mut faults);
        Diagnostics::or(faults, names)
    }

    /// The Rust type of a component.
    pub fn ty(&self, component: &str) -> &str {
        self.types.get(component).map_or("", String::as_str)
    }

    /// The Rust variant of an enum's wire value or a union's tag value.
    pub fn variant(&self, component: &str, value: &str) -> &str {
        self.variants
            .get(&(component.to_owned(), value.to_owned()))
            .map_or("", String::as_str)
    }

    /// The Rust name of a property.
    pub fn field(&self, wire: &str) -> String {
        value_name(wire)
    }

    /// The Rust name of a parameter; the `X-` of a header says nothing.
    pub fn param(&self, wire: &str, location: Location) -> String {
        let header = location == Location::Header;
        let bare = wire
            .strip_prefix("X-")
            .or_else(|| wire.strip_prefix("x-"))
            .filter(|_| header);
        value_name(bare.unwrap_or(wire))
    }

    /// The Rust name of an operation's method.
    pub fn method(&self, operation: &str) -> String {
        value_name(operation)
    }

    fn check_collisions(&self, model: &Model, faults: &mut Vec<Diagnostic>) {
        let place = |name: &String| {
            model
                .types
                .get(name)
                .map_or_else(|| Place::file(""), |def| def.place.clone())
        };
        report(
            self.types
                .iter()
                .map(|(wire, rust)| (wire.as_str(), rust.clone(), place(wire))),
            "types",
            faults,
        );
        for (component, def) in &model.types {
            let values = def.kind.values();
            let variants = values
                .iter()
                .map(|value| (*value, self.variant(component, value).to_owned()));
            report(
                variants.map(|(wire, rust)| (wire, rust, def.place.clone())),
                "variants",
                faults,
            );
            if let Kind::Object(fields) = &def.kind {
                let fields = fields
                    .iter()
                    .map(|field| (field.name.as_str(), self.field(&field.name)));
                report(
                    fields.map(|(wire, rust)| (wire, rust, def.place.clone())),
                    "fields",
                    faults,
                );
            }
        }
        for operation in model.operations.values() {
            let params = operation
                .params
                .iter()
                .map(|param| (param.name.as_str(), self.param(&param.name, param.location)));
            report(
                params.map(|(wire, rust)| (wire, rust, operation.place.clone())),
                "parameters",
                faults,
            );
        }
        let methods = model
            .operations
            .iter()
            .map(|(id, op)| (id.as_str(), self.method(id), op.place.clone()));
        report(methods, "operations", faults);
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

/// Two wire names with one Rust name, and wire names that give none.
fn report<'a>(
    named: impl Iterator<Item = (&'a str, String, Place)>,
    what: &str,
    faults: &mut Vec<Diagnostic>,
) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (wire, rust, place) in named {
        if rust.is_empty() {
            faults.push(Diagnostic::new(
                place,
                format!("`{wire}` gives no Rust name"),
                "add a row for it to the names table",
            ));
        } else if let Some(other) = taken.insert(rust.clone(), wire) {
            faults.push(Diagnostic::new(
                place,
                format!("the {what} `{other}` and `{wire}` are both named `{rust}` in Rust"),
                "add a row for one of them to the names table (--names)",
            ));
        }
    }
}

fn parse(file: &str, text: &str) -> Result<Table, Diagnostics> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| {
            text.get(..span.start)
                .unwrap_or_default()
                .lines()
                .count()
                .max(1)
        });
        let place = line.map_or_else(|| Place::file(file), |line| Place::line(file, line));
        Diagnostics::one(
            place,
            format!("this is not a names table: {}", error.message()),
            "correct the TOML",
        )
    })
}

/// The checked rows of the table.
struct Rows {
    types: BTreeMap<String, String>,
    variants: BTreeMap<(String, String), String>,
}

impl Rows {
    fn check(model: &Model, file: &str, table: &Table, faults: &mut Vec<Diagnostic>) -> Self {
        let mut this = Self {
            types: BTreeMap::new(),
            variants: BTreeMap::new(),
        };
        for (index, row) in table.types.iter().enumerate() {
            let place = Place::at(file, format!("/type/{index}"));
            let known = model.types.contains_key(&row.component);
            let problem =
                problem(known, &row.rust, &by_rule(&row.component), &row.reason).or_else(|| {
                    this.types
                        .contains_key(&row.component)
                        .then_some("names the component a second time")
                });
            row_fault(place, &row.component, problem, faults);
            this.types.insert(row.component.clone(), row.rust.clone());
        }
        for (index, row) in table.variants.iter().enumerate() {
            let place = Place::at(file, format!("/variant/{index}"));
            let values = model
                .types
                .get(&row.component)
                .map(|def| def.kind.values())
                .unwrap_or_default();
            let known = values.contains(&row.wire.as_str());
            let key = (row.component.clone(), row.wire.clone());
            let problem =
                problem(known, &row.rust, &by_rule(&row.wire), &row.reason).or_else(|| {
                    this.variants
                        .contains_key(&key)
                        .then_some("names the value a second time")
                });
            row_fault(
                place,
                &format!("{} {}", row.component, row.wire),
                problem,
                faults,
            );
            this.variants.insert(key, row.rust.clone());
        }
        this
    }

    fn type_name(&self, component: &str) -> String {
        self.types.get(component).cloned().unwrap_or_else(|| {
            let name = by_rule(component);
            if OWN_TYPES.contains(&name.as_str()) {
                format!("{name}Value")
            } else {
                name
            }
        })
    }

    fn variant(&self, component: &str, value: &str) -> String {
        self.variants
            .get(&(component.to_owned(), value.to_owned()))
            .cloned()
            .unwrap_or_else(|| {
                let name = by_rule(value);
                if name == OPEN_ARM || name == "Self" {
                    format!("{name}Value")
                } else {
                    name
                }
            })
    }
}

fn problem(known: bool, rust: &str, rule: &str, reason: &str) -> Option<&'static str> {
    if !known {
        Some("names nothing in the document")
    } else if rust == rule {
        Some("gives the name that the rule gives anyway")
    } else if !is_type_name(rust) {
        Some("gives a name that is not a Rust type name in PascalCase")
    } else if reason.trim().is_empty() {
        Some("has no reason")
    } else {
        None
    }
}

fn row_fault(place: Place, row: &str, problem: Option<&str>, faults: &mut Vec<Diagnostic>) {
    if let Some(problem) = problem {
        faults.push(Diagnostic::new(
            place,
            format!("the row for `{row}` {problem}"),
            "correct or delete the row",
        ));
    }
}

fn is_type_name(name: &str) -> bool {
    let known: BTreeSet<&str> = OWN_TYPES.iter().copied().collect();
    !known.contains(name)
        && name != OPEN_ARM
        && !name.is_empty()
        && name.to_upper_camel_case() == name
        && name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The rule for types and variants.
fn by_rule(wire: &str) -> String {
    if wire.is_empty() {
        return "Empty".to_owned();
    }
    let ascii: String = wire
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name = ascii.to_upper_camel_case();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("N{name}")
    } else {
        name
    }
}

/// The rule for fields, parameters and methods.
fn value_name(wire: &str) -> String {
    let ascii: String = wire
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name = ascii.to_snake_case();
    if KEYWORDS.contains(&name.as_str()) || OWN_VALUES.contains(&name.as_str()) {
        format!("{name}_")
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else {
        name
    }
}
