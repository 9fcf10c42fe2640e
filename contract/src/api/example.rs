//! A response as a document describes it, for whoever has to give one without knowing more.

use serde_json::{Map, Value};

use crate::{Cursor, is_json};

/// How deep schemas are followed; deeper parts are null.
const DEPTH_MAX: usize = 12;

/// Texts that fit a format.
const FORMATS: [(&str, &str); 7] = [
    ("decimal", "1"),
    ("date-time", "2026-01-02T03:04:05Z"),
    ("naive-date-time", "2026-01-02T03:04:05"),
    ("date", "2026-01-02"),
    ("uuid", "11111111-2222-4333-8444-555555555555"),
    ("uri", "https://example.com/"),
    ("email", "name@example.com"),
];

/// The first status of success of the operation at this place, with its body.
pub(super) fn of(operation: &Cursor<'_>) -> Option<(u16, Option<Value>)> {
    let mut responses = operation.entries("responses").into_iter();
    let (status, response) = responses.find(|(status, _)| status.starts_with('2'))?;
    let status = status.parse().unwrap_or(200);
    let response = response.follow().ok()?;
    let content = response.entries("content");
    let json = content.iter().find(|(media, _)| is_json(media));
    let media = json.or(content.first());
    Some((status, media.map(|(_, media)| body(media))))
}

fn body(media: &Cursor<'_>) -> Value {
    let given = media.entries("examples").into_iter().next();
    let given = given.and_then(|(_, example)| example.follow().ok()?.get("value"));
    match media.get("example").or(given) {
        Some(example) => example.value.clone(),
        None => media
            .get("schema")
            .map_or(Value::Null, |schema| value(&schema, 0)),
    }
}

/// A value of this schema.
fn value(schema: &Cursor<'_>, depth: usize) -> Value {
    let Ok(schema) = schema.follow() else {
        return Value::Null;
    };
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    let first = |key: &str| schema.items(key).into_iter().next();
    let stated = ["example", "const", "default"]
        .iter()
        .find_map(|key| schema.get(key));
    let stated = stated
        .or_else(|| first("examples"))
        .or_else(|| first("enum"));
    if let Some(stated) = stated {
        return stated.value.clone();
    }
    let parts = schema.items("allOf").into_iter();
    let arm = first("oneOf").or_else(|| first("anyOf"));
    let mut whole = own(&schema, depth);
    for part in parts.chain(arm) {
        match (&mut whole, value(&part, depth + 1)) {
            (Value::Object(members), Value::Object(more)) => members.extend(more),
            (whole @ Value::Null, part) => *whole = part,
            _ => {}
        }
    }
    whole
}

/// A value of what the schema says by itself; null where it says nothing.
fn own(schema: &Cursor<'_>, depth: usize) -> Value {
    let kinds = schema.items("type");
    let kinds = kinds.iter().filter_map(|kind| kind.value.as_str());
    let kind = schema.str("type");
    let kind = kind.or_else(|| kinds.into_iter().find(|kind| *kind != "null"));
    let has_members = schema.get("properties").is_some();
    match kind {
        Some("array") => {
            let item = schema.get("items");
            item.map_or(Value::Array(Vec::new()), |item| {
                vec![value(&item, depth + 1)].into()
            })
        }
        Some("integer" | "number") => {
            let least = schema.get("minimum").and_then(|least| least.value.as_i64());
            least.map_or(1, |least| least.max(1)).into()
        }
        Some("boolean") => true.into(),
        Some("string") => text(schema).into(),
        Some("object") => object(schema, depth).into(),
        _ if has_members => object(schema, depth).into(),
        _ => Value::Null,
    }
}

fn object(schema: &Cursor<'_>, depth: usize) -> Map<String, Value> {
    let members = schema.entries("properties").into_iter();
    members
        .map(|(name, member)| (name.to_owned(), value(&member, depth + 1)))
        .collect()
}

fn text(schema: &Cursor<'_>) -> &'static str {
    let format = schema.str("format").unwrap_or_default();
    let known = FORMATS.iter().find(|(name, _)| *name == format);
    known.map_or("text", |(_, text)| text)
}
