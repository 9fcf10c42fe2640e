//! The matching rules, seen from outside.

use bpx_sandbox::{SandboxConfig, Side};
use serde_json::{Value, json};

use crate::client::{Client, limit, market, plus, resting, start, start_empty, start_with};

/// Status, executed base quantity, executed quote quantity.
fn outcome(order: &Value) -> [&str; 3] {
    ["status", "executedQuantity", "executedQuoteQuantity"]
        .map(|field| order[field].as_str().unwrap())
}

async fn expiry_reason(client: &Client) -> Value {
    client.last_in_history().await["expiryReason"].clone()
}

#[tokio::test]
async fn a_limit_order_takes_the_best_prices_first_and_rests_the_remainder() {
    let asks = [("102", "1"), ("100", "1"), ("101", "1")];
    let (_sandbox, client) = start_with(
        asks.map(|(price, quantity)| resting(Side::Ask, price, quantity))
            .into(),
    )
    .await;
    let placed = client.place(limit("Bid", "101", "2.5")).await.ok();
    assert_eq!(outcome(&placed), ["PartiallyFilled", "2", "201"]);
    assert_eq!(client.order("orderId=4&symbol=SOL_USDC").await.ok(), placed);
    let fills = client.fills("sortDirection=Asc").await.ok();
    assert_eq!(
        (&fills[0]["price"], &fills[1]["price"]),
        (&json!("100"), &json!("101"))
    );
}

#[tokio::test]
async fn an_ask_takes_the_highest_bid_first() {
    let bids = vec![resting(Side::Bid, "98", "1"), resting(Side::Bid, "99", "1")];
    let (_sandbox, client) = start_with(bids).await;
    assert_eq!(
        outcome(&client.place(limit("Ask", "98", "1")).await.ok()),
        ["Filled", "1", "99"]
    );
}

#[tokio::test]
async fn the_older_of_two_orders_at_one_price_fills_first() {
    let (sandbox, client) = start_empty().await;
    for _ in 0..2 {
        client.place(limit("Bid", "100", "1")).await.ok();
    }
    sandbox
        .add_liquidity(&resting(Side::Ask, "100", "1.5"))
        .unwrap();
    let history = client.history("sortDirection=Asc").await.ok();
    assert_eq!(outcome(&history[0]), ["Filled", "1", "100"]);
    assert_eq!(outcome(&history[1]), ["PartiallyFilled", "0.5", "50"]);
    let fills = client.fills("").await.ok();
    assert_eq!(
        (&fills[0]["isMaker"], &fills[0]["fee"]),
        (&json!(true), &json!("0.01"))
    );
    sandbox
        .add_liquidity(&resting(Side::Ask, "100", "0.5"))
        .unwrap();
    assert_eq!(client.open_orders("").await.ok(), json!([]));
}

#[tokio::test]
async fn orders_of_one_market_do_not_meet_those_of_another() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let order = plus(
        limit("Bid", "100", "1"),
        json!({ "symbol": "SOL_USDC_PERP" }),
    );
    assert_eq!(outcome(&client.place(order).await.ok()), ["New", "0", "0"]);
}

#[tokio::test]
async fn a_market_order_fills_or_expires_for_want_of_liquidity() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "100", "1"),
        resting(Side::Ask, "110", "1"),
    ])
    .await;
    assert_eq!(
        outcome(&client.place(market("Bid", "quantity", "1.5")).await.ok()),
        ["Filled", "1.5", "155"]
    );
    assert_eq!(
        outcome(&client.place(market("Bid", "quantity", "1")).await.ok()),
        ["Expired", "0.5", "55"]
    );
    assert_eq!(expiry_reason(&client).await, "InsufficientLiquidity");
    assert_eq!(
        outcome(&client.place(market("Ask", "quantity", "1")).await.ok()),
        ["Expired", "0", "0"]
    );
}

#[tokio::test]
async fn a_quote_quantity_is_spent_as_far_as_it_goes_and_never_exceeded() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "3", "1"),
        resting(Side::Ask, "7", "1"),
    ])
    .await;
    let placed = client.place(market("Bid", "quoteQuantity", "4")).await.ok();
    assert_eq!(outcome(&placed), ["Filled", "1.14285714", "3.99999998"]);
    assert_eq!(
        (&placed["quantity"], &placed["quoteQuantity"]),
        (&Value::Null, &json!("4"))
    );
    let starved = client
        .place(market("Bid", "quoteQuantity", "100"))
        .await
        .ok();
    assert_eq!(outcome(&starved), ["Expired", "0.85714286", "6.00000002"]);
}

#[tokio::test]
async fn an_ioc_remainder_expires() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let order = plus(limit("Bid", "100", "3"), json!({ "timeInForce": "IOC" }));
    assert_eq!(
        outcome(&client.place(order.clone()).await.ok()),
        ["Expired", "1", "100"]
    );
    assert_eq!(expiry_reason(&client).await, "ImmediateOrCancel");
    assert_eq!(client.open_orders("").await.ok(), json!([]));
}

#[tokio::test]
async fn a_fok_order_fills_whole_or_not_at_all() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "100", "1"),
        resting(Side::Ask, "101", "1"),
    ])
    .await;
    let order = |price, quantity| {
        plus(
            limit("Bid", price, quantity),
            json!({ "timeInForce": "FOK" }),
        )
    };
    for (price, quantity) in [("101", "3"), ("100", "2")] {
        assert_eq!(
            outcome(&client.place(order(price, quantity)).await.ok()),
            ["Expired", "0", "0"]
        );
        assert_eq!(expiry_reason(&client).await, "FillOrKill");
    }
    let thirsty = plus(
        market("Bid", "quantity", "3"),
        json!({ "timeInForce": "FOK" }),
    );
    assert_eq!(
        outcome(&client.place(thirsty).await.ok()),
        ["Expired", "0", "0"]
    );
    assert_eq!(
        outcome(&client.place(order("101", "2")).await.ok()),
        ["Filled", "2", "201"]
    );
}

#[tokio::test]
async fn a_post_only_order_that_would_take_is_refused_and_leaves_no_trace() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let order = |price| plus(limit("Bid", price, "1"), json!({ "postOnly": true }));
    let reply = client.place(order("100")).await;
    reply.is_error(
        400,
        "INVALID_ORDER",
        "Order would immediately match and take",
    );
    assert_eq!(client.history("").await.ok(), json!([]));
    assert_eq!(
        outcome(&client.place(order("99.99")).await.ok()),
        ["New", "0", "0"]
    );
}

/// A resting bid of one's own at 100, then an ask that crosses it. Gives the ask's outcome and the
/// bid's status.
async fn self_trade(client: &Client, prevention: &str) -> (String, Value) {
    let bid = client.place(limit("Bid", "100", "1")).await.ok();
    let ask = plus(
        limit("Ask", "100", "1"),
        json!({ "selfTradePrevention": prevention }),
    );
    let ask = client.place(ask).await.ok();
    let bid = client
        .history(&format!("orderId={}", bid["id"].as_str().unwrap()))
        .await
        .ok()[0]
        .clone();
    (
        ask["status"].as_str().unwrap().to_owned(),
        json!([bid["status"], bid["expiryReason"]]),
    )
}

#[tokio::test]
async fn each_self_trade_prevention_rejects_what_it_says() {
    let untouched = json!(["New", null]);
    let rejected = json!(["Expired", "SelfTradePrevention"]);
    for (prevention, ask, bid) in [
        ("RejectTaker", "Expired", &untouched),
        ("RejectMaker", "New", &rejected),
        ("RejectBoth", "Expired", &rejected),
    ] {
        let (_sandbox, client) = start_empty().await;
        assert_eq!(
            self_trade(&client, prevention).await,
            (ask.to_owned(), bid.clone()),
            "{prevention}"
        );
        assert_eq!(client.fills("").await.ok(), json!([]));
    }
}

#[tokio::test]
async fn the_default_prevention_rejects_the_taker() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "100", "1")).await.ok();
    let taker = client.place(market("Ask", "quantity", "1")).await.ok();
    assert_eq!(
        (outcome(&taker), &taker["selfTradePrevention"]),
        (["Expired", "0", "0"], &json!("RejectTaker"))
    );
    assert_eq!(expiry_reason(&client).await, "SelfTradePrevention");
}

#[tokio::test]
async fn fills_before_a_self_trade_stand() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "99", "1")]).await;
    client.place(limit("Ask", "100", "1")).await.ok();
    let taker = client.place(limit("Bid", "100", "3")).await.ok();
    assert_eq!(outcome(&taker), ["Expired", "1", "99"]);
}

#[tokio::test]
async fn a_killed_fok_order_expires_no_maker_either() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "99", "1")]).await;
    client.place(limit("Ask", "100", "1")).await.ok();
    let fields = json!({ "timeInForce": "FOK", "selfTradePrevention": "RejectMaker" });
    let taker = client
        .place(plus(limit("Bid", "100", "3"), fields))
        .await
        .ok();
    assert_eq!(outcome(&taker), ["Expired", "0", "0"]);
    assert_eq!(client.open_orders("").await.ok()[0]["status"], "New");
}

#[tokio::test]
async fn a_trigger_order_waits_off_the_book() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let trigger =
        json!({ "triggerPrice": "90.0", "triggerQuantity": "50%", "triggerBy": "MarkPrice" });
    let order = json!({ "symbol": "SOL_USDC", "side": "Bid", "orderType": "Market" });
    let placed = client.place(plus(order, trigger)).await.ok();
    assert_eq!(outcome(&placed), ["TriggerPending", "0", "0"]);
    assert_eq!(
        (&placed["triggerPrice"], &placed["triggerQuantity"]),
        (&json!("90.0"), &json!("50%"))
    );
    let ask = plus(
        limit("Ask", "1", "1"),
        json!({ "triggerPrice": "90", "triggerQuantity": "1" }),
    );
    client.place(ask).await.ok();
    sandbox
        .add_liquidity(&resting(Side::Bid, "50", "1"))
        .unwrap();
    assert_eq!(client.fills("").await.ok(), json!([]));
    assert_eq!(
        client.open_orders("").await.ok().as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(
        client
            .cancel(json!({ "symbol": "SOL_USDC", "orderId": "2" }))
            .await
            .ok()["status"],
        "Cancelled"
    );
}

#[tokio::test]
async fn the_largest_and_the_finest_sizes_stay_exact() {
    let (price, quantity) = ("99.999999", "9999999.99999999");
    let mut config = SandboxConfig::bare();
    config.accounts[0].balances = Some([("USDC".to_owned(), 200_000_000.into())].into());
    let (sandbox, client) = start(config).await;
    let bid = plus(
        limit("Bid", price, quantity),
        json!({ "symbol": "SOL_USDC_PERP" }),
    );
    client.place(bid).await.ok();
    let mut ask = resting(Side::Ask, price, quantity);
    ask.symbol = "SOL_USDC_PERP".to_owned();
    sandbox.add_liquidity(&ask).unwrap();
    let filled = client.last_in_history().await;
    assert_eq!(
        outcome(&filled),
        ["Filled", quantity, "999999989.99999900000001"]
    );
}
