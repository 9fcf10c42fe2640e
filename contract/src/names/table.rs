//! The table of naming exceptions: parsed strictly, each row checked to do something.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;
use serde::Deserialize;

use super::OPEN_ARM;
use super::rule::{is_reserved_type, param_name, stream_name, type_rule, value_name};
use crate::model::{Field, Kind, Location, Model};
use crate::{Diagnostic, Diagnostics, Place};

/// The table as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    #[serde(default, rename = "type")]
    types: Vec<TypeRow>,
    #[serde(default, rename = "variant")]
    variants: Vec<VariantRow>,
    #[serde(default, rename = "field")]
    fields: Vec<VariantRow>,
    #[serde(default, rename = "operation")]
    operations: Vec<OperationRow>,
    #[serde(default, rename = "parameter")]
    params: Vec<ParamRow>,
    #[serde(default, rename = "member")]
    members: Vec<MemberRow>,
    #[serde(default, rename = "stream")]
    streams: Vec<StreamRow>,
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationRow {
    operation: String,
    rust: String,
    reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamRow {
    /// The address of the channel.
    address: String,
    rust: String,
    reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParamRow {
    operation: String,
    wire: String,
    /// The location, as in `in` of the document.
    r#in: String,
    rust: String,
    reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberRow {
    wire: String,
    rust: String,
    reason: String,
}

impl Table {
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, Diagnostics> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|text| text.matches('\n').count() + 1);
            let place = line.map_or_else(|| Place::file(file), |line| Place::line(file, line));
            let problem = format!("this is not a names table: {}", error.message());
            Diagnostics::one(
                place,
                problem,
                "write rows `[[type]]` (component, rust, reason), `[[variant]]` and `[[field]]` (component, wire, rust, reason), `[[operation]]` (operation, rust, reason), `[[parameter]]` (operation, wire, in, rust, reason), `[[member]]` (wire, rust, reason), `[[stream]]` (address, rust, reason)",
            )
        })
    }
}

/// The checked rows.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) types: BTreeMap<String, String>,
    pub(super) variants: BTreeMap<(String, String), String>,
    pub(super) fields: BTreeMap<(String, String), String>,
    pub(super) operations: BTreeMap<String, String>,
    pub(super) params: BTreeMap<(String, String, Location), String>,
    /// Rust types, by the name of the member.
    pub(super) members: BTreeMap<String, String>,
    /// By address.
    pub(super) streams: BTreeMap<String, String>,
}

/// The types that a member can be given.
const MEMBER_TYPES: [&str; 5] = ["AmountOrPercent", "DateTime<Utc>", "Decimal", "u32", "u64"];

/// One row to be checked: what it is called in a complaint, whether the document has what it names, and its names.
struct Row<'a> {
    subject: String,
    known: bool,
    again: bool,
    rust: &'a str,
    rule: String,
    reason: &'a str,
}

impl Rows {
    pub(super) fn check(
        model: &Model,
        file: &str,
        table: &Table,
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut rows = Self::default();
        let mut tell = |pointer: String, row: Row<'_>, is_name: fn(&str) -> bool| {
            if let Some(problem) = problem(&row, is_name) {
                let problem = format!("the row for `{}` {problem}", row.subject);
                let place = Place::at(file, pointer);
                faults.push(Diagnostic::new(place, problem, "correct or delete the row"));
            }
        };
        for (index, row) in table.types.iter().enumerate() {
            let checked = Row {
                subject: row.component.clone(),
                known: model.types.contains_key(&row.component),
                again: rows
                    .types
                    .insert(row.component.clone(), row.rust.clone())
                    .is_some(),
                rust: &row.rust,
                rule: type_rule(&row.component),
                reason: &row.reason,
            };
            tell(format!("/type/{index}"), checked, is_type_name);
        }
        for (index, row) in table.variants.iter().enumerate() {
            let values = model.types.get(&row.component).map(|def| def.kind.values());
            let known = values.unwrap_or_default().contains(&row.wire.as_str());
            let again = rows.variants.insert(row.key(), row.rust.clone()).is_some();
            let checked = row.checked(known, again, type_rule(&row.wire));
            tell(format!("/variant/{index}"), checked, is_type_name);
        }
        for (index, row) in table.fields.iter().enumerate() {
            let kind = model.types.get(&row.component).map(|def| &def.kind);
            let known = matches!(kind, Some(Kind::Object(fields)) if fields.iter().any(|it| it.name == row.wire));
            let again = rows.fields.insert(row.key(), row.rust.clone()).is_some();
            let checked = row.checked(known, again, value_name(&row.wire, &[]));
            tell(format!("/field/{index}"), checked, is_value_name);
        }
        for (index, row) in table.operations.iter().enumerate() {
            let id = &row.operation;
            let checked = Row {
                subject: id.clone(),
                known: model.operations.contains_key(id),
                again: rows
                    .operations
                    .insert(id.clone(), row.rust.clone())
                    .is_some(),
                rust: &row.rust,
                rule: value_name(id, &[]),
                reason: &row.reason,
            };
            tell(format!("/operation/{index}"), checked, is_value_name);
        }
        for (index, row) in table.params.iter().enumerate() {
            let checked = row.checked(model, &mut rows);
            tell(format!("/parameter/{index}"), checked, is_value_name);
        }
        for (index, row) in table.members.iter().enumerate() {
            let again = rows.members.insert(row.wire.clone(), row.rust.clone());
            let checked = row.checked(model, again.is_some());
            tell(format!("/member/{index}"), checked, |rust| {
                MEMBER_TYPES.contains(&rust)
            });
        }
        for (index, checked) in rows.streams(model, table).into_iter().enumerate() {
            tell(format!("/stream/{index}"), checked, is_value_name);
        }
        rows
    }

    /// The rows of streams. Without a document of streams there is nothing to hold them against.
    fn streams<'a>(&mut self, model: &Model, table: &'a Table) -> Vec<Row<'a>> {
        let Some(streams) = &model.streams else {
            return Vec::new();
        };
        let calls = streams.calls();
        let checked = table.streams.iter().map(|row| {
            let (address, rust) = (&row.address, &row.rust);
            let again = self.streams.insert(address.clone(), rust.clone());
            Row {
                subject: address.clone(),
                known: calls.iter().any(|call| call.address == address),
                again: again.is_some(),
                rust,
                rule: stream_name(address, &calls),
                reason: &row.reason,
            }
        });
        checked.collect()
    }
}

impl MemberRow {
    fn checked(&self, model: &Model, again: bool) -> Row<'_> {
        let mut kinds = model.types.values().map(|def| &def.kind);
        let has = |fields: &Vec<Field>| fields.iter().any(|it| it.name == self.wire);
        Row {
            subject: self.wire.clone(),
            known: kinds.any(|kind| matches!(kind, Kind::Object(fields) if has(fields))),
            again,
            rust: &self.rust,
            // No rule gives a type.
            rule: String::new(),
            reason: &self.reason,
        }
    }
}

impl ParamRow {
    fn checked(&self, model: &Model, rows: &mut Rows) -> Row<'_> {
        let location = Location::parse(&self.r#in);
        let operation = model.operations.get(&self.operation);
        let known = operation
            .zip(location)
            .is_some_and(|(operation, location)| {
                let mut params = operation.params.iter();
                params.any(|param| param.is(&self.wire, location))
            });
        let key = location.map(|it| (self.operation.clone(), self.wire.clone(), it));
        let rule = location.map(|location| param_name(&self.wire, location));
        let again = key.is_some_and(|key| rows.params.insert(key, self.rust.clone()).is_some());
        Row {
            subject: format!("{} {}", self.operation, self.wire),
            known,
            again,
            rust: &self.rust,
            rule: rule.unwrap_or_default(),
            reason: &self.reason,
        }
    }
}

impl VariantRow {
    fn key(&self) -> (String, String) {
        (self.component.clone(), self.wire.clone())
    }

    fn checked(&self, known: bool, again: bool, rule: String) -> Row<'_> {
        Row {
            subject: format!("{} {}", self.component, self.wire),
            known,
            again,
            rust: &self.rust,
            rule,
            reason: &self.reason,
        }
    }
}

fn problem(row: &Row<'_>, is_name: fn(&str) -> bool) -> Option<&'static str> {
    if !row.known {
        Some("names nothing in the document")
    } else if row.again {
        Some("stands there a second time")
    } else if row.rust == row.rule {
        Some("gives the name that the rule gives anyway")
    } else if !is_name(row.rust) && row.rule.is_empty() {
        Some("gives a type that members cannot have")
    } else if !is_name(row.rust) {
        Some(
            "gives a name that is reserved or not in the form of its kind (`PascalCase`, `snake_case`)",
        )
    } else if row.reason.trim().is_empty() {
        Some("has no reason")
    } else {
        None
    }
}

fn is_type_name(name: &str) -> bool {
    let identifier = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.is_ascii();
    identifier && name.to_upper_camel_case() == name && name != OPEN_ARM && !is_reserved_type(name)
}

/// Whether a name has the form of a field or method, and is not reserved.
pub(crate) fn is_value_name(name: &str) -> bool {
    let identifier = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.is_ascii();
    identifier && (value_name(name, &[]) == name || name.trim_end_matches('_') != name)
}
