//! The document's own schemas judge: keywords, statuses, media types, parameters and headers as they are written.

use bpx_conformance::Contract;
use bpx_contract::Document;
use serde_json::{Value, json};

use crate::support::*;

fn contract(document: &Value) -> Contract {
    let text = document.to_string();
    Contract::openapi(Document::parse("t.json", text.as_bytes()).unwrap()).unwrap()
}

/// `GET /pets/{id}` with these members, in this version of OpenAPI.
fn of_operation(version: &str, operation: Value, schemas: Value) -> Contract {
    contract(&json!({
        "openapi": version, "info": {"title": "T", "version": "1"},
        "paths": {"/pets/{id}": {"get": operation}}, "components": {"schemas": schemas},
    }))
}

fn ok(schema: Value) -> Value {
    json!({"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}})
}

fn found(contract: &Contract, body: &Value) -> Vec<String> {
    let line = line("GET /pets/1", 200, "application/json", &body.to_string());
    rules(&checked(contract, &[line]))
}

/// A schema, a value that fits it, one that breaks it, and the rule for that.
const KEYWORDS: &str = r##"
{"type": "array", "minItems": 2} | [1, 2] | [1] | constraint-violated
{"type": "array", "uniqueItems": true} | [1, 2] | [1, 1] | constraint-violated
{"$ref": "#n", "$defs": {"n": {"$anchor": "n", "type": "integer"}}} | 1 | "x" | type-wrong
{"const": 7} | 7 | 8 | constraint-violated
{"not": {"type": "string"}} | 1 | "x" | constraint-violated
{"enum": [1, "a"]} | "a" | 2 | enum-unknown
{"required": ["a"]} | {"a": 1} | {} | required-missing
{"type": "object", "dependentRequired": {"a": ["b"]}} | {"a": 1, "b": 1} | {"a": 1} | required-missing
{"if": {"type": "string"}, "then": {"minLength": 2}} | "ab" | "a" | constraint-violated
{"type": "object", "additionalProperties": false} | {} | {"x": 1} | field-unknown
{"type": "object", "patternProperties": {"^n": {"type": "integer"}}} | {"n": 1} | {"n": "x"} | type-wrong
{"type": "string", "format": "email"} | "a@b.example" | "a" | format-invalid
{"type": "string", "format": "byte"} | "YQ==" | "?" | format-invalid
{"type": ["integer", "null"]} | 7 | "x" | type-wrong
{"anyOf": [{"type": "integer"}, {"type": "null"}]} | 3 | "x" | type-wrong
{"oneOf": [{"type": "integer"}, {"type": "number"}]} | 1.5 | 1 | union-ambiguous
"##;

#[test]
fn keywords_that_no_type_expresses_are_held() {
    for row in KEYWORDS.trim().lines() {
        let mut cells = row.split(" | ");
        let mut cell = || cells.next().unwrap();
        let mut json = || serde_json::from_str::<Value>(cell()).unwrap();
        let (schema, fine, broken) = (json(), json(), json());
        let contract = of_operation("3.1.0", ok(schema), json!({}));
        assert_eq!(found(&contract, &fine), Vec::<String>::new(), "{row}");
        assert_eq!(found(&contract, &broken), [cell()], "{row}");
    }
}

#[test]
fn a_large_integer_and_one_with_a_zero_fraction_are_integers() {
    let contract = of_operation("3.0.3", ok(json!({"type": "integer"})), json!({}));
    for text in ["1.0", "18446744073709551616", "-9999999999999999999"] {
        let line = line("GET /pets/1", 200, "application/json", text);
        assert_eq!(
            rules(&checked(&contract, &[line])),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn nullable_of_3_0_counts_wherever_it_stands() {
    let schemas = json!({"Pet": {"type": "object", "properties": {"n": {"type": "integer"}}}});
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    for property in [
        json!({"nullable": true, "allOf": [pet]}),
        json!({"nullable": true, "$ref": "#/components/schemas/Pet"}),
        json!({"nullable": true, "type": "string", "enum": ["a"]}),
        json!({"nullable": true, "type": "string", "minLength": 3}),
    ] {
        let schema = json!({"type": "object", "properties": {"p": property}});
        let contract = of_operation("3.0.3", ok(schema), schemas.clone());
        assert_eq!(
            found(&contract, &json!({"p": null})),
            Vec::<String>::new(),
            "{property}"
        );
        assert_eq!(
            found(&contract, &json!({"p": 7})),
            ["type-wrong"],
            "{property}"
        );
    }
}

#[test]
fn names_of_keywords_are_properties_like_any_other() {
    let schema = json!({"type": "object", "properties": {
        "example": {"type": "string", "nullable": true},
        "default": {"type": "number", "minimum": 0, "exclusiveMinimum": true},
        "enum": {"type": "integer", "format": "int8"},
    }});
    let contract = of_operation("3.0.3", ok(schema), json!({}));
    let fine = json!({"example": null, "default": 1, "enum": 127});
    assert_eq!(found(&contract, &fine), Vec::<String>::new());
    assert_eq!(
        found(&contract, &json!({"default": 0})),
        ["constraint-violated"]
    );
    assert_eq!(found(&contract, &json!({"enum": 128})), ["format-integer"]);
}

#[test]
fn undeclared_nulls_and_properties_are_what_the_document_declares() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let body = json!({"a": null, "b": 1});
    let strict = |members: Value| {
        let mut document = json!({
            "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
            "paths": {"/pets/{id}": {"get": ok(schema.clone())}},
        });
        let all = document.as_object_mut().unwrap();
        all.extend(members.as_object().unwrap().clone());
        contract(&document)
    };
    assert_eq!(found(&strict(json!({})), &body), ["type-wrong"]);
    assert_eq!(
        found(&strict(json!({"x-undeclared-null": "note"})), &body),
        Vec::<String>::new()
    );
    let both = json!({"x-undeclared-null": "note", "x-undocumented-property": "error"});
    assert_eq!(found(&strict(both), &body), ["field-unknown"]);
    let line = line("GET /pets/1", 200, "application/json", r#"{"b":1}"#);
    let report = checked(&strict(json!({})), &[line]);
    assert_eq!(
        finding(&report, "property-undocumented")["severity"],
        "note"
    );
}

#[test]
fn a_discriminator_selects_its_schema() {
    let schemas = json!({
        "Pet": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}},
            "discriminator": {"propertyName": "k", "mapping": {"cat": "#/components/schemas/Cat"}}},
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["lives"]}]},
        "A": {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}, "a": {"type": "integer"}}},
        "B": {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}, "a": {"type": "string"}}},
        "Either": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}], "discriminator": {"propertyName": "t"}},
    });
    let of = |name: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        of_operation("3.0.3", ok(schema), schemas.clone())
    };
    assert_eq!(
        found(&of("Pet"), &json!({"k": "cat", "lives": 9})),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&of("Pet"), &json!({"k": "cat"})),
        ["required-missing"]
    );
    assert_eq!(
        found(&of("Pet"), &json!({"k": "dog"})),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&of("Either"), &json!({"t": "A", "a": 1})),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&of("Either"), &json!({"t": "A", "a": "x"})),
        ["type-wrong"]
    );
    assert_eq!(found(&of("Either"), &json!({"t": "C"})), ["union-none"]);
}

#[test]
fn each_status_and_media_type_has_its_own_schema() {
    let json_of = |kind: &str| json!({"application/json": {"schema": {"type": kind}}});
    let contract = of_operation(
        "3.0.3",
        json!({"responses": {
            "200": {"description": "", "content": {
                "application/vnd.a+json": {"schema": {"type": "integer"}},
                "application/vnd.b+json": {"schema": {"type": "string"}},
                "text/*": {"schema": {"type": "string", "maxLength": 2}},
            }},
            "202": {"description": "", "content": json_of("boolean")},
            "2XX": {"description": "", "content": json_of("array")},
            "400": {"description": "", "content": json_of("array")},
            "default": {"description": "", "content": json_of("string")},
        }}),
        json!({}),
    );
    let check = |status, media, body: &str| {
        rules(&checked(
            &contract,
            &[line("GET /pets/1", status, media, body)],
        ))
    };
    const NONE: [&str; 0] = [];
    let json = "application/json; charset=utf-8";
    for (status, media, fine, broken) in [
        (200, "application/vnd.a+json", "1", "\"x\""),
        (200, "application/vnd.b+json", "\"x\"", "1"),
        (200, "text/plain", "ab", "abc"),
        (202, json, "true", "[]"),
        (203, json, "[]", "true"),
        (400, json, "[]", "{}"),
        (500, json, "\"x\"", "[]"),
    ] {
        assert_eq!(check(status, media, fine), NONE, "{status} {media} {fine}");
        assert_ne!(
            check(status, media, broken),
            NONE,
            "{status} {media} {broken}"
        );
    }
    assert_eq!(
        check(200, "application/vnd.c+json", "1"),
        ["content-type-undocumented"]
    );
    let unchanged = checked(&contract, &[line("GET /pets/1", 304, "", "")]);
    assert_eq!(
        (rules(&unchanged), &unchanged["summary"]["validated"]),
        (vec![], &json!(1))
    );
}

#[test]
fn what_cannot_be_applied_is_a_finding_at_its_pointer() {
    for schema in [
        json!({"$ref": "#/components/schemas/Missing"}),
        json!({"type": "string", "pattern": "["}),
        json!({"type": "object", "properties": {"a": {"$ref": "https://elsewhere.example/a.json"}}}),
    ] {
        let contract = of_operation("3.1.0", ok(schema.clone()), json!({}));
        let line = line("GET /pets/1", 200, "application/json", "{}");
        let report = checked(&contract, &[line]);
        assert_eq!(rules(&report), ["schema-unusable"], "{schema}");
        let pointer = "/paths/~1pets~1{id}/get/responses/200/content/application~1json/schema";
        assert_eq!(finding(&report, "schema-unusable")["pointer"], pointer);
        assert_eq!(report["summary"]["validated"], 0);
    }
    let schema = json!({"type": "string", "format": "iban"});
    let contract = of_operation("3.1.0", ok(schema), json!({}));
    let lines = [1, 2].map(|_| line("GET /pets/1", 200, "application/json", "\"x\""));
    let report = checked(&contract, &lines);
    assert_eq!(finding(&report, "format-unknown")["detail"], "iban");
    assert_eq!(finding(&report, "format-unknown")["count"], 1);
}

#[test]
fn headers_of_any_response_are_held_and_write_only_properties_refused() {
    let contract = of_operation(
        "3.0.3",
        json!({"responses": {"404": {"description": "",
            "headers": {"X-Left": {"required": true, "schema": {"type": "integer", "maximum": 9}}},
            "content": {"application/json": {"schema": {"type": "object", "required": ["secret"], "properties": {"secret": {"type": "string", "writeOnly": true}}}}},
        }}}),
        json!({}),
    );
    let check = |left: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("x-left", left)];
        rules(&checked(
            &contract,
            &[with_headers("GET /pets/1", 404, &headers, body)],
        ))
    };
    assert_eq!(check("9", "{}"), Vec::<String>::new());
    assert_eq!(check("10", "{}"), ["header-malformed"]);
    assert_eq!(check("9", r#"{"secret":"x"}"#), ["direction-wrong"]);
}

#[test]
fn a_document_of_which_nothing_can_be_generated_is_still_a_judge() {
    let contract = contract(&json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {
            "/pets/{id}": {"get": ok(json!({"type": "integer"}))},
            "/broken": {"post": {"requestBody": {"$ref": "#/components/requestBodies/Missing"}, "responses": {}}},
        },
    }));
    let report = checked(
        &contract,
        &[line("GET /pets/1", 200, "application/json", "\"x\"")],
    );
    assert_eq!(rules(&report), ["type-wrong"]);
}
