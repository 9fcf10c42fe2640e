//! Schemas of OpenAPI 3.0 in the dialect of 3.1, which is JSON Schema 2020-12.

use serde_json::{Map, Number, Value};

use crate::model::IntFormat;

/// Members whose values are data, not schemas.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "examples"];

/// The document with every schema in the dialect of 2020-12: `nullable` becomes a type, an exclusive bound a number, an
/// integer format its bounds; in a 3.0 document what stands beside `$ref` goes, since readers have to ignore it.
#[must_use]
pub(crate) fn as_2020_12(document: &Value) -> Value {
    let version = document.get("openapi").and_then(Value::as_str);
    let mut document = document.clone();
    let is_3_0 = version.is_some_and(|version| version.starts_with("3.0"));
    translate(&mut document, is_3_0);
    document
}

fn translate(value: &mut Value, is_3_0: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| translate(item, is_3_0)),
        Value::Object(members) => {
            if is_3_0 && members.get("$ref").is_some_and(Value::is_string) {
                members.retain(|name, _| name == "$ref");
                return;
            }
            nullable(members);
            exclusive(members, "exclusiveMinimum", "minimum");
            exclusive(members, "exclusiveMaximum", "maximum");
            bounds(members);
            for (name, member) in members {
                if !DATA.contains(&name.as_str()) && !name.starts_with("x-") {
                    translate(member, is_3_0);
                }
            }
        }
        _ => {}
    }
}

fn nullable(schema: &mut Map<String, Value>) {
    if schema.get("nullable") != Some(&Value::Bool(true)) {
        return;
    }
    let Some(Value::String(kind)) = schema.get("type") else {
        return;
    };
    let kinds = vec![Value::from(kind.as_str()), Value::from("null")];
    schema.insert("type".to_owned(), kinds.into());
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// A flag beside the bound becomes the bound.
pub(crate) fn exclusive(schema: &mut Map<String, Value>, flag: &str, bound: &str) {
    let Some(Value::Bool(is_exclusive)) = schema.get(flag) else {
        return;
    };
    let is_exclusive = *is_exclusive;
    schema.remove(flag);
    if is_exclusive && let Some(limit) = schema.remove(bound) {
        schema.insert(flag.to_owned(), limit);
    }
}

/// A format of numbers is an annotation to JSON Schema; OpenAPI means a range.
fn bounds(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    let Some((least, greatest)) = format.and_then(IntFormat::parse).map(IntFormat::bounds) else {
        return;
    };
    for (keyword, limit) in [("minimum", least), ("maximum", greatest)] {
        if !schema.contains_key(keyword) {
            let limit = Number::from_i128(limit).map_or(Value::Null, Value::Number);
            schema.insert(keyword.to_owned(), limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keywords_of_3_0_keep_their_meaning() {
        let document = json!({
            "openapi": "3.0.3",
            "a": {"type": "string", "nullable": true, "enum": ["x"]},
            "b": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false},
            "c": {"type": "integer", "format": "uint8"},
            "d": {"$ref": "#/a", "minLength": 2},
            "e": {"properties": {"nullable": {"type": "boolean"}}, "example": {"nullable": true, "type": "string"}},
        });
        let translated = as_2020_12(&document);
        assert_eq!(
            translated,
            json!({
                "openapi": "3.0.3",
                "a": {"type": ["string", "null"], "nullable": true, "enum": ["x", null]},
                "b": {"type": "number", "exclusiveMinimum": 0, "maximum": 9},
                "c": {"type": "integer", "format": "uint8", "minimum": 0, "maximum": 255},
                "d": {"$ref": "#/a"},
                "e": {"properties": {"nullable": {"type": "boolean"}}, "example": {"nullable": true, "type": "string"}},
            })
        );
    }

    #[test]
    fn what_stands_beside_a_reference_counts_in_3_1() {
        let document = json!({"openapi": "3.1.0", "a": {"$ref": "#/b", "minLength": 2}});
        assert_eq!(as_2020_12(&document), document);
    }
}
