//! What the vendors of models refuse in a list of tools, held against the tools of our capability and of a document
//! that has everything.

use bpx_capability::Exposed;
use bpx_contract::{Api, Document};
use serde_json::{Value, json};

use super::tools::Tools;
use crate::caller::Scope;

const DOCUMENT: &str = r"
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /items/{id}:
    put:
      operationId: putItem
      parameters:
      - {name: id, in: path, required: true, schema: {type: integer, format: uint64}}
      - {name: 'filter[tag]', in: query, schema: {type: string}}
      - {name: level, in: query, schema: {type: integer, enum: [1, 2]}}
      - {name: share, in: query, schema: {type: number, exclusiveMinimum: 0, multipleOf: 0.1}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
      responses: {'200': {description: The item., content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}}
  /shapes:
    post:
      operationId: addShapes
      requestBody:
        required: true
        content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Shape'}}}}
      responses: {'204': {description: Added.}}
components:
  schemas:
    Item:
      type: object
      required: [name, parent]
      properties:
        name: {type: string, minLength: 1}
        note: {type: [string, 'null']}
        key: {type: string, format: uuid}
        day: {type: string, format: date}
        at: {type: string, format: date-time}
        labels: {type: object, additionalProperties: {type: string}}
        anything: {}
        pair: {type: array, prefixItems: [{type: string}, {type: integer}], minItems: 2, maxItems: 2}
        parent: {$ref: '#/components/schemas/Node'}
        shape: {$ref: '#/components/schemas/Shape'}
    Node:
      type: object
      required: [size]
      properties:
        size: {type: integer, format: int64, minimum: 1}
        children: {type: array, items: {$ref: '#/components/schemas/Node'}}
    Shape:
      oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]
      discriminator: {propertyName: kind, mapping: {circle: '#/components/schemas/Circle', square: '#/components/schemas/Square'}}
    Circle: {type: object, required: [kind, radius], properties: {kind: {type: string, enum: [circle]}, radius: {type: number}}}
    Square: {type: object, required: [kind, side], properties: {kind: {type: string, enum: [square]}, side: {type: number}}}
";

const CAPABILITY: &str = r"
naftiko: 1.0.0-alpha2
info: {label: Shop, description: A shop.}
capability:
  consumes:
  - type: http
    namespace: shop
    baseUri: https://api.example.com
    resources:
    - {name: item, path: '/items/{{id}}', operations: [{name: put-item, method: PUT}]}
    - {name: shapes, path: /shapes, operations: [{name: add-shapes, method: POST}]}
  exposes:
  - type: mcp
    namespace: shop-mcp
    port: 9090
    transport: http
    tools:
    - {name: put-an-item-into-the-shop-and-replace-the-one-that-is-there-already, description: Puts an item., call: shop.put-item, outputParameters: [{type: object, mapping: $.}]}
    - {name: add-shapes, description: Adds shapes., call: shop.add-shapes, outputParameters: [{type: object, mapping: $.}]}
";

fn synthetic() -> Exposed {
    let document = |text: &str| Document::parse("shop.yaml", text.as_bytes()).unwrap();
    let api = Api::from_document(document(DOCUMENT)).unwrap();
    let capability = bpx_capability::read(&document(CAPABILITY)).unwrap();
    Exposed::of(&capability, &api).unwrap()
}

/// Every tool as a client is shown it.
fn listed() -> Vec<Value> {
    let both = [bpx_venue::exposed().clone(), synthetic()];
    let tools = both.iter().flat_map(|exposed| {
        let tools = Tools::new(exposed);
        let listed: Vec<_> = tools
            .described(Scope::Trade)
            .map(|tool| json!(tool))
            .collect();
        listed
    });
    let tools: Vec<_> = tools.collect();
    assert_eq!(tools.len(), 10);
    tools
}

/// Every schema within an input schema, with the way to it.
fn walk(schema: &Value, path: &str, visit: &mut dyn FnMut(&str, &Value)) {
    visit(path, schema);
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            walk(&schema[key], &format!("{path}/{key}"), visit);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(property, &format!("{path}/{name}"), visit);
    }
    for (at, arm) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        walk(arm, &format!("{path}/{at}"), visit);
    }
}

/// What a rule says about all tools.
fn findings(rule: impl Fn(&Value) -> Option<String>) -> Vec<String> {
    let mut findings = Vec::new();
    for tool in listed() {
        let name = tool["name"].as_str().unwrap();
        walk(&tool["inputSchema"], name, &mut |path, schema| {
            findings.extend(rule(schema).map(|what| format!("{path}: {what}")));
        });
    }
    findings
}

fn has_any(schema: &Value, keys: &[&str]) -> Option<String> {
    let found = keys.iter().find(|key| schema.get(**key).is_some());
    found.map(|key| (*key).to_owned())
}

fn is_name(name: &str, also: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    (1..=64).contains(&name.len()) && name.chars().all(fits)
}

#[test]
fn anthropic() {
    for tool in listed() {
        assert!(is_name(tool["name"].as_str().unwrap(), "_-"), "{tool}");
        let input = &tool["inputSchema"];
        assert_eq!(input["type"], "object");
        assert_eq!(has_any(input, &["oneOf", "allOf", "anyOf"]), None);
    }
    let names = findings(|schema| {
        let mut names = schema["properties"].as_object()?.keys();
        names.find(|name| !is_name(name, "_.-")).cloned()
    });
    assert_eq!(names, Vec::<String>::new());
}

/// Strict mode wants every object closed, and every list with its items. It also wants every property required, which
/// its clients see to themselves; and it has no objects with free names, nor types that contain themselves without
/// references. Those stay open.
#[test]
fn openai() {
    const NEVER: [&str; 12] = [
        "$ref",
        "allOf",
        "default",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "if",
        "not",
        "oneOf",
        "patternProperties",
        "then",
        "unevaluatedProperties",
    ];
    let found = findings(|schema| {
        let is_open = schema["type"] == "object" && schema["additionalProperties"] != false;
        let is_bare = schema["type"] == "array" && !schema["items"].is_object();
        let open = is_open.then(|| "open".to_owned());
        let bare = is_bare.then(|| "bare".to_owned());
        has_any(schema, &NEVER).or(open).or(bare)
    });
    let long = "put-an-item-into-the-shop-and-replace-the-one-that-is-there-alre";
    let open = ["labels", "parent/children/items"].map(|at| format!("{long}/{at}: open"));
    assert_eq!(found, open);
}

#[test]
fn gemini() {
    const NEVER: [&str; 12] = [
        "$defs",
        "$ref",
        "allOf",
        "const",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "if",
        "multipleOf",
        "not",
        "oneOf",
        "patternProperties",
        "prefixItems",
    ];
    let found = findings(|schema| {
        let kind = &schema["type"];
        let format = schema["format"].as_str();
        let format = format.filter(|it| kind == "string" && !["enum", "date-time"].contains(it));
        let listed = schema["enum"].as_array();
        let is_text = listed.is_none_or(|it| kind == "string" && it.iter().all(Value::is_string));
        let has_properties = kind != "object" || schema["properties"].is_object();
        let bounds = ["minimum", "maximum", "maxLength"].map(|key| schema[key].clone());
        let fits = |bound: &Value| bound.as_f64().is_none_or(|it| it.abs() <= 2_f64.powi(53));
        let required = schema["required"].as_array().into_iter().flatten();
        let mut names = required.map(|name| name.as_str().unwrap());
        let unknown = names.find(|name| schema["properties"].get(*name).is_none());
        let faults = [
            (kind.is_array(), "a list of types"),
            (!is_text, "an enum that is not text"),
            (!has_properties, "no properties"),
            (!bounds.iter().all(fits), "a bound that is rounded"),
        ];
        let fault = faults.iter().find(|(is_there, _)| *is_there);
        let fault = fault.map(|(_, fault)| *fault);
        let named = format.or(unknown).or(fault).map(str::to_owned);
        has_any(schema, &NEVER).or(named)
    });
    assert_eq!(found, Vec::<String>::new());
}

/// Frameworks write null where a model leaves an argument out, and check the arguments against the schema only if configured
/// to; nothing in a schema may say that null is a value.
#[test]
fn frameworks() {
    let found = findings(|schema| {
        let is_null = |value: &Value| *value == Value::Null || value == "null";
        let kinds = schema.get("type").into_iter();
        let values = schema["enum"].as_array().into_iter().flatten();
        let has_null = kinds.chain(values).any(is_null);
        has_null.then(|| "null".to_owned())
    });
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn nothing_that_a_model_needs_to_know_is_lost() {
    let tools = listed();
    let item = &tools[8]["inputSchema"];
    assert_eq!(item["required"], json!(["id", "name", "parent"]));
    let expected = json!({
        "id": {"type": "integer", "minimum": 0},
        "filter_tag": {"type": "string"},
        "level": {"type": "integer", "description": "One of `1`, `2`."},
        "share": {"type": "number"},
        "name": {"type": "string", "minLength": 1},
        "note": {"type": "string"},
        "key": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "labels": {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}},
        "anything": {},
        "pair": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
    });
    for (name, schema) in expected.as_object().unwrap() {
        assert_eq!(&item["properties"][name], schema, "{name}");
    }
    let size = json!({"type": "integer", "minimum": 1});
    let node = &item["properties"]["parent"];
    assert_eq!(node["properties"]["size"], size);
    // A node within itself ends.
    let within = &node["properties"]["children"]["items"];
    assert_eq!(within, &json!({"type": "object", "properties": {}}));

    let shape = &tools[9]["inputSchema"]["properties"]["shapes"]["items"];
    let kinds = [0, 1].map(|at| shape["anyOf"][at]["properties"]["kind"]["enum"][0].clone());
    assert_eq!(kinds, [json!("circle"), json!("square")]);
    assert_eq!(shape["anyOf"][1]["required"], json!(["kind", "side"]));
}
