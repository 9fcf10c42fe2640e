//! What a schema node is, by its keywords alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cursor::Cursor;
use crate::load::DEPTH_MAX;

/// Keywords that say what a value is; a schema without any is decoration.
pub(super) const STRUCTURAL: &[&str] = &[
    "$ref",
    "type",
    "properties",
    "enum",
    "const",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
    "additionalProperties",
    "format",
    "required",
    "prefixItems",
];

pub(super) fn is_decoration(at: &Cursor<'_>) -> bool {
    at.value.is_object() && structural(at).count() == 0
}

pub(super) fn structural<'a>(at: &Cursor<'a>) -> impl Iterator<Item = &'a str> {
    let keys = at
        .value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys());
    keys.map(String::as_str)
        .filter(|key| STRUCTURAL.contains(key))
}

/// Arms that come to nothing: the type `null`, alone or as the only value.
pub(super) fn is_null(at: &Cursor<'_>) -> bool {
    at.str("type") == Some("null") || at.value.get("const").is_some_and(Value::is_null)
}

/// An arm that only says which properties go together describes no type.
pub(super) fn only_requires(at: &Cursor<'_>) -> bool {
    at.value.is_object() && structural(at).all(|key| key == "required")
}

/// The arms of a `oneOf` or `anyOf` that are types other than `null`, each once, and whether `null` was one.
pub(super) fn arms<'a>(at: &Cursor<'a>) -> (Vec<Cursor<'a>>, bool) {
    let all = [at.items("oneOf"), at.items("anyOf")].concat();
    let (nulls, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_null);
    let mut kept: Vec<Cursor<'a>> = Vec::new();
    for arm in rest.into_iter().filter(|arm| !only_requires(arm)) {
        if !kept.iter().any(|known| known.value == arm.value) {
            kept.push(arm);
        }
    }
    (kept, !nulls.is_empty())
}

/// Several arms, or a single one that still carries its tag.
pub(super) fn is_union(at: &Cursor<'_>) -> bool {
    match arms(at).0.len() {
        0 => false,
        1 => at.value.get("discriminator").is_some(),
        _ => true,
    }
}

/// The parts of an `allOf` that say something.
pub(super) fn parts<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    let parts = at.items("allOf").into_iter();
    parts.filter(|part| !is_decoration(part)).collect()
}

/// Whether an `allOf` puts something together, instead of wrapping one schema.
pub(super) fn merges(at: &Cursor<'_>) -> bool {
    let own = at.value.get("properties").is_some() || at.value.get("required").is_some();
    parts(at).len() + usize::from(own) > 1
}

/// Whether an `allOf` puts objects together, unions included.
pub(super) fn merges_objects(at: &Cursor<'_>) -> bool {
    let own = at.value.get("properties").is_some();
    let is_part =
        |part: &Cursor<'_>| is_object(part) || part.follow().is_ok_and(|at| is_union(&at));
    merges(at) && (own || parts(at).iter().any(is_part))
}

/// Whether a definition deserves a Rust type of its own: an object with fields, an enumeration of strings or integers, a
/// union.
pub(super) fn defines_type(at: &Cursor<'_>) -> bool {
    let (values, _) = enum_values(at);
    if !values.is_empty() {
        return texts(&values).len() == values.len() || are_integers(at, &values);
    }
    if let Some(types) = several_types(at) {
        return types.len() > 1;
    }
    has_fields(at) || is_union(at) || merges_objects(at)
}

/// An enumeration of integers, with more than one: a single one is a constant.
pub(super) fn are_integers(at: &Cursor<'_>, values: &[&Value]) -> bool {
    at.value.get("enum").is_some()
        && !values.is_empty()
        && values.iter().all(|value| value.is_i64())
}

/// The JSON types of a schema that allows several, without `null`, if nothing else divides it.
pub(super) fn several_types<'a>(at: &Cursor<'a>) -> Option<Vec<&'a str>> {
    let types = types_of(at);
    let is_alone = at.value.get("enum").is_none() && at.value.get("const").is_none();
    (types.len() > 1 && is_alone && !is_union(at) && !merges(at)).then_some(types)
}

/// Whether this is an object of known fields; without any, but with free keys, it is a map.
pub(super) fn has_fields(at: &Cursor<'_>) -> bool {
    let Some(Value::Object(properties)) = at.value.get("properties") else {
        return false;
    };
    let types = types_of(at);
    let can_be_object = types.is_empty() || types.contains(&"object");
    can_be_object
        && (!properties.is_empty()
            || !at
                .value
                .get("additionalProperties")
                .is_some_and(Value::is_object))
}

/// Whether the schema allows `null`: by `nullable`, its types, an arm, a listed value, or a decoration.
pub(super) fn allows_null(at: &Cursor<'_>) -> bool {
    let decorated = at
        .items("allOf")
        .iter()
        .any(|part| is_decoration(part) && part.flag("nullable"));
    let of_arm = |arm: &Cursor<'_>| {
        arm.follow()
            .is_ok_and(|arm| arm.allows_null() || enum_values(&arm).1 || arms(&arm).1)
    };
    let is_null = is_null(at) || arms(at).0.iter().any(of_arm);
    at.allows_null() || arms(at).1 || enum_values(at).1 || decorated || is_null
}

/// The values of `enum` or `const` other than `null`, and whether `null` was one.
pub(super) fn enum_values<'a>(at: &Cursor<'a>) -> (Vec<&'a Value>, bool) {
    let listed: Vec<&Value> = match at.value.get("enum") {
        Some(Value::Array(values)) => values.iter().collect(),
        _ => match text_arms(at) {
            values if values.is_empty() => at.value.get("const").into_iter().collect(),
            values => values,
        },
    };
    let (nulls, kept): (Vec<_>, Vec<_>) = listed.into_iter().partition(|value| value.is_null());
    (kept, !nulls.is_empty())
}

/// The values of a `oneOf` or `anyOf` whose arms are strings, listed ones and perhaps any: an enumeration in pieces, each
/// with a title or not. Empty for any other schema.
pub(super) fn text_arms<'a>(at: &Cursor<'a>) -> Vec<&'a Value> {
    let (arms, _) = arms(at);
    let narrowing = [
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "properties",
        "$ref",
        "allOf",
        "oneOf",
        "anyOf",
    ];
    let of_arm = |arm: &Cursor<'a>| -> Option<Vec<&'a Value>> {
        let is_bare = !narrowing.iter().any(|key| arm.value.get(*key).is_some());
        let listed = match (arm.value.get("enum"), arm.value.get("const")) {
            (Some(Value::Array(values)), _) => values.iter().collect(),
            (_, Some(value)) => vec![value],
            _ => Vec::new(),
        };
        let is_text = arm.str("type") == Some("string") || !listed.is_empty();
        (is_bare && is_text && listed.iter().all(|value| value.is_string())).then_some(listed)
    };
    if arms.len() < 2
        || at.value.get("properties").is_some()
        || at.value.get("discriminator").is_some()
    {
        return Vec::new();
    }
    let all: Option<Vec<Vec<_>>> = arms.iter().map(of_arm).collect();
    all.unwrap_or_default().concat()
}

/// Names for the values of an enumeration, in their order (`x-enum-varnames`, `x-enumNames`).
pub(super) fn value_names(at: &Cursor<'_>) -> BTreeMap<String, String> {
    let lists = ["x-enum-varnames", "x-enumNames", "x-enum-names"].into_iter();
    let Some(names) = lists
        .map(|key| at.items(key))
        .find(|names| !names.is_empty())
    else {
        let titled = [at.items("oneOf"), at.items("anyOf")].concat();
        let titled = titled
            .iter()
            .filter_map(|arm| Some((arm.str("const")?.to_owned(), arm.str("title")?.to_owned())));
        return titled.collect();
    };
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let values = at.items("enum");
    let named = values.iter().zip(&names);
    named
        .filter_map(|(value, name)| Some((text(value.value), name.value.as_str()?.to_owned())))
        .collect()
}

pub(super) fn texts<'a>(values: &[&'a Value]) -> Vec<&'a str> {
    values.iter().filter_map(|value| value.as_str()).collect()
}
/// The description of a property: its own, else that of the decoration around its reference.
pub(super) fn described(at: &Cursor<'_>) -> String {
    let own = at.text("description");
    if !own.is_empty() {
        return own;
    }
    let mut parts = at
        .items("allOf")
        .into_iter()
        .map(|part| part.text("description"));
    parts.find(|text| !text.is_empty()).unwrap_or_default()
}

/// A flag of a property: its own, or that of the decoration around its reference or of what it refers to.
pub(super) fn flag(at: &Cursor<'_>, name: &str) -> bool {
    let parts = at.items("allOf");
    let followed = at.follow().ok();
    at.flag(name)
        || parts.iter().any(|part| part.flag(name))
        || followed.is_some_and(|followed| followed.flag(name))
}

pub(super) fn is_object(at: &Cursor<'_>) -> bool {
    is_object_within(at, DEPTH_MAX)
}

pub(super) fn is_object_within(at: &Cursor<'_>, depth: usize) -> bool {
    let Ok(at) = at.follow() else { return false };
    let is_declared = match at.value.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => {
            let keys = ["properties", "additionalProperties", "required"];
            keys.iter().any(|key| at.value.get(*key).is_some())
                || depth > 0
                    && parts(&at)
                        .iter()
                        .any(|part| is_object_within(part, depth - 1))
        }
    };
    is_declared && at.value.get("enum").is_none() && arms(&at).0.is_empty()
}

/// The property `name` of an object, its own or inherited over `allOf`.
pub(super) fn property<'a>(at: &Cursor<'a>, name: &str) -> Option<Cursor<'a>> {
    let mut seen = BTreeSet::new();
    let mut open = vec![at.clone()];
    while let Some(at) = open.pop() {
        let Ok(at) = at.follow() else { continue };
        if !seen.insert(at.pointer.clone()) {
            continue;
        }
        if let Some(found) = at
            .get("properties")
            .and_then(|properties| properties.get(name))
        {
            return Some(found);
        }
        open.extend(at.items("allOf"));
    }
    None
}
/// `type`, without `null`.
pub(super) fn types_of<'a>(at: &Cursor<'a>) -> Vec<&'a str> {
    match at.value.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        _ => Vec::new(),
    }
}

/// Keywords that only objects have, where `type` is left out.
pub(super) fn is_like_object(at: &Cursor<'_>) -> bool {
    let open = at
        .value
        .get("additionalProperties")
        .is_some_and(Value::is_object);
    at.value.get("properties").is_some() || at.value.get("patternProperties").is_some() || open
}
