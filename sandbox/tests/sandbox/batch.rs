//! Several orders in one request.

use bpx_sandbox::{SandboxConfig, Side};
use reqwest::Method;
use serde_json::json;

use crate::client::{limit, market, plus, resting, start, start_empty, start_with};

#[tokio::test]
async fn rows_stand_in_the_order_of_the_request_and_a_refused_one_stops_nothing() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let rows = client
        .batch(json!([
            limit("Bid", "90", "1"),
            limit("Bid", "0", "1"),
            plus(limit("Bid", "100", "1"), json!({ "postOnly": true })),
            market("Bid", "quantity", "1"),
        ]))
        .await
        .ok();
    let summary: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["operation"], row["id"], row["code"]]))
        .collect();
    assert_eq!(
        json!(summary),
        json!([
            ["Ok", "2", null],
            ["Err", null, "INVALID_PRICE"],
            ["Err", null, "INVALID_ORDER"],
            ["Ok", "3", null]
        ])
    );
    assert_eq!(
        (&rows[0]["orderType"], &rows[3]["orderType"]),
        (&json!("Limit"), &json!("Market"))
    );
    assert_eq!(
        rows[1],
        json!({ "operation": "Err", "code": "INVALID_PRICE", "message": "Invalid price" })
    );
    assert_eq!(
        client.order("orderId=2&symbol=SOL_USDC").await.ok()["price"],
        "90"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_rejects_the_whole_batch() {
    let (_sandbox, client) = start_empty().await;
    let reply = client
        .batch(json!([limit("Bid", "1", "1"), limit("Bid", "1e3", "1")]))
        .await;
    reply.is_text(
        400,
        "parse request payload error: failed to parse \"OrderExecutePayload\"",
    );
    let reply = client.batch(limit("Bid", "1", "1")).await;
    reply.is_text(400, "parse request payload error");
    let signed = client.sign_now("instruction=orderExecute");
    let reply = client
        .send(Method::POST, "/api/v1/orders", signed, "[[]]")
        .await;
    reply.is_text(400, "parse request payload error");
    assert_eq!(client.history("").await.ok(), json!([]));
}

#[tokio::test]
async fn a_batch_signed_in_another_order_is_rejected_whole() {
    let (_sandbox, client) = start_empty().await;
    let (first, second) = (limit("Bid", "1", "1"), limit("Bid", "2", "1"));
    let signed = client.sign_now(&crate::client::head(
        "orderExecute",
        &json!([second, first]),
    ));
    let reply = client
        .send(
            Method::POST,
            "/api/v1/orders",
            signed,
            json!([first, second]).to_string(),
        )
        .await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid signature");
    assert_eq!(client.history("").await.ok(), json!([]));
}

#[tokio::test]
async fn a_batch_holds_one_order_to_the_configured_maximum() {
    let mut config = SandboxConfig::bare();
    config.venue.batch_orders_max = 2;
    let (_sandbox, client) = start(config).await;
    let orders = |count| json!(vec![limit("Bid", "1", "1"); count]);
    let reply = client.batch(orders(3)).await;
    reply.is_error(
        400,
        "INVALID_CLIENT_REQUEST",
        "Batch holds 3 orders, at most 2 are allowed",
    );
    let reply = client
        .send(Method::POST, "/api/v1/orders", client.sign_now(""), "[]")
        .await;
    reply.is_error(
        400,
        "INVALID_CLIENT_REQUEST",
        "Batch must hold at least one order",
    );
    assert_eq!(
        client.batch(orders(2)).await.ok().as_array().map(Vec::len),
        Some(2)
    );
}
