//! Schemas of OpenAPI in the dialect of JSON Schema 2020-12.
//!
//! Of OpenAPI 3.0: `nullable` becomes a type, or a condition where the type stands elsewhere; an exclusive bound becomes a
//! number; what stands beside `$ref` goes, since readers have to ignore it; lists of `items` and `dependencies` take their
//! later names. Of every version: an integer format becomes its bounds, `discriminator` selects its schema, properties of
//! the other direction are refused and not required.

use serde_json::{Map, Number, Value, json};

use super::{Side, discriminator, references, takes_undeclared_null};
use crate::dialect::exclusive;
use crate::model::IntFormat;

/// What the translation of a node depends on.
struct Translation<'a> {
    document: &'a Value,
    side: Side,
    is_3_0: bool,
    is_openapi: bool,
    takes_null: bool,
}

/// The document with each of these schemas translated; `places` come with outer schemas first.
pub(super) fn translated(document: &Value, places: &[String], side: Side) -> Value {
    let version = document.get("openapi").and_then(Value::as_str);
    let translation = Translation {
        document,
        side,
        is_3_0: version.is_some_and(|version| version.starts_with("3.0")),
        is_openapi: version.is_some(),
        takes_null: takes_undeclared_null(document),
    };
    let mut translated = document.clone();
    for place in places.iter().rev() {
        let written = document.pointer(place).and_then(Value::as_object);
        if let (Some(written), Some(node)) = (written, translated.pointer_mut(place)) {
            translation.node(written, node);
        }
    }
    references::lead(&mut translated, places);
    translated
}

impl Translation<'_> {
    /// `written` is the schema as it stands; in `node` what is below it is translated already.
    fn node(&self, written: &Map<String, Value>, node: &mut Value) {
        let Some(schema) = node.as_object_mut() else {
            return;
        };
        let is_nullable = self.is_3_0 && written.get("nullable") == Some(&Value::Bool(true));
        if self.is_3_0 {
            if schema.get("$ref").is_some_and(Value::is_string) {
                schema.retain(|name, _| name == "$ref");
            }
            older(schema);
        }
        if self.side != Side::Any {
            self.direction(written, schema);
        }
        if self.takes_null && self.side == Side::Received {
            self.undeclared_null(written, schema);
        }
        bounds(schema);
        if self.is_openapi {
            discriminator::add(self.document, written, schema);
        }
        if is_nullable {
            nullable(node);
        }
    }

    /// Properties of the other direction are refused, and nobody has to send them, whichever part of `allOf` requires them.
    fn direction(&self, written: &Map<String, Value>, schema: &mut Map<String, Value>) {
        let flag = match self.side {
            Side::Sent => "readOnly",
            _ => "writeOnly",
        };
        let own = self.marked(written, flag);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for name in &own {
                properties.insert((*name).clone(), Value::Bool(false));
            }
        }
        let mut other = own;
        let parts = written.get("allOf").and_then(Value::as_array);
        let parts = parts.into_iter().flatten();
        for part in parts.filter_map(|part| self.followed(part)?.as_object()) {
            other.extend(self.marked(part, flag));
        }
        if other.is_empty() {
            return;
        }
        let is_required = |name: &Value| !other.iter().any(|it| *name == ***it);
        let strip = |required: &mut Value| {
            if let Value::Array(names) = required {
                names.retain(is_required);
            }
        };
        schema.get_mut("required").map(strip);
        let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
        let parts = parts.into_iter().flatten();
        parts
            .filter_map(|part| part.get_mut("required"))
            .for_each(strip);
    }

    /// The properties of a schema that have this mark.
    fn marked<'b>(&self, schema: &'b Map<String, Value>, flag: &str) -> Vec<&'b String> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        let marked = properties.filter(|(_, property)| self.is_marked(property, flag, 0));
        marked.map(|(name, _)| name).collect()
    }

    fn followed<'b>(&'b self, schema: &'b Value) -> Option<&'b Value> {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.document.pointer(reference.strip_prefix('#')?),
            None => Some(schema),
        }
    }

    fn is_marked(&self, property: &Value, flag: &str, depth: usize) -> bool {
        const DEPTH_MAX: usize = 8;
        let is = |schema: &Value| {
            let parts = schema.get("allOf").and_then(Value::as_array);
            let mut parts = parts.into_iter().flatten();
            schema.get(flag) == Some(&Value::Bool(true))
                || depth < DEPTH_MAX && parts.any(|part| self.is_marked(part, flag, depth + 1))
        };
        is(property) || self.followed(property).is_some_and(is)
    }

    /// A property that is not required may be null.
    fn undeclared_null(&self, written: &Map<String, Value>, schema: &mut Map<String, Value>) {
        let required = written.get("required").and_then(Value::as_array);
        let is_required = |name: &str| {
            let mut required = required.into_iter().flatten();
            required.any(|it| it.as_str() == Some(name))
        };
        let Some(Value::Object(properties)) = schema.get_mut("properties") else {
            return;
        };
        for (name, property) in properties {
            if property.is_object() && !is_required(name) {
                or_null(property);
            }
        }
    }
}

/// `else` instead of `anyOf`, so that an error names the value and not the choice.
fn or_null(schema: &mut Value) {
    let other = schema.take();
    *schema = json!({"if": {"type": "null"}, "else": other});
}

/// A type takes `null` as well. Where it stands in a part, `null` is taken before the part is applied.
fn nullable(node: &mut Value) {
    const ELSEWHERE: [&str; 7] = ["$ref", "allOf", "anyOf", "const", "if", "not", "oneOf"];
    let Some(schema) = node.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let is_elsewhere = ELSEWHERE.iter().any(|key| schema.contains_key(*key));
    match schema.get("type") {
        Some(Value::String(kind)) if !is_elsewhere => {
            let kinds = json!([kind, "null"]);
            schema.insert("type".to_owned(), kinds);
        }
        _ if is_elsewhere => or_null(node),
        _ => {}
    }
}

/// Keywords of the draft on which OpenAPI 3.0 builds, under their later names.
fn older(schema: &mut Map<String, Value>) {
    exclusive(schema, "exclusiveMinimum", "minimum");
    exclusive(schema, "exclusiveMaximum", "maximum");
    for name in ["$id", "$schema", "$anchor", "$dynamicAnchor"] {
        schema.remove(name);
    }
    if let Some(Value::Array(_)) = schema.get("items") {
        let first = schema.remove("items").unwrap_or_default();
        schema.insert("prefixItems".to_owned(), first);
        if let Some(rest) = schema.remove("additionalItems") {
            schema.insert("items".to_owned(), rest);
        }
    }
    if let Some(Value::Object(dependencies)) = schema.remove("dependencies") {
        let (names, schemas): (Map<_, _>, Map<_, _>) =
            dependencies.into_iter().partition(|(_, it)| it.is_array());
        schema.insert("dependentRequired".to_owned(), Value::Object(names));
        schema.insert("dependentSchemas".to_owned(), Value::Object(schemas));
    }
}

/// A format of integers is an annotation to JSON Schema; OpenAPI means a range.
fn bounds(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    let Some((least, greatest)) = format.and_then(IntFormat::parse).map(IntFormat::bounds) else {
        return;
    };
    let number = |limit| Number::from_i128(limit).map_or(Value::Null, Value::Number);
    let range = [("minimum", number(least)), ("maximum", number(greatest))];
    if range
        .iter()
        .all(|(keyword, _)| !schema.contains_key(*keyword))
    {
        schema.extend(range.map(|(keyword, limit)| (keyword.to_owned(), limit)));
        return;
    }
    let range = Value::Object(
        range
            .map(|(keyword, limit)| (keyword.to_owned(), limit))
            .into_iter()
            .collect(),
    );
    match schema.entry("allOf").or_insert_with(|| json!([])) {
        Value::Array(parts) => parts.push(range),
        other => *other = json!([range]),
    }
}
