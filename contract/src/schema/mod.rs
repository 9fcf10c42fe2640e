//! The model's shapes as JSON Schema 2020-12, and validators of schemas with OpenAPI's formats.
//!
//! Formats of numbers become bounds, since JSON Schema applies a format to strings only. A member that is not required
//! may be `null`, which many servers send for what is absent.

pub mod formats;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Field, Kind, Shape, StringEnum, StringFormat, TypeDef, Union};
use jsonschema::{ValidationError, ValidationOptions, Validator};
use serde_json::{Map, Value, json};

type Types = BTreeMap<String, TypeDef>;

/// A schema that stands alone: the shape, and every type it reaches under `$defs`.
pub fn lowered(types: &Types, shape: &Shape) -> Value {
    let mut schema = of(types, shape);
    let defs: Map<_, _> = reached(types, [shape])
        .into_iter()
        .filter_map(|name| Some((key(types, name)?, definition(types, types.get(name)?))))
        .collect();
    if let Value::Object(object) = &mut schema {
        object.insert("$defs".to_owned(), Value::Object(defs));
    }
    schema
}

/// JSON Schema 2020-12 with formats asserted: its own, and those of OpenAPI's registry that have a form.
#[must_use]
pub fn options<'i>() -> ValidationOptions<'i> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_format("decimal", formats::is_decimal)
        .with_format("naive-date-time", formats::is_naive_date_time)
        .with_format("date-time", formats::is_date_time)
        .with_format("date-time-local", formats::is_naive_date_time)
        .with_format("byte", formats::is_base64)
        .with_format("base64url", formats::is_base64url)
        .with_format("char", |text| text.chars().count() == 1)
        .should_validate_formats(true)
}

/// The schema as a validator, formats asserted.
///
/// # Errors
/// A keyword that no validator takes.
pub fn compiled(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    options().build(schema)
}

/// Every type a value of the shapes can hold.
pub fn reached<'a>(
    types: &'a Types,
    shapes: impl IntoIterator<Item = &'a Shape>,
) -> BTreeSet<&'a str> {
    let mut open: Vec<_> = shapes.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(shape) = open.pop() {
        let Shape::Named(name) = shape else {
            open.extend(shape.parts());
            continue;
        };
        if let Some(def) = types.get(name)
            && seen.insert(name.as_str())
        {
            open.extend(def.shapes());
        }
    }
    seen
}

/// Names may hold any character, places in a list may not.
pub fn key(types: &Types, name: &str) -> Option<String> {
    let place = types.keys().position(|known| known == name)?;
    Some(format!("t{place}"))
}

/// The schema of a shape, with named types as references into `$defs`.
pub fn of(types: &Types, shape: &Shape) -> Value {
    match shape {
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Integer(format) => {
            let (least, greatest) = format.bounds();
            json!({"type": "integer", "minimum": least, "maximum": greatest})
        }
        Shape::Number => json!({"type": "number"}),
        Shape::String(format) => string(*format),
        Shape::Array(item) => json!({"type": "array", "items": of(types, item)}),
        Shape::Map(value) => json!({"type": "object", "additionalProperties": of(types, value)}),
        Shape::Tuple(items) => {
            let items: Vec<_> = items.iter().map(|item| of(types, item)).collect();
            json!({"type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len()})
        }
        Shape::Nullable(shape) => json!({"if": {"type": "null"}, "else": of(types, shape)}),
        Shape::Named(name) => match key(types, name) {
            Some(key) => json!({"$ref": format!("#/$defs/{key}")}),
            None => json!({}),
        },
        Shape::Any => json!({}),
    }
}

fn string(format: StringFormat) -> Value {
    match format.as_str() {
        None => json!({"type": "string"}),
        Some(format) => json!({"type": "string", "format": format}),
    }
}

fn definition(types: &Types, def: &TypeDef) -> Value {
    match &def.kind {
        Kind::Enum(values) => json!({"enum": values.values}),
        Kind::IntegerEnum(values) => json!({"enum": integers(values).collect::<Vec<_>>()}),
        Kind::Object(fields) => object(types, fields),
        Kind::Union(union) => self::union(types, union),
    }
}

fn object(types: &Types, fields: &[Field]) -> Value {
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.clone(), property(types, field)))
        .collect();
    let required = fields.iter().filter(|field| field.required);
    let required: Vec<_> = required.map(|field| field.name.as_str()).collect();
    json!({"type": "object", "required": required, "properties": properties})
}

/// `else` instead of `anyOf`, so that an error names the value and not the choice.
fn property(types: &Types, field: &Field) -> Value {
    let mut schema = of(types, &field.shape);
    if let (Value::Object(object), false) = (&mut schema, field.constraints.is_empty()) {
        object.insert("allOf".to_owned(), json!([constraints(field)]));
    }
    if !field.optional() || field.shape == Shape::Any {
        return schema;
    }
    match schema.get("type").cloned() {
        Some(Value::String(kind)) if field.constraints.is_empty() => {
            if let Value::Object(object) = &mut schema {
                object.insert("type".to_owned(), json!([kind, "null"]));
            }
            schema
        }
        _ => json!({"if": {"type": "null"}, "else": schema}),
    }
}

/// OpenAPI 3.0 writes an exclusive bound as a flag beside the bound.
pub fn constraints(field: &Field) -> Value {
    let mut kept: Map<String, Value> = field.constraints.clone().into_iter().collect();
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        let Some(exclusive) = kept.get(flag).and_then(Value::as_bool) else {
            continue;
        };
        kept.remove(flag);
        if let (true, Some(limit)) = (exclusive, kept.remove(bound)) {
            kept.insert(flag.to_owned(), limit);
        }
    }
    Value::Object(kept)
}

/// The values of an enumeration of integers.
pub fn integers(listed: &StringEnum) -> impl Iterator<Item = i64> {
    listed.values.iter().filter_map(|text| text.parse().ok())
}

/// The tag selects the arm, so that errors come from that arm alone.
fn union(types: &Types, union: &Union) -> Value {
    let Some(tag) = &union.tag else {
        let arms: Vec<_> = union.arms.iter().map(|arm| of(types, &arm.shape)).collect();
        return json!({"anyOf": arms});
    };
    let values: Vec<_> = union.arms.iter().map(|arm| arm.value.as_str()).collect();
    let arms = union.arms.iter().map(|arm| {
        let chosen = json!({"properties": {tag: {"const": arm.value}}, "required": [tag]});
        json!({"if": chosen, "then": of(types, &arm.shape)})
    });
    json!({
        "type": "object",
        "required": [tag],
        "properties": {tag: {"enum": values}},
        "allOf": arms.collect::<Vec<_>>(),
    })
}
