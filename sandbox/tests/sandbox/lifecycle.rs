//! One order from placing to cancelling, and the handle around it.

use bpx_sandbox::{Sandbox, SandboxConfig, SandboxError};
use serde_json::json;

use crate::client::{Client, limit, plus, start, start_empty};

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

#[tokio::test]
async fn an_order_is_placed_read_cancelled_and_remembered() {
    let (sandbox, client) = start_empty().await;
    let order = plus(
        limit("Bid", "100.50", "1.0"),
        json!({ "clientId": 7, "postOnly": true }),
    );
    let placed = client.place(order).await.ok();
    assert_eq!(placed["id"], "1");
    assert_eq!(
        (&placed["price"], &placed["quantity"]),
        (&json!("100.5"), &json!("1"))
    );
    assert_eq!(client.order("orderId=1&symbol=SOL_USDC").await.ok(), placed);
    assert_eq!(
        client.order("clientId=7&symbol=SOL_USDC").await.ok(),
        placed
    );
    assert_eq!(client.open_orders("").await.ok(), json!([placed]));
    let cancelled = client
        .cancel(json!({ "symbol": "SOL_USDC", "orderId": "1" }))
        .await
        .ok();
    assert_eq!(cancelled, plus(placed, json!({ "status": "Cancelled" })));
    client.order("orderId=1&symbol=SOL_USDC").await.is_error(
        404,
        "RESOURCE_NOT_FOUND",
        "Not Found",
    );
    assert_eq!(client.open_orders("symbol=SOL_USDC").await.ok(), json!([]));
    assert_eq!(client.last_in_history().await["status"], "Cancelled");
    sandbox.shutdown().await;
}
