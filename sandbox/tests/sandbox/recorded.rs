//! The six bodies that third parties recorded at the live venue between 2025-09 and 2026-06, member by
//! member: what is absent there is absent here, and what is null there is null here.

use bpx_sandbox::Side;
use serde_json::{Value, json};

use crate::client::{limit, market, plus, resting, start_empty, start_with};

const PRICE: &str = "4425.06";

/// The members every live order was recorded to have as null.
fn live_nulls() -> Value {
    json!({
        "clientId": null, "reduceOnly": null, "relatedOrderId": null, "stopLossLimitPrice": null,
        "stopLossTriggerBy": null, "stopLossTriggerPrice": null, "strategyId": null, "takeProfitLimitPrice": null,
        "takeProfitTriggerBy": null, "takeProfitTriggerPrice": null, "triggerBy": null, "triggerPrice": null,
        "triggerQuantity": null, "triggeredAt": null,
    })
}

/// Takes the order's number and time out, which differ, and checks the kind of the time.
fn undated(mut order: Value, time_is_number: bool) -> Value {
    let members = order.as_object_mut().unwrap();
    assert!(members.remove("id").unwrap().is_string());
    assert_eq!(
        members.remove("createdAt").unwrap().is_i64(),
        time_is_number
    );
    order
}

#[tokio::test]
async fn a_live_limit_order() {
    let (_sandbox, client) = start_empty().await;
    let order = client.place(limit("Bid", "3000", "0.001")).await.ok();
    assert_eq!(order.as_object().unwrap().len(), 27);
    let own = json!({
        "orderType": "Limit", "symbol": "SOL_USDC", "side": "Bid", "status": "New", "price": "3000",
        "quantity": "0.001", "executedQuantity": "0", "executedQuoteQuantity": "0", "postOnly": false,
        "selfTradePrevention": "RejectTaker", "timeInForce": "GTC",
    });
    assert_eq!(undated(order, true), plus(live_nulls(), own));
}

/// 0.001 at 4425.06 took 4.42506; 4.43 was set aside for it.
#[tokio::test]
async fn a_live_market_order_by_quantity() {
    let mut config = bpx_sandbox::SandboxConfig::default();
    config.markets[4].step_size = rust_decimal::Decimal::new(1, 3);
    config.liquidity = vec![resting(Side::Ask, PRICE, "1")];
    let (_sandbox, client) = crate::client::start(config).await;
    let order = client.place(market("Bid", "quantity", "0.001")).await.ok();
    let own = json!({
        "orderType": "Market", "symbol": "SOL_USDC", "side": "Bid", "status": "Filled", "quantity": "0.001",
        "quoteQuantity": "4.43", "executedQuantity": "0.001", "executedQuoteQuantity": "4.42506",
        "selfTradePrevention": "RejectTaker", "timeInForce": "GTC",
    });
    assert_eq!(undated(order, true), plus(live_nulls(), own));
    assert_eq!(client.last_in_history().await["quoteQuantity"], "4.43");
}

#[tokio::test]
async fn a_trigger_order_before_its_trigger() {
    let (_sandbox, client) = start_empty().await;
    let trigger = json!({ "triggerPrice": "4300", "triggerQuantity": "0.001" });
    for order in [
        json!({ "symbol": "SOL_USDC", "side": "Ask", "orderType": "Limit", "price": "4500" }),
        json!({ "symbol": "SOL_USDC", "side": "Ask", "orderType": "Market" }),
        limit("Ask", "4500", "0.002"),
    ] {
        let order = client.place(plus(order, trigger.clone())).await.ok();
        assert_eq!(plus(order.clone(), trigger.clone()), order);
        for (member, value) in [
            ("status", "TriggerPending"),
            ("quantity", "0"),
            ("executedQuantity", "0"),
            ("executedQuoteQuantity", "0"),
        ] {
            assert_eq!(order[member], value, "{member}");
        }
        let cancelled = client
            .cancel(json!({ "symbol": "SOL_USDC", "orderId": order["id"] }))
            .await
            .ok();
        assert_eq!(cancelled["quantity"], "0");
        let past = client.last_in_history().await;
        assert_eq!(
            (&past["status"], &past["quantity"]),
            (&json!("Cancelled"), &Value::Null)
        );
        assert_eq!(past["quoteQuantity"], Value::Null);
    }
}

#[tokio::test]
async fn a_history_row_of_a_limit_order() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "4000", "0.001")).await.ok();
    let row = client.last_in_history().await;
    let expected = json!({
        "orderType": "Limit", "symbol": "SOL_USDC", "side": "Bid", "status": "New", "price": "4000",
        "quantity": "0.001", "quoteQuantity": "4", "executedQuantity": "0", "executedQuoteQuantity": "0",
        "postOnly": false, "selfTradePrevention": "RejectTaker", "timeInForce": "GTC", "expiryReason": null,
        "systemOrderType": null, "clientId": null, "stopLossLimitPrice": null, "stopLossTriggerBy": null,
        "stopLossTriggerPrice": null, "strategyId": null, "takeProfitLimitPrice": null, "takeProfitTriggerBy": null,
        "takeProfitTriggerPrice": null, "triggerBy": null, "triggerPrice": null, "triggerQuantity": null,
    });
    assert_eq!(undated(row, false), expected);
}

#[tokio::test]
async fn a_fill() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "3826.15", "1")]).await;
    let order = client.place(market("Bid", "quantity", "0.0026")).await.ok();
    let mut fill = client.fills("").await.ok()[0].clone();
    let time = fill.as_object_mut().unwrap().remove("timestamp").unwrap();
    let expected = json!({
        "clientId": null, "fee": "0.004973", "feeSymbol": "USDC", "isMaker": false, "orderId": order["id"],
        "price": "3826.15", "quantity": "0.0026", "side": "Bid", "symbol": "SOL_USDC", "systemOrderType": null,
        "tradeId": 1,
    });
    assert_eq!(fill, expected);
    let (_, fraction) = time.as_str().unwrap().split_once('.').unwrap();
    assert!(
        fraction.len() == 3 && fraction.parse::<u16>().is_ok(),
        "{time}"
    );
}

#[tokio::test]
async fn a_cancel_all_without_orders() {
    let (_sandbox, client) = start_empty().await;
    let cancelled = client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
    assert_eq!(cancelled, json!([]));
}

/// Slippage members only where they were asked for, live and in history.
#[tokio::test]
async fn slippage_is_shown_where_it_was_asked_for() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "5")]).await;
    let slippage = json!({ "slippageTolerance": "1", "slippageToleranceType": "Percent" });
    let order = plus(market("Bid", "quantity", "1"), slippage.clone());
    let placed = client.place(order).await.ok();
    assert_eq!(plus(placed.clone(), slippage.clone()), placed);
    let past = client.last_in_history().await;
    assert_eq!(plus(past.clone(), slippage), past);
}
