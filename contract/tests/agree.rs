//! One resource described twice: each kind of disagreement is reported.

#![cfg(test)]

use bpx_contract::model::Model;
use bpx_contract::{Diagnostics, Document, agree, lower};
use serde_json::{Value, json};

fn order() -> Value {
    json!({
        "type": "object",
        "required": ["id", "side"],
        "properties": {
            "id": {"type": "string", "description": "short"},
            "side": {"$ref": "#/components/schemas/Side"},
            "price": {"type": "string", "format": "decimal", "nullable": true},
            "fills": {"type": "array", "items": {"type": "integer"}},
            "kind": {"$ref": "#/components/schemas/Kind"},
            "level": {"type": "integer", "enum": [1, 2]},
        },
    })
}

fn model() -> Model {
    let arm = |kind: &str| json!({"type": "object", "required": ["type"], "properties": {"type": {"enum": [kind]}, "n": {"type": "integer"}}});
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "", "content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}}},
        "components": {"schemas": {
            "Order": order(),
            "Side": {"type": "string", "enum": ["Bid", "Ask"]},
            "Kind": {"oneOf": [arm("a"), arm("b")]},
        }},
    });
    lower(&Document::parse("venue.json", document.to_string().as_bytes()).unwrap()).unwrap()
}

/// The component as a JSON Schema, in the words of draft 2020-12.
fn schema() -> Value {
    let mut schema = order();
    let arm = |kind: &str| json!({"type": "object", "required": ["type"], "properties": {"type": {"const": kind}, "n": {"type": "integer"}}});
    schema["title"] = json!("Backpack Exchange Order");
    schema["description"] = json!("An order, at length.");
    schema["properties"]["id"]["description"] = json!("The venue's id, at length.");
    schema["properties"]["price"] = json!({"type": ["string", "null"], "format": "decimal"});
    schema["properties"]["side"] = json!({"enum": ["Ask", "Bid"]});
    schema["properties"]["kind"] = json!({"$ref": "#/$defs/AnyName"});
    schema["$defs"] = json!({"AnyName": {"oneOf": [arm("b"), arm("a")]}});
    schema
}

fn agreed(schema: &Value) -> Result<(String, Model), Diagnostics> {
    let mut model = model();
    let schema = Document::parse("order.schema.json", schema.to_string().as_bytes()).unwrap();
    agree(&mut model, &schema).map(|component| (component, model))
}

#[test]
fn equal_descriptions_agree_and_the_schemas_prose_wins() {
    let (component, model) = agreed(&schema()).unwrap();
    assert_eq!(component, "Order");
    assert_eq!(model.types["Order"].doc, "An order, at length.");
    let text = format!("{:?}", model.types["Order"]);
    assert!(text.contains("The venue's id, at length."));
}

/// An edit of the schema by pointer and value; the place and the words of the one fault it makes.
type Case = (&'static str, Value, &'static str, &'static str);

fn disagreements() -> [Case; 11] {
    let kind = "/$defs/AnyName";
    [
        (
            "/properties/extra",
            json!({"type": "string"}),
            "/properties/extra",
            "`extra`: a property here, none there",
        ),
        (
            "/properties",
            json!({"side": {"enum": ["Bid", "Ask"]}, "id": {"type": "string"}, "fills": order()["properties"]["fills"],
            "kind": {"$ref": "#/$defs/AnyName"}, "level": order()["properties"]["level"]}),
            "",
            "`price`: no such property here, one there",
        ),
        (
            "/required",
            json!(["id"]),
            "/properties/side",
            "`side`: optional here, required there",
        ),
        (
            "/properties/price",
            json!({"type": "string", "format": "decimal"}),
            "/properties/price",
            "`price`: null not allowed here, null allowed there",
        ),
        (
            "/properties/id/maxLength",
            json!(5),
            "/properties/id",
            "`maxLength` of `id`: 5 here, none there",
        ),
        (
            "/properties/id/format",
            json!("decimal"),
            "/properties/id",
            "the type of `id`: a string (decimal) here, a string there",
        ),
        (
            "/properties/fills/items",
            json!({"type": "boolean"}),
            "/properties/fills",
            "the type of `fills`: a boolean here, an integer (int64) there",
        ),
        (
            "/properties/side",
            json!({"enum": ["Bid", "Ask", "Both"]}),
            "/properties/side",
            "the value `Both`: listed here, not listed there",
        ),
        (
            "/properties/side",
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            "/properties/side",
            "what `Side` is: an object here, an enumeration there",
        ),
        (
            "/properties/level/enum",
            json!([1]),
            "/properties/level",
            "the value `2`: not listed here, listed there",
        ),
        (
            kind,
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            kind,
            "what `Kind` is: an object here, a union there",
        ),
    ]
}

#[test]
fn each_kind_of_disagreement_is_told_at_its_place() {
    for (pointer, value, place, problem) in disagreements() {
        let mut schema = schema();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        schema.pointer_mut(parent).unwrap()[key] = value;
        let Diagnostics(faults) = agreed(&schema).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(
            faults[0].problem,
            format!("the JSON Schema and the OpenAPI document disagree about {problem}")
        );
        assert_eq!(
            faults[0].place.to_string(),
            format!("order.schema.json#{place}")
        );
        assert!(!faults[0].fix.is_empty());
    }
}

#[test]
fn arms_and_tags_of_unions_are_compared_too() {
    let arm = |tag: &str, kind: &str, n: &str| json!({"type": "object", "required": [tag], "properties": {tag: {"const": kind}, "n": {"type": n}}});
    let cases = [
        (
            [arm("type", "a", "integer"), arm("type", "c", "integer")],
            [
                "the arm `b`: missing here, there there",
                "the arm `c`: there here, missing there",
            ]
            .as_slice(),
        ),
        (
            [arm("type", "a", "integer"), arm("type", "b", "string")],
            &["the type of `n`: a string here, an integer (int64) there"],
        ),
        (
            [arm("sort", "a", "integer"), arm("sort", "b", "integer")],
            &["the tag of the union: `sort` here, `type` there"],
        ),
    ];
    for (arms, expected) in cases {
        let mut schema = schema();
        schema["$defs"]["AnyName"] = json!({"oneOf": arms});
        let Diagnostics(faults) = agreed(&schema).unwrap_err();
        let problems: Vec<_> = faults
            .iter()
            .map(|fault| fault.problem.split_once("about ").unwrap().1)
            .collect();
        assert_eq!(problems, expected);
    }
}

#[test]
fn all_disagreements_are_told_at_once() {
    let mut schema = schema();
    schema["required"] = json!([]);
    schema["properties"]["price"] = json!({"type": "boolean"});
    let Diagnostics(faults) = agreed(&schema).unwrap_err();
    assert_eq!(faults.len(), 4, "{faults:?}");
}

#[test]
fn a_schema_that_describes_no_component_is_refused_with_its_own_faults() {
    let mut schema = schema();
    schema["title"] = json!("Something else");
    let found = agree(
        &mut model(),
        &Document::parse("else.json", schema.to_string().as_bytes()).unwrap(),
    );
    let Diagnostics(faults) = found.unwrap_err();
    assert_eq!(faults[0].place.to_string(), "else.json#/title");
    schema["properties"]["id"] = json!({"$ref": "#/nowhere"});
    let found = agree(
        &mut model(),
        &Document::parse("else.json", schema.to_string().as_bytes()).unwrap(),
    );
    assert_eq!(found.unwrap_err().0.len(), 2);
}
