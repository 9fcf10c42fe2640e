//! Perpetuals: margin, profit, and orders that may only reduce.

use bpx_sandbox::Side;
use serde_json::{Value, json};

use crate::client::{Client, limit, market, perp, plus, start_two};

fn reduce(order: Value) -> Value {
    plus(perp(order), json!({ "reduceOnly": true }))
}

/// Gives `one` a long position of 2, bought at 100 from `two`.
async fn long_of_two(one: &Client, two: &Client) {
    two.place(perp(limit("Ask", "100", "2"))).await.ok();
    let bought = one.place(perp(limit("Bid", "100", "2"))).await.ok();
    assert_eq!(bought["status"], "Filled");
}

#[tokio::test]
async fn an_order_and_then_its_position_set_a_tenth_aside() {
    let (_sandbox, one, two) = start_two().await;
    two.place(perp(limit("Ask", "100", "2"))).await.ok();
    // Margin of 20, fee of 0.1.
    assert_eq!(two.owns("USDC").await, ["999979.9", "20.1"]);
    one.place(perp(limit("Bid", "100", "2"))).await.ok();
    assert_eq!(two.owns("USDC").await, ["999979.96", "20"]);
    assert_eq!(one.owns("USDC").await, ["999979.9", "20"]);
    assert_eq!(one.owns("SOL").await, ["1000000", "0"]);
}

#[tokio::test]
async fn profit_is_paid_when_a_position_is_closed() {
    let (_sandbox, one, two) = start_two().await;
    long_of_two(&one, &two).await;
    two.place(perp(limit("Bid", "110", "1"))).await.ok();
    one.place(perp(market("Ask", "quantity", "1"))).await.ok();
    // Bought for 200 and 0.1, half sold for 110 and 0.055; 10 remain set aside.
    assert_eq!(one.owns("USDC").await, ["999999.845", "10"]);
    // Sold for 200 and 0.04, half bought back for 110 and 0.022.
    assert_eq!(two.owns("USDC").await, ["999979.938", "10"]);
}

#[tokio::test]
async fn a_reduce_only_order_without_a_position_expires() {
    let (_sandbox, one, two) = start_two().await;
    long_of_two(&one, &two).await;
    let spot = plus(limit("Ask", "1", "1"), json!({ "reduceOnly": true }));
    for order in [reduce(limit("Bid", "100", "1")), spot] {
        let placed = one.place(order).await.ok();
        let expected = json!(["Expired", "ReduceOnlyNotReduced"]);
        assert_eq!(one.outcome(&placed["id"]).await, expected);
    }
}

#[tokio::test]
async fn a_reduce_only_order_never_turns_a_position_round() {
    let (_sandbox, one, two) = start_two().await;
    long_of_two(&one, &two).await;
    two.place(perp(limit("Bid", "100", "5"))).await.ok();
    let sold = one.place(reduce(limit("Ask", "100", "5"))).await.ok();
    assert_eq!(
        (&sold["status"], &sold["executedQuantity"]),
        (&json!("Expired"), &json!("2"))
    );
    let expected = json!(["Expired", "ReduceOnlyNotReduced"]);
    assert_eq!(one.outcome(&sold["id"]).await, expected);
}

#[tokio::test]
async fn a_resting_reduce_only_order_sets_nothing_aside_and_ends_with_the_position() {
    let (_sandbox, one, two) = start_two().await;
    long_of_two(&one, &two).await;
    let before = one.owns("USDC").await;
    let first = one.place(reduce(limit("Ask", "120", "2"))).await.ok();
    let second = one.place(reduce(limit("Ask", "121", "2"))).await.ok();
    assert_eq!(
        (&first["status"], &second["status"]),
        (&json!("New"), &json!("New"))
    );
    assert_eq!(one.owns("USDC").await, before);
    let bought = two.place(perp(limit("Bid", "121", "3"))).await.ok();
    assert_eq!(
        (&bought["status"], &bought["executedQuantity"]),
        (&json!("PartiallyFilled"), &json!("2"))
    );
    assert_eq!(one.outcome(&first["id"]).await, json!(["Filled", null]));
    let expected = json!(["Expired", "ReduceOnlyNotReduced"]);
    assert_eq!(one.outcome(&second["id"]).await, expected);
}

#[tokio::test]
async fn reduce_only_orders_remain_while_there_is_something_left() {
    let (_sandbox, one, two) = start_two().await;
    long_of_two(&one, &two).await;
    let placed = one.place(reduce(limit("Ask", "120", "2"))).await.ok();
    two.place(perp(limit("Bid", "100", "1"))).await.ok();
    one.place(perp(market("Ask", "quantity", "1"))).await.ok();
    let id = placed["id"].as_str().unwrap();
    let query = format!("orderId={id}&symbol=SOL_USDC_PERP");
    assert_eq!(one.order(&query).await.ok()["status"], "New");
    let bought = two.place(perp(limit("Bid", "120", "2"))).await.ok();
    assert_eq!(bought["executedQuantity"], "1");
    let expected = json!(["Expired", "ReduceOnlyNotReduced"]);
    assert_eq!(one.outcome(&placed["id"]).await, expected);
}

#[tokio::test]
async fn an_account_without_margin_can_still_reduce() {
    let (sandbox, one, two) = start_two().await;
    two.place(perp(limit("Ask", "4000", "2000"))).await.ok();
    one.place(perp(limit("Bid", "4000", "2000"))).await.ok();
    // Half the position is closed at a loss greater than all that was set aside.
    let mut bid = crate::client::resting(Side::Bid, "2000", "2000");
    bid.symbol = "SOL_USDC_PERP".to_owned();
    sandbox.add_liquidity(&bid).unwrap();
    let sold = one
        .place(perp(market("Ask", "quantity", "1000")))
        .await
        .ok();
    assert_eq!(sold["status"], "Filled");
    assert!(one.owns("USDC").await[0].starts_with('-'));
    let order = perp(limit("Bid", "1", "1"));
    let reply = one.place(order).await;
    reply.is_error(400, "INSUFFICIENT_MARGIN", "Insufficient margin");
    let sold = one
        .place(reduce(market("Ask", "quantity", "1000")))
        .await
        .ok();
    assert_eq!(sold["status"], "Filled");
}
