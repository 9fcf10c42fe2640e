//! What a capability exposes: routes, tools, a skill; and the arguments and schemas of the operations behind them.

#![cfg(test)]

mod support;

use std::fs;

use bpx_capability::Exposed;
use bpx_codegen::{Inputs, Mode, Plan, plan, sync};
use bpx_contract::api::Kind;
use bpx_contract::{Api, Document};
use serde_json::{Value, json};
use support::{Folder, alone, exposing, fixture, plan_of, root, small};

/// The small document, exposed.
fn exposed(folder: &Folder, capability: &Value) -> Result<Plan, String> {
    let inputs = Inputs {
        capability: Some(folder.json("capability.json", capability)),
        ..alone(folder.json("venue.json", &small()))
    };
    plan(&inputs).map_err(|error| error.to_string())
}

#[test]
fn routes_and_tools_are_rows_over_the_operation_table() {
    let folder = Folder::new();
    let plan = exposed(&folder, &exposing("GET", "/order")).unwrap();
    let surface = &plan.files["SURFACE.md"];
    assert!(
        surface.contains("- `POST /{id}/order` → `getOrder`"),
        "{surface}"
    );
    assert!(
        surface.contains("- `order` → `getOrder`; read-only, idempotent, open world"),
        "{surface}"
    );
    assert!(surface.contains("## REST server `small-rest`, port 80"));
    let read = bpx_capability::read(&document(&exposing("GET", "/order"))).unwrap();
    let exposed = Exposed::of(&read, &api(&small())).unwrap();
    let route = exposed.routes().next().unwrap();
    assert_eq!((route.method, &*route.path), ("POST", "/{id}/order"));
    assert_eq!(route.operation.id, "getOrder");
    let tool = exposed.tools().next().unwrap();
    assert_eq!(tool.description, "Reads. Really.");
    assert!(tool.hints.read_only && !tool.hints.destructive && tool.hints.open_world);
}

#[test]
fn a_skill_that_was_deleted_comes_back_and_a_stray_one_goes() {
    let folder = Folder::new();
    let out = folder.path("out");
    let plan = exposed(&folder, &exposing("GET", "/order")).unwrap();
    sync(&plan, &out, Mode::Write).unwrap();
    fs::remove_dir_all(out.join("skills")).unwrap();
    fs::create_dir_all(out.join("skills/old")).unwrap();
    fs::copy(out.join("src/lib.rs"), out.join("skills/old/SKILL.md")).unwrap();
    let changes = sync(&plan, &out, Mode::Write).unwrap().changes;
    let changes: Vec<_> = changes.iter().map(|it| (it.word(), it.path())).collect();
    assert_eq!(
        changes,
        [
            ("missing", "skills/small/SKILL.md"),
            ("missing", "skills/small/references/rest.md"),
            ("missing", "skills/small/references/tools.md"),
            ("stray", "skills/old/SKILL.md"),
        ]
    );
    assert!(sync(&plan, &out, Mode::Check).unwrap().changes.is_empty());
}

#[test]
fn without_a_capability_nothing_is_exposed() {
    let folder = Folder::new();
    let plan = plan_of(&folder, &small()).unwrap();
    assert!(
        plan.files
            .keys()
            .all(|path| !path.contains("capability") && !path.contains("skills"))
    );
    assert!(!plan.files["src/lib.rs"].contains("capability"));
}

#[test]
fn a_route_or_tool_over_an_operation_that_the_contract_lacks_does_not_generate() {
    let folder = Folder::new();
    let error = exposed(&folder, &exposing("DELETE", "/order")).unwrap_err();
    assert_eq!(
        error.matches("has no `DELETE /order`").count(),
        1,
        "{error}"
    );
    assert!(
        error.contains("capability.json#/capability/consumes/0/resources/0/operations/0"),
        "{error}"
    );
}

#[test]
fn a_file_without_a_capability_is_refused() {
    let folder = Folder::new();
    let mut document = small();
    document["paths"]["/order"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] =
        json!({"$ref": "#/nowhere"});
    let inputs = Inputs {
        capability: Some(folder.json("capability.json", &json!({"naftiko": 1}))),
        strict: true,
        ..alone(folder.json("venue.json", &document))
    };
    let error = plan(&inputs).unwrap_err().to_string();
    assert!(error.contains("this file has no `capability`"), "{error}");
}

#[test]
fn the_published_capability_generates_unmodified() {
    let upstream = root().join("../shared/upstream/order.capability.yaml");
    if !upstream.is_file() {
        println!("skipped: ../shared/upstream is not there");
        return;
    }
    let ours = root().join("openapi/backpack-order.openapi.yaml");
    let planned = plan(&Inputs {
        capability: Some(upstream),
        ..alone(ours)
    })
    .unwrap();
    assert_eq!(planned.warnings.len(), 36);
    assert!(
        planned
            .files
            .contains_key("skills/backpack-exchange-order/SKILL.md")
    );
}

#[test]
fn two_arguments_of_one_name_are_told_apart_but_no_tool_can_take_them() {
    let folder = Folder::new();
    let mut document = small();
    document["paths"]["/order"]["post"] = json!({
        "operationId": "place",
        "parameters": [{"name": "id", "in": "query", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
        "responses": {"200": {"description": "ok"}},
    });
    assert!(plan_of(&folder, &document).is_ok());
    let capability = json!({"naftiko": "1.0.0-alpha1", "capability": {"exposes": []}});
    let inputs = Inputs {
        capability: Some(folder.json("capability.json", &capability)),
        ..alone(folder.json("venue.json", &document))
    };
    let error = plan(&inputs).unwrap_err().to_string();
    assert!(
        error.contains("two arguments of `place` are called `id`"),
        "{error}"
    );
    assert!(error.contains("venue.json#/paths/~1order/post"), "{error}");
}

fn document(value: &Value) -> Document {
    Document::parse("venue.json", value.to_string().as_bytes()).unwrap()
}

fn api(value: &Value) -> Api {
    Api::from_document(document(value)).unwrap()
}

#[test]
fn limits_of_the_contract_narrow_arguments_and_their_schema() {
    let mut document = small();
    document["paths"]["/order"]["get"]["parameters"] = json!([
        {"name": "limit", "in": "query", "schema": {"type": "integer", "format": "uint16", "minimum": 1, "maximum": 1000}},
        {"name": "code", "in": "query", "schema": {"type": "string", "pattern": "^\"#[a-z]+$", "maxLength": 5}},
        {"name": "price", "in": "query", "schema": {"type": "string", "format": "decimal", "maxLength": 9}},
    ]);
    let api = api(&document);
    let operation = api.operation("getOrder").unwrap();
    let properties = operation.input_schema()["properties"].clone();
    assert_eq!(
        properties["limit"],
        json!({"type": "integer", "minimum": 1, "maximum": 1000})
    );
    assert_eq!(
        properties["code"],
        json!({"type": "string", "maxLength": 5, "pattern": "^\"#[a-z]+$"})
    );
    assert_eq!(properties["price"]["maxLength"], 28);
    assert_eq!(properties["price"]["allOf"], json!([{"maxLength": 9}]));
    let limit = &operation.argument("limit").unwrap().kind;
    assert_eq!(*limit, Kind::Integer { min: 1, max: 1000 });
    let price = &operation.argument("price").unwrap().constraints;
    assert_eq!(price["maxLength"], 9);
}

#[test]
fn every_schema_of_the_fixtures_is_closed_under_its_references() {
    for name in ["venue-like.openapi.yaml", "odd.openapi.yaml"] {
        let api = Api::from_document(Document::read(&fixture(name)).unwrap()).unwrap();
        let mut count = 0;
        for operation in api.operations() {
            for whole in [operation.input_schema(), operation.output_schema()] {
                let mut open = vec![whole];
                while let Some(value) = open.pop() {
                    match value {
                        Value::Object(members) => {
                            if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                                let found = whole.pointer(target.trim_start_matches('#'));
                                assert!(found.is_some(), "{name}: {target}");
                            }
                            open.extend(members.values());
                        }
                        Value::Array(items) => open.extend(items),
                        _ => {}
                    }
                }
                count += 1;
            }
        }
        assert!(count >= 16, "{name}: {count}");
    }
}
