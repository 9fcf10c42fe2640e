//! Documents as the specification's own examples are built: a login, a loan, coupons, a pushed authorization. What keeps the
//! specification's letter passes; what breaks it is named with its place and what to write instead.

use std::sync::LazyLock;

use bpx_arazzo::{Checked, Sources, check};
use bpx_contract::model::{Media, Model};
use bpx_contract::{Diagnostics, lower};
use serde_json::{Value, json};

use crate::support::{notes, parse, with};

/// What such documents call: a login, pets, a loan that may be refused, a pushed authorization.
fn contract() -> Value {
    let answer = |schema: Value| json!({"description": "", "content": {"application/json": {"schema": schema}}});
    let object = |names: &[&str]| {
        let members = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({"type": "string"})));
        json!({"type": "object", "properties": members.collect::<serde_json::Map<_, _>>()})
    };
    let query =
        |name: &str, kind: &str| json!({"name": name, "in": "query", "schema": {"type": kind}});
    let list = json!({"type": "array", "items": object(&["code"])});
    let loan = json!({"type": "object", "required": ["needsCheck", "products"], "properties": {
        "needsCheck": {"type": "boolean"}, "products": list, "total": {"type": "number"}}});
    let asked = json!({"required": true, "content": {"application/json": {"schema": {"type": "object",
        "properties": {"products": list, "customer": {"type": "string"}}}}}});
    let pushed = json!({"required": true, "content": {"application/json": {"schema": object(&["scope", "state", "code"])}}});
    let moved = json!({"description": "", "headers": {"Location": {"schema": {"type": "string"}}}});
    json!({
        "openapi": "3.1.0", "info": {"title": "Examples", "version": "1"},
        "paths": {
            "/login": {"get": {"operationId": "login",
                "parameters": [query("username", "string"), query("password", "string")],
                "responses": {"200": {"description": "", "headers": {"X-Expires-After": {"schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}}}}}}}},
            "/pets": {"get": {"operationId": "findPets",
                "parameters": [query("status", "string"), query("page", "integer"), query("pageSize", "integer"),
                    {"name": "Authorization", "in": "header", "schema": {"type": "string"}}],
                "responses": {"200": answer(json!({"type": "array", "items": object(&["id", "couponCode"])}))}}},
            "/loans": {"post": {"operationId": "findProducts", "requestBody": asked, "responses": {"200": answer(loan)}}},
            "/authorize": {"get": {"operationId": "authorize", "parameters": [query("request_uri", "string")],
                "responses": {"302": moved}}},
            "/par": {"post": {"operationId": "push", "parameters": [query("client_id", "string")],
                "requestBody": pushed, "responses": {"200": answer(object(&["request_uri"]))}}},
        },
    })
}

static MODEL: LazyLock<Model> = LazyLock::new(|| lower(&parse(&contract())).unwrap());

fn checked(document: &Value) -> Result<Checked, Diagnostics> {
    let sources = Sources {
        openapi: [("api".to_owned(), &*MODEL)].into(),
        ..Sources::default()
    };
    check(&parse(document), &sources)
}

fn ok() -> Value {
    json!([{"condition": "$statusCode == 200"}])
}

/// Three workflows with what the examples use and the specification allows.
fn document() -> Value {
    let input = |name: &str| json!(format!("$inputs.{name}"));
    let login = json!({"stepId": "login", "operationId": "$sourceDescriptions.api.login",
        "parameters": [{"name": "username", "in": "query", "value": input("username")},
                       {"name": "password", "in": "query", "value": input("password")}],
        "successCriteria": ok(),
        "outputs": {"token": "$response.body#/token", "expires": "$response.header.X-Expires-After"}});
    let find = json!({"stepId": "find", "operationPath": "{$sourceDescriptions.api.url}#/paths/~1pets/get",
        "parameters": [{"reference": "$components.parameters.page", "value": 2}, {"reference": "$components.parameters.pageSize"},
                       {"name": "Authorization", "in": "header", "value": "Bearer {$steps.login.outputs.token}"}],
        "successCriteria": ok(), "outputs": {"first": "$response.body#/0/id", "coupon": "$response.body[0].couponCode"}});
    let loan = json!({"stepId": "loan", "operationId": "findProducts",
        "requestBody": {"payload": {"products": input("products"), "customer": "$inputs.customer.uri"}},
        "successCriteria": ok(),
        "onSuccess": [
            {"name": "found", "type": "goto", "stepId": "authorize",
             "criteria": [{"context": "$response.body", "type": "jsonpath", "condition": "$[?count(@.*) > 0]"}]},
            {"name": "none", "type": "end",
             "criteria": [{"context": "$response.body", "type": "jsonpath", "condition": "$[?length(@.products) == 0]"}]}],
        "outputs": {"needsCheck": "$response.body.needsCheck", "products": "$response.body#/products"}});
    let authorize = json!({"stepId": "authorize", "operationId": "authorize",
        "successCriteria": [{"condition": "$statusCode == 302"}], "outputs": {"to": "$response.header.Location"}});
    let push = json!({"stepId": "push", "operationId": "push",
        "parameters": [{"name": "client_id", "in": "query", "value": input("client")}],
        "requestBody": {"payload": "{\"scope\": \"read\", \"state\": \"{$inputs.state}\"}"},
        "successCriteria": ok(), "outputs": {"uri": "$response.body#/request_uri"}});
    let refresh = json!({"stepId": "first", "workflowId": "pets",
        "parameters": [{"name": "username", "value": "u"}, {"name": "password", "value": input("password")}],
        "outputs": {"pet": "$outputs.pet"}});
    let inputs = |names: &[&str]| {
        let members = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({"type": "string"})));
        json!({"type": "object", "required": names, "properties": members.collect::<serde_json::Map<_, _>>()})
    };
    json!({
        "arazzo": "1.0.0", "info": {"title": "Examples", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "./api.yaml", "type": "openapi"}],
        "workflows": [
            {"workflowId": "pets", "inputs": {"$ref": "#/components/inputs/credentials"}, "steps": [login, find],
             "outputs": {"pet": "$steps.find.outputs.first"}},
            {"workflowId": "loan", "inputs": {"type": "object", "required": ["customer", "products"], "properties": {
                "customer": {"oneOf": [{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
                                       {"type": "object", "required": ["uri"], "properties": {"uri": {"type": "string"}}}]},
                "products": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"code": {"type": "string"}}}}}},
             "steps": [loan, authorize]},
            {"workflowId": "refresh", "inputs": inputs(&["password", "client", "state"]), "steps": [refresh, push],
             "outputs": {"pet": "$steps.first.outputs.pet", "uri": "$steps.push.outputs.uri"}},
        ],
        "components": {
            "inputs": {"credentials": inputs(&["username", "password"])},
            "parameters": {"page": {"name": "page", "in": "query", "value": 1},
                           "pageSize": {"name": "pageSize", "in": "query", "value": 100}},
        },
    })
}

#[test]
fn what_the_examples_use_and_the_specification_allows_passes() {
    let checked = checked(&document()).unwrap_or_else(|faults| panic!("{faults}"));
    let steps: usize = checked.workflows.iter().map(|it| it.steps.len()).sum();
    assert_eq!((checked.workflows.len(), steps), (3, 6));
    let shown = notes(&checked);
    assert!(
        shown
            .iter()
            .any(|note| note.contains("$response.body[0].couponCode")),
        "the form with dots is noted: {shown:#?}"
    );
}

#[test]
fn what_the_examples_leave_to_the_service_is_a_warning() {
    let table = [
        (
            "/0/steps/1/parameters",
            parameter("pet_tags", "query", "x"),
            "step `find`: `findPets` has no query parameter `pet_tags`",
            "the nearest is `status`; there are: status, page, pageSize",
        ),
        (
            "/2/inputs/required",
            json!(["password"]),
            "step `push`: `$inputs.state` may be missing, and a text needs it",
            "require it, or give it as a whole value, which is left out where it is missing",
        ),
    ];
    for (pointer, value, problem, fix) in table {
        let document = with(document(), &format!("/workflows{pointer}"), &value);
        let warnings = checked(&document).unwrap().warnings;
        let found = warnings.iter().find(|it| it.problem == problem);
        assert_eq!(found.map(|it| it.fix.as_str()), Some(fix), "{warnings:#?}");
    }
}

/// What is put where, and the place, problem and fix of the fault that follows.
type Row = (
    &'static str,
    Value,
    &'static str,
    &'static str,
    &'static str,
);

fn assert_rows(rows: &[Row]) {
    for (pointer, value, place, problem, fix) in rows {
        let document = with(document(), &format!("/workflows{pointer}"), value);
        let Err(Diagnostics(faults)) = checked(&document) else {
            panic!("{value} at {pointer} passes");
        };
        let found = (faults[0].place.to_string(), faults[0].problem.as_str());
        assert_eq!(found, (format!("flow.json#/workflows{place}"), *problem));
        assert_eq!(faults[0].fix, *fix, "{problem}");
    }
}

fn parameter(name: &str, place: &str, value: &str) -> Value {
    json!([{"name": name, "in": place, "value": value}])
}

#[test]
fn a_form_that_the_examples_use_and_the_specification_forbids_is_named_with_its_place_and_a_fix() {
    let no_path =
        json!([{"context": "$response.body", "type": "jsonpath", "condition": "$.token != null"}]);
    assert_rows(&[
        (
            "/1/steps/0/parameters",
            parameter("products", "body", "$inputs.products"),
            "/1/steps/0/parameters/0/in",
            "a parameter cannot travel in `body`",
            "the nearest is `query`; there are: path, query, header, cookie",
        ),
        (
            "/1/steps/0/onSuccess/0/condition",
            json!("$response.body#/total != null"),
            "/1/steps/0/onSuccess/0/condition",
            "an action has no member `condition`",
            "the nearest is `criteria`; there are: name, type, workflowId, stepId, parameters, criteria",
        ),
        (
            "/1/steps/1/outputs/to",
            json!("$response.headers.Location"),
            "/1/steps/1/outputs/to",
            "a message has no part `headers` (at character 11)",
            "the nearest is `header`; there are: header, query, path, body",
        ),
        (
            "/2/steps/0/successCriteria",
            no_path,
            "/2/steps/0/successCriteria/0/condition",
            "`$.token != null` is not a JSONPath (RFC 9535), so the criterion never holds: at position 7, parser error",
            "select nodes, as in `$[?@.status == 'open']`, or `$[0]` where a list must not be empty; for an empty list write the simple condition `$response.body#/0 == null`",
        ),
        (
            "/0/steps/1/outputs/first",
            json!("$outputs[0].id"),
            "/0/steps/1/outputs/first",
            "a dot and a name are missing after `outputs` (at character 9)",
            "write the full name",
        ),
        (
            "/2/steps/0/outputs/pet",
            json!("$workflow_order_id"),
            "/2/steps/0/outputs/pet",
            "no expression begins with `$workflow` (at character 2)",
            "the nearest is `workflows`",
        ),
    ]);
}

#[test]
fn what_the_examples_name_and_nothing_gives_is_named_with_its_place_and_a_fix() {
    assert_rows(&[
        (
            "/1/steps/1/parameters",
            parameter("request_uri", "query", "$steps.authorize.outputs.to"),
            "/1/steps/1/parameters/0/value",
            "step `authorize`: step `authorize` never runs before this one",
            "take the value from an earlier step, or change the order",
        ),
        (
            "/2/steps/1/parameters",
            parameter("client_id", "query", "$steps.first.outputs.client"),
            "/2/steps/1/parameters/0/value",
            "step `push`: `$steps.first.outputs.client`: step `first` has no output `client`",
            "the nearest is `pet`",
        ),
        (
            "/2/steps/0/parameters/2",
            json!({"name": "coupon", "value": "x"}),
            "/2/steps/0/parameters/2",
            "step `first`: workflow `pets` has no input `coupon`",
            "the nearest is `password`; there are: password, username",
        ),
    ]);
}

/// The example of a token service sends forms.
#[test]
fn a_contract_whose_body_is_a_form_is_read() {
    let mut contract = contract();
    let body = &mut contract["paths"]["/par"]["post"]["requestBody"];
    let schema = body["content"]["application/json"].take();
    body["content"] = json!({"application/x-www-form-urlencoded": schema});
    let model = lower(&parse(&contract)).unwrap();
    let forms = model.operations.values().filter_map(|it| it.body.as_ref());
    assert!(
        forms
            .map(|body| &body.media)
            .any(|media| *media == Media::Form)
    );
}
