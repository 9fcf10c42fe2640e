//! What is left of a document of which some operations cannot be lowered.

use bpx_contract::{Document, lower_usable};
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
fn an_operation_that_cannot_be_lowered_is_left_out_with_its_fault() {
    let text = json!({"type": "string"});
    let picture = json!({"image/png": {"schema": {"type": "string", "format": "binary"}}});
    let (model, left_out) = lower_usable(&shop(&picture, &text)).unwrap();
    assert_eq!(model.operations.keys().collect::<Vec<_>>(), ["read"]);
    assert_eq!(left_out.len(), 1);
    let place = left_out[0].place.to_string();
    assert!(
        place.starts_with("shop.json#/paths/~1pets~1{id}/post"),
        "{place}"
    );

    let (model, left_out) =
        lower_usable(&shop(&json!({"application/json": {"schema": text}}), &text)).unwrap();
    assert_eq!((model.operations.len(), left_out.len()), (2, 0));
}

#[test]
fn what_operations_share_must_be_right() {
    let body = json!({"application/json": {"schema": {"type": "string"}}});
    let pet = json!({"type": "object", "required": ["name"], "properties": {"id": body}});
    let told = problems(lower_usable(&shop(&body, &pet)).unwrap_err());
    assert!(told[0].contains("#/components/schemas/Pet"), "{told:?}");
}
