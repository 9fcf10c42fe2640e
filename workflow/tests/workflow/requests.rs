//! What a request holds, and what criteria and outputs see of its response.

use serde_json::json;

use crate::support::{Bench, document, is_done, parse};

#[tokio::test]
async fn outputs_can_hold_headers_of_a_response_that_came_through_dispatch() {
    let bench = Bench::new().await;
    bench.bid(json!({})).await;
    let read = json!({"stepId": "read", "operationId": "get_order_history",
        "outputs": {"total": "$response.header.X-TOTAL"}});
    let mut text = document(json!({}), json!([read]));
    text["workflows"][0]["outputs"] = json!({"total": "$steps.read.outputs.total"});
    let report = bench.run(&parse(&text), json!({})).await;
    is_done(&report);
    assert_eq!(report.outputs["total"], "1");
}
