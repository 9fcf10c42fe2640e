//! What callers of routes and tools give and get where the capability file says more than which operation is called.

#![cfg(test)]

use bpx_capability::exposed::{Interface, Route, Tool};
use bpx_capability::{self as capability, Access, Exposed, Rule, grouped};
use bpx_contract::api::Location;
use bpx_contract::{Api, Diagnostics, Document};
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;

const FLEET: &str = r"
openapi: 3.0.3
info: {title: Fleet, version: '1'}
servers: [{url: https://fleet.example}]
paths:
  /ships:
    get:
      operationId: listShips
      parameters:
      - {name: status, in: query, schema: {type: string}}
      - {name: limit, in: query, schema: {type: integer}}
      responses: {'200': {description: All., content: {application/json: {schema: {type: array, items: {type: object}}}}}}
    post:
      operationId: addShip
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Ship'}}}}
      responses: {'201': {description: Added., content: {application/json: {schema: {$ref: '#/components/schemas/Ship'}}}}}
  /ships/{imo_number}:
    get:
      operationId: getShip
      parameters: [{name: imo_number, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Ship'}}}}}
components:
  schemas:
    Ship:
      type: object
      required: [imo_number]
      properties: {imo_number: {type: string}, vessel_name: {type: string}, flag: {type: string}}
";

const CONSUMED: &str = r"
naftiko: 1.0.0-alpha2
info: {label: Fleet, description: Ships.}
binds: [{namespace: env, keys: {TOKEN: FLEET_TOKEN, USER: FLEET_USER, VERSION: FLEET_VERSION}}]
capability:
  consumes:
  - type: http
    namespace: fleet
    baseUri: https://fleet.example
    resources:
    - {name: ships, path: /ships, operations: [
        {name: list-ships, method: GET, inputParameters: [{name: status, in: query}]},
        {name: add-ship, method: POST}]}
    - {name: ship, path: '/ships/{{imo_number}}', operations: [{name: get-ship, method: GET, inputParameters: [{name: imo_number, in: path}]}]}
  exposes:
";

fn document(text: &str) -> Document {
    Document::parse("fleet.yaml", text.as_bytes()).unwrap()
}

fn exposed(capability: &str) -> Result<Exposed, Diagnostics> {
    let api = Api::from_document(document(FLEET)).unwrap();
    Exposed::of(&capability::read(&document(capability))?, &api)
}

#[track_caller]
fn tool(lines: &str) -> Arc<Tool> {
    let server = "  - type: mcp\n    namespace: fleet-tools\n    port: 9090\n    tools:\n";
    let exposed = exposed(&format!("{CONSUMED}{server}{lines}"));
    let exposed = exposed.unwrap_or_else(|faults| panic!("{faults}"));
    Arc::clone(exposed.tools().next().unwrap())
}

#[track_caller]
fn route(path: &str, lines: &str) -> Arc<Route> {
    let server = format!(
        "  - type: rest\n    namespace: fleet-rest\n    port: 8080\n    resources:\n    - name: r\n      path: '{path}'\n      operations:\n"
    );
    let exposed = exposed(&format!("{CONSUMED}{server}{lines}"));
    let exposed = exposed.unwrap_or_else(|faults| panic!("{faults}"));
    Arc::clone(exposed.routes().next().unwrap())
}

fn bind(interface: Interface<'_>, given: Value) -> Value {
    Value::Object(interface.bind(given.as_object().unwrap().clone()))
}

#[test]
fn an_input_of_another_name_is_sent_under_the_operations_own() {
    for with in ["fleet-tools.imo", "tools.imo", "'{{imo}}'"] {
        let tool = tool(&format!(
            "    - {{name: get-ship, description: One., inputParameters: [{{name: imo, type: string, description: Number., required: true}}], \
             call: fleet.get-ship, with: {{imo_number: {with}}}}}\n"
        ));
        let interface = tool.interface();
        let schema = interface.input_schema();
        assert_eq!(schema["required"], json!(["imo"]));
        assert_eq!(schema["properties"]["imo"]["description"], "Number.");
        assert!(schema["properties"].get("imo_number").is_none());
        assert_eq!(
            bind(interface, json!({"imo": "7"})),
            json!({"imo_number": "7"})
        );
        assert_eq!(interface.pointer("/imo_number/0"), "/imo/0");
        assert_eq!(interface.pointer("/imo_number2"), "/imo_number2");
    }
}

#[test]
fn a_constant_is_sent_and_no_caller_can_give_it() {
    let tool = tool(
        "    - {name: active, description: Active., call: fleet.list-ships, with: {status: ACTIVE}}\n",
    );
    let interface = tool.interface();
    let names: Vec<_> = interface
        .arguments()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["limit"]);
    let sent = json!({"limit": 2, "status": "ACTIVE"});
    assert_eq!(bind(interface, json!({"limit": 2, "status": "SUNK"})), sent);
    assert!(interface.hides("status") && !interface.hides("limit"));
    // The same as the value of the consumed input.
    let fixed = CONSUMED.replace(
        "[{name: status, in: query}]",
        "[{name: status, in: query, value: ACTIVE}]",
    );
    let server = "  - {type: mcp, namespace: t, port: 9090, tools: [{name: a, description: A., call: fleet.list-ships}]}\n";
    let exposed = exposed(&format!("{fixed}{server}")).unwrap();
    let tool = exposed.tools().next().unwrap();
    assert_eq!(bind(tool.interface(), json!({"limit": 2})), sent);
}

#[test]
fn references_to_parts_of_a_request_are_the_callers_arguments() {
    let route = route(
        "/v1/ships/{{imo_number}}",
        "      - {name: get-ship, method: GET, description: One., inputParameters: [{name: imo_number, in: path, type: string}], \
         call: fleet.get-ship, with: {imo_number: rest.path.imo_number}}\n",
    );
    assert!(route.bound.is_none(), "{:?}", route.bound);
    let ships = |with: &str| {
        exposed(&format!(
            "{CONSUMED}  - {{type: rest, namespace: r, port: 80, resources: [{{name: s, path: /s, operations: [\
             {{name: list, method: GET, call: fleet.list-ships, with: {{status: {with}}}}}]}}]}}\n"
        ))
    };
    for with in [
        "rest.query.status",
        "r.query.status",
        "rest.status",
        "r.status",
    ] {
        let exposed = ships(with).unwrap();
        let warned = exposed
            .warnings
            .iter()
            .filter(|it| it.rule == Rule::Reference);
        assert_eq!(warned.count(), 1, "{with}");
        assert!(exposed.routes().next().unwrap().bound.is_none());
    }
}

#[test]
fn an_argument_travels_where_the_route_has_it() {
    let route = route(
        "/fleet/{{state}}",
        "      - {name: of, method: GET, description: Some., inputParameters: [{name: state, in: path, type: string}], \
         call: fleet.list-ships, with: {status: rest.path.state}}\n",
    );
    let arguments = route.interface().arguments();
    let state = arguments.iter().find(|it| it.name == "state").unwrap();
    assert_eq!(state.location, Location::Path);
    assert_eq!(
        bind(route.interface(), json!({"state": "A"})),
        json!({"status": "A"})
    );
}

#[test]
fn an_output_is_the_parts_that_are_mapped() {
    let tool = tool(
        "    - {name: list, description: All., call: fleet.list-ships, outputParameters: [{type: array, mapping: $., items: \
         {type: object, properties: {imo: {type: string, mapping: $.imo_number}, at: {type: object, properties: \
         {home: {type: string, mapping: $.port.name}, first: {type: string, mapping: '$.calls[0]'}}}}}}]}\n",
    );
    let interface = tool.interface();
    let response =
        json!([{"imo_number": 9_074_729, "port": {"name": "Oslo"}, "calls": ["Kiel", "Riga"]}, {}]);
    assert_eq!(
        interface.result(&response).unwrap(),
        json!([
            {"imo": "9074729", "at": {"home": "Oslo", "first": "Kiel"}},
            {"imo": null, "at": {"home": null, "first": null}},
        ])
    );
    let schema = interface.output_schema();
    let at = "/properties/result/items/properties/at/properties/home/type";
    assert_eq!(schema.pointer(at).unwrap(), &json!(["string", "null"]));
    let whole = "    - {name: list, description: All., call: fleet.list-ships, outputParameters: [{type: object, mapping: $.}]}\n";
    assert!(self::tool(whole).interface().result(&response).is_none());
}

#[test]
fn several_named_outputs_are_one_object_in_both_styles() {
    let lists = "    - {name: get, description: One., call: fleet.get-ship, outputParameters: \
        [{name: imo, type: string, mapping: $.imo_number}, {name: kind, type: string, value: ship}]}\n";
    let response = json!({"imo_number": "7", "flag": "NO"});
    let shaped = tool(lists).interface().result(&response).unwrap();
    assert_eq!(shaped, json!({"imo": "7", "kind": "ship"}));
}

#[test]
fn what_an_operation_does_not_have_is_told_once() {
    let capability = format!(
        "{CONSUMED}  - {{type: mcp, namespace: t, port: 9090, tools: [\
         {{name: a, description: A., call: fleet.get-ship, with: {{imo: t.imo}}}}, \
         {{name: b, description: B., call: fleet.list-ships, with: {{status: 7, colour: red}}}}]}}\n"
    );
    let faults = exposed(&capability).unwrap_err();
    let problems: Vec<_> = faults.0.iter().map(|it| it.problem.as_str()).collect();
    assert_eq!(
        problems,
        [
            "`get-ship` has no input `imo` in the contract",
            "`list-ships` has no input `colour` in the contract",
        ]
    );
}

#[test]
fn parts_of_other_files_are_imported() {
    let folder = tempfile::TempDir::new().unwrap();
    let shared = "naftiko: 1.0.0-alpha2\nconsumes:\n- {type: http, namespace: fleet, baseUri: 'https://fleet.example', \
        authentication: {type: bearer, token: '{{TOKEN}}'}, inputParameters: [{name: Fleet-Version, in: header, value: '{{env.VERSION}}'}], \
        resources: [{name: ships, path: /ships, operations: [{name: list-ships, method: GET}]}]}\n\
        exposes:\n- {type: mcp, namespace: shared-tools, port: 9090, tools: [{name: list, description: All., call: ships.list-ships}]}\n";
    fs::create_dir(folder.path().join("shared")).unwrap();
    fs::write(folder.path().join("shared/fleet.yaml"), shared).unwrap();
    for (keyword, head) in [
        ("location", "naftiko: 1.0.0-alpha2"),
        ("from", "ikanos: 1.0.0-beta5"),
    ] {
        let file = folder.path().join("fleet.capability.yaml");
        let text = format!(
            "{head}\nbinds: [{{namespace: env, keys: {{TOKEN: FLEET_TOKEN, VERSION: FLEET_VERSION}}}}]\n\
             capability:\n  consumes: [{{import: fleet, {keyword}: ./shared/fleet.yaml, as: ships}}]\n  \
             exposes: [{{import: shared-tools, {keyword}: ./shared/fleet.yaml}}]\n"
        );
        fs::write(&file, text).unwrap();
        let read = capability::read(&Document::read(&file).unwrap());
        let read = read.unwrap_or_else(|faults| panic!("{faults}"));
        let api = Api::from_document(document(FLEET)).unwrap();
        let exposed = Exposed::of(&read, &api).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(exposed.tools().next().unwrap().operation.id, "listShips");
        let service = &exposed.services[0];
        assert_eq!(
            (service.namespace.as_str(), &service.operations[..]),
            ("ships", &["listShips".to_owned()][..])
        );
        let access = service
            .access(|name| Some(format!("value of {name}")))
            .unwrap();
        let shown: Vec<_> = access
            .iter()
            .map(|access| match access {
                Access::Bearer(token) => format!("bearer {}", token.expose()),
                Access::Header(name, value) => format!("{name}: {}", value.expose()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Fleet-Version: value of FLEET_VERSION",
                "bearer value of FLEET_TOKEN"
            ]
        );
        assert!(service.access(|_| None).is_err());
    }
}

#[test]
fn imports_that_lead_nowhere_are_told_with_their_place() {
    let folder = tempfile::TempDir::new().unwrap();
    let circle = "naftiko: 1.0.0-alpha2\nconsumes: [{import: a, location: ./circle.yaml}]\n";
    fs::write(folder.path().join("circle.yaml"), circle).unwrap();
    for (import, words) in [
        (
            "{import: a, location: ./none.yaml}",
            "there is no such file",
        ),
        ("{import: a, location: ./circle.yaml}", "in a circle"),
        (
            "{import: b, location: ./circle.yaml}",
            "has no `b` among its `consumes`",
        ),
        ("{import: a}", "does not say what from which file"),
        (
            "{import: a, location: 'https://example.com/a.yaml'}",
            "cannot be imported",
        ),
    ] {
        let file = folder.path().join("own.yaml");
        let text =
            format!("naftiko: 1.0.0-alpha2\ncapability: {{consumes: [{import}], exposes: []}}\n");
        fs::write(&file, text).unwrap();
        let faults = capability::read(&Document::read(&file).unwrap()).unwrap_err();
        let message = faults.to_string();
        assert!(
            message.contains(words) && message.contains("own.yaml#/capability/consumes/0"),
            "{message}"
        );
    }
}

#[test]
fn the_same_operation_of_two_services_is_two_operations() {
    let api = "  - {type: http, namespace: NAME, baseUri: 'https://fleet.example', authentication: {type: basic, username: '{{env.USER}}', \
        password: PASSWORD}, resources: [{name: ships, path: /ships, operations: [{name: list-ships, method: GET}]}]}\n";
    let capability = format!(
        "{}{}{}  exposes:\n  - {{type: mcp, namespace: t, port: 9090, tools: [{{name: a, description: A., call: one.list-ships}}, \
         {{name: b, description: B., call: two.list-ships}}]}}\n",
        CONSUMED.split("  - type: http").next().unwrap(),
        api.replace("NAME", "one")
            .replace("PASSWORD", "'{{env.TOKEN}}'"),
        api.replace("NAME", "two").replace("PASSWORD", "open"),
    );
    let exposed = exposed(&capability).unwrap_or_else(|faults| panic!("{faults}"));
    let ids: Vec<_> = exposed.operations().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["listShips", "two.listShips"]);
    assert_eq!(exposed.services.len(), 2);
}

#[test]
fn one_cause_is_one_message() {
    let capability = format!(
        "{CONSUMED}  - {{type: mcp, namespace: t, port: 9090, tools: [\
         {{name: a, description: A., call: fleet.get-ship, outputParameters: [{{type: object, mapping: $.}}]}}, \
         {{name: b, description: B., call: fleet.list-ships, outputParameters: [{{type: object, mapping: $.}}]}}]}}\n"
    );
    let exposed = exposed(&capability).unwrap();
    let groups = grouped(&exposed.warnings);
    let shapeless: Vec<_> = groups
        .iter()
        .filter(|(warning, _)| warning.rule == Rule::OutputWithoutShape)
        .collect();
    assert!(matches!(shapeless[..], [(_, 2)]), "{shapeless:?}");
}
