//! The table of naming exceptions: parsed strictly, each row checked to do something.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;
use serde::Deserialize;

use super::{OPEN_ARM, is_reserved_type, type_rule};
use crate::model::Model;
use crate::{Diagnostic, Diagnostics, Place};

/// The table as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
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
                "write `[[type]]` rows (component, rust, reason) and `[[variant]]` rows (component, wire, rust, reason)",
            )
        })
    }
}

/// The checked rows.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) types: BTreeMap<String, String>,
    pub(super) variants: BTreeMap<(String, String), String>,
}

impl Rows {
    pub(super) fn check(
        model: &Model,
        file: &str,
        table: &Table,
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut rows = Self::default();
        for (index, row) in table.types.iter().enumerate() {
            let known = model.types.contains_key(&row.component);
            let again = rows
                .types
                .insert(row.component.clone(), row.rust.clone())
                .is_some();
            let problem = problem(
                known,
                &row.rust,
                &type_rule(&row.component),
                &row.reason,
                again,
            );
            faults.extend(fault(
                file,
                format!("/type/{index}"),
                &row.component,
                problem,
            ));
        }
        for (index, row) in table.variants.iter().enumerate() {
            let values = model.types.get(&row.component).map(|def| def.kind.values());
            let known = values.unwrap_or_default().contains(&row.wire.as_str());
            let key = (row.component.clone(), row.wire.clone());
            let again = rows.variants.insert(key, row.rust.clone()).is_some();
            let problem = problem(known, &row.rust, &type_rule(&row.wire), &row.reason, again);
            let what = format!("{} {}", row.component, row.wire);
            faults.extend(fault(file, format!("/variant/{index}"), &what, problem));
        }
        rows
    }
}

fn problem(known: bool, rust: &str, rule: &str, reason: &str, again: bool) -> Option<&'static str> {
    if !known {
        Some("names nothing in the document")
    } else if again {
        Some("stands there a second time")
    } else if rust == rule {
        Some("gives the name that the rule gives anyway")
    } else if !is_type_name(rust) {
        Some("gives a name that is reserved or not in PascalCase")
    } else if reason.trim().is_empty() {
        Some("has no reason")
    } else {
        None
    }
}

fn fault(file: &str, pointer: String, row: &str, problem: Option<&str>) -> Option<Diagnostic> {
    let problem = format!("the row for `{row}` {}", problem?);
    Some(Diagnostic::new(
        Place::at(file, pointer),
        problem,
        "correct or delete the row",
    ))
}

fn is_type_name(name: &str) -> bool {
    let identifier = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.is_ascii();
    identifier && name.to_upper_camel_case() == name && name != OPEN_ARM && !is_reserved_type(name)
}
