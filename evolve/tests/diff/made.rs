//! Documents made for one question each: large, deep, circular, undecidable.

use bpx_evolve::Verdict;
use serde_json::{Map, Value, json};

use crate::support::{compared, contract, line};

/// A document of so many operations, each with types of its own.
fn large(operations: usize, kind: &str) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for number in 0..operations {
        let fields: Map<_, _> = (0..12)
            .map(|field| {
                (
                    format!("field{field}"),
                    json!({"type": "string", "description": "What it holds, in words."}),
                )
            })
            .chain([("kind".to_owned(), json!({"type": kind}))])
            .collect();
        schemas.insert(
            format!("Type{number}"),
            json!({"type": "object", "required": ["kind"], "properties": fields}),
        );
        let schema = json!({"$ref": format!("#/components/schemas/Type{number}")});
        paths.insert(format!("/path{number}"), json!({"get": {"operationId": format!("operation{number}"),
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}}));
    }
    json!({"openapi": "3.0.3", "info": {"title": "Large", "version": "1"}, "paths": paths,
        "components": {"schemas": schemas}})
}

#[test]
fn a_megabyte_of_contract_is_compared() {
    let (old, new) = (large(1400, "string"), large(1400, "integer"));
    assert!(old.to_string().len() > 1_000_000);
    let found = compared(&contract("old.json", &old), &contract("new.json", &new));
    assert_eq!(found.count(Verdict::Breaking), 1400);
    assert!(found.changes.iter().all(|change| change.witness.is_some()));
}

/// A document with one operation that takes and gives a value of the schema.
fn echo(schema: Value, mut schemas: Value) -> Value {
    schemas["Echo"] = schema;
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Echo"}}});
    json!({"openapi": "3.0.3", "info": {"title": "Echo", "version": "1"},
        "paths": {"/echo": {"post": {"operationId": "echo",
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": schemas}})
}

/// The changes from one schema of the echoed value to another, with types beside it.
fn echoed(old: Value, new: Value, schemas: &Value) -> Vec<String> {
    let old = contract("old.json", &echo(old, schemas.clone()));
    let new = contract("new.json", &echo(new, schemas.clone()));
    compared(&old, &new).changes.iter().map(line).collect()
}

#[test]
fn a_long_chain_of_types_is_walked_to_its_end() {
    for length in [45, 300, 600, 3000] {
        chain(length);
    }
}

fn chain(length: usize) {
    let link = |number: usize| json!({"$ref": format!("#/components/schemas/Link{number}")});
    let mut schemas = json!({});
    for number in 0..length {
        schemas[format!("Link{number}")] = json!({"type": "object", "required": ["next"], "properties": {"next": link(number + 1)}});
    }
    let end = |kind: &str| {
        let mut schemas = schemas.clone();
        schemas[format!("Link{length}")] =
            json!({"type": "object", "properties": {"end": {"type": kind}}});
        contract(
            "chain.json",
            &echo(
                json!({"type": "object", "properties": {"first": link(0)}}),
                schemas,
            ),
        )
    };
    let found = compared(&end("string"), &end("boolean"));
    let lines: Vec<_> = found.changes.iter().map(line).collect();
    let mark = if length < 47 { "!" } else { "" };
    assert_eq!(
        lines,
        [
            format!("breaking{mark} request-narrowed Link{length}.end major"),
            format!("breaking{mark} response-widened Link{length}.end major")
        ]
    );
}

/// Its smallest value would have two to the power of forty parts.
#[test]
fn a_type_whose_values_are_too_large_to_write_has_no_witness() {
    let mut schemas = json!({});
    for number in 0..40 {
        let next = json!({"$ref": format!("#/components/schemas/Half{}", number + 1)});
        schemas[format!("Half{number}")] =
            json!({"type": "object", "required": ["a", "b"], "properties": {"a": next, "b": next}});
    }
    schemas["Half40"] = json!({"type": "object", "properties": {"end": {"type": "string"}}});
    let root = |required: &[&str]| {
        json!({"type": "object", "required": required, "properties": {
            "half": {"$ref": "#/components/schemas/Half0"}, "more": {"type": "string"}}})
    };
    assert_eq!(
        echoed(root(&["half"]), root(&["half", "more"]), &schemas),
        [
            "breaking request-field-became-required Echo.more major",
            "safe response-field-became-required Echo.more major"
        ]
    );
}

#[test]
fn a_limited_field_that_holds_its_own_type_ends() {
    let node = |required: &[&str]| {
        json!({"type": "object", "required": required, "properties": {
            "name": {"type": "string"}, "parent": {"$ref": "#/components/schemas/Echo", "maxProperties": 3},
            "children": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Echo"}}}})
    };
    let lines = echoed(node(&["children"]), node(&["children", "name"]), &json!({}));
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn unions_with_tags_inside_unions_with_tags_are_compared_up_to_a_depth() {
    let mut schemas =
        json!({"Leaf": {"type": "object", "properties": {"tag9": {"type": "string"}}}});
    for number in (0..6).rev() {
        let inner = if number == 5 {
            "Leaf".to_owned()
        } else {
            format!("Union{}", number + 1)
        };
        let tag = format!("tag{number}");
        let arm = json!({"allOf": [
            {"type": "object", "required": [tag], "properties": {tag.clone(): {"type": "string", "enum": ["X"]}}},
            {"$ref": format!("#/components/schemas/{inner}")}]});
        schemas[format!("Arm{number}")] = arm;
        schemas[format!("Union{number}")] = json!({"oneOf": [{"$ref": format!("#/components/schemas/Arm{number}")}],
            "discriminator": {"propertyName": tag, "mapping": {"X": format!("#/components/schemas/Arm{number}")}}});
    }
    let root = |field: &str| {
        json!({"type": "object", "required": [field], "properties": {
            "value": {"$ref": "#/components/schemas/Union0"}, "more": {"type": "string"}}})
    };
    let lines = echoed(root("value"), root("more"), &schemas);
    assert_eq!(lines.len(), 4, "{lines:?}");
}

#[test]
fn a_type_that_holds_itself_is_walked_once() {
    let node = |kind: &str| {
        json!({"type": "object", "required": ["value"], "properties": {
            "value": {"type": kind}, "left": {"$ref": "#/components/schemas/Echo"},
            "right": {"type": "array", "items": {"$ref": "#/components/schemas/Echo"}}}})
    };
    assert_eq!(
        echoed(node("string"), node("boolean"), &json!({})),
        [
            "breaking! request-narrowed Echo.value major",
            "breaking! response-widened Echo.value major"
        ]
    );
}

#[test]
fn equal_changes_in_two_places_are_two_changes() {
    let lists = |kind: &str| {
        let list = json!({"type": "array", "items": {"type": kind}});
        json!({"type": "object", "properties": {"one": list, "two": list, "more": {"type": "object", "additionalProperties": list}}})
    };
    assert_eq!(
        echoed(lists("string"), lists("boolean"), &json!({})),
        [
            "breaking! request-narrowed Echo.more{}[] major",
            "breaking! request-narrowed Echo.one[] major",
            "breaking! request-narrowed Echo.two[] major",
            "breaking! response-widened Echo.more{}[] major",
            "breaking! response-widened Echo.one[] major",
            "breaking! response-widened Echo.two[] major"
        ]
    );
}

#[test]
fn what_neither_algebra_nor_search_decides_is_undecided() {
    let object = |pattern: &str| json!({"type": "object", "required": ["word"], "properties": {"word": {"type": "string", "pattern": pattern}}});
    assert_eq!(
        echoed(object("^a{3,5}$"), object("^(aaa|aaaa)$"), &json!({})),
        [
            "undecided request-undecided Echo.word patch",
            "undecided response-undecided Echo.word patch"
        ]
    );
}

#[test]
fn kinds_of_objects_come_and_go_in_both_directions() {
    let kind = |name: &str| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": [name]}}});
    let schemas = json!({"A": kind("A"), "B": kind("B"), "C": kind("C")});
    let union = |names: &[&str]| {
        let arms = names
            .iter()
            .map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
        json!({"oneOf": arms.collect::<Vec<_>>(), "discriminator": {"propertyName": "kind"}})
    };
    assert_eq!(
        echoed(union(&["A", "B"]), union(&["B", "C"]), &schemas),
        [
            "breaking! request-arm-removed Echo:A major",
            "risky! response-arm-added Echo:C minor",
            "safe request-arm-added Echo:C minor",
            "safe response-arm-removed Echo:A major",
            "safe type-added C minor",
            "safe type-removed A major"
        ]
    );
}

#[test]
fn an_arm_that_another_arm_covers_is_no_break() {
    let a = json!({"a": {"type": "string"}});
    let schemas = json!({"Wide": {"type": "object", "properties": a},
        "Narrow": {"type": "object", "required": ["a"], "properties": a},
        "Other": {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}},
        "Third": {"type": "object", "required": ["c"], "properties": {"c": {"type": "string"}}}});
    let union = |names: &[&str]| {
        let arms = names
            .iter()
            .map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
        json!({"anyOf": arms.collect::<Vec<_>>()})
    };
    assert_eq!(
        echoed(
            union(&["Wide", "Other"]),
            union(&["Wide", "Other", "Narrow"]),
            &schemas
        ),
        [
            "safe request-arm-added Echo:Narrow minor",
            "safe response-shape-added Echo:Narrow major",
            "safe type-added Narrow minor"
        ]
    );
    assert_eq!(
        echoed(
            union(&["Narrow", "Third"]),
            union(&["Narrow", "Third", "Other"]),
            &schemas
        )[0],
        "breaking! response-shape-added Echo:Other major"
    );
}

#[test]
fn a_parameter_that_is_a_choice_is_compared_choice_by_choice() {
    let document = |choices: Value| {
        let schema = json!({"$ref": "#/components/schemas/Limit"});
        json!({"openapi": "3.0.3", "info": {"title": "List", "version": "1"},
            "paths": {"/list": {"get": {"operationId": "list",
                "parameters": [{"name": "limit", "in": "query", "schema": schema}],
                "responses": {"200": {"description": "All."}}}}},
            "components": {"schemas": {"Limit": {"anyOf": choices}}}})
    };
    let (integer, flag, text) = (
        json!({"type": "integer"}),
        json!({"type": "boolean"}),
        json!({"type": "string", "enum": ["all"]}),
    );
    let old = contract("old.json", &document(json!([integer, text, flag])));
    let new = contract("new.json", &document(json!([integer, text])));
    let lines = |found: bpx_evolve::Diff| found.changes.iter().map(line).collect::<Vec<_>>();
    assert_eq!(
        lines(compared(&old, &new)),
        ["breaking request-arm-removed Limit:Boolean major"]
    );
    assert_eq!(
        lines(compared(&new, &old)),
        ["safe request-arm-added Limit:Boolean minor"]
    );
}
