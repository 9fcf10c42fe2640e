//! Documents that are well-formed and still none: every fault with its place and its fix, never a panic.

#![cfg(test)]

use bpx_contract::model::{Kind, Shape};
use bpx_contract::pointer::unescape;
use bpx_contract::{Diagnostics, Document, lower, lower_schema};
use serde_json::{Value, json};

fn parse(value: &Value) -> Document {
    Document::parse("venue.json", value.to_string().as_bytes()).unwrap()
}

fn valid() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "parameters": [], "responses": {"200": {"description": "", "content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}}}},
        "components": {"schemas": {"Thing": {"type": "object", "properties": {"x": {"type": "string"}}}}},
    })
}

/// The faults of the valid document with `value` at `pointer`.
fn faults_with(pointer: &str, value: &Value) -> Diagnostics {
    let mut document = valid();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = unescape(key);
    document.pointer_mut(parent).unwrap()[&*key] = value.clone();
    lower(&parse(&document)).unwrap_err()
}

#[test]
fn a_valid_document_has_no_fault() {
    assert!(lower(&parse(&valid())).is_ok());
}

#[test]
fn what_is_no_openapi_of_a_known_version_is_refused() {
    let cases = [
        (
            json!({"swagger": "1.2"}),
            "/swagger",
            "the version of this document is not known: `swagger` is not 2.0, or stands beside `openapi`",
        ),
        (
            json!({"info": {}}),
            "/openapi",
            "this is not an OpenAPI document: its `openapi` field states no version",
        ),
        (
            json!({"openapi": "4.0.0"}),
            "/openapi",
            "OpenAPI 4.0.0 is not supported",
        ),
        (
            json!({"openapi": "3.01"}),
            "/openapi",
            "OpenAPI 3.01 is not supported",
        ),
        (
            json!({"openapi": ["3.0.3"]}),
            "/openapi",
            "this is not an OpenAPI document: its `openapi` field states no version",
        ),
    ];
    for (document, pointer, problem) in cases {
        let Diagnostics(faults) = lower(&parse(&document)).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].place.pointer.as_deref(), Some(pointer));
        assert_eq!(faults[0].problem, problem);
        assert!(!faults[0].fix.is_empty());
    }
}

/// Each value at its pointer is one fault, there, with this problem and a fix.
fn assert_one_fault(base: &str, cases: &[(&str, Value, &str)]) {
    for (pointer, value, problem) in cases {
        let pointer = format!("{base}{pointer}");
        let Diagnostics(faults) = faults_with(&pointer, value);
        assert_eq!(faults.len(), 1, "{pointer}: {faults:?}");
        assert_eq!(faults[0].problem, *problem);
        assert_eq!(faults[0].place.pointer.as_ref(), Some(&pointer));
        assert!(!faults[0].fix.is_empty());
    }
}

#[test]
fn a_member_of_the_wrong_form_is_one_fault_at_its_place() {
    let cases = [
        ("/paths", json!([]), "`paths` is a list, not an object"),
        ("/paths", json!("x"), "`paths` is a string, not an object"),
        ("/info", json!(1), "`info` is a number, not an object"),
        ("/servers", json!({}), "`servers` is an object, not a list"),
        (
            "/x-rate-limit",
            json!(2000),
            "`x-rate-limit` is a number, not an object",
        ),
        (
            "/x-rate-limit",
            json!({"requests": 1, "window_ms": 60000}),
            "the rate limit is not a number of requests in a window",
        ),
        ("/paths/~1a", json!(null), "`/a` is empty, not an object"),
        (
            "/paths/~1a/get",
            json!("x"),
            "`get` is a string, not an object",
        ),
    ];
    assert_one_fault("", &cases);
}

#[test]
fn the_rate_limit_is_what_the_root_of_the_document_declares() {
    let mut document = valid();
    assert_eq!(lower(&parse(&document)).unwrap().rate_limit, None);
    document["x-rate-limit"] = json!({"requests": 2000, "window_ms": 60_000});
    let limit = lower(&parse(&document)).unwrap().rate_limit.unwrap();
    assert_eq!((limit.requests, limit.window_ms), (2_000, 60_000));
}

#[test]
fn a_part_of_an_operation_of_the_wrong_form_is_one_fault_at_its_place() {
    let cases = [
        (
            "/parameters",
            json!({}),
            "`parameters` is an object, not a list",
        ),
        (
            "/responses",
            json!("x"),
            "`responses` is a string, not an object",
        ),
        (
            "/responses/200",
            json!(7),
            "`200` is a number, not an object",
        ),
        (
            "/responses/200/content",
            json!([]),
            "`content` is a list, not an object",
        ),
        ("/responses/20O", json!({}), "`20O` is no status"),
        (
            "/operationId",
            json!(5),
            "`operationId` is a number, not a text",
        ),
        (
            "/x-instruction",
            json!(["a"]),
            "`x-instruction` is a list, not a text",
        ),
        (
            "/requestBody",
            json!([]),
            "`requestBody` is a list, not an object",
        ),
        (
            "/security",
            json!({}),
            "`security` is an object, not a list",
        ),
    ];
    assert_one_fault("/paths/~1a/get", &cases);
}

#[test]
fn a_schema_of_the_wrong_form_is_one_fault_at_its_place() {
    let cases = [
        ("", json!(12), "`Thing` is a number, not a schema"),
        ("", json!(false), "this schema allows no value at all"),
        (
            "/properties",
            json!(null),
            "`properties` is empty, not an object",
        ),
        (
            "/properties/x",
            json!("string"),
            "`x` is a string, not a schema",
        ),
        (
            "/properties/x-y",
            json!(3),
            "`x-y` is a number, not a schema",
        ),
        (
            "/required",
            json!("x"),
            "`required` is a string, not a list",
        ),
        ("/enum", json!([]), "`enum` is empty, so no value fits"),
        ("/oneOf", json!([]), "`oneOf` is empty, so no value fits"),
        (
            "/type",
            json!(1),
            "`type` is a number, not a text or a list of texts",
        ),
        (
            "/nullable",
            json!("yes"),
            "`nullable` is a string, not `true` or `false`",
        ),
        ("/$ref", json!(1), "`$ref` is a number, not a text"),
    ];
    assert_one_fault("/components/schemas/Thing", &cases);
}

#[test]
fn components_that_are_null_are_told_beside_the_reference_they_break() {
    let Diagnostics(faults) = faults_with("/components", &json!(null));
    let problems: Vec<_> = faults.iter().map(|fault| fault.problem.as_str()).collect();
    assert_eq!(
        problems,
        [
            "`components` is empty, not an object",
            "`$ref: #/components/schemas/Thing` names nothing in this document",
        ]
    );
}

#[test]
fn a_document_without_operations_is_refused() {
    let Diagnostics(faults) = faults_with("/paths", &json!({}));
    assert_eq!(faults[0].problem, "the document has no operation");
}

#[test]
fn references_that_lead_nowhere_or_in_circles_are_told_where_they_stand() {
    let x = "/components/schemas/Thing/properties/x";
    let cases = [
        (
            json!({"$ref": "#/components/schemas/Nowhere"}),
            "`$ref: #/components/schemas/Nowhere` names nothing in this document",
        ),
        (
            json!({"$ref": "other.yaml#/A"}),
            "`$ref: other.yaml#/A` leaves the document",
        ),
        (
            json!({"$ref": format!("#{x}")}),
            "`$ref` goes round in a circle through `#/components/schemas/Thing/properties/x`",
        ),
    ];
    for (value, problem) in cases {
        let Diagnostics(faults) = faults_with(x, &value);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].problem, problem);
        assert_eq!(faults[0].place.to_string(), format!("venue.json#{x}"));
    }
}

#[test]
fn types_that_no_finite_value_satisfies_are_refused() {
    let thing = "/components/schemas/Thing";
    let to_itself = json!({"$ref": "#/components/schemas/Thing"});
    let endless = [
        json!({"type": "object", "required": ["x"], "properties": {"x": to_itself}}),
        json!({"allOf": [to_itself, {"type": "object", "properties": {"y": {"type": "string"}}}]}),
        json!({"type": "object", "required": ["x"], "properties": {"x": {"type": "object", "required": ["y"], "properties": {"y": to_itself}}}}),
    ];
    for value in endless {
        let Diagnostics(faults) = faults_with(thing, &value);
        assert!(
            faults[0].problem.starts_with("this type contains itself"),
            "{faults:?}"
        );
    }
    let nullable = json!({"allOf": [to_itself], "nullable": true});
    let mut document = valid();
    document["components"]["schemas"]["Thing"] =
        json!({"type": "object", "required": ["x"], "properties": {"x": nullable}});
    assert!(lower(&parse(&document)).is_ok());
}

#[test]
fn all_of_with_something_that_is_no_object_is_refused() {
    let value = json!({"allOf": [{"type": "object", "properties": {}}, {"type": "string"}]});
    let Diagnostics(faults) = faults_with("/components/schemas/Thing", &value);
    assert_eq!(
        faults[0].problem,
        "`allOf` merges an object with something that is none"
    );
    assert_eq!(
        faults[0].place.pointer.as_deref(),
        Some("/components/schemas/Thing/allOf/1")
    );
}

#[test]
fn a_required_name_that_no_property_has_is_any_value() {
    let mut document = valid();
    document["components"]["schemas"]["Thing"]["required"] = json!(["y"]);
    let model = lower(&parse(&document)).unwrap();
    let Kind::Object(fields) = &model.types["Thing"].kind else {
        panic!("no object");
    };
    let y = fields.iter().find(|field| field.name == "y").unwrap();
    assert_eq!((&y.shape, y.required), (&Shape::Any, true));
    assert!(
        model
            .notes
            .iter()
            .any(|note| note.text.starts_with("`y` is required"))
    );
}

/// Chains far longer than any stack is deep.
#[test]
fn long_chains_are_refused_or_read_but_never_overflow() {
    let count = 10_000;
    let refer = |to: usize| json!({"$ref": format!("#/components/schemas/C{to}")});
    let chain = |link: &dyn Fn(usize) -> Value| {
        let mut document = valid();
        for index in 0..count {
            document["components"]["schemas"][format!("C{index}")] = link(index + 1);
        }
        document["components"]["schemas"][format!("C{count}")] =
            json!({"type": "object", "properties": {"x": {"type": "string"}}});
        document["components"]["schemas"]["Thing"] = link(0);
        lower(&parse(&document))
    };
    assert!(
        chain(&|to| json!({"type": "object", "required": ["n"], "properties": {"n": refer(to)}}))
            .is_ok()
    );
    let refused = [
        chain(&refer),
        chain(&|to| json!({"type": "array", "items": refer(to)})),
        chain(
            &|to| json!({"allOf": [refer(to), {"type": "object", "properties": {"y": {"type": "string"}}}]}),
        ),
    ];
    for result in refused {
        let Diagnostics(faults) = result.unwrap_err();
        assert!(
            faults.iter().all(|fault| fault.problem.contains("128")),
            "{:?}",
            faults[0]
        );
    }
}

#[test]
fn a_schema_document_is_checked_like_a_component() {
    let cases = [
        (
            json!({"type": "object", "properties": []}),
            "`properties` is a list, not an object",
        ),
        (
            json!({"$defs": {"A": 1}, "type": "object"}),
            "`A` is a number, not a schema",
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/B"}}}),
            "`$ref: #/$defs/B` names nothing in this document",
        ),
    ];
    for (schema, problem) in cases {
        let Diagnostics(faults) = lower_schema(&parse(&schema), "Order").unwrap_err();
        assert_eq!(faults[0].problem, problem);
    }
}
