//! Who is let in, what is let out, and how much.

use bpx_sandbox::SandboxConfig;
use reqwest::Method;
use serde_json::json;

use crate::client::{limit, start, start_empty};
use crate::port::{Port, assert_refused};

#[tokio::test]
async fn a_page_of_another_origin_and_a_foreign_name_are_refused_everywhere() {
    let (sandbox, _client) = start_empty().await;
    let port = Port::of(&sandbox);
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/state"),
        (Method::GET, "/events"),
        (Method::POST, "/faults"),
        (Method::POST, "/reset"),
        (Method::OPTIONS, "/faults"),
    ] {
        let request = || {
            port.request(method.clone(), path)
                .body(r#"{"fault":"html"}"#)
        };
        for origin in ["http://127.0.0.1:1", "https://example.com", "null"] {
            let response = request().header("Origin", origin).send().await.unwrap();
            assert!(
                response
                    .headers()
                    .get("access-control-allow-origin")
                    .is_none()
            );
            assert_refused(response, 403, "another origin").await;
        }
        let response = request()
            .header("Host", "example.com")
            .send()
            .await
            .unwrap();
        assert_refused(response, 403, "not addressed to the sandbox").await;
    }
    assert!(sandbox.faults_armed().is_empty());
}

#[tokio::test]
async fn the_own_page_is_let_in() {
    let (sandbox, _client) = start_empty().await;
    let port = Port::of(&sandbox);
    let request = port
        .request(Method::POST, "/faults")
        .body(r#"{"fault":"html"}"#);
    let response = request
        .header("Origin", sandbox.control_url())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
}

#[tokio::test]
async fn no_answer_holds_a_secret() {
    let (sandbox, client) = start_empty().await;
    client.place(limit("Bid", "1", "1")).await.ok();
    let port = Port::of(&sandbox);
    let secret = sandbox.api_secret();
    for path in [
        "/",
        "/page.js",
        "/page.css",
        "/state",
        "/faults",
        "/verified",
    ] {
        let response = port.request(Method::GET, path).send().await.unwrap();
        let text = format!(
            "{:?} {}",
            response.headers().clone(),
            response.text().await.unwrap()
        );
        assert!(!text.contains(&secret), "{path}");
    }
    assert!(
        port.get("/state")
            .await
            .to_string()
            .contains(&sandbox.api_key())
    );
}

#[tokio::test]
async fn every_answer_tells_browsers_to_load_nothing_else() {
    let (sandbox, _client) = start_empty().await;
    let port = Port::of(&sandbox);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/page.css", "text/css; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/nowhere", "application/json"),
    ] {
        let response = port.request(Method::GET, path).send().await.unwrap();
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), kind);
        assert!(header("content-security-policy").starts_with("default-src 'self';"));
        assert_eq!(header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn bodies_queries_routes_and_methods_that_do_not_fit_are_refused_with_a_fix() {
    let (sandbox, _client) = start_empty().await;
    let port = Port::of(&sandbox);
    let large = json!({ "fault": "x".repeat(70_000) });
    let response = port.send(Method::POST, "/faults", &large).await;
    assert_refused(response, 413, "length limit exceeded").await;
    for (method, path, status, problem) in [
        (Method::GET, "/nowhere", 404, "no such route"),
        (Method::POST, "/state", 405, "does not take that method"),
        (Method::GET, "/state?market=NO", 400, "no such market"),
        (
            Method::GET,
            "/state?rows=1001",
            400,
            "more than anybody reads",
        ),
        (Method::GET, "/state?rows=-1", 400, "rows"),
        (Method::GET, "/state?depth=1", 400, "unknown field"),
        (Method::GET, "/events?market=", 400, "no such market"),
        (Method::POST, "/liquidity", 400, "cannot be read"),
        (Method::PUT, "/clock-skew", 400, "cannot be read"),
    ] {
        let response = port.request(method, path).send().await.unwrap();
        assert_refused(response, status, problem).await;
    }
}

#[tokio::test]
async fn the_control_port_is_where_the_configuration_puts_it() {
    let config = SandboxConfig {
        control: Some("[::1]:0".parse().unwrap()),
        ..SandboxConfig::bare()
    };
    let (sandbox, _client) = start(config).await;
    assert!(sandbox.control_url().starts_with("http://[::1]:"));
    assert_eq!(Port::of(&sandbox).get("/verified").await, json!([]));
}
