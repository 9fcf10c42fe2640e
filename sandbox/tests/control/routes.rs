//! What each route does.

use bpx_sandbox::{RestingLiquidity, SandboxConfig, Side};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{limit, now_ms, resting, start, start_empty, start_with};
use crate::port::{Port, assert_refused};

fn liquidity(side: &str, price: &str) -> Value {
    json!({ "symbol": "SOL_USDC", "side": side, "price": price, "quantity": "2" })
}

#[tokio::test]
async fn the_state_shows_markets_books_orders_fills_accounts_and_requests() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "10", "1")]).await;
    let port = Port::of(&sandbox);
    client.place(limit("Bid", "10", "3")).await.ok();
    client.place(limit("Bid", "9", "1")).await.ok();
    let state = port.get("/state").await;
    assert_eq!(state["exchange"]["base_url"], sandbox.base_url());
    assert_eq!(state["books"].as_array().unwrap().len(), 6);
    let state = port.get("/state?market=SOL_USDC&levels=1&rows=1").await;
    assert_eq!(
        state["books"],
        json!([{
            "symbol": "SOL_USDC",
            "reference": { "mark": null, "index": null, "last": "10" },
            "bids": [{ "price": "10", "quantity": "2", "orders": 1 }],
            "asks": [],
        }])
    );
    let order = &state["open_orders"][0];
    assert_eq!(
        (&order["price"], &order["account"]),
        (&json!("9"), &json!("main"))
    );
    assert_eq!(state["open_orders"].as_array().unwrap().len(), 1);
    assert_eq!(state["fills"][0]["quantity"], "1");
    assert_eq!(
        state["requests"][0]["request"]["instructions"],
        json!(["orderExecute"])
    );
    let account = &state["accounts"][0];
    assert_eq!(account["api_key"], sandbox.api_key());
    let usdc = account["balances"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["asset"] == "USDC");
    assert_ne!(usdc.unwrap()["locked"], "0");
}

#[tokio::test]
async fn liquidity_trades_with_what_it_crosses() {
    let (sandbox, client) = start_empty().await;
    let port = Port::of(&sandbox);
    client.place(limit("Bid", "10", "1")).await.ok();
    assert_eq!(port.post("/liquidity", &liquidity("Ask", "10")).await, 204);
    assert_eq!(client.last_in_history().await["status"], "Filled");
    // It takes the place of the market maker's own orders, and does not trade with them.
    for (side, price) in [("Ask", "12"), ("Bid", "11"), ("Ask", "11")] {
        assert_eq!(port.post("/liquidity", &liquidity(side, price)).await, 204);
    }
    let state = port.get("/state?market=SOL_USDC").await;
    let levels = |side: &str| state["books"][0][side].as_array().unwrap().len();
    assert_eq!((levels("asks"), levels("bids")), (2, 0));
}

#[tokio::test]
async fn reference_prices_fire_triggers_and_are_shown() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "10", "5")]).await;
    let port = Port::of(&sandbox);
    let before = json!({ "symbol": "SOL_USDC", "mark": "15" });
    assert_eq!(port.put("/reference-price", &before).await, 204);
    let trigger = json!({
        "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "9", "quantity": "1",
        "triggerPrice": "20", "triggerQuantity": "1", "triggerBy": "MarkPrice",
    });
    assert_eq!(client.place(trigger).await.ok()["status"], "TriggerPending");
    let prices = json!({ "symbol": "SOL_USDC", "mark": "20.5", "index": "19" });
    assert_eq!(port.put("/reference-price", &prices).await, 204);
    let state = port.get("/state?market=SOL_USDC").await;
    assert_eq!(
        state["books"][0]["reference"],
        json!({ "mark": "20.5", "index": "19", "last": null })
    );
    assert_eq!(state["open_orders"][0]["status"], "New");
    for (body, problem) in [
        (json!({ "symbol": "SOL_USDC" }), "there is no price"),
        (
            json!({ "symbol": "NO_USDC", "mark": "1" }),
            "Invalid market symbol",
        ),
        (
            json!({ "symbol": "SOL_USDC", "mark": "-1" }),
            "Invalid price",
        ),
        (json!({ "symbol": "SOL_USDC", "mark": 1 }), "cannot be read"),
    ] {
        assert_refused(
            port.send(Method::PUT, "/reference-price", &body).await,
            400,
            problem,
        )
        .await;
    }
}

#[tokio::test]
async fn faults_are_armed_one_or_many_listed_and_cleared() {
    let (sandbox, client) = start_empty().await;
    let port = Port::of(&sandbox);
    let rules = json!([
        { "fault": "503-after", "operation": "execute_order", "times": 1 },
        { "fault": "html", "operation": "get_order", "probability": 0.5, "seed": 3 },
    ]);
    let armed = port.send(Method::POST, "/faults", &rules).await;
    assert_eq!(armed.status(), 201);
    assert_eq!(armed.text().await.unwrap(), r#"{"ids":[1,2]}"#);
    assert_eq!(port.post("/faults", &json!({ "fault": "429" })).await, 201);
    assert_eq!(client.place(limit("Bid", "1", "1")).await.status, 429);
    let faults = port.get("/faults").await;
    let happened: Vec<_> = faults["armed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["fired"])
        .collect();
    // Both rules chose the request; one refused it, so the other had nothing to hide.
    assert_eq!(happened, [1, 0, 1]);
    let mut fired = faults["fired"].as_array().unwrap().iter();
    assert!(fired.any(|fault| fault["fault"] == "429" && fault["path"] == "/api/v1/order"));
    let cleared = port
        .request(Method::DELETE, "/faults")
        .send()
        .await
        .unwrap();
    assert_eq!(cleared.status(), 204);
    assert_eq!(port.get("/faults").await["armed"], json!([]));
    assert_eq!(client.place(limit("Bid", "1", "1")).await.status, 200);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_with_a_fix() {
    let (sandbox, _client) = start_empty().await;
    let port = Port::of(&sandbox);
    for (body, problem) in [
        (json!({ "fault": "drop" }), "there is no such fault"),
        (
            json!({ "fault": "html", "operation": "x" }),
            "there is no operation x",
        ),
        (
            json!({ "fault": "html", "when": 1 }),
            "unknown field `when`",
        ),
        (
            json!({ "fault": "html", "probability": 2 }),
            "a probability of 2",
        ),
        (
            json!({ "fault": "settle:1", "operation": "get_order" }),
            "it cannot happen to get_order",
        ),
        (json!([{ "fault": "html" }, 5]), "a rule cannot be read"),
    ] {
        assert_refused(
            port.send(Method::POST, "/faults", &body).await,
            400,
            problem,
        )
        .await;
    }
    assert!(sandbox.faults_armed().is_empty());
}

#[tokio::test]
async fn the_clock_can_be_put_wrong_and_right() {
    let (sandbox, client) = start_empty().await;
    let port = Port::of(&sandbox);
    assert_eq!(
        port.put("/clock-skew", &json!({ "skew_ms": 60_000 })).await,
        204
    );
    let signed = client.sign("instruction=orderQueryAll", now_ms() + 60_000, None);
    let there = client.send(Method::GET, "/api/v1/orders", signed, "").await;
    assert_eq!(there.status, 200);
    assert_eq!(client.open_orders("").await.status, 400);
    assert_eq!(
        port.get("/state").await["exchange"]["clock_skew_ms"],
        60_000
    );
    assert_eq!(port.put("/clock-skew", &json!({ "skew_ms": 0 })).await, 204);
    assert_eq!(client.open_orders("").await.status, 200);
    let refused = port
        .send(Method::PUT, "/clock-skew", &json!({ "skew_ms": i64::MIN }))
        .await;
    assert_refused(refused, 400, "no clock is off by more than a year").await;
}

#[tokio::test]
async fn what_was_verified_can_be_asked_from_any_language() {
    let (sandbox, client) = start_empty().await;
    client
        .batch(json!([limit("Bid", "1", "1"), limit("Bid", "1", "1")]))
        .await
        .ok();
    assert_eq!(
        Port::of(&sandbox).get("/verified").await,
        json!([{
            "method": "POST", "path": "/api/v1/orders", "status": 200,
            "instructions": ["orderExecute", "orderExecute"],
        }])
    );
}

#[tokio::test]
async fn a_reset_goes_back_to_the_start_and_keeps_the_keys() {
    let config = SandboxConfig {
        liquidity: vec![resting(Side::Ask, "10", "1")],
        ..SandboxConfig::bare()
    };
    let (sandbox, client) = start(config).await;
    let port = Port::of(&sandbox);
    let (start, _) = (port.get("/state").await, sandbox.settle_late(true));
    client.place(limit("Bid", "10", "2")).await.ok();
    port.post("/faults", &json!({ "fault": "html", "probability": 1 }))
        .await;
    port.put("/clock-skew", &json!({ "skew_ms": 5 })).await;
    assert_eq!(port.post("/reset", &json!(null)).await, 204);
    assert_eq!(port.get("/state").await, start);
    assert_eq!(client.place(limit("Bid", "1", "1")).await.ok()["id"], "2");
    client
        .cancel(json!({ "symbol": "SOL_USDC", "orderId": "2" }))
        .await
        .ok();
}

#[tokio::test]
async fn what_settles_late_does_not_outlive_a_reset() {
    let (sandbox, client) = start_empty().await;
    let port = Port::of(&sandbox);
    let order = json!({ "symbol": "SOL_USDC", "orderId": "1" });
    client.place(limit("Bid", "1", "1")).await.ok();
    port.post("/faults", &json!({ "fault": "settle:20" })).await;
    assert_eq!(client.cancel(order.clone()).await.status, 202);
    port.post("/reset", &json!(null)).await;
    client.place(limit("Bid", "1", "1")).await.ok();
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    assert_eq!(client.cancel(order).await.ok()["status"], "Cancelled");
}

#[tokio::test]
async fn everything_is_reachable_from_rust_too() {
    let (sandbox, client) = start_empty().await;
    let ask: RestingLiquidity = resting(Side::Ask, "10", "1");
    sandbox.add_liquidity(&ask).unwrap();
    sandbox
        .arm("503-after".parse::<bpx_sandbox::Fault>().unwrap())
        .unwrap();
    assert_eq!(client.place(limit("Bid", "10", "1")).await.status, 503);
    assert_eq!(sandbox.faults_fired().len(), 1);
    sandbox.reset().unwrap();
    assert!(sandbox.faults_fired().is_empty() && sandbox.verified().is_empty());
}
