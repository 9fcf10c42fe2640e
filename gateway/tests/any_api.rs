//! A gateway over an API that nothing in this workspace knows: its documents are read at run time, without a venue.

#![cfg(test)]

use std::fs;

use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::routing::get;
use bpx_capability::Exposed;
use bpx_contract::{Api, Document};
use bpx_dispatch::{Dispatch, Settings};
use bpx_gateway::{Gateway, GatewayError, GatewaySettings, Scope};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

const PETS: &str = r"
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [{name: tag, in: query, schema: {type: string, pattern: '^[a-z]+$'}}]
      responses:
        '200':
          description: All pets.
          content: {application/json: {schema: {type: array, items: {type: string}}}}
        '204': {description: No pets.}
  /pets/{name}:
    delete:
      operationId: deletePet
      parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
      - {name: X-Reason, in: header, schema: {type: string}}
      responses: {'204': {description: Gone.}}
";

const CAPABILITY: &str = r"
naftiko: 1.0.0-alpha2
info: {label: Pets, description: The pets of a shop.}
capability:
  consumes:
  - type: http
    namespace: pets
    baseUri: https://api.example.com
    resources:
    - {name: pets, path: /pets, operations: [{name: list-pets, method: GET}]}
    - {name: pet, path: '/pets/{{name}}', operations: [{name: delete-pet, method: DELETE}]}
  exposes:
  - type: rest
    namespace: pets-rest
    port: 8080
    resources:
    - {name: pets, path: /animals, operations: [{name: list, method: GET, call: pets.list-pets}]}
    - {name: pet, path: '/animals/{{name}}', operations: [{name: delete, method: DELETE, call: pets.delete-pet}]}
  - type: mcp
    namespace: pets-mcp
    port: 9090
    transport: http
    tools:
    - {name: list, description: Lists pets., call: pets.list-pets, outputParameters: [{type: object, mapping: $.}]}
    - {name: delete, label: Delete a pet, description: Deletes a pet., call: pets.delete-pet, outputParameters: [{type: object, mapping: $.}]}
";

struct Fixture {
    gateway: Gateway,
    base_url: String,
    http: Client,
    _state: TempDir,
}

fn exposed(capability: &str) -> (Api, Exposed) {
    let document = |text: &str| Document::parse("test.yaml", text.as_bytes()).unwrap();
    let api = Api::from_document(document(PETS)).unwrap();
    let read =
        bpx_capability::read(&document(capability)).unwrap_or_else(|error| panic!("{error}"));
    let exposed = Exposed::of(&read, &api).unwrap();
    (api, exposed)
}

/// The API: it lists one pet and the query, none of the tag `none`, and deletes that pet only.
async fn serve_pets() -> String {
    let list = async |RawQuery(query): RawQuery| match query.unwrap_or_default() {
        none if none == "tag=none" => Err(StatusCode::NO_CONTENT),
        query => Ok(axum::Json(json!(["Tom", query]))),
    };
    let delete = async |Path(name): Path<String>| match name.as_str() {
        "Tom" => StatusCode::NO_CONTENT,
        _ => StatusCode::NOT_FOUND,
    };
    let routes = Router::new()
        .route("/pets", get(list))
        .route("/pets/{name}", axum::routing::delete(delete));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

async fn start() -> Fixture {
    let base_url = serve_pets().await;
    let state = TempDir::new().unwrap();
    let (api, exposed) = exposed(CAPABILITY);
    let settings = Settings::new(api, &base_url, state.path())
        .allow_trading(true)
        .allow_unnamed_changes();
    let dispatch = Dispatch::open(settings).await.unwrap();
    let mut settings = GatewaySettings::new(dispatch, exposed, state.path());
    settings.rest = Some(([127, 0, 0, 1], 0).into());
    settings.mcp = Some(([127, 0, 0, 1], 0).into());
    Fixture {
        gateway: Gateway::start(settings).await.unwrap(),
        base_url,
        http: Client::builder().no_proxy().build().unwrap(),
        _state: state,
    }
}

impl Fixture {
    async fn rest(&self, method: reqwest::Method, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.gateway.rest_address().unwrap());
        let request = self.http.request(method, url).bearer_auth(self.token());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    fn token(&self) -> String {
        let text = fs::read_to_string(self.gateway.token_file(Scope::Trade)).unwrap();
        text.trim().to_owned()
    }

    /// The result of an MCP request by a client that can show forms.
    async fn mcp(&self, method: &str, name: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
        });
        let url = format!("http://{}/mcp", self.gateway.mcp_address().unwrap());
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let request = self.http.post(url).bearer_auth(self.token());
        let request = request
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method)
            .header("mcp-name", name);
        let response = request.json(&message).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        body["result"].clone()
    }
}

#[tokio::test]
async fn routes_of_any_capability_are_served_checked_and_described() {
    let fixture = start().await;
    let (status, body) = fixture
        .rest(reqwest::Method::GET, "/animals?tag=cats")
        .await;
    assert_eq!((status, body.as_str()), (200, r#"["Tom","tag=cats"]"#));
    let (status, body) = fixture
        .rest(reqwest::Method::GET, "/animals?tag=Cats")
        .await;
    assert_eq!(status, 400, "{body}");
    assert!(body.contains(r#""pointer":"/tag""#), "{body}");
    let none = fixture
        .rest(reqwest::Method::GET, "/animals?tag=none")
        .await;
    assert_eq!(none, (204, String::new()));
    let (status, _) = fixture.rest(reqwest::Method::DELETE, "/animals/Tom").await;
    assert_eq!(status, 204);
    let (status, _) = fixture.rest(reqwest::Method::DELETE, "/animals/Rex").await;
    assert_eq!(status, 404);
    let (_, document) = fixture.rest(reqwest::Method::GET, "/openapi.json").await;
    let document: Value = serde_json::from_str(&document).unwrap();
    let delete = &document["paths"]["/animals/{name}"]["delete"];
    assert_eq!(delete["operationId"], "deletePet");
    assert_eq!(delete["parameters"][0]["in"], "path");
}

#[tokio::test]
async fn without_a_probe_the_gateway_is_ready_and_says_that_it_did_not_look() {
    let fixture = start().await;
    let (status, body) = fixture.rest(reqwest::Method::GET, "/readyz").await;
    let ready: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &ready["exchange"]), (200, &json!("unchecked")));
    assert_eq!(ready["ready"], true);
}

#[tokio::test]
async fn without_a_venue_a_person_consents_to_the_list_of_arguments() {
    let fixture = start().await;
    let arguments = json!({"name": "Tom\nX: y", "X-Reason": "secret"});
    let params = json!({"name": "delete", "arguments": arguments});
    let asking = fixture.mcp("tools/call", "delete", params).await;
    let form = &asking["inputRequests"]["confirm"]["params"];
    let message = form["message"].as_str().unwrap();
    let exchange = fixture.base_url.trim_start_matches("http://");
    let mut lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.remove(0), format!("Delete a pet on {exchange}"));
    lines.sort_unstable();
    let account = lines.remove(1);
    assert!(account.starts_with("account: "), "{account}");
    assert_eq!(lines, ["X-Reason: given", r"name: Tom\u{a}X: y"]);
}

#[tokio::test]
async fn no_content_is_null_where_the_document_has_it() {
    let fixture = start().await;
    let params = json!({"name": "list", "arguments": {"tag": "none", "limit": 1}});
    let listed = fixture.mcp("tools/call", "list", params).await;
    assert_eq!(listed["structuredContent"], json!({"result": null}));
    assert_eq!(listed["isError"], false);
}

#[tokio::test]
async fn resources_are_the_schemas_and_the_skill_and_no_order() {
    let fixture = start().await;
    let list = fixture.mcp("resources/list", "", json!({})).await;
    let resources = list["resources"].as_array().unwrap();
    let uris: Vec<_> = resources
        .iter()
        .map(|it| it["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&"schema://tools/delete/input"), "{uris:?}");
    assert!(uris.contains(&"skill://pets/SKILL.md"), "{uris:?}");
    assert!(!uris.contains(&"schema://order"), "{uris:?}");
}

#[tokio::test]
async fn a_route_that_cannot_be_served_is_refused_at_start() {
    let state = TempDir::new().unwrap();
    let (api, exposed) = exposed(&CAPABILITY.replace("/animals, ", "/docs, "));
    let dispatch = Dispatch::open(Settings::new(api, "http://127.0.0.1:9", state.path()));
    let dispatch = dispatch.await.unwrap();
    let mut settings = GatewaySettings::new(dispatch, exposed, state.path());
    settings.rest = Some(([127, 0, 0, 1], 0).into());
    let refused = Gateway::start(settings).await.unwrap_err();
    assert!(matches!(refused, GatewayError::Route { .. }), "{refused}");
    assert!(refused.to_string().contains("`GET /docs`"), "{refused}");
}
