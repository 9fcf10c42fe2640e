//! Host, Origin, bodies.

use bpx_gateway::{Gateway, GatewayError, Scope};
use bpx_runtime::http::Method;
use serde_json::json;

use crate::support::{Fixture, ORDER, ORDERS, Plan, bid, header, problem, send};

#[tokio::test]
async fn a_host_that_is_not_listed_is_refused_even_with_a_token() {
    let fixture = Fixture::new().await;
    let port = fixture.address().port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        "localhost:1".to_owned(),
        format!("127.0.0.1:{port}.evil.example"),
    ] {
        for path in [
            ORDERS,
            "/docs",
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json",
            "/nowhere",
        ] {
            let found = problem(fixture.get(path).header("host", &host)).await;
            assert_eq!(
                (&found["status"], &found["code"]),
                (&json!(403), &json!("HOST_NOT_ALLOWED")),
                "{host} {path}"
            );
        }
    }
    for host in [
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        format!("[::1]:{port}"),
    ] {
        assert_eq!(
            send(fixture.get(ORDERS).header("host", &host))
                .await
                .status(),
            200,
            "{host}"
        );
    }
    assert_eq!(fixture.arrived("GET", ORDERS), 3);
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_and_get_no_cors() {
    let fixture = Fixture::new().await;
    let port = fixture.address().port();
    for origin in [
        "http://evil.example",
        "null",
        "http://localhost",
        "https://127.0.0.1",
    ] {
        let found = problem(fixture.get(ORDERS).header("origin", origin)).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(403), &json!("ORIGIN_NOT_ALLOWED")),
            "{origin}"
        );
    }
    let own = format!("http://localhost:{port}");
    let response = send(fixture.get(ORDERS).header("origin", &own)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "access-control-allow-origin"), "");
    let preflight = fixture
        .bare(Method::OPTIONS, ORDER)
        .header("origin", "http://evil.example")
        .header("access-control-request-method", "POST");
    assert_eq!(send(preflight).await.status(), 403);
}

#[tokio::test]
async fn listed_hosts_and_origins_are_served_and_get_cors() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| {
            settings.hosts = vec!["orders.example".to_owned()];
            settings.origins = vec!["https://desk.example".to_owned()];
        },
        ..Plan::default()
    })
    .await;
    let request = fixture.get(ORDERS).header("host", "orders.example");
    let request = request.header("origin", "https://desk.example");
    let response = send(request).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        header(&response, "access-control-allow-origin"),
        "https://desk.example"
    );
    let preflight = fixture
        .bare(Method::OPTIONS, ORDER)
        .header("origin", "https://desk.example")
        .header("access-control-request-method", "DELETE")
        .header(
            "access-control-request-headers",
            "authorization, idempotency-key",
        );
    let response = send(preflight).await;
    assert_eq!(response.status(), 200);
    assert!(header(&response, "access-control-allow-methods").contains("DELETE"));
    assert_eq!(
        send(
            fixture
                .get(ORDERS)
                .header("origin", "https://other.example")
        )
        .await
        .status(),
        403
    );
}

#[tokio::test]
async fn only_json_is_taken() {
    let fixture = Fixture::new().await;
    let post = |kind: &str| {
        fixture
            .bare(Method::POST, ORDER)
            .bearer_auth(fixture.token(Scope::Trade))
            .header("content-type", kind)
            .body(bid("20").to_string())
    };
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
    ] {
        let found = problem(post(kind)).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(415), &json!("CONTENT_TYPE")),
            "{kind}"
        );
    }
    let packed = post("application/json").header("content-encoding", "gzip");
    assert_eq!(problem(packed).await["status"], 415);
    assert_eq!(
        send(post("application/json; charset=utf-8")).await.status(),
        200
    );
    assert_eq!(fixture.arrived("POST", ORDER), 1);
}

#[tokio::test]
async fn a_body_beyond_64_kib_is_refused_with_and_without_a_length() {
    let fixture = Fixture::new().await;
    let post = |bytes: usize| {
        let body = format!("{{{}}}", " ".repeat(bytes - 2));
        fixture
            .bare(Method::POST, ORDER)
            .bearer_auth(fixture.token(Scope::Trade))
            .header("content-type", "application/json")
            .body(body)
    };
    let found = problem(post(64 * 1024 + 1)).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(413), &json!("BODY_TOO_LARGE"))
    );
    // A body of exactly the limit is read, and lacks its arguments.
    assert_eq!(problem(post(64 * 1024)).await["code"], "INVALID_ARGUMENTS");
}

#[tokio::test]
async fn other_computers_are_served_only_if_that_is_said() {
    let fixture = Fixture::new().await;
    let mut settings = fixture.settings();
    settings.rest = Some("0.0.0.0:0".parse().unwrap());
    let refused = Gateway::start(settings.clone()).await.unwrap_err();
    assert!(matches!(refused, GatewayError::Remote { .. }), "{refused}");
    settings.allow_remote = true;
    let remote = Gateway::start(settings.clone()).await.unwrap();
    let url = format!(
        "http://127.0.0.1:{}{ORDERS}",
        remote.rest_address().unwrap().port()
    );
    let token = fixture.token(Scope::Read);
    let request = fixture.http.get(&url).bearer_auth(&token);
    assert_eq!(send(request).await.status(), 200);
    let request = fixture
        .http
        .get(&url)
        .bearer_auth(&token)
        .header("host", "0.0.0.0");
    assert_eq!(send(request).await.status(), 403);
}

#[tokio::test]
async fn settings_that_cannot_be_meant_are_refused() {
    let fixture = Fixture::new().await;
    let mut settings = fixture.settings();
    let refused = Gateway::start(settings.clone()).await.unwrap_err();
    assert!(matches!(refused, GatewayError::NothingToServe));
    settings.rest = Some(fixture.address());
    let refused = Gateway::start(settings.clone()).await.unwrap_err();
    assert!(matches!(refused, GatewayError::Listen { .. }));
    settings.rest = Some("127.0.0.1:0".parse().unwrap());
    for origin in [
        "desk.example",
        "https://desk.example/",
        "https://desk.example/page",
        "*",
    ] {
        settings.origins = vec![origin.to_owned()];
        let refused = Gateway::start(settings.clone()).await.unwrap_err();
        assert!(matches!(refused, GatewayError::Setting { .. }), "{origin}");
    }
}
