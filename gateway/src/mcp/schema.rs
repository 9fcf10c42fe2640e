//! Tool schemas that the clients and model APIs of all vendors accept.
//!
//! An input schema goes to a model API as it is. Each API takes another part of JSON Schema, and most refuse a whole
//! request over one keyword that they do not know, so an input schema here has only keywords that all of them take. That
//! loosens some schemas. Nothing depends on it: dispatch checks arguments against the contract's own schemas.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value, json};

use super::portable;

/// Formats that every client knows. Gemini refuses a whole request in which a string has another one, and the
/// validator of the TypeScript SDK warns of those it does not know. What another format means stands in `pattern`,
/// bounds and descriptions, too.
const FORMATS: [&str; 5] = ["date-time", "int32", "int64", "float", "double"];
/// Members whose values are data, not schemas.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "examples"];
/// The keywords of input schemas: what Gemini's `Schema` has, and `additionalProperties`, which OpenAI's strict mode
/// demands.
const KEYWORDS: [&str; 16] = [
    "additionalProperties",
    "anyOf",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "properties",
    "required",
    "type",
];

/// An output schema, which only clients read: without formats that some of them do not know.
pub(super) fn output(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(key, value)| !is_foreign_format(key, value))
            .map(|(key, value)| {
                let value = match DATA.contains(&key.as_str()) {
                    true => value.clone(),
                    false => output(value),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(output).collect(),
        scalar => scalar.clone(),
    }
}

/// An input schema, which model APIs read.
pub(super) fn input(schema: &Value) -> Map<String, Value> {
    let mut root = Inliner::new(schema).schema(schema);
    for arm in take_arms(&mut root) {
        merge_alternative(&mut root, arm);
    }
    complete(&mut root, Some("object"));
    root
}

fn is_foreign_format(key: &str, value: &Value) -> bool {
    let name = value.as_str();
    key == "format" && name.is_some_and(|format| !FORMATS.contains(&format))
}

/// Writes definitions where they are used.
struct Inliner<'a> {
    root: &'a Value,
    /// The references that are being followed, so that a type that contains itself ends.
    open: BTreeSet<String>,
}

impl<'a> Inliner<'a> {
    fn new(root: &'a Value) -> Self {
        Self {
            root,
            open: BTreeSet::new(),
        }
    }

    fn schema(&mut self, schema: &Value) -> Map<String, Value> {
        let mut members = schema.as_object().cloned().unwrap_or_default();
        if let Some(Value::String(reference)) = members.remove("$ref") {
            let target = self.followed(&reference);
            merge(&mut members, target);
        }
        if let Some(Value::Array(parts)) = members.remove("allOf") {
            for part in parts {
                let part = self.schema(&part);
                merge(&mut members, part);
            }
        }
        self.parts(&mut members);
        simplify_type(&mut members);
        simplify_values(&mut members);
        members.retain(|key, value| is_portable(key, value));
        complete(&mut members, None);
        members
    }

    fn followed(&mut self, reference: &str) -> Map<String, Value> {
        let target = portable::resolve(self.root, reference);
        let Some(target) = target else {
            return Map::new();
        };
        if !self.open.insert(reference.to_owned()) {
            let kind = target.get("type").cloned();
            return kind
                .map(|kind| ("type".to_owned(), kind))
                .into_iter()
                .collect();
        }
        let schema = self.schema(target);
        self.open.remove(reference);
        schema
    }

    /// The schemas within a schema.
    fn parts(&mut self, members: &mut Map<String, Value>) {
        if let Some(Value::Object(properties)) = members.get_mut("properties") {
            let names = portable::names(properties.keys());
            let renamed = |name: &String| names.get(name).unwrap_or(name).clone();
            let schemas = properties.iter();
            *properties = schemas
                .map(|(name, schema)| (renamed(name), self.schema(schema).into()))
                .collect();
            if let Some(Value::Array(required)) = members.get_mut("required") {
                for name in required {
                    *name = name.as_str().map(|it| renamed(&it.to_owned())).into();
                }
            }
        }
        for key in ["items", "additionalProperties"] {
            if let Some(part @ Value::Object(_)) = members.get_mut(key) {
                *part = self.schema(part).into();
            }
        }
        let tuple = members.remove("prefixItems");
        if let Some(Value::Array(items)) = tuple {
            let items = self.distinct(&items);
            members.insert("items".to_owned(), either(items).into());
        }
        let arms: Vec<_> = ["anyOf", "oneOf"]
            .iter()
            .filter_map(|key| members.remove(*key))
            .filter_map(|arms| arms.as_array().cloned())
            .flatten()
            .collect();
        if !arms.is_empty() {
            let arms = self.distinct(&arms);
            merge(members, either(arms));
        }
    }

    /// The schemas, each once. Null is absence, for arguments.
    fn distinct(&mut self, schemas: &[Value]) -> Vec<Value> {
        let mut distinct = Vec::new();
        let schemas = schemas.iter().filter(|it| it["type"] != "null");
        for schema in schemas {
            let schema = self.schema(schema).into();
            if !distinct.contains(&schema) {
                distinct.push(schema);
            }
        }
        distinct
    }
}

/// A schema of values of which one of these is true.
fn either(mut schemas: Vec<Value>) -> Map<String, Value> {
    match (schemas.pop(), schemas.is_empty()) {
        (Some(Value::Object(only)), true) => only,
        (Some(last), false) => {
            schemas.push(last);
            Map::from_iter([("anyOf".to_owned(), schemas.into())])
        }
        _ => Map::new(),
    }
}

/// Adds what holds as well. Of a keyword that both have, the first stays.
fn merge(members: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        match (members.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => {
                let mut more = more;
                more.append(known);
                *known = more;
            }
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => {
                let more = more.into_iter().filter(|it| !known.contains(it));
                let more: Vec<_> = more.collect();
                known.extend(more);
            }
            (Some(_), _) => {}
            (None, value) => {
                members.insert(key, value);
            }
        }
    }
}

fn take_arms(root: &mut Map<String, Value>) -> Vec<Value> {
    match root.remove("anyOf") {
        Some(Value::Array(arms)) => arms,
        _ => Vec::new(),
    }
}

/// Adds an alternative to the whole arguments, for which no API has a place: its properties can be given, and what it
/// requires is left to the check of the call.
fn merge_alternative(root: &mut Map<String, Value>, arm: Value) {
    if let Value::Object(mut arm) = arm {
        arm.remove("required");
        merge(root, arm);
    }
}

/// One type instead of a list, since null is absence.
fn simplify_type(members: &mut Map<String, Value>) {
    let Some(Value::Array(kinds)) = members.get("type") else {
        return;
    };
    let mut kinds = kinds.clone();
    kinds.retain(|kind| kind != "null");
    members.remove("type");
    match kinds.as_slice() {
        [only] => {
            members.insert("type".to_owned(), only.clone());
        }
        several => {
            let arms = several.iter().map(|kind| json!({ "type": kind }));
            members.insert("anyOf".to_owned(), arms.collect());
        }
    }
}

/// The values that are possible: as a list where they are text, as words elsewhere, since Gemini takes no other list.
fn simplify_values(members: &mut Map<String, Value>) {
    if let Some(only) = members.remove("const") {
        members.entry("enum").or_insert_with(|| json!([only]));
    }
    let Some(Value::Array(values)) = members.get_mut("enum") else {
        return;
    };
    values.retain(|value| !value.is_null());
    if values.iter().all(Value::is_string) {
        members.entry("type").or_insert_with(|| "string".into());
        return;
    }
    let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
    let words = format!("One of {}.", values.join(", "));
    members.remove("enum");
    let text = match members.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text} {words}"),
        None => words,
    };
    members.insert("description".to_owned(), text.into());
}

fn is_portable(key: &str, value: &Value) -> bool {
    KEYWORDS.contains(&key)
        && !is_foreign_format(key, value)
        && !matches!(value, Value::Number(bound) if !is_exact(bound))
}

/// Whether every reader has this very number: JavaScript rounds larger ones, and Gemini refuses a request with a bound
/// beyond 64 bits with a sign, to which the largest of them are rounded.
fn is_exact(bound: &Number) -> bool {
    const MAX: f64 = 9_007_199_254_740_992.0;
    bound.as_f64().is_some_and(|bound| bound.abs() <= MAX)
}

/// Says what some APIs want said of objects and lists.
fn complete(members: &mut Map<String, Value>, default: Option<&str>) {
    let kind = match members.get("type").and_then(Value::as_str) {
        Some(kind) => Some(kind),
        None if members.contains_key("properties") => Some("object"),
        None if members.contains_key("items") => Some("array"),
        None => default,
    };
    match kind {
        Some("object") => {
            let properties = members.entry("properties").or_insert_with(|| json!({}));
            let is_free = default.is_none() && properties == &json!({});
            if !is_free {
                let further = members.entry("additionalProperties");
                further.or_insert(Value::Bool(false));
            }
            members.insert("type".to_owned(), "object".into());
        }
        Some("array") => {
            members.entry("items").or_insert_with(|| json!({}));
            members.insert("type".to_owned(), "array".into());
        }
        _ => {}
    }
}
