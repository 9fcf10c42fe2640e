//! Where a document has schemas: in its own places, and wherever a reference leads from one.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::pointer::join;

/// Members of OpenAPI's objects that map names, which may be any, to objects.
const MAPS: [&str; 14] = [
    "callbacks",
    "content",
    "encoding",
    "headers",
    "links",
    "mapping",
    "mediaTypes",
    "parameters",
    "pathItems",
    "paths",
    "requestBodies",
    "responses",
    "securitySchemes",
    "webhooks",
];
/// Members of OpenAPI's objects that hold data.
const DATA: [&str; 5] = ["default", "enum", "example", "examples", "value"];

/// Keywords whose value is a schema.
const ONE: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 5] = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
/// Keywords whose value maps names to schemas.
const NAMED: [&str; 6] = [
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// The pointer of every schema of the document, those around others first.
pub(super) fn schemas(document: &Value) -> Vec<String> {
    let mut open = Vec::new();
    match document.get("openapi") {
        Some(_) => described(document, String::new(), false, &mut open),
        None => open.push(String::new()),
    }
    let mut found = BTreeSet::new();
    while let Some(pointer) = open.pop() {
        let Some(schema) = document.pointer(&pointer).filter(|it| it.is_object()) else {
            continue;
        };
        if !found.insert(pointer.clone()) {
            continue;
        }
        parts(schema, &pointer, &mut open);
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(fragment) = reference.and_then(|it| it.strip_prefix('#')) {
            open.push(
                percent_decode_str(fragment)
                    .decode_utf8_lossy()
                    .into_owned(),
            );
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|pointer| pointer.matches('/').count());
    found
}

/// The schemas directly below OpenAPI's own objects.
fn described(value: &Value, pointer: String, is_map: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = join(&pointer, name);
                match name.as_str() {
                    _ if is_map => described(member, at, false, found),
                    "schema" | "itemSchema" => found.push(at),
                    "schemas" => {
                        let named = member.as_object().into_iter().flatten();
                        found.extend(named.map(|(name, _)| join(&at, name)));
                    }
                    name if DATA.contains(&name) || name.starts_with("x-") => {}
                    name => described(member, at, MAPS.contains(&name), found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                described(item, join(&pointer, &index.to_string()), false, found);
            }
        }
        _ => {}
    }
}

fn parts(schema: &Value, pointer: &str, found: &mut Vec<String>) {
    let members = schema.as_object().into_iter().flatten();
    for (name, member) in members {
        let (name, at) = (name.as_str(), join(pointer, name));
        match member {
            Value::Object(named) if NAMED.contains(&name) => {
                found.extend(named.keys().map(|name| join(&at, name)));
            }
            Value::Array(items) if LIST.contains(&name) => {
                found.extend((0..items.len()).map(|index| join(&at, &index.to_string())));
            }
            Value::Object(_) if ONE.contains(&name) => found.push(at),
            _ => {}
        }
    }
}
