//! Names that the clients of all vendors accept, and arguments as their models write them.

use std::collections::{BTreeMap, BTreeSet};

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

/// Most characters of a name, and those that it may have: what Anthropic and OpenAI take.
const NAME_CHARS_MAX: usize = 64;

/// The names that model APIs take, for those of the given names that they do not: `filter[tag]` is `filter_tag`.
pub(super) fn names<'a>(
    given: impl Iterator<Item = &'a String> + Clone,
) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<_> = given.clone().cloned().collect();
    let mut names = BTreeMap::new();
    for name in given.filter(|name| !is_portable(name)) {
        let mut base: String = name.chars().map(portable_char).collect();
        base = base.trim_matches('_').to_owned();
        base.truncate(NAME_CHARS_MAX);
        let mut short = base.clone();
        for number in 2.. {
            if !short.is_empty() && taken.insert(short.clone()) {
                break;
            }
            let suffix = format!("_{number}");
            base.truncate(NAME_CHARS_MAX - suffix.len());
            short = format!("{base}{suffix}");
        }
        names.insert(name.clone(), short);
    }
    names
}

fn is_portable(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(|c| portable_char(c) == c)
}

fn portable_char(c: char) -> char {
    match c.is_ascii_alphanumeric() || c == '_' || c == '-' {
        true => c,
        false => '_',
    }
}

/// What a reference within a schema points to.
pub(super) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(reference.strip_prefix('#')?)
}

/// The arguments under the contract's names, without the nulls that stand for absent members, and with lists and objects
/// that arrived as their JSON text. Everything else is left to the checks that follow.
pub(super) fn arguments(schema: &Value, mut arguments: JsonObject) -> JsonObject {
    Reader { root: schema }.members(schema, &mut arguments);
    arguments
}

struct Reader<'a> {
    root: &'a Value,
}

impl Reader<'_> {
    fn members(&self, schema: &Value, members: &mut Map<String, Value>) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        for (name, short) in names(properties.keys()) {
            if let (false, Some(value)) = (members.contains_key(&name), members.remove(&short)) {
                members.insert(name, value);
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| {
            required.is_some_and(|names| names.iter().any(|required| required == name))
        };
        members.retain(|name, value| {
            let property = properties.get(name);
            let stands_for_nothing = value.is_null() && !is_required(name);
            !stands_for_nothing || property.is_none_or(takes_null)
        });
        for (name, value) in members {
            if let Some(property) = properties.get(name) {
                self.value(self.meant(property), value);
            }
        }
    }

    fn value(&self, schema: &Value, value: &mut Value) {
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
            Value::Object(members) => self.members(schema, members),
            Value::Array(items) => {
                if let Some(of_items) = schema.get("items") {
                    let of_items = self.meant(of_items);
                    items.iter_mut().for_each(|item| self.value(of_items, item));
                }
            }
            _ => {}
        }
    }

    /// The schema behind a reference, and behind a choice between it and null.
    fn meant<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let arms = schema.get("anyOf").and_then(Value::as_array);
        let mut arms = arms
            .into_iter()
            .flatten()
            .filter(|arm| arm["type"] != "null");
        let schema = match (arms.next(), arms.next()) {
            (Some(only), None) => only,
            _ => schema,
        };
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|it| resolve(self.root, it));
        target.unwrap_or(schema)
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

pub(super) fn has_type(schema: &Value, name: &str) -> bool {
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

    #[test]
    fn names_that_model_apis_refuse_have_others_and_come_back_as_themselves() {
        let long = "n".repeat(70);
        let schema = json!({
            "properties": {
                "filter[tag]": { "type": "string" }, "filter_tag": { "type": "string" }, (long.clone()): { "type": "string" },
                "größe": { "$ref": "#/$defs/Size" },
            },
            "$defs": { "Size": { "type": "object", "properties": { "a b": { "type": "string" } } } },
        });
        let names = names(schema["properties"].as_object().unwrap().keys());
        let short = long.split_at(64).0;
        let expected = [
            ("filter[tag]", "filter_tag_2"),
            ("größe", "gr__e"),
            (&long, short),
        ];
        let expected = expected.map(|(name, short)| (name.to_owned(), short.to_owned()));
        assert_eq!(names, BTreeMap::from(expected));
        let given = json!({ "filter_tag_2": "x", "filter_tag": "y", "gr__e": { "a_b": "z" }, (short): null });
        let expected = json!({ "filter[tag]": "x", "filter_tag": "y", "größe": { "a b": "z" } });
        assert_eq!(read(&schema, given), expected);
        assert_eq!(read(&schema, expected.clone()), expected);
    }
}
