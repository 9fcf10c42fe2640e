//! Tokens and what they allow.

use bpx_gateway::Scope;
use bpx_runtime::http::Method;
use serde_json::json;

use crate::support::{Fixture, ORDER, ORDERS, bid, header, problem, send};

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_nothing_is_answered() {
    let fixture = Fixture::new().await;
    let read = fixture.token(Scope::Read);
    let requests = [
        fixture.bare(Method::GET, ORDERS),
        fixture.bare(Method::GET, ORDERS).bearer_auth("wrong"),
        fixture.bare(Method::GET, ORDERS).bearer_auth(&read[1..]),
        fixture
            .bare(Method::GET, ORDERS)
            .header("authorization", &read),
        fixture
            .bare(Method::GET, ORDERS)
            .basic_auth("read", Some(&read)),
        fixture
            .bare(Method::GET, ORDERS)
            .bearer_auth(&read)
            .header("authorization", "Bearer other"),
        fixture.bare(Method::GET, &format!("{ORDERS}?token={read}")),
        fixture.bare(Method::POST, ORDER).json(&bid("20")),
        fixture.bare(Method::GET, "/metrics"),
    ];
    for request in requests {
        let response = send(request.try_clone().unwrap()).await;
        assert!(header(&response, "www-authenticate").starts_with("Bearer realm="));
        let found = problem(request).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(401), &json!("UNAUTHORIZED"))
        );
    }
    assert!(fixture.sandbox.verified().is_empty());
}

#[tokio::test]
async fn the_read_token_reads_and_changes_nothing() {
    let fixture = Fixture::new().await;
    for route in bpx_venue::exposed().routes() {
        let request = fixture
            .bare(route.method.parse().unwrap(), &route.path)
            .bearer_auth(fixture.token(Scope::Read));
        if route.operation.effect.only_reads() {
            assert_ne!(send(request).await.status(), 403, "{}", route.name);
            continue;
        }
        let body = match route.operation.id.as_str() {
            "execute_order_batch" => json!([bid("20")]),
            "execute_order" => bid("20"),
            _ => json!({"symbol": "SOL_USDC"}),
        };
        let found = problem(request.json(&body)).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(403), &json!("SCOPE")),
            "{}",
            route.name
        );
    }
    assert_eq!(fixture.arrived("POST", ORDER), 0);
}

#[tokio::test]
async fn the_trade_token_reads_too() {
    let fixture = Fixture::new().await;
    let token = fixture.token(Scope::Trade);
    let request = fixture.bare(Method::GET, ORDERS).bearer_auth(token);
    assert_eq!(send(request).await.status(), 200);
}

#[tokio::test]
async fn no_token_leaves_the_gateway() {
    let fixture = Fixture::new().await;
    send(fixture.post(ORDER, &bid("20"))).await;
    let (read, trade) = (fixture.token(Scope::Read), fixture.token(Scope::Trade));
    let found = problem(
        fixture
            .bare(Method::GET, ORDERS)
            .bearer_auth(format!("{trade}x")),
    )
    .await;
    let metrics = send(fixture.get("/metrics")).await.text().await.unwrap();
    let shown = [found.to_string(), metrics, format!("{:?}", fixture.gateway)];
    for text in shown {
        assert!(!text.contains(&trade) && !text.contains(&read), "{text}");
    }
    let journal = std::fs::read(fixture.state.path().join("journal.sqlite")).unwrap();
    let log = std::fs::read(fixture.state.path().join("journal.sqlite-wal")).unwrap_or_default();
    for bytes in [journal, log] {
        let has = |token: &str| {
            bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes())
        };
        assert!(!has(&trade) && !has(&read));
    }
    // The journal names the caller by protocol and scope.
    let seen = fixture.sandbox.verified();
    assert!(!format!("{seen:?}").contains(&trade));
}
