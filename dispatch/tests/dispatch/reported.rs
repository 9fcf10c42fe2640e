//! Calls without a key, which are the same call until their outcome is reported.

use bpx_dispatch::{Call, Point};
use bpx_venue::operations::CANCEL_OPEN_ORDERS;
use serde_json::json;

use crate::restart::{blocking, die_and_unlock};
use crate::support::{Bench, call, done, make, open_orders, place};

fn unnamed() -> Call {
    place("20").until_reported()
}

#[tokio::test]
async fn the_same_call_is_made_once_until_its_outcome_is_reported() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let first = make(&dispatch, unnamed()).await;
    let again = make(&dispatch, unnamed()).await;
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(again.intent, first.intent);
    assert!(!make(&dispatch, place("21").until_reported()).await.replayed);

    dispatch
        .reported(first.intent.as_deref().unwrap())
        .await
        .unwrap();
    let next = make(&dispatch, unnamed()).await;
    assert!(!next.replayed);
    assert_eq!(open_orders(&dispatch).await.len(), 3);
    dispatch.close().await;
}

#[tokio::test]
async fn a_call_anew_is_made_and_known_instead_of_the_earlier_one() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let first = make(&dispatch, unnamed()).await;
    let anew = make(&dispatch, place("20").anew()).await;
    assert!(!anew.replayed && anew.intent != first.intent);
    let again = make(&dispatch, unnamed()).await;
    assert_eq!((again.replayed, again.intent), (true, anew.intent));
    // A key of the caller is stronger.
    let keyed = || place("21").with_idempotency_key("k");
    make(&dispatch, keyed()).await;
    assert!(make(&dispatch, keyed().anew()).await.replayed);
    dispatch.close().await;
}

#[tokio::test]
async fn a_key_of_the_caller_outlives_the_report_and_cancellations_are_made_each_time() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let keyed = || unnamed().with_idempotency_key("k");
    let first = make(&dispatch, keyed()).await;
    dispatch
        .reported(first.intent.as_deref().unwrap())
        .await
        .unwrap();
    assert!(make(&dispatch, keyed()).await.replayed);
    // Without a key it is another call, and so is one that is not known again.
    assert!(!make(&dispatch, unnamed()).await.replayed);
    assert!(!make(&dispatch, place("20")).await.replayed);

    let cancel = || call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})).until_reported();
    for _ in 0..2 {
        assert!(!make(&dispatch, cancel()).await.replayed);
    }
    dispatch.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_an_intent_ended_is_asked_for_and_counts_as_reported_when_the_caller_says_so() {
    let bench = Bench::new().await;
    blocking(|| die_and_unlock(&bench, Point::AfterSend, unnamed()));
    let dispatch = bench.open().await;
    let settled = make(&dispatch, unnamed()).await;
    assert!(settled.replayed);
    let intent = settled.intent.as_deref().unwrap();
    let found = dispatch.outcome_of(intent).await.unwrap().unwrap();
    assert_eq!(done(&found).order_ids, done(&settled).order_ids);
    assert!(dispatch.outcome_of("none").await.unwrap().is_none());
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);

    dispatch.reported(intent).await.unwrap();
    assert!(!make(&dispatch, unnamed()).await.replayed);
    dispatch.close().await;
}

#[tokio::test]
async fn a_missing_policy_is_noted_once_for_a_state_folder_until_there_is_one() {
    let bench = Bench::new().await;
    let noted = async |call: Call| {
        let dispatch = bench.open().await;
        let settled = make(&dispatch, call).await;
        dispatch.close().await;
        settled
            .notes
            .iter()
            .filter(|note| note.rule == "policy")
            .count()
    };
    let cancel = call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"}));
    assert_eq!(noted(cancel).await, 0);
    assert_eq!(noted(place("20")).await, 1);
    assert_eq!(noted(place("20")).await, 0);
    let capped = bench.open_with_policy("trading = true").await;
    capped.close().await;
    assert_eq!(noted(place("20")).await, 1);
    assert_eq!(noted(place("20")).await, 0);
}
