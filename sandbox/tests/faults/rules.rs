//! Rules armed beforehand.

use bpx_sandbox::{Fault, FaultRule, Sandbox};
use serde_json::json;

use crate::client::{Client, limit, plus, start_empty};

/// The statuses of so many orders, one after the other.
async fn statuses(client: &Client, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(client.place(limit("Bid", "1", "1")).await.status);
    }
    statuses
}

#[tokio::test]
async fn a_rule_happens_from_the_nth_match_so_many_times_and_to_nothing_else() {
    let (sandbox, client) = start_empty().await;
    let rule = Fault::Html.on("execute_order").nth(2).times(2);
    assert_eq!(sandbox.arm(rule).unwrap(), 1);
    assert_eq!(client.open_orders("").await.status, 200);
    assert_eq!(statuses(&client, 4).await, [200, 502, 502, 200]);
    let armed = sandbox.faults_armed();
    assert_eq!((armed[0].matched, armed[0].fired), (3, 2));
    let fired = sandbox.faults_fired();
    assert_eq!(fired.len(), 2);
    assert_eq!(
        (
            fired[0].operation.as_deref(),
            fired[0].armed,
            fired[0].symbols.as_slice()
        ),
        (
            Some("execute_order"),
            Some(1),
            ["SOL_USDC".to_owned()].as_slice()
        )
    );
}

#[tokio::test]
async fn a_rule_may_name_a_symbol_in_a_query_a_body_or_a_batch() {
    let (sandbox, client) = start_empty().await;
    let rule = FaultRule::from(Fault::Maintenance)
        .symbol("BTC_USDC")
        .always();
    sandbox.arm(rule).unwrap();
    let order = |symbol| plus(limit("Bid", "1", "1"), json!({ "symbol": symbol }));
    assert_eq!(client.place(order("SOL_USDC")).await.status, 200);
    assert_eq!(client.place(order("BTC_USDC")).await.status, 503);
    let batch = json!([order("SOL_USDC"), order("BTC_USDC")]);
    assert_eq!(client.batch(batch).await.status, 503);
    assert_eq!(client.open_orders("symbol=BTC_USDC").await.status, 503);
    assert_eq!(client.open_orders("").await.status, 200);
}

#[tokio::test]
async fn a_rule_for_every_request_happens_only_where_its_fault_can() {
    let (sandbox, client) = start_empty().await;
    sandbox
        .arm(FaultRule::from(Fault::Settle { delay_ms: 1 }))
        .unwrap();
    client.place(limit("Bid", "1", "1")).await.ok();
    let body = json!({ "symbol": "SOL_USDC", "orderId": "1" });
    assert_eq!(client.cancel(body).await.status, 202);
}

async fn pattern(seed: u64) -> (Vec<u16>, Sandbox) {
    let (sandbox, client) = start_empty().await;
    sandbox
        .arm(Fault::Html.on("execute_order").chance(0.3, seed))
        .unwrap();
    sandbox
        .arm(
            Fault::TooManyRequests {
                retry_after_s: None,
            }
            .on("execute_order")
            .chance(0.3, seed + 1),
        )
        .unwrap();
    (statuses(&client, 60).await, sandbox)
}

#[tokio::test]
async fn the_same_seed_and_the_same_requests_give_the_same_faults() {
    let ((first, _one), (again, _two), (other, _three)) =
        (pattern(7).await, pattern(7).await, pattern(8).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    for status in [200, 429, 502] {
        assert!(first.contains(&status), "{status} in {first:?}");
    }
}

#[tokio::test]
async fn disarming_ends_all_rules_and_forgets_nothing_that_happened() {
    let (sandbox, client) = start_empty().await;
    sandbox.arm(FaultRule::from(Fault::Html).always()).unwrap();
    assert_eq!(statuses(&client, 1).await, [502]);
    sandbox.disarm();
    assert_eq!(statuses(&client, 1).await, [200]);
    assert!(sandbox.faults_armed().is_empty());
    assert_eq!(sandbox.faults_fired().len(), 1);
}

#[tokio::test]
async fn a_rule_that_could_never_happen_is_refused() {
    let (sandbox, _client) = start_empty().await;
    let error = sandbox.arm(Fault::Html.on("executeOrder")).unwrap_err();
    assert!(error.to_string().contains("execute_order"), "{error}");
    let error = sandbox
        .arm(Fault::HistoryLag { lag_ms: 1 }.on("get_order"))
        .unwrap_err();
    assert!(
        error.to_string().contains("get_fills, get_order_history"),
        "{error}"
    );
}
