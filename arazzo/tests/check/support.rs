//! A small valid document over our contract, and what the checker says when a part of it is changed.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bpx_arazzo::{Checked, Sources, check};
use bpx_contract::model::Model;
use bpx_contract::{Diagnostic, Diagnostics, Document, lower};
use serde_json::{Value, json};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Our contract, lowered.
pub(crate) static CONTRACT: LazyLock<Model> = LazyLock::new(|| {
    let path = root().join("openapi/backpack-order.openapi.yaml");
    lower(&Document::read(&path).unwrap()).unwrap()
});

/// Another contract, with what ours has not: path parameters, text, 204, a union without tag.
pub(crate) static SHOP: LazyLock<Model> = LazyLock::new(|| {
    let ok = |schema: Value| json!({"description": "", "content": {"application/json": {"schema": schema}}});
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/pets": {
                "get": {"operationId": "listPets",
                    "parameters": [{"name": "tag", "in": "query", "schema": {"type": "string"}},
                                   {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
                    "responses": {"200": ok(json!({"type": "array", "items": pet}))}},
                "post": {"operationId": "addPet",
                    "requestBody": {"required": true, "content": {"application/json": {"schema": pet}}},
                    "responses": {"201": ok(pet.clone()), "default": ok(json!({"type": "object", "properties": {"reason": {"type": "string"}}}))}},
            },
            "/pets/{id}": {
                "get": {"operationId": "getPet",
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
                    "responses": {"200": ok(pet), "204": {"description": "none"}, "4XX": {"description": "no"}}},
            },
            "/motd": {"get": {"operationId": "motd", "responses": {"200": {"description": "", "content": {"text/plain": {}}}}}},
        },
        "components": {"schemas": {"Pet": {"type": "object", "required": ["id", "name"], "properties": {
            "id": {"type": "integer"}, "name": {"type": "string"}, "vip": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "owner": {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}},
        }}}},
    });
    lower(&Document::parse("shop.json", document.to_string().as_bytes()).unwrap()).unwrap()
});

/// A valid document: reads an order, cancels it.
pub(crate) fn valid() -> Value {
    json!({
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "venue", "url": "./venue.yaml", "type": "openapi"}],
        "workflows": [{
            "workflowId": "flow",
            "inputs": {"type": "object", "required": ["symbol", "orderId"], "properties": {
                "symbol": {"type": "string"}, "orderId": {"type": "string"}, "note": {"type": "string"},
                "size": {"type": "integer"}, "side": {"type": "string", "enum": ["Bid", "Ask"]}, "flag": {"type": "boolean"},
            }},
            "steps": [
                {
                    "stepId": "read",
                    "operationId": "get_order",
                    "parameters": [
                        {"name": "symbol", "in": "query", "value": "$inputs.symbol"},
                        {"name": "orderId", "in": "query", "value": "$inputs.orderId"},
                    ],
                    "successCriteria": [{"condition": "$statusCode == 200"}],
                    "outputs": {"status": "$response.body#/status", "id": "$response.body#/id", "side": "$response.body#/side"},
                },
                {
                    "stepId": "cancel",
                    "operationId": "cancel_order",
                    "requestBody": {"payload": {"symbol": "$inputs.symbol", "orderId": "$steps.read.outputs.id"}},
                    "outputs": {"status": "$response.body#/status"},
                },
            ],
            "outputs": {"id": "$steps.read.outputs.id", "status": "$steps.cancel.outputs.status"},
        }],
    })
}

/// The document with `value` at `pointer`, whose last step may be new.
pub(crate) fn with(mut document: Value, pointer: &str, value: &Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{parent}"))
    {
        Value::Array(items) => match key.parse::<usize>() {
            Ok(index) if index < items.len() => items[index] = value.clone(),
            _ => items.push(value.clone()),
        },
        object => object[key.replace("~1", "/")] = value.clone(),
    }
    document
}

pub(crate) fn parse(value: &Value) -> Document {
    Document::parse("flow.json", value.to_string().as_bytes()).unwrap()
}

/// Checks a document over our contract, which it calls `venue`, and the shop.
pub(crate) fn checked(value: &Value) -> Result<Checked, Diagnostics> {
    let sources = Sources {
        openapi: [
            ("venue".to_owned(), &*CONTRACT),
            ("shop".to_owned(), &*SHOP),
        ]
        .into(),
        ..Sources::default()
    };
    check(&parse(value), &sources)
}

pub(crate) fn passing(value: &Value) -> Checked {
    checked(value).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The faults of the valid document with `value` at `pointer`.
pub(crate) fn faults(pointer: &str, value: &Value) -> Vec<Diagnostic> {
    let document = with(valid(), pointer, value);
    match checked(&document) {
        Ok(_) => panic!("{value} at {pointer} passes"),
        Err(Diagnostics(faults)) => faults,
    }
}

/// Each row: what is put where, and the place, problem and fix of the one fault that follows.
pub(crate) type Row = (
    &'static str,
    Value,
    &'static str,
    &'static str,
    &'static str,
);

pub(crate) fn assert_rows(base: &str, rows: &[Row]) {
    for (pointer, value, place, problem, fix) in rows {
        let found = faults(&format!("{base}{pointer}"), value);
        assert_eq!(found.len(), 1, "{pointer} {value}: {found:#?}");
        let fault = &found[0];
        assert_eq!(fault.problem, *problem, "{pointer} {value}");
        assert_eq!(
            fault.place.to_string(),
            format!("flow.json#{place}"),
            "{problem}"
        );
        assert_eq!(fault.fix, *fix, "{problem}");
    }
}

/// The warnings of a document that passes.
pub(crate) fn warnings(value: &Value) -> Vec<Diagnostic> {
    passing(value).warnings
}

/// The texts of the notes.
pub(crate) fn notes(checked: &Checked) -> Vec<String> {
    checked.notes.iter().map(|note| note.text.clone()).collect()
}
