//! The shapes in which the live venue was seen to respond, beyond what its document says: nothing is found in them.

use crate::support::*;
use serde_json::{Value, json};

/// What the venue sends as `null` where an order has none.
const ABSENT: [&str; 14] = [
    "clientId",
    "reduceOnly",
    "relatedOrderId",
    "stopLossLimitPrice",
    "stopLossTriggerBy",
    "stopLossTriggerPrice",
    "strategyId",
    "takeProfitLimitPrice",
    "takeProfitTriggerBy",
    "takeProfitTriggerPrice",
    "triggerBy",
    "triggerPrice",
    "triggerQuantity",
    "triggeredAt",
];

fn nulls(value: Value, names: &[&str]) -> Value {
    let nulls: Vec<_> = names.iter().map(|name| (*name, Value::Null)).collect();
    with(value, &nulls)
}

fn live(members: Value) -> Value {
    let mut order = nulls(
        json!({
            "id": "28", "createdAt": 1_757_621_440_699_i64, "symbol": "ETH_USDC", "side": "Bid", "status": "New",
            "executedQuantity": "0", "executedQuoteQuantity": "0", "selfTradePrevention": "RejectTaker",
            "timeInForce": "GTC", "quantity": "0.001"
        }),
        &ABSENT,
    );
    let own = members.as_object().unwrap().clone();
    order.as_object_mut().unwrap().extend(own);
    order
}

fn order(body: &Value) -> String {
    line(GET_ORDER, 200, JSON, &body.to_string())
}

#[test]
fn nothing_is_found_in_what_the_live_venue_was_seen_to_send() {
    let limit = json!({"orderType": "Limit", "postOnly": false, "price": "4000"});
    let market = json!({
        "orderType": "Market", "status": "Filled", "quoteQuantity": "4.43", "executedQuantity": "0.001",
        "executedQuoteQuantity": "4.42506"
    });
    let pending = json!({
        "orderType": "Limit", "postOnly": false, "price": "4000", "status": "TriggerPending", "quantity": "0",
        "triggerQuantity": "0.001", "triggerPrice": "4100", "triggerBy": "LastPrice"
    });
    let history = nulls(
        with(history_order(), &[("quoteQuantity", json!("4"))]),
        &["clientId", "expiryReason", "systemOrderType"],
    );
    let fill = nulls(fill(), &["clientId", "systemOrderType"]);
    let shapes = [
        ("a limit order", order(&live(limit))),
        ("a market order by quantity", order(&live(market))),
        ("an order that waits for its trigger", order(&live(pending))),
        (
            "a row of history",
            page(HISTORY, &json!([history]).to_string()),
        ),
        ("a fill", page(FILLS, &json!([fill]).to_string())),
        (
            "no order to cancel",
            line("DELETE /api/v1/orders", 200, JSON, "[]"),
        ),
    ];
    for (shape, recorded) in shapes {
        let report = checked(&ours(), &[recorded]);
        assert!(
            rules(&report).is_empty(),
            "{shape}: {:#}",
            report["findings"]
        );
        assert_eq!(report["summary"]["validated"], 1, "{shape}");
    }
}

#[test]
fn a_refusal_in_text_is_a_warning_since_the_contract_promises_json() {
    let refusal = "failed to parse \"MarketSymbol\": unknown market";
    let refused = line(GET_ORDER, 400, "text/plain; charset=utf-8", refusal);
    let report = checked(&ours(), &[refused]);
    assert_eq!(rules(&report), ["error-body-not-json"]);
    assert_eq!(
        finding(&report, "error-body-not-json")["severity"],
        "warning"
    );
}
