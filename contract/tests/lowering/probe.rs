//! Documents around one schema or one operation, and what lowering makes of it.

use bpx_contract::model::{Field, Kind, Model, Operation, Shape, TypeDef, Union};
use bpx_contract::{Diagnostics, Document, lower};
use serde_json::{Value, json};

pub(crate) fn lowered(value: &Value) -> Result<Model, Diagnostics> {
    lower(&Document::parse("venue.json", value.to_string().as_bytes()).unwrap())
}

/// A document whose only operation answers with the component `Probe`.
pub(crate) fn document(components: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "", "content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/Probe"}}}}}}}},
        "components": {"schemas": components},
    })
}

pub(crate) fn with_components(components: &Value) -> Model {
    lowered(&document(components)).unwrap()
}

/// The property `it` of an object, described by `schema`, beside further components.
pub(crate) fn field(schema: &Value, components: &Value) -> (Field, Model) {
    let mut all = components.clone();
    all["Probe"] = json!({"type": "object", "properties": {"it": schema}});
    let model = with_components(&all);
    let found = fields(&model, "Probe")[0].clone();
    (found, model)
}

pub(crate) fn shape(schema: &Value) -> Shape {
    field(schema, &json!({})).0.shape
}

pub(crate) fn fields<'a>(model: &'a Model, name: &str) -> &'a [Field] {
    match &model.types[name].kind {
        Kind::Object(fields) => fields,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

pub(crate) fn union(model: &Model, name: &str) -> Union {
    match &model.types[name].kind {
        Kind::Union(union) => union.clone(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn values(def: &TypeDef) -> Vec<&str> {
    match &def.kind {
        Kind::Enum(listed) => listed.values.iter().map(String::as_str).collect(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn named(name: &str) -> Shape {
    Shape::Named(name.to_owned())
}

/// The operation `op`, over `POST /a` unless `path` says otherwise.
pub(crate) fn operation(operation: &Value) -> Result<Operation, Diagnostics> {
    operation_in(&json!({"/a": {"post": operation}}), &json!({}))
}

pub(crate) fn operation_in(paths: &Value, rest: &Value) -> Result<Operation, Diagnostics> {
    let mut document =
        json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths});
    for (key, value) in rest.as_object().unwrap() {
        document[key] = value.clone();
    }
    lowered(&document).map(|model| model.operations["op"].clone())
}

/// A JSON answer with this schema.
pub(crate) fn json_answer(schema: &Value) -> Value {
    json!({"description": "d", "content": {"application/json": {"schema": schema}}})
}

pub(crate) fn problems(found: Diagnostics) -> Vec<String> {
    found
        .0
        .into_iter()
        .map(|fault| format!("{}: {}", fault.place, fault.problem))
        .collect()
}
