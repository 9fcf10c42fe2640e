//! A table of pairs of documents made for one change each, and how it is judged.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bpx_contract::Document;
use bpx_evolve::{Diff, Rule, diff, openapi_api};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::line;

const PAIRS: &str = include_str!("pairs.json");

/// What is different: a schema, which is both sent and received; the parameters; the operation; the whole document.
#[derive(Deserialize)]
struct Row {
    says: String,
    schema: Option<[Value; 2]>,
    parameter: Option<[Value; 2]>,
    operation: Option<[Value; 2]>,
    document: Option<[Value; 2]>,
    /// `breaking! response-field-removed Pet.name major`, with `!` for a witness.
    changes: Vec<String>,
}

impl Row {
    fn document(&self, index: usize) -> Value {
        let body = |schema: &Value| json!({"required": true, "description": "d", "content": {"application/json": {"schema": schema}}});
        let responses = json!({"200": {"description": "d"}});
        let mut operation = match (
            &self.schema,
            &self.parameter,
            &self.operation,
            &self.document,
        ) {
            (Some(pair), ..) => {
                json!({"requestBody": body(&pair[index]), "responses": {"200": body(&pair[index])}})
            }
            (_, Some(pair), ..) => json!({"parameters": pair[index], "responses": responses}),
            (_, _, Some(pair), _) => pair[index].clone(),
            (_, _, _, Some(pair)) => return pair[index].clone(),
            _ => panic!("{} has no pair", self.says),
        };
        let id = operation.get("operationId").cloned().unwrap_or(json!("op"));
        operation["operationId"] = id;
        json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": operation}}, "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}, "oauth": {"type": "oauth2", "flows": {}}},
            "schemas": {
                "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
                "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "bark": {"type": "boolean"}}}}}})
    }

    fn found(&self) -> Diff {
        let [old, new] = ["old.json", "new.json"].map(|file| {
            let document = self.document(usize::from(file == "new.json")).to_string();
            openapi_api(Document::parse(file, document.as_bytes()).unwrap()).unwrap()
        });
        diff(&old, &new, None).unwrap()
    }
}

/// Every pair, compared.
pub(crate) static FOUND: LazyLock<Vec<(String, Vec<String>, Diff)>> = LazyLock::new(|| {
    let rows: Vec<Row> = serde_json::from_str(PAIRS).unwrap();
    let found = rows.into_iter().map(|row| {
        let found = row.found();
        (row.says, row.changes, found)
    });
    found.collect()
});

/// The rules that the table shows.
pub(crate) fn rules() -> BTreeSet<Rule> {
    let changes = FOUND.iter().flat_map(|(_, _, found)| &found.changes);
    changes.map(|it| it.rule).collect()
}

#[test]
fn every_pair_is_judged() {
    assert!(FOUND.len() > 150);
    for (says, changes, found) in FOUND.iter() {
        let lines: Vec<_> = found.changes.iter().map(line).collect();
        assert_eq!(&lines, changes, "{says}");
    }
}
