//! What is left of a document of which some operations cannot be lowered.

use bpx_contract::model::{IntFormat, Kind, LossKind, Shape, StringFormat};
use bpx_contract::{Document, lower, lower_lossy};
use serde_json::{Value, json};

use crate::probe::problems;

fn shop(send: &Value, shared: &Value) -> Document {
    let answer = json!({"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}});
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/pets/{id}": {
            "get": {"operationId": "read", "responses": answer,
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]},
            "post": {"operationId": "send", "responses": answer, "requestBody": {"content": send},
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]},
        }},
        "components": {"schemas": {"Pet": shared}},
    });
    Document::parse("shop.json", document.to_string().as_bytes()).unwrap()
}

#[test]
fn an_operation_that_cannot_be_called_is_left_out_with_its_fault() {
    let text = json!({"type": "string"});
    let odd = json!({"multipart/related": {"schema": {"type": "string", "format": "binary"}}});
    let document = shop(&odd, &text);
    let model = lower_lossy(&document).unwrap();
    assert_eq!(model.operations.keys().collect::<Vec<_>>(), ["read"]);
    assert_eq!(model.losses.len(), 1);
    assert_eq!(model.losses[0].kind, LossKind::LeftOut);
    let place = model.losses[0].diagnostic.place.to_string();
    assert!(
        place.starts_with("shop.json#/paths/~1pets~1{id}/post"),
        "{place}"
    );
    assert_eq!(problems(lower(&document).unwrap_err()).len(), 1);

    let json = json!({"application/json": {"schema": text}});
    let model = lower_lossy(&shop(&json, &text)).unwrap();
    assert_eq!((model.operations.len(), model.losses.len()), (2, 0));
}

#[test]
fn a_schema_that_says_nothing_sound_is_any_value() {
    let body = json!({"application/json": {"schema": {"type": "string"}}});
    let pet = json!({"type": "object", "properties": {
        "id": {"$ref": "#/components/schemas/Nowhere"}, "name": {"type": 7}, "kind": {"type": "string"}}});
    let model = lower_lossy(&shop(&body, &pet)).unwrap();
    let losses: Vec<_> = model
        .losses
        .iter()
        .map(|it| (it.kind, it.diagnostic.place.to_string()))
        .collect();
    let at = |rest: &str| format!("shop.json#/components/schemas/Pet/properties/{rest}");
    assert_eq!(
        losses,
        [
            (LossKind::Widened, at("id")),
            (LossKind::Widened, at("name/type"))
        ]
    );
    let Kind::Object(fields) = &model.types["Pet"].kind else {
        panic!()
    };
    let shapes: Vec<_> = fields.iter().map(|field| &field.shape).collect();
    assert_eq!(
        shapes,
        [
            &Shape::Any,
            &Shape::String(StringFormat::Plain),
            &Shape::Any
        ]
    );
}

#[test]
fn a_malformed_keyword_that_only_narrows_goes_alone() {
    let body = json!({"application/json": {"schema": {"type": "string"}}});
    let pet = json!({"type": "object", "required": true, "properties": {
        "name": {"type": "string", "minLength": "3"}, "list": {"type": "array", "items": {"type": "integer"}, "required": [1]}}});
    let model = lower_lossy(&shop(&body, &pet)).unwrap();
    assert_eq!(model.losses.len(), 3);
    let Kind::Object(fields) = &model.types["Pet"].kind else {
        panic!()
    };
    let shapes: Vec<_> = fields.iter().map(|field| &field.shape).collect();
    let list = Shape::Array(Box::new(Shape::Integer(IntFormat::Int64)));
    assert_eq!(shapes, [&list, &Shape::String(StringFormat::Plain)]);
}
