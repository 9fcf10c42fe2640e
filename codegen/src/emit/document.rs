//! The model written back as the plain OpenAPI 3.0 that progenitor digests, and the plain JSON Schema that typify does.
//!
//! Both see Rust names and references only, so nothing in a document can reach an assertion of theirs.

use bpx_contract::Names;
use bpx_contract::model::{Content, IntFormat, Kind, Model, Operation, Param, Shape, StringFormat};
use serde_json::{Map, Value, json};

use super::stand_ins;

/// The document for progenitor: paths and parameters as they are, bodies and answers by reference.
pub(super) fn openapi(model: &Model, names: &Names) -> Value {
    let mut paths = Map::new();
    for (index, operation) in model.operations.values().enumerate() {
        let item = paths
            .entry(stand_ins::path(operation))
            .or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(
                operation.method.key().to_owned(),
                path_operation(index, operation, names),
            );
        }
    }
    // Types are replaced by name, so what stands here only has to be a definition.
    let stand_ins = model
        .types
        .keys()
        .map(|name| (names.ty(name).to_owned(), json!({"type": "object"})));
    json!({
        "openapi": "3.0.3",
        "info": {"title": model.title, "version": model.version},
        "paths": paths,
        "components": {"schemas": stand_ins.collect::<Map<_, _>>()},
    })
}

fn path_operation(index: usize, operation: &Operation, names: &Names) -> Value {
    let params = stand_ins::params(operation).into_iter();
    let params: Vec<_> = params
        .map(|(name, param)| parameter(&name, param, names))
        .collect();
    let mut value = json!({
        "operationId": stand_ins::operation_id(index),
        "parameters": params,
        "responses": {"200": answer(&operation.success.content, names)},
    });
    if let (Some(body), Some(object)) = (&operation.body, value.as_object_mut()) {
        let schema = schema(&body.shape, names);
        let content = json!({"application/json": {"schema": schema}});
        object.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": content}),
        );
    }
    value
}

fn parameter(name: &str, param: &Param, names: &Names) -> Value {
    json!({
        "name": name,
        "in": param.location.as_str(),
        "required": param.required,
        "schema": schema(&param.shape, names),
    })
}

fn answer(content: &Content, names: &Names) -> Value {
    let schema = match content {
        Content::Json(shape) => schema(shape, names),
        Content::Text | Content::Bytes => json!({"type": "string"}),
        Content::Empty => return json!({"description": ""}),
    };
    json!({"description": "", "content": {"application/json": {"schema": schema}}})
}

/// A shape as JSON Schema, with references to Rust names.
fn schema(shape: &Shape, names: &Names) -> Value {
    match shape {
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Integer(format) => json!({"type": "integer", "format": format.as_str()}),
        Shape::Number => json!({"type": "number", "format": "double"}),
        Shape::String(StringFormat::Plain) => json!({"type": "string"}),
        Shape::String(format) => json!({"type": "string", "format": format.as_str()}),
        Shape::Array(item) => json!({"type": "array", "items": schema(item, names)}),
        Shape::Map(value) => {
            json!({"type": "object", "additionalProperties": schema(value, names)})
        }
        Shape::Named(name) => json!({"$ref": format!("#/components/schemas/{}", names.ty(name))}),
        Shape::Any => json!({}),
    }
}

/// The objects for typify, by Rust name.
pub(super) fn objects(model: &Model, names: &Names) -> Vec<(String, Value)> {
    let mut objects = Vec::new();
    for (name, def) in &model.types {
        let Kind::Object(fields) = &def.kind else {
            continue;
        };
        let properties = fields
            .iter()
            .map(|field| (field.name.clone(), schema(&field.shape, names)));
        let required: Vec<_> = fields
            .iter()
            .filter(|field| !field.optional())
            .map(|field| &field.name)
            .collect();
        let schema = json!({
            "type": "object",
            "properties": properties.collect::<Map<_, _>>(),
            "required": required,
        });
        objects.push((names.ty(name).to_owned(), schema));
    }
    objects
}

/// Schemas that stand for a type of another crate, in both tools.
pub(super) fn conversions() -> Vec<(Value, String)> {
    let string = |format: &str| json!({"type": "string", "format": format});
    let mut all = vec![
        (string("decimal"), "::rust_decimal::Decimal".to_owned()),
        (
            string("naive-date-time"),
            "::chrono::NaiveDateTime".to_owned(),
        ),
        (
            string("date-time"),
            "::chrono::DateTime<::chrono::Utc>".to_owned(),
        ),
    ];
    all.extend(IntFormat::ALL.map(|(_, format, rust)| {
        (
            json!({"type": "integer", "format": format}),
            rust.to_owned(),
        )
    }));
    all
}
