//! Cancellations that are accepted with 202 and settle afterwards.

use bpx_sandbox::{SandboxConfig, Side};
use serde_json::json;

use crate::client::{Client, limit, resting, start, start_empty};

/// Asks until the order is no longer open.
async fn wait_until_closed(client: &Client, id: &str) {
    for _ in 0..10_000 {
        if client
            .order(&format!("orderId={id}&symbol=SOL_USDC"))
            .await
            .status
            == 404
        {
            return;
        }
    }
    panic!("order {id} is still open");
}

#[tokio::test]
async fn both_deletes_answer_202_without_a_body_and_settle_afterwards() {
    let config = SandboxConfig {
        settle_late: true,
        settle_delay_ms: 20,
        ..SandboxConfig::bare()
    };
    let (_sandbox, client) = start(config).await;
    for _ in 0..2 {
        client.place(limit("Bid", "1", "1")).await.ok();
    }
    let one = client
        .cancel(json!({ "symbol": "SOL_USDC", "orderId": "1" }))
        .await;
    let all = client.cancel_all(json!({ "symbol": "SOL_USDC" })).await;
    for reply in [one, all] {
        assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    }
    for id in ["1", "2"] {
        wait_until_closed(&client, id).await;
        assert_eq!(
            client.history(&format!("orderId={id}")).await.ok()[0]["status"],
            "Cancelled"
        );
    }
}

#[tokio::test]
async fn a_fill_may_win_the_race_against_a_late_cancellation() {
    let config = SandboxConfig {
        settle_late: true,
        settle_delay_ms: 600_000,
        ..SandboxConfig::bare()
    };
    let (sandbox, client) = start(config).await;
    client.place(limit("Bid", "100", "1")).await.ok();
    assert_eq!(
        client
            .cancel(json!({ "symbol": "SOL_USDC", "orderId": "1" }))
            .await
            .status,
        202
    );
    assert_eq!(
        client.order("orderId=1&symbol=SOL_USDC").await.ok()["status"],
        "New"
    );
    sandbox
        .add_liquidity(&resting(Side::Ask, "100", "1"))
        .unwrap();
    assert_eq!(client.last_in_history().await["status"], "Filled");
}

#[tokio::test]
async fn the_switch_turns_while_running_and_unknown_orders_stay_unknown() {
    let (sandbox, client) = start_empty().await;
    sandbox.settle_late(true);
    let body = json!({ "symbol": "SOL_USDC", "orderId": "1" });
    client
        .cancel(body.clone())
        .await
        .is_error(400, "RESOURCE_NOT_FOUND", "Not Found");
    client.place(limit("Bid", "1", "1")).await.ok();
    sandbox.settle_late(false);
    assert_eq!(client.cancel(body).await.ok()["status"], "Cancelled");
}
