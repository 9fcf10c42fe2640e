//! What a market's filters let through, and how much a market order may slip.

use bpx_sandbox::{MarketConfig, Sandbox, SandboxConfig, Side};
use serde_json::{Value, json};

use crate::client::{Client, limit, market, plus, resting, start, start_empty, start_with};

async fn filtered() -> (Sandbox, Client) {
    let dec = |text: &str| text.parse().unwrap();
    let market = MarketConfig {
        tick_size: dec("0.05"),
        min_price: Some(dec("1")),
        max_price: Some(dec("200")),
        step_size: dec("0.5"),
        min_quantity: Some(dec("1")),
        max_quantity: Some(dec("50")),
        ..MarketConfig::new("SOL", "USDC", false)
    };
    start(SandboxConfig {
        markets: vec![market],
        ..SandboxConfig::bare()
    })
    .await
}

#[tokio::test]
async fn each_filter_names_its_limit() {
    let (_sandbox, client) = filtered().await;
    for (price, quantity, code, message) in [
        (
            "1.001",
            "1",
            "INVALID_CLIENT_REQUEST",
            "Price decimal too long",
        ),
        (
            "1.01",
            "1",
            "INVALID_PRICE",
            "Price is not a multiple of the tick size 0.05",
        ),
        (
            "0.95",
            "1",
            "INVALID_PRICE",
            "Price is below the minimum of 1",
        ),
        (
            "200.05",
            "1",
            "INVALID_PRICE",
            "Price is above the maximum of 200",
        ),
        (
            "1",
            "1.55",
            "INVALID_CLIENT_REQUEST",
            "Quantity decimal too long",
        ),
        (
            "1",
            "1.2",
            "INVALID_QUANTITY",
            "Quantity is not a multiple of the step size 0.5",
        ),
        (
            "1",
            "0.5",
            "INVALID_QUANTITY",
            "Quantity is below the minimum of 1",
        ),
        (
            "1",
            "50.5",
            "INVALID_QUANTITY",
            "Quantity is above the maximum of 50",
        ),
    ] {
        let reply = client.place(limit("Bid", price, quantity)).await;
        reply.is_error(400, code, message);
    }
    for (price, quantity) in [("1", "1"), ("200.00", "50"), ("1.05", "1.5")] {
        client.place(limit("Bid", price, quantity)).await.ok();
    }
}

#[tokio::test]
async fn filters_hold_for_triggers_and_market_orders_too() {
    let (_sandbox, client) = filtered().await;
    let pair = |price, quantity| json!({ "triggerPrice": price, "triggerQuantity": quantity });
    for (order, code) in [
        (market("Bid", "quantity", "0.5"), "INVALID_QUANTITY"),
        (
            plus(limit("Bid", "1", "1"), pair("0.5", "1")),
            "INVALID_PRICE",
        ),
        (
            plus(limit("Bid", "1", "1"), pair("1", "51")),
            "INVALID_QUANTITY",
        ),
        (
            plus(
                limit("Bid", "1", "1"),
                json!({ "stopLossTriggerPrice": "0.9" }),
            ),
            "INVALID_PRICE",
        ),
    ] {
        assert_eq!(client.place(order).await.json()["code"], code);
    }
}

#[tokio::test]
async fn a_quote_quantity_buys_whole_steps() {
    let (sandbox, client) = filtered().await;
    sandbox
        .add_liquidity(&resting(Side::Ask, "10", "5"))
        .unwrap();
    let bought = client
        .place(market("Bid", "quoteQuantity", "19.99"))
        .await
        .ok();
    let executed = (&bought["status"], &bought["executedQuantity"]);
    assert_eq!(executed, (&json!("Filled"), &json!("1.5")));
    let bought = client
        .place(market("Bid", "quoteQuantity", "4.99"))
        .await
        .ok();
    let executed = (&bought["status"], &bought["executedQuantity"]);
    assert_eq!(executed, (&json!("Expired"), &json!("0")));
}

#[tokio::test]
async fn the_value_of_an_order_has_a_limit() {
    let (_sandbox, client) = start_empty().await;
    let reply = client.place(limit("Ask", "1000", "1000000")).await;
    let message = "Order value must be below 1000000000";
    reply.is_error(400, "INVALID_QUANTITY", message);
}

/// How much of 3 is bought where 1 each is offered at 100, 100.5 and 102.
async fn bought(tolerance: &str, kind: &str) -> Value {
    let asks = ["100", "100.5", "102"].map(|price| resting(Side::Ask, price, "1"));
    let (_sandbox, client) = start_with(asks.into()).await;
    let slippage = json!({ "slippageTolerance": tolerance, "slippageToleranceType": kind });
    let order = plus(market("Bid", "quantity", "3"), slippage);
    client.place(order).await.ok()["executedQuantity"].clone()
}

#[tokio::test]
async fn a_market_order_slips_no_further_than_tolerated() {
    for (tolerance, kind, expected) in [
        ("0", "Percent", "1"),
        ("0.5", "Percent", "2"),
        ("1.9", "Percent", "2"),
        ("2", "Percent", "3"),
        ("499999", "TickSize", "1"),
        ("500000", "TickSize", "2"),
        ("2000000", "TickSize", "3"),
    ] {
        assert_eq!(
            bought(tolerance, kind).await,
            expected,
            "{tolerance} {kind}"
        );
    }
}

#[tokio::test]
async fn slippage_is_measured_downwards_for_an_ask() {
    let bids = ["100", "99.5", "98"].map(|price| resting(Side::Bid, price, "1"));
    let (_sandbox, client) = start_with(bids.into()).await;
    let slippage = json!({ "slippageTolerance": "0.5", "slippageToleranceType": "Percent" });
    let order = plus(market("Ask", "quantity", "3"), slippage);
    let sold = client.place(order).await.ok();
    assert_eq!(sold["executedQuantity"], "2");
    assert_eq!(
        client.outcome(&sold["id"]).await,
        json!(["Expired", "PriceImpact"])
    );
}

#[tokio::test]
async fn a_tolerance_needs_its_type_and_a_sensible_size() {
    let (_sandbox, client) = start_empty().await;
    let order = |fields| plus(market("Bid", "quantity", "1"), fields);
    let pair = "Must specify both `slippageTolerance` and `slippageToleranceType` or neither";
    for (fields, message) in [
        (json!({ "slippageTolerance": "1" }), pair),
        (json!({ "slippageToleranceType": "Percent" }), pair),
        (
            json!({ "slippageTolerance": "-1", "slippageToleranceType": "Percent" }),
            "Invalid `slippageTolerance`",
        ),
    ] {
        let reply = client.place(order(fields)).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", message);
    }
}
