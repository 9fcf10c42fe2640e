//! Documents changed at random: a comparison or diagnostics, never a panic, and never a difference from itself.
//!
//! `BPX_MUTATIONS=20 cargo test -p bpx-evolve --test diff mutations` makes twenty times as many.

use bpx_contract::{Api, Document, pointer};
use bpx_evolve::{Rule, diff};
use serde_json::{Value, json};

use crate::support::Dice;

fn small() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "paths": {
            "/order/{id}": {"get": {"operationId": "getOrder", "x-instruction": "orderQuery",
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                    {"name": "side", "in": "query", "schema": {"$ref": "#/components/schemas/Side"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "format": "uint32", "maximum": 100}}],
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Live"}}}},
                    "404": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}}},
            "/orders": {"post": {"operationId": "place", "x-instruction": "orderExecute",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}}},
                    "202": {"description": ""}}}}},
        "components": {"schemas": {
            "Order": {"type": "object", "required": ["id", "price"], "properties": {
                "id": {"type": "string", "minLength": 1}, "price": {"type": "string", "format": "decimal"},
                "side": {"$ref": "#/components/schemas/Side"}, "parent": {"$ref": "#/components/schemas/Order"},
                "tags": {"type": "object", "additionalProperties": {"type": "integer"}},
                "note": {"type": "string", "nullable": true, "pattern": "^[a-z]*$"}}},
            "Live": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
                "discriminator": {"propertyName": "kind"}},
            "A": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["A"]}, "a": {"type": "number"}}},
            "B": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["B"]}, "b": {"type": "boolean"}}},
            "Side": {"type": "string", "x-closed": true, "enum": ["Bid", "Ask"]},
            "Error": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Order"}]},
        }},
    })
}

fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                pointers(member, &pointer::join(at, key), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

const KEYS: [&str; 16] = [
    "type",
    "enum",
    "$ref",
    "required",
    "allOf",
    "oneOf",
    "anyOf",
    "nullable",
    "format",
    "minimum",
    "maxLength",
    "pattern",
    "discriminator",
    "x-closed",
    "additionalProperties",
    "name",
];

fn mutate(document: &mut Value, dice: &mut Dice) {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let (pointer, other) = (dice.pick(&all).clone(), dice.pick(&all).clone());
    let donor = document.pointer(&other).cloned().unwrap_or_default();
    let junk = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!([]),
        json!({}),
        json!("integer"),
        json!("object"),
        json!("a\u{0}`é"),
        json!({"$ref": format!("#{other}")}),
        json!({"oneOf": [{"$ref": format!("#{other}")}, {"type": "null"}]}),
        donor,
    ];
    let value = dice.pick(&junk).clone();
    let key = *dice.pick(&KEYS);
    let action = dice.below(4);
    match (document.pointer_mut(&pointer), action) {
        (Some(Value::Object(members)), 0) if !members.is_empty() => {
            let keys: Vec<_> = members.keys().cloned().collect();
            members.remove(dice.pick(&keys));
        }
        (Some(Value::Object(members)), 1) => drop(members.insert(key.to_owned(), value)),
        (Some(Value::Array(items)), 0) if !items.is_empty() => {
            let index = dice.below(items.len());
            items.remove(index);
        }
        (Some(at), _) => *at = value,
        (None, _) => {}
    }
}

fn read(document: &Value) -> Option<Api> {
    let document = Document::parse("mutant.json", document.to_string().as_bytes()).ok()?;
    Api::from_document(document).ok()
}

#[test]
fn no_document_panics_the_comparison_or_differs_from_itself() {
    let times = std::env::var("BPX_MUTATIONS")
        .ok()
        .and_then(|it| it.parse().ok());
    let count = 600 * times.unwrap_or(1_u64);
    let base = read(&small()).unwrap();
    let (mut compared, mut changed) = (0, 0);
    for seed in 1..=count {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut document = small();
        for _ in 0..=dice.below(3) {
            mutate(&mut document, &mut dice);
        }
        let Some(mutant) = read(&document) else {
            continue;
        };
        let forth = diff(&base, &mutant, None).unwrap();
        let back = diff(&mutant, &base, None).unwrap();
        assert_eq!(
            forth.changes.is_empty(),
            back.changes.is_empty(),
            "seed {seed}: {document}"
        );
        assert_eq!(
            diff(&mutant, &mutant, None).unwrap().changes,
            [],
            "seed {seed}: {document}"
        );
        let rules = forth.changes.iter().chain(&back.changes).map(|it| it.rule);
        let unseen = [Rule::RequestRefused, Rule::ResponseUnexpected];
        let unseen = rules.filter(|rule| unseen.contains(rule)).count();
        assert_eq!(
            unseen, 0,
            "seed {seed}: the walk missed something in {document}"
        );
        compared += 1;
        changed += u64::from(!forth.changes.is_empty());
    }
    assert!(
        compared * 8 > count && changed * 16 > count,
        "{compared} compared, {changed} changed, of {count}"
    );
}
