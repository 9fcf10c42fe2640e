//! Tokens and what they allow.

use bpx_client::capability::REST;
use bpx_gateway::Scope;
use bpx_runtime::http::Method;
use serde_json::json;

use crate::support::{House, ORDER, ORDERS, bid, header, problem, send};

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_nothing_is_answered() {
    let house = House::new().await;
    let read = house.token(Scope::Read);
    let requests = [
        house.bare(Method::GET, ORDERS),
        house.bare(Method::GET, ORDERS).bearer_auth("wrong"),
        house.bare(Method::GET, ORDERS).bearer_auth(&read[1..]),
        house
            .bare(Method::GET, ORDERS)
            .header("authorization", &read),
        house
            .bare(Method::GET, ORDERS)
            .basic_auth("read", Some(&read)),
        house
            .bare(Method::GET, ORDERS)
            .bearer_auth(&read)
            .header("authorization", "Bearer other"),
        house.bare(Method::GET, &format!("{ORDERS}?token={read}")),
        house.bare(Method::POST, ORDER).json(&bid("20")),
        house.bare(Method::GET, "/metrics"),
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
    assert!(house.sandbox.verified().is_empty());
}

#[tokio::test]
async fn the_read_token_reads_and_changes_nothing() {
    let house = House::new().await;
    for route in REST.iter().flat_map(|server| server.routes) {
        let request = house
            .bare(route.method.parse().unwrap(), route.path)
            .bearer_auth(house.token(Scope::Read));
        if route.operation.effect.only_reads() {
            assert_ne!(send(request).await.status(), 403, "{}", route.name);
            continue;
        }
        let body = match route.operation.id {
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
    assert_eq!(house.arrived("POST", ORDER), 0);
}

#[tokio::test]
async fn the_trade_token_reads_too() {
    let house = House::new().await;
    let token = house.token(Scope::Trade);
    let request = house.bare(Method::GET, ORDERS).bearer_auth(token);
    assert_eq!(send(request).await.status(), 200);
}

#[tokio::test]
async fn no_token_leaves_the_gateway() {
    let house = House::new().await;
    send(house.post(ORDER, &bid("20"))).await;
    let (read, trade) = (house.token(Scope::Read), house.token(Scope::Trade));
    let found = problem(
        house
            .bare(Method::GET, ORDERS)
            .bearer_auth(format!("{trade}x")),
    )
    .await;
    let metrics = send(house.get("/metrics")).await.text().await.unwrap();
    let shown = [found.to_string(), metrics, format!("{:?}", house.gateway)];
    for text in shown {
        assert!(!text.contains(&trade) && !text.contains(&read), "{text}");
    }
    let journal = std::fs::read(house.state.path().join("journal.sqlite")).unwrap();
    let log = std::fs::read(house.state.path().join("journal.sqlite-wal")).unwrap_or_default();
    for bytes in [journal, log] {
        let has = |token: &str| {
            bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes())
        };
        assert!(!has(&trade) && !has(&read));
    }
    // The journal names the caller by face and scope.
    let seen = house.sandbox.verified();
    assert!(!format!("{seen:?}").contains(&trade));
}
