//! The fields of every answer, and that live orders, history and fills differ where the venue's do.

use bpx_sandbox::{SandboxConfig, Side};
use serde_json::{Value, json};

use crate::client::{limit, market, plus, resting, start, start_empty, start_with};

const LIVE: [&str; 24] = [
    "clientId",
    "createdAt",
    "executedQuantity",
    "executedQuoteQuantity",
    "id",
    "orderType",
    "reduceOnly",
    "relatedOrderId",
    "selfTradePrevention",
    "side",
    "status",
    "stopLossLimitPrice",
    "stopLossTriggerBy",
    "stopLossTriggerPrice",
    "strategyId",
    "symbol",
    "takeProfitLimitPrice",
    "takeProfitTriggerBy",
    "takeProfitTriggerPrice",
    "timeInForce",
    "triggerBy",
    "triggerPrice",
    "triggerQuantity",
    "triggeredAt",
];

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

fn live_and(more: &[&'static str]) -> Vec<&'static str> {
    let mut names = [&LIVE, more].concat();
    names.sort_unstable();
    names
}

/// Zone-less, as in `2025-09-11T20:10:40.699`.
fn is_naive_time(value: &Value) -> bool {
    chrono::NaiveDateTime::parse_from_str(value.as_str().unwrap(), "%Y-%m-%dT%H:%M:%S%.f").is_ok()
}

#[tokio::test]
async fn a_live_limit_order_has_all_its_fields_and_explicit_nulls() {
    let (_sandbox, client) = start_empty().await;
    let order = client
        .place(plus(
            limit("Bid", "1", "1"),
            json!({ "clientId": 4_294_967_295_u32 }),
        ))
        .await
        .ok();
    assert_eq!(names(&order), live_and(&["postOnly", "price", "quantity"]));
    assert_eq!(
        (&order["orderType"], &order["status"]),
        (&json!("Limit"), &json!("New"))
    );
    assert_eq!(
        (&order["timeInForce"], &order["selfTradePrevention"]),
        (&json!("GTC"), &json!("RejectTaker"))
    );
    assert_eq!(
        (&order["clientId"], &order["postOnly"]),
        (&json!(4_294_967_295_u32), &json!(false))
    );
    assert!(order["createdAt"].is_i64() && order["triggerPrice"].is_null());
}

#[tokio::test]
async fn a_live_market_order_has_its_own_fields() {
    let (_sandbox, client) = start_empty().await;
    let fields = json!({ "slippageTolerance": "0.50", "slippageToleranceType": "Percent", "reduceOnly": true });
    let order = client
        .place(plus(market("Ask", "quantity", "1"), fields))
        .await
        .ok();
    let own = [
        "quantity",
        "quoteQuantity",
        "slippageTolerance",
        "slippageToleranceType",
    ];
    assert_eq!(names(&order), live_and(&own));
    assert_eq!(
        (&order["orderType"], &order["slippageTolerance"]),
        (&json!("Market"), &json!("0.5"))
    );
    assert_eq!(order["reduceOnly"], true);
}

#[tokio::test]
async fn stop_loss_and_take_profit_are_echoed() {
    let (_sandbox, client) = start_empty().await;
    let fields = json!({
        "stopLossTriggerPrice": "80.0", "stopLossLimitPrice": "79.5", "stopLossTriggerBy": "LastPrice",
        "takeProfitTriggerPrice": "120", "takeProfitLimitPrice": "119", "takeProfitTriggerBy": "IndexPrice",
    });
    let order = client
        .place(plus(limit("Bid", "100", "1"), fields.clone()))
        .await
        .ok();
    assert_eq!(plus(order.clone(), fields), order);
}

#[tokio::test]
async fn an_order_in_history_is_flat_and_its_time_has_no_zone() {
    let (_sandbox, client) = start_empty().await;
    let live = client
        .place(plus(
            limit("Bid", "1", "1"),
            json!({ "timeInForce": "IOC" }),
        ))
        .await
        .ok();
    let past = client.last_in_history().await;
    assert_eq!(names(&past).len(), 27);
    for absent in ["reduceOnly", "triggeredAt", "relatedOrderId"] {
        assert!(past.get(absent).is_none(), "{absent}");
    }
    assert_eq!(
        (&past["expiryReason"], &past["systemOrderType"]),
        (&json!("ImmediateOrCancel"), &Value::Null)
    );
    assert!(is_naive_time(&past["createdAt"]) && live.get("expiryReason").is_none());
    assert_eq!(past["orderType"], "Limit");
}

#[tokio::test]
async fn an_order_shows_no_quantity_before_its_trigger() {
    let (_sandbox, client) = start_empty().await;
    let order = json!({ "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "1" });
    for trigger in ["0.001", "80%"] {
        let trigger = json!({ "triggerPrice": "2", "triggerQuantity": trigger });
        let placed = client.place(plus(order.clone(), trigger)).await.ok();
        assert_eq!(placed["quantity"], "0");
        assert_eq!(client.last_in_history().await["quantity"], Value::Null);
    }
}

#[tokio::test]
async fn a_fill_names_its_client_id_as_text() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "100", "1"),
        resting(Side::Ask, "101", "1"),
    ])
    .await;
    client
        .place(plus(limit("Bid", "100", "0.5"), json!({ "clientId": 0 })))
        .await
        .ok();
    let mut fill = client.fills("").await.ok()[0].clone();
    assert!(is_naive_time(&fill["timestamp"]));
    fill.as_object_mut().unwrap().remove("timestamp");
    let expected = json!({
        "clientId": "0", "fee": "0.025", "feeSymbol": "USDC", "isMaker": false, "orderId": "3", "price": "100",
        "quantity": "0.5", "side": "Bid", "symbol": "SOL_USDC", "systemOrderType": null, "tradeId": 1,
    });
    assert_eq!(fill, expected);
}

#[tokio::test]
async fn nulls_can_be_left_out() {
    let mut config = SandboxConfig::bare();
    config.venue.explicit_nulls = false;
    let (_sandbox, client) = start(config).await;
    let row = client.batch(json!([limit("Bid", "1", "1")])).await.ok()[0].clone();
    assert!(!row.to_string().contains("null") && row.get("clientId").is_none());
    assert!(!client.last_in_history().await.to_string().contains("null"));
}

#[tokio::test]
async fn every_answer_names_the_content_type_of_the_document() {
    let (_sandbox, client) = start_empty().await;
    for reply in [
        client.place(limit("Bid", "1", "1")).await,
        client.fills("").await,
    ] {
        assert_eq!(
            reply.header("content-type"),
            "application/json; charset=utf-8"
        );
    }
}
