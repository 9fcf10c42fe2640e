//! Answers that leave open whether the replacement is on the book: held back, a status that nobody knows, a refusal that
//! looks like a failure.

use std::time::Duration;

use bpx_sandbox::{Fault, SandboxConfig};
use bpx_workflow::{Outcome, Report};
use serde_json::json;

use crate::support::{Bench, is_done};

/// How long the exchange holds new orders back.
const HELD_BACK_MS: u64 = 300;

async fn with_orders_held_back(offered: Option<&str>) -> (Bench, Report) {
    let mut config = SandboxConfig::bare();
    config.venue.pending_release_ms = HELD_BACK_MS;
    let bench = Bench::over(config, None).await;
    let id = bench.bid(json!({})).await;
    while bench.open_orders().await[0]["status"] != "New" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    if let Some(quantity) = offered {
        bench.offer("20.5", quantity);
    }
    let report = bench.replace(&id, json!({})).await;
    (bench, report)
}

#[tokio::test]
async fn one_that_is_held_back_is_waited_for_until_it_is_on_the_book() {
    let (bench, report) = with_orders_held_back(None).await;
    is_done(&report);
    assert!(report.why.contains("replacementOpen"), "{}", report.why);
    let open = bench.only_open("21", "3").await;
    assert_eq!(
        (&open["status"], &open["id"]),
        (&json!("New"), &report.outputs["newOrderId"])
    );
}

#[tokio::test]
async fn one_that_is_held_back_and_fills_at_once_is_done() {
    let (bench, report) = with_orders_held_back(Some("3")).await;
    is_done(&report);
    assert!(report.why.contains("replacementFilled"), "{}", report.why);
    assert!(bench.open_orders().await.is_empty());
}

#[tokio::test]
async fn one_with_an_unknown_status_is_looked_up_and_not_given_up() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::UnknownEnum, "execute_order");
    let report = bench.replace(&id, json!({})).await;
    is_done(&report);
    bench.only_open("21", "3").await;
    assert_eq!(bench.arrived("POST"), 2);
}

#[tokio::test]
async fn one_that_nobody_can_look_up_is_unknown_and_not_placed_by_hand() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::UnknownEnum, "execute_order");
    let blind = Fault::UnknownEnum.on("get_order").nth(2).times(1_000);
    bench.sandbox.arm(blind).unwrap();
    let report = bench.replace(&id, json!({})).await;
    assert_eq!(report.outcome, Outcome::Unknown, "{report:?}");
    assert!(!report.next.contains("execute-order"), "{}", report.next);
    bench.sandbox.disarm();
    is_done(&bench.resume(&report.run).await);
    bench.only_open("21", "3").await;
}

/// By its status alone, 503 leaves open what was done; by its code, nothing was.
#[tokio::test]
async fn one_that_is_refused_for_maintenance_is_known_not_to_be_placed() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::Maintenance, "execute_order");
    let report = bench.replace(&id, json!({})).await;
    assert_eq!(report.outcome, Outcome::Incomplete, "{report:?}");
    assert!(report.next.contains("bpx execute-order"), "{}", report.next);
    assert!(bench.open_orders().await.is_empty());
}

#[tokio::test]
async fn a_cancellation_that_is_refused_for_maintenance_is_known_to_have_changed_nothing() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::Maintenance, "cancel_order");
    let report = bench.replace(&id, json!({})).await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    bench.only_open("20", "2").await;
}
