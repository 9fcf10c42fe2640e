//! What an order sets aside, what a trade moves, and that nothing is lost.

use bpx_sandbox::Side;
use serde_json::json;

use crate::client::{limit, market, plus, resting, start_empty, start_two, start_with};

const ALL: &str = "1000000";

#[tokio::test]
async fn a_bid_sets_aside_its_value_and_fee_and_an_ask_its_quantity() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "100", "3")).await.ok();
    client.place(limit("Ask", "200", "4")).await.ok();
    assert_eq!(client.owns("USDC").await, ["999699.85", "300.15"]);
    assert_eq!(client.owns("SOL").await, ["999996", "4"]);
    client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
    for asset in ["USDC", "SOL"] {
        assert_eq!(client.owns(asset).await, [ALL, "0"]);
    }
}

#[tokio::test]
async fn a_trade_moves_both_assets_and_the_fees_of_both_sides() {
    let (_sandbox, one, two) = start_two().await;
    one.place(limit("Ask", "100", "3")).await.ok();
    two.place(limit("Bid", "110", "2")).await.ok();
    // The maker pays 0.02 %, the taker 0.05 % of 200.
    assert_eq!(one.owns("SOL").await, ["999997", "1"]);
    assert_eq!(one.owns("USDC").await, ["1000199.96", "0"]);
    assert_eq!(two.owns("SOL").await, ["1000002", "0"]);
    assert_eq!(two.owns("USDC").await, ["999799.9", "0"]);
}

#[tokio::test]
async fn the_rest_of_a_taker_sets_aside_only_what_is_left() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let placed = client.place(limit("Bid", "100", "3")).await.ok();
    assert_eq!(placed["status"], "PartiallyFilled");
    assert_eq!(client.owns("USDC").await, ["999699.85", "200.1"]);
}

#[tokio::test]
async fn orders_add_up_against_the_balance() {
    let (_sandbox, client) = start_empty().await;
    let refused = |reply: crate::client::Reply| {
        reply.is_error(400, "INSUFFICIENT_FUNDS", "Insufficient funds");
    };
    client.place(limit("Ask", "1", "600000")).await.ok();
    refused(client.place(limit("Ask", "1", "400000.00000001")).await);
    refused(client.place(market("Ask", "quantity", "400001")).await);
    client.place(limit("Ask", "1", "400000")).await.ok();
    assert_eq!(client.owns("SOL").await, ["0", ALL]);
    let row = client.batch(json!([limit("Ask", "1", "1")])).await.ok()[0].clone();
    assert_eq!(
        (&row["operation"], &row["code"]),
        (&json!("Err"), &json!("INSUFFICIENT_FUNDS"))
    );
}

#[tokio::test]
async fn a_market_bid_must_be_paid_as_far_as_it_would_trade() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "100", "1"),
        resting(Side::Ask, "999900", "1"),
    ])
    .await;
    let order = market("Bid", "quantity", "2");
    let reply = client.place(order).await;
    reply.is_error(400, "INSUFFICIENT_FUNDS", "Insufficient funds");
    assert_eq!(client.history("").await.ok(), json!([]));
    client.place(market("Bid", "quantity", "1")).await.ok();
    assert_eq!(client.owns("USDC").await, ["999899.95", "0"]);
}

#[tokio::test]
async fn what_a_self_trade_expires_is_free_again() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "100", "1")).await.ok();
    let order = plus(
        limit("Ask", "100", "1"),
        json!({ "selfTradePrevention": "RejectMaker" }),
    );
    client.place(order).await.ok();
    assert_eq!(client.owns("USDC").await, [ALL, "0"]);
    assert_eq!(client.owns("SOL").await, ["999999", "1"]);
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let (_sandbox, one, two) = start_two().await;
    let placed = one
        .place(plus(limit("Bid", "1", "1"), json!({ "clientId": 1 })))
        .await
        .ok();
    assert_eq!(two.open_orders("").await.ok(), json!([]));
    assert_eq!(two.history("").await.ok(), json!([]));
    for key in ["orderId=1", "clientId=1"] {
        let reply = two.order(&format!("{key}&symbol=SOL_USDC")).await;
        reply.is_error(404, "RESOURCE_NOT_FOUND", "Not Found");
    }
    let body = json!({ "symbol": "SOL_USDC", "orderId": placed["id"] });
    let reply = two.cancel(body).await;
    reply.is_error(400, "RESOURCE_NOT_FOUND", "Not Found");
    assert_eq!(
        two.cancel_all(json!({ "symbol": "SOL_USDC" })).await.ok(),
        json!([])
    );
    assert_eq!(one.open_orders("").await.ok(), json!([placed]));
    two.place(limit("Ask", "1", "1")).await.ok();
    assert_eq!(one.fills("").await.ok()[0]["isMaker"], true);
    assert_eq!(two.fills("").await.ok()[0]["isMaker"], false);
}

#[tokio::test]
async fn self_trades_are_those_of_one_account() {
    let (_sandbox, one, two) = start_two().await;
    one.place(limit("Bid", "100", "1")).await.ok();
    let own = one.place(limit("Ask", "100", "1")).await.ok();
    let other = two.place(limit("Ask", "100", "1")).await.ok();
    assert_eq!(
        (&own["status"], &other["status"]),
        (&json!("Expired"), &json!("Filled"))
    );
}

#[tokio::test]
async fn balances_are_of_every_asset_and_signed_for() {
    let (_sandbox, client) = start_empty().await;
    let balances = client.balances().await.ok();
    let one = json!({ "available": ALL, "locked": "0", "staked": "0" });
    assert_eq!(
        balances,
        json!({ "BTC": one, "ETH": one, "SOL": one, "USDC": one })
    );
    let signed = client.sign_now("instruction=accountQuery");
    let reply = client
        .send(reqwest::Method::GET, "/api/v1/capital", signed, "")
        .await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid signature");
}
