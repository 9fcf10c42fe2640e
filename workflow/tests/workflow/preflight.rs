//! What is checked before the first write, beyond the traps.

use bpx_venue::operations::EXECUTE_ORDER;
use bpx_workflow::{Library, Outcome};
use serde_json::json;

use crate::support::{Bench, document, is_done, parse};

/// Reads an order whatever its state, and cancels it.
fn cancel() -> Library {
    let read = json!({"stepId": "read", "operationId": "get_order", "parameters": [
        {"name": "symbol", "in": "query", "value": "SOL_USDC"},
        {"name": "orderId", "in": "query", "value": "$inputs.orderId"}]});
    let cancel = json!({"stepId": "cancel", "operationId": "cancel_order", "requestBody": {
        "payload": {"symbol": "SOL_USDC", "orderId": "$inputs.orderId"}}});
    parse(&document(
        json!({"orderId": {"type": "string"}}),
        json!([read, cancel]),
    ))
}

#[tokio::test]
async fn an_order_that_waits_for_its_trigger_is_open_and_can_be_cancelled() {
    let bench = Bench::new().await;
    let order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20",
        "triggerPrice": "1", "triggerQuantity": "2"});
    let placed = bench.call(&EXECUTE_ORDER, order).await;
    let id = placed["id"].as_str().unwrap();
    let (report, responses) = bench.watch(&cancel(), json!({"orderId": id})).await;
    assert_eq!(responses[0].1["status"], "TriggerPending");
    is_done(&report);
    assert_eq!(bench.arrived("DELETE"), 1);
    assert!(bench.open_orders().await.is_empty());
}

#[tokio::test]
async fn an_order_that_is_over_is_not_cancelled() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.offer("20", "2");
    let report = bench.run(&cancel(), json!({"orderId": id})).await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    assert_eq!(bench.arrived("DELETE"), 0);
}
