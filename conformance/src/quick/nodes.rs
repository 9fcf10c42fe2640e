//! A schema as the list of its parts, all of which a value has to fit: `$ref` and `allOf` taken apart, annotations left out.

use std::collections::BTreeSet;

use bpx_contract::oracle::{ANNOTATIONS, SELECTS, Schemas};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Deeper chains of parts are left to the oracle.
const PARTS_MAX: usize = 64;

/// Parts without `$ref`, `allOf` and annotations.
pub(super) type Nodes = Vec<Map<String, Value>>;

/// The parts of a schema; `None` where one cannot be found, or there are too many.
pub(super) fn nodes(schemas: &Schemas, schema: &Value) -> Option<Nodes> {
    let mut found = Vec::new();
    let mut open = vec![schema];
    let mut steps = 0;
    while let Some(schema) = open.pop() {
        steps += 1;
        if steps > PARTS_MAX {
            return None;
        }
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(true) => continue,
            _ => return None,
        };
        if let Some(reference) = keywords.get("$ref") {
            open.push(target(schemas, reference)?);
        }
        if let Some(parts) = keywords.get("allOf") {
            open.extend(
                parts
                    .as_array()?
                    .iter()
                    .filter(|part| part.get(SELECTS).is_none()),
            );
        }
        let is_kept = |name: &str| {
            !matches!(name, "$ref" | "allOf" | "nullable")
                && !ANNOTATIONS.contains(&name)
                && !name.starts_with("x-")
        };
        let own = keywords.iter().filter(|(name, _)| is_kept(name));
        let own: Map<_, _> = own
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !own.is_empty() && !found.contains(&own) {
            found.push(own);
        }
    }
    Some(found)
}

fn target<'a>(schemas: &'a Schemas, reference: &Value) -> Option<&'a Value> {
    let (_, fragment) = reference.as_str()?.split_once('#')?;
    let pointer = percent_decode_str(fragment).decode_utf8_lossy();
    schemas.get(&pointer)
}

/// Two schemas with the same parts mean the same.
pub(super) fn is_same(one: &Nodes, other: &Nodes) -> bool {
    let content = |nodes: &Nodes| {
        let texts = nodes
            .iter()
            .map(|node| Value::Object(node.clone()).to_string());
        texts.collect::<BTreeSet<_>>()
    };
    content(one) == content(other)
}

/// Whether only objects fit. A union is of objects if all its arms are.
pub(super) fn is_object(schemas: &Schemas, nodes: &Nodes) -> bool {
    let has = |node: &Map<String, Value>| {
        let arms = ["oneOf", "anyOf"]
            .iter()
            .find_map(|key| node.get(*key)?.as_array());
        let mut arms = arms.into_iter().flatten().peekable();
        is(node, "object")
            || (arms.peek().is_some()
                && arms.all(|arm| {
                    nodes_of_arm(schemas, arm)
                        .is_some_and(|it| it.iter().any(|it| is(it, "object")))
                }))
    };
    nodes.iter().any(has)
}

fn nodes_of_arm(schemas: &Schemas, arm: &Value) -> Option<Nodes> {
    nodes(schemas, arm)
}

/// Whether the `type` is this one.
pub(super) fn is(node: &Map<String, Value>, kind: &str) -> bool {
    node.get("type").and_then(Value::as_str) == Some(kind)
}

/// Whether these nodes have no keywords but these.
pub(super) fn only(nodes: &Nodes, keywords: &[&str]) -> bool {
    let names = nodes.iter().flat_map(Map::keys);
    names
        .into_iter()
        .all(|name| keywords.contains(&name.as_str()))
}

/// The names of all `required`.
pub(super) fn required(nodes: &Nodes) -> BTreeSet<&str> {
    let lists = nodes
        .iter()
        .filter_map(|node| node.get("required")?.as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}

/// The schema itself, and whether `null` is taken before it.
pub(super) fn without_null(schema: &Value) -> (bool, &Value) {
    let taken = schema
        .get("if")
        .is_some_and(|it| *it == serde_json::json!({"type": "null"}));
    match schema
        .get("else")
        .filter(|_| taken && schema.get("then").is_none())
    {
        Some(other) => (true, other),
        None => (false, schema),
    }
}

/// The one string that a property can hold.
pub(super) fn single(schemas: &Schemas, property: &Value) -> Option<String> {
    let nodes = nodes(schemas, property)?;
    let values = nodes.iter().find_map(|node| match node.get("const") {
        Some(value) => Some(vec![value.clone()]),
        None => node.get("enum")?.as_array().cloned(),
    })?;
    match values.as_slice() {
        [Value::String(value)] => Some(value.clone()),
        _ => None,
    }
}
