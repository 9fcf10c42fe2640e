//! Which operations are signed, and with what.

use bpx_contract::model::Signing;
use serde_json::{Value, json};

use crate::probe::{operation, operation_in, problems};

const HEADERS: [&str; 4] = ["X-API-KEY", "X-SIGNATURE", "X-TIMESTAMP", "X-WINDOW"];

fn headers() -> Value {
    HEADERS
        .iter()
        .map(|name| json!({"name": name, "in": "header", "schema": {"type": "string"}}))
        .collect()
}

fn op(rest: &Value) -> Value {
    let mut value = json!({"operationId": "op", "responses": {"200": {"description": ""}}});
    for (key, member) in rest.as_object().unwrap() {
        value[key] = member.clone();
    }
    value
}

fn signed(instruction: &str, batch: bool) -> Option<Signing> {
    Some(Signing {
        instruction: instruction.to_owned(),
        batch,
    })
}

#[test]
fn the_instruction_comes_from_the_extension_before_the_prose() {
    let cases = [
        (
            json!({"x-instruction": "orderQuery"}),
            signed("orderQuery", false),
        ),
        (
            json!({"x-instruction": "orderExecute", "x-instruction-batch": true}),
            signed("orderExecute", true),
        ),
        (
            json!({"description": "Does.\n\n**Instruction:** `orderQuery`"}),
            signed("orderQuery", false),
        ),
        (
            json!({"description": "**Batch commands instruction:** `orderExecute`"}),
            signed("orderExecute", true),
        ),
        (
            json!({"description": "**Instruction:** `a`", "x-instruction": "b"}),
            signed("b", false),
        ),
        (json!({"description": "**Instruction:** none"}), None),
    ];
    for (rest, expected) in cases {
        assert_eq!(operation(&op(&rest)).unwrap().signing, expected, "{rest}");
    }
}

#[test]
fn signing_headers_are_no_parameters_and_demand_an_instruction() {
    let found = operation(&op(&json!({"parameters": headers(), "x-instruction": "x"}))).unwrap();
    assert!(found.params.is_empty());
    let unnamed = op(&json!({"parameters": headers()}));
    let mut named = op(&json!({"x-instruction": "x"}));
    named["operationId"] = json!("other");
    let paths = json!({"/a": {"post": unnamed}, "/b": {"post": named}});
    assert_eq!(
        problems(operation_in(&paths, &json!({})).unwrap_err()),
        ["venue.json#/paths/~1a/post: this operation is signed, but nothing names its instruction"]
    );
    // In a document that signs nothing they are headers like any other.
    let found = operation(&unnamed).unwrap();
    assert_eq!(
        (found.params.len(), found.signing),
        (headers().as_array().unwrap().len(), None)
    );
}

#[test]
fn a_security_requirement_over_a_signing_header_demands_an_instruction() {
    let rest = json!({"components": {"securitySchemes": {
        "signature": {"type": "apiKey", "in": "header", "name": "X-Signature"},
        "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
    }}, "security": [{"signature": []}]});
    let mut named = op(&json!({"x-instruction": "x"}));
    named["operationId"] = json!("other");
    let beside = |op: Value| json!({"/a": {"get": op}, "/b": {"post": named}});
    let paths = |security: Value| beside(op(&json!({"security": security})));
    assert!(operation_in(&beside(op(&json!({}))), &rest).is_err());
    assert!(operation_in(&paths(json!([{"signature": []}])), &rest).is_err());
    assert_eq!(
        operation_in(&paths(json!([])), &rest).unwrap().signing,
        None
    );
    assert_eq!(
        operation_in(&paths(json!([{"session": []}])), &rest)
            .unwrap()
            .signing,
        None
    );
}

#[test]
fn an_instruction_that_is_none_is_refused() {
    for instruction in ["", "two words", "ä"] {
        let faults = operation(&op(&json!({"x-instruction": instruction}))).unwrap_err();
        assert!(
            problems(faults)[0].contains("is no instruction"),
            "{instruction}"
        );
    }
}
