//! `discriminator`: the value of a property selects the schema that an object has to fit.
//!
//! Beside `oneOf` or `anyOf` it selects one of them. Alone it selects a schema that has this one among its `allOf`.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::reference;
use crate::pointer::{escape, unescape};

/// Marks the parts that a discriminator adds to a schema.
pub const SELECTS: &str = "x-selects";

/// Adds to a schema what its discriminator requires of objects.
pub(super) fn add(document: &Value, written: &Map<String, Value>, schema: &mut Map<String, Value>) {
    let Some(discriminator) = written.get("discriminator") else {
        return;
    };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else {
        return;
    };
    let is_union = ["oneOf", "anyOf"]
        .iter()
        .any(|key| written.contains_key(*key));
    let parts = match is_union {
        true => of_arms(property, discriminator, &choices_of(written, is_null)),
        false => of_children(document, discriminator, property, written),
    };
    if parts.is_empty() {
        return;
    }
    match schema.entry("allOf").or_insert_with(|| json!([])) {
        Value::Array(known) => known.extend(parts),
        other => *other = Value::Array(parts),
    }
}

/// The values of the discriminator of a union, each with the pointer of the arm it selects; none where an arm has no name.
#[must_use]
pub fn choices(schema: &Map<String, Value>) -> Vec<(String, String)> {
    choices_of(schema, |_| false)
}

/// The tag of an object says nothing about `null`.
fn is_null(arm: &Value) -> bool {
    arm.get("type").is_some_and(|kind| kind == "null")
}

fn choices_of(
    schema: &Map<String, Value>,
    is_left_out: fn(&Value) -> bool,
) -> Vec<(String, String)> {
    let arms = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(*key)?.as_array());
    let (Some(arms), Some(discriminator)) = (arms, schema.get("discriminator")) else {
        return Vec::new();
    };
    let arms: Vec<_> = arms.iter().filter(|arm| !is_left_out(arm)).collect();
    let targets: Vec<_> = arms.iter().filter_map(|arm| target(arm)).collect();
    // An arm without a name is one that no value selects.
    if targets.len() < arms.len() {
        return Vec::new();
    }
    let mut choices = mapping(discriminator);
    choices.retain(|(_, target)| targets.contains(target));
    for target in targets {
        if !choices.iter().any(|(_, known)| *known == target) {
            choices.push((name_of(&target), target));
        }
    }
    choices
}

/// The tag has to be there, has to select an arm, and the arm has to fit. Without a tag, or with another, the arm that
/// `defaultMapping` names has to fit (OpenAPI 3.2).
fn of_arms(property: &str, discriminator: &Value, choices: &[(String, String)]) -> Vec<Value> {
    let values: Vec<_> = choices.iter().map(|(value, _)| value).collect();
    if values.is_empty() {
        return Vec::new();
    }
    let known = json!({"required": [property], "properties": {property: {"enum": values}}});
    let default = discriminator.get("defaultMapping").and_then(Value::as_str);
    let tag = match default {
        Some(name) => json!({
            SELECTS: true,
            "if": {"type": "object", "not": known},
            "then": reference(&named(name)),
        }),
        None => json!({SELECTS: true, "if": {"type": "object"}, "then": known}),
    };
    let chosen = choices
        .iter()
        .map(|(value, target)| when(property, value, reference(target)));
    std::iter::once(tag).chain(chosen).collect()
}

/// What the children add to this schema, which they all have as a part.
fn of_children(
    document: &Value,
    discriminator: &Value,
    property: &str,
    written: &Map<String, Value>,
) -> Vec<Value> {
    let components = document.pointer("/components/schemas");
    let components = components.and_then(Value::as_object);
    let own = components.into_iter().flatten();
    let own = own
        .filter(|(_, schema)| schema.as_object() == Some(written))
        .map(|(name, _)| format!("/components/schemas/{}", escape(name)))
        .next();
    let Some(own) = own else { return Vec::new() };
    let mapping = mapping(discriminator);
    let mut parts = Vec::new();
    for (name, child) in components.into_iter().flatten() {
        let at = format!("/components/schemas/{}", escape(name));
        let Some(rest) = rest(document, child, &at, &own, 0) else {
            continue;
        };
        let named = mapping.iter().filter(|(_, target)| *target == at);
        let mut values: Vec<_> = named.map(|(value, _)| value.clone()).collect();
        if values.is_empty() {
            values.push(name.clone());
        }
        let then = json!({"allOf": rest});
        parts.extend(
            values
                .iter()
                .map(|value| when(property, value, then.clone())),
        );
    }
    parts
}

/// What a descendant adds to its ancestor `own`, whose reference would lead back here; `None` for a schema that is none.
fn rest(document: &Value, child: &Value, at: &str, own: &str, depth: usize) -> Option<Vec<Value>> {
    const DEPTH_MAX: usize = 16;
    let all = child.get("allOf").and_then(Value::as_array)?;
    let (mut rest, mut is_descendant) = (Vec::new(), false);
    for (index, part) in all.iter().enumerate() {
        let parent = target(part).filter(|_| depth < DEPTH_MAX);
        let inherited = match parent.as_deref() {
            Some(parent) if parent == own => Some(Vec::new()),
            Some(parent) => document
                .pointer(parent)
                .and_then(|it| self::rest(document, it, parent, own, depth + 1)),
            None => None,
        };
        is_descendant |= inherited.is_some();
        let alone = || vec![reference(&format!("{at}/allOf/{index}"))];
        rest.extend(inherited.unwrap_or_else(alone));
    }
    if let Some(required) = child.get("required") {
        rest.push(json!({"required": required}));
    }
    if let Some(properties) = child.get("properties").and_then(Value::as_object) {
        let references = properties.keys().map(|name| {
            let property = format!("{at}/properties/{}", escape(name));
            (name.clone(), reference(&property))
        });
        rest.push(json!({"properties": references.collect::<Map<_, _>>()}));
    }
    is_descendant.then_some(rest)
}

fn when(property: &str, value: &str, then: Value) -> Value {
    json!({
        SELECTS: true,
        "if": {"type": "object", "required": [property], "properties": {property: {"const": value}}},
        "then": then,
    })
}

/// The pointer to which a schema that is a reference leads.
fn target(schema: &Value) -> Option<String> {
    let fragment = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    Some(
        percent_decode_str(fragment)
            .decode_utf8_lossy()
            .into_owned(),
    )
}

/// Values and the pointers they select; a bare name is that of a component.
fn mapping(discriminator: &Value) -> Vec<(String, String)> {
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mapping = mapping.into_iter().flatten();
    let pairs = mapping.filter_map(|(value, name)| Some((value.clone(), named(name.as_str()?))));
    pairs.collect()
}

fn named(name: &str) -> String {
    match name.strip_prefix('#') {
        Some(fragment) => percent_decode_str(fragment)
            .decode_utf8_lossy()
            .into_owned(),
        None => format!("/components/schemas/{}", escape(name)),
    }
}

fn name_of(pointer: &str) -> String {
    unescape(pointer.rsplit('/').next().unwrap_or(pointer)).into_owned()
}
