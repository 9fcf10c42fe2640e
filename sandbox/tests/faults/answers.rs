//! Faults that change the answer.

use bpx_sandbox::Side;
use reqwest::Method;
use serde_json::json;

use crate::client::{limit, resting, start_empty, start_with};
use crate::wire::{place, read, send};

const HISTORY: (&str, &str) = ("/wapi/v1/history/orders", "orderHistoryQueryAll");
const FILLS: (&str, &str) = ("/wapi/v1/history/fills", "fillHistoryQueryAll");
const OPEN: (&str, &str) = ("/api/v1/orders", "orderQueryAll");

#[tokio::test]
async fn an_unknown_status_stands_in_every_order_of_the_answer_and_in_none_of_the_book() {
    let (_sandbox, client) = start_empty().await;
    let order = place(&client, &limit("Bid", "1", "1"), "unknown-enum").await;
    assert_eq!(order.ok()["status"], "PendingRelease2");
    assert_eq!(order.ok()["side"], "Bid");
    let batch = (Method::POST, "/api/v1/orders", "orderExecute");
    let orders = json!([limit("Bid", "1", "1"), limit("Bid", "1", "0")]);
    let rows = send(&client, batch, &orders, "unknown-enum").await.ok();
    assert_eq!(rows[0]["status"], "PendingRelease2");
    assert_eq!(rows[1]["code"], "SANDBOX_UNKNOWN_CODE");
    for path in [OPEN, HISTORY] {
        let rows = read(&client, path, "", "unknown-enum").await.ok();
        assert_eq!(
            (&rows[0]["status"], &rows[1]["status"]),
            (&json!("PendingRelease2"), &json!("PendingRelease2"))
        );
        assert_eq!(read(&client, path, "", "").await.ok()[0]["status"], "New");
    }
}

#[tokio::test]
async fn fills_get_an_unknown_kind_of_system_order() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "10", "1")]).await;
    client.place(limit("Bid", "10", "1")).await.ok();
    let fill = read(&client, FILLS, "", "unknown-enum").await.ok()[0].clone();
    assert_eq!(fill["systemOrderType"], "SandboxSystemOrder");
    assert_eq!(
        (&fill["price"], &fill["tradeId"]),
        (&json!("10"), &json!(1))
    );
}

#[tokio::test]
async fn refusals_get_an_unknown_code() {
    let (_sandbox, client) = start_empty().await;
    let reply = place(&client, &limit("Bid", "1", "0"), "unknown-enum").await;
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (400, &json!("SANDBOX_UNKNOWN_CODE"))
    );
}

#[tokio::test]
async fn an_unknown_field_stands_beside_all_others() {
    let (_sandbox, client) = start_empty().await;
    let order = place(&client, &limit("Bid", "1", "1"), "unknown-field")
        .await
        .ok();
    assert!(order["sandboxField"].is_object());
    assert_eq!((&order["id"], &order["price"]), (&json!("1"), &json!("1")));
    let rows = read(&client, HISTORY, "", "unknown-field").await;
    assert!(rows.ok()[0]["sandboxField"].is_object());
    assert_eq!(rows.header("x-total"), "1");
}

#[tokio::test]
async fn what_has_nothing_to_change_is_left_alone_and_nothing_happened() {
    let (sandbox, client) = start_empty().await;
    assert_eq!(
        read(&client, OPEN, "", "unknown-enum, unknown-field")
            .await
            .ok(),
        json!([])
    );
    assert!(sandbox.faults_fired().is_empty());
}

#[tokio::test]
async fn several_faults_happen_to_one_request() {
    let (sandbox, client) = start_empty().await;
    let faults = "hang-up, unknown-field ,delay-before:1,unknown-enum";
    let order = place(&client, &limit("Bid", "1", "1"), faults).await.ok();
    assert_eq!(order["status"], "PendingRelease2");
    assert!(order["sandboxField"].is_object());
    let fired = sandbox.faults_fired();
    let fired: Vec<_> = fired.iter().map(|fired| fired.fault.to_string()).collect();
    assert_eq!(
        fired,
        ["delay-before:1", "unknown-field", "unknown-enum", "hang-up"]
    );
}
