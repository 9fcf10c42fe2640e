//! What clients of many vendors have in common: schemas that all of them accept, and arguments as their
//! models write them.

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

/// Formats that every client knows. Gemini refuses a whole request in which a string has another one, and the
/// validator of the TypeScript SDK warns of those it does not know. What another format means stands in `pattern`,
/// bounds and descriptions, too.
const FORMATS: [&str; 5] = ["date-time", "int32", "int64", "float", "double"];
/// Members whose values are data, not schemas.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "examples"];

/// The schema without formats that some clients do not know.
pub(super) fn schema(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(key, value)| !is_foreign_format(key, value))
            .map(|(key, value)| {
                let kept = DATA.contains(&key.as_str());
                let value = if kept {
                    value.clone()
                } else {
                    self::schema(value)
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(self::schema).collect(),
        scalar => scalar.clone(),
    }
}

fn is_foreign_format(key: &str, value: &Value) -> bool {
    key == "format"
        && value
            .as_str()
            .is_some_and(|format| !FORMATS.contains(&format))
}

/// The arguments without the nulls that stand for absent members, and with lists and objects that arrived as their
/// JSON text. Everything else is left to the checks that follow.
pub(super) fn arguments(schema: &Value, mut arguments: JsonObject) -> JsonObject {
    read_members(schema, &mut arguments);
    arguments
}

fn read_members(schema: &Value, members: &mut Map<String, Value>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|required| required == name));
    members.retain(|name, value| {
        let property = properties.get(name);
        let stands_for_nothing = value.is_null() && !is_required(name);
        !stands_for_nothing || property.is_none_or(takes_null)
    });
    for (name, value) in members {
        if let Some(property) = properties.get(name) {
            read_value(property, value);
        }
    }
}

fn read_value(schema: &Value, value: &mut Value) {
    if let Value::String(text) = value {
        let read = serde_json::from_str::<Value>(text).ok();
        let wanted = read.filter(|read| match read {
            Value::Array(_) => has_type(schema, "array") && !has_type(schema, "string"),
            Value::Object(_) => has_type(schema, "object") && !has_type(schema, "string"),
            _ => false,
        });
        if let Some(read) = wanted {
            *value = read;
        }
    }
    match value {
        Value::Object(members) => read_members(schema, members),
        Value::Array(items) => {
            if let Some(of_items) = schema.get("items") {
                items.iter_mut().for_each(|item| read_value(of_items, item));
            }
        }
        _ => {}
    }
}

/// Whether null is a value of its own there; so it is where nothing is said.
fn takes_null(schema: &Value) -> bool {
    let lists = ["anyOf", "oneOf"]
        .iter()
        .filter_map(|list| schema.get(list)?.as_array());
    let listed = schema.get("enum").and_then(Value::as_array);
    schema.get("type").is_none() && listed.is_none() && schema.get("anyOf").is_none()
        || has_type(schema, "null")
        || listed.is_some_and(|values| values.contains(&Value::Null))
        || lists.flatten().any(takes_null)
}

fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(any)) => any.iter().any(|one| one == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS};
    use serde_json::json;

    use super::*;

    fn read(schema: &Value, given: Value) -> Value {
        let Value::Object(given) = given else {
            panic!("{given}");
        };
        arguments(schema, given).into()
    }

    #[test]
    fn formats_that_clients_do_not_know_are_left_out_and_data_is_kept() {
        let given = json!({
            "type": "object",
            "properties": {
                "price": { "type": "string", "format": "decimal", "pattern": "^[0-9.]+$" },
                "at": { "type": "string", "format": "date-time" },
                "count": { "type": "integer", "format": "uint32", "minimum": 0 },
                "format": { "type": "string", "enum": ["decimal"], "default": { "format": "decimal" } },
            },
        });
        let mut expected = given.clone();
        for name in ["price", "count"] {
            expected["properties"][name]
                .as_object_mut()
                .unwrap()
                .remove("format");
        }
        assert_eq!(schema(&given), expected);
    }

    #[test]
    fn null_stands_for_an_absent_member_where_it_is_no_value() {
        let input = EXECUTE_ORDER.input_schema();
        let given =
            json!({ "symbol": "SOL_USDC", "side": "Bid", "clientId": null, "postOnly": null });
        assert_eq!(
            read(input, given),
            json!({ "symbol": "SOL_USDC", "side": "Bid" })
        );
        for kept in [json!({ "symbol": null }), json!({ "amount": null })] {
            assert_eq!(read(input, kept.clone()), kept);
        }
        let nullable = json!({ "properties": {
            "a": { "type": ["string", "null"] }, "b": {}, "c": { "enum": ["x", null] },
            "d": { "anyOf": [{ "type": "string" }, { "type": "null" }] }, "e": { "anyOf": [{ "type": "string" }] },
        }});
        let all = json!({ "a": null, "b": null, "c": null, "d": null });
        assert_eq!(read(&nullable, all.clone()), all);
        assert_eq!(read(&nullable, json!({ "e": null })), json!({}));
    }

    #[test]
    fn a_list_may_come_as_its_text() {
        let orders = json!([{ "symbol": "SOL_USDC", "price": "20" }]);
        let input = EXECUTE_ORDER_BATCH.input_schema();
        let text = json!({ "orders": orders.to_string() });
        assert_eq!(read(input, text), json!({ "orders": orders }));
        let with_nulls = r#"[{ "symbol": "SOL_USDC", "price": "20", "clientId": null }]"#;
        assert_eq!(
            read(input, json!({ "orders": with_nulls })),
            json!({ "orders": orders })
        );
        let kinds = json!({ "marketType": "[\"SPOT\",\"PERP\"]", "symbol": "[1]" });
        let expected = json!({ "marketType": ["SPOT", "PERP"], "symbol": "[1]" });
        assert_eq!(read(GET_FILLS.input_schema(), kinds), expected);
        for kept in [json!({ "orders": "SOL_USDC" }), json!({ "orders": "{}" })] {
            assert_eq!(read(input, kept.clone()), kept);
        }
    }
}
