//! `/docs` in a real browser, over an API whose document and responses hold markup in every text. Without a browser it
//! says so and does nothing.

#![cfg(test)]

#[path = "../../sandbox/tests/page/browser.rs"]
#[allow(dead_code, reason = "the tests of the sandbox's page need the rest")]
mod browser;

use std::fs;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use bpx_capability::Exposed;
use bpx_contract::{Api, Document};
use bpx_dispatch::{Dispatch, Settings};
use bpx_gateway::{Gateway, GatewaySettings, Scope};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::block_in_place;

use browser::Browser;

const HOSTILE: &str = "</pre><img src=x onerror=window.hit=1><script>window.hit=2</script>";

/// The operations of the API, without those of the gateway itself.
const OPERATIONS: &str = "[...document.querySelectorAll('details')].slice(0, 5)";

fn document() -> Value {
    let parameters = json!([
        {"name": "tag", "in": "query", "description": HOSTILE, "schema": {"type": "string", "enum": [HOSTILE]}}
    ]);
    let list = |id: &str| {
        let rows = json!({"type": "array", "items": {"type": "string"}});
        let content = json!({"application/json": {"schema": rows}});
        json!({
            "operationId": id, "summary": HOSTILE, "description": HOSTILE, "parameters": parameters,
            "responses": {"200": {"description": HOSTILE, "content": content}},
        })
    };
    json!({
        "openapi": "3.0.3",
        "info": {"title": HOSTILE, "version": "1", "description": HOSTILE},
        "paths": {
            "/fine": {"get": list("fine")}, "/coded": {"get": list("coded")}, "/plain": {"get": list("plain")},
            "/page": {"get": list("page")}, "/change": {"post": list("change")},
        },
    })
}

fn capability() -> Value {
    let names = [
        ("fine", "GET"),
        ("coded", "GET"),
        ("plain", "GET"),
        ("page", "GET"),
        ("change", "POST"),
    ];
    let resources = |call: bool| -> Value {
        let resource = |(name, method): (&str, &str)| {
            let mut operation = json!({"name": name, "method": method, "description": HOSTILE});
            if call {
                operation["call"] = format!("hostile.{name}").into();
            }
            json!({"name": name, "path": format!("/{name}"), "description": HOSTILE, "operations": [operation]})
        };
        names.map(resource).to_vec().into()
    };
    json!({
        "naftiko": "1.0.0-alpha2",
        "info": {"label": HOSTILE, "description": HOSTILE},
        "capability": {
            "consumes": [{
                "type": "http", "namespace": "hostile", "baseUri": "https://api.example.com",
                "resources": resources(false),
            }],
            "exposes": [{"type": "rest", "namespace": "hostile-rest", "port": 8080, "resources": resources(true)}],
        },
    })
}

async fn venue() -> String {
    let error = || Json(json!({"code": HOSTILE, "message": HOSTILE}));
    let page = || ([("content-type", "text/html")], HOSTILE);
    let routes = Router::new()
        .route("/fine", get(async || Json(json!([HOSTILE]))))
        .route(
            "/coded",
            get(async move || (StatusCode::BAD_REQUEST, error())),
        )
        .route("/plain", get(async || (StatusCode::BAD_REQUEST, HOSTILE)))
        .route("/page", get(async move || page().into_response()))
        .route(
            "/change",
            post(async move || (StatusCode::BAD_REQUEST, error())),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

async fn gateway(state: &TempDir) -> Gateway {
    let parsed = |value: Value| Document::parse("test.json", value.to_string().as_bytes()).unwrap();
    let api = Api::from_document(parsed(document())).unwrap();
    let read =
        bpx_capability::read(&parsed(capability())).unwrap_or_else(|error| panic!("{error}"));
    let exposed = Exposed::of(&read, &api).unwrap();
    let settings = Settings::new(api, &venue().await, state.path())
        .allow_trading(true)
        .allow_unnamed_changes();
    let dispatch = Dispatch::open(settings).await.unwrap();
    let mut settings = GatewaySettings::new(dispatch, exposed, state.path());
    settings.rest = Some(([127, 0, 0, 1], 0).into());
    Gateway::start(settings).await.unwrap()
}

fn assert_harmless(browser: &mut Browser) {
    let harm = "[document.images.length, document.scripts.length, typeof window.hit]";
    assert_eq!(browser.value(harm), json!([0, 1, "undefined"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_that_a_document_or_a_response_holds() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let state = TempDir::new().unwrap();
    let gateway = gateway(&state).await;
    let token = fs::read_to_string(gateway.token_file(Scope::Trade)).unwrap();
    let url = format!("http://{}/docs", gateway.rest_address().unwrap());
    block_in_place(|| {
        browser.call("Page.navigate", json!({"url": url}));
        browser.until("document.querySelectorAll('details button').length === 8");
        assert_eq!(browser.text("#title"), HOSTILE);
        assert_harmless(&mut browser);
        browser.fill_in("#token", token.trim());
        browser.value("window.confirm = () => true");
        browser.value(&format!(
            "{OPERATIONS}.forEach((it) => it.querySelector('button').click())"
        ));
        browser.until(&format!(
            "{OPERATIONS}.every((it) => /^[2-5]\\d\\d /.test(it.querySelector('pre').textContent))"
        ));
        let texts = browser.value(&format!(
            "{OPERATIONS}.map((it) => it.querySelector('pre').textContent)"
        ));
        let shown = texts.as_array().unwrap().iter();
        let hostile = shown.filter(|text| text.as_str().unwrap().contains("onerror"));
        // All but the page, which is no response of the API.
        assert_eq!(hostile.count(), 4, "{texts}");
        assert_harmless(&mut browser);
    });
}
