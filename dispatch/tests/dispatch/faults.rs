//! Each fault at each write: the order is there once, or it is known why not.

use std::time::Duration;

use bpx_dispatch::{Dispatch, Outcome, Policy, Source, Witness};
use bpx_sandbox::Fault;
use bpx_venue::operations::{CANCEL_OPEN_ORDERS, CANCEL_ORDER, GET_OPEN_ORDERS};
use serde_json::json;

use crate::support::{
    Bench, batch, body, bounds, call, done, make, open_orders, place, rejected, unknown,
};

/// Faults after which the exchange has acted.
fn acted() -> Vec<Fault> {
    let error = |code: &str, status| Fault::Error {
        code: code.to_owned(),
        status,
        acted: true,
    };
    vec![
        Fault::DropAfter,
        Fault::Unavailable { acted: true },
        error("TIMEOUT", 400),
        error("SERVER_ERROR", 500),
        error("NEVER_HEARD_OF", 500),
        Fault::Truncated,
        Fault::CutJson,
        Fault::DelayAfter { delay_ms: 2_500 },
    ]
}

/// Faults that leave it open although the exchange has not acted.
fn not_acted() -> Vec<Fault> {
    vec![
        Fault::DropBefore,
        Fault::Unavailable { acted: false },
        Fault::Html,
    ]
}

/// Faults that say for certain that nothing was done.
fn definite() -> Vec<(Fault, u16)> {
    let error = |code: &str, status| Fault::Error {
        code: code.to_owned(),
        status,
        acted: false,
    };
    vec![
        (
            Fault::TooManyRequests {
                retry_after_s: None,
            },
            429,
        ),
        (Fault::Maintenance, 503),
        (error("INSUFFICIENT_FUNDS", 400), 400),
        (error("TRADING_PAUSED", 503), 503),
        (error("NEVER_HEARD_OF", 400), 400),
        (error("NEVER_HEARD_OF", 403), 403),
    ]
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_and_never_sent_again() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for (count, fault) in (1..).zip(acted()) {
        bench
            .sandbox
            .arm(fault.clone().on("execute_order"))
            .unwrap();
        let settled = make(&dispatch, place("20")).await;
        assert_eq!(done(&settled).source, Source::OpenOrders, "{fault}");
        assert_eq!(
            body(done(&settled))["clientId"],
            json!(settled.client_ids[0]),
            "{fault}"
        );
        assert_eq!(bench.arrived("POST", "/api/v1/order"), count, "{fault}");
    }
    assert_eq!(open_orders(&dispatch).await.len(), acted().len());
}

#[tokio::test]
async fn an_order_that_was_filled_at_once_is_found_in_the_history_though_it_lags() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench.offer(20, 1);
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order"))
        .unwrap();
    bench
        .sandbox
        .arm(
            Fault::HistoryLag { lag_ms: 80 }
                .on("get_order_history")
                .times(2),
        )
        .unwrap();
    let settled = make(&dispatch, place("20")).await;
    let order = body(done(&settled));
    assert_eq!(
        (done(&settled).source, &order["status"]),
        (Source::History, &json!("Filled"))
    );
    assert_eq!(order["executedQuantity"], "1");
}

#[tokio::test]
async fn an_order_that_never_arrived_is_proven_absent_once_its_request_has_expired() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for fault in not_acted() {
        bench
            .sandbox
            .arm(fault.clone().on("execute_order"))
            .unwrap();
        let settled = make(&dispatch, place("20")).await;
        let rejected = rejected(&settled);
        assert_eq!(rejected.by, Witness::Evidence, "{fault}");
        assert_eq!(rejected.code.as_deref(), Some("NOT_PLACED"), "{fault}");
    }
    assert!(open_orders(&dispatch).await.is_empty());
}

#[tokio::test]
async fn a_request_that_arrives_late_is_found_and_not_taken_for_absent() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::DelayBefore { delay_ms: 250 }.on("execute_order"))
        .unwrap();
    let settled = make(&dispatch, place("20")).await;
    assert_eq!(
        open_orders(&dispatch).await.len(),
        done(&settled).order_ids.len()
    );
}

#[tokio::test]
async fn a_definite_no_is_rejected_without_a_question() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for (fault, status) in definite() {
        bench
            .sandbox
            .arm(fault.clone().on("execute_order"))
            .unwrap();
        let settled = make(&dispatch, place("20")).await;
        assert_eq!(rejected(&settled).by, Witness::Response, "{fault}");
        assert_eq!(rejected(&settled).status, Some(status), "{fault}");
    }
    assert_eq!(bench.arrived("GET", "/api/v1/order"), 0);
}

#[tokio::test]
async fn an_exchange_that_cannot_be_asked_leaves_the_order_unknown_and_a_repeated_call_finds_it() {
    let bench = Bench::new().await;
    let mut short = bounds();
    short.settle_max = Duration::from_millis(200);
    let dispatch = Dispatch::open(bench.settings().with_bounds(short))
        .await
        .unwrap();
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order"))
        .unwrap();
    bench
        .sandbox
        .arm(Fault::Maintenance.on("get_order").always())
        .unwrap();
    let first = make(&dispatch, place("20").with_idempotency_key("once")).await;
    assert!(
        unknown(&first).next.contains("do not send it again"),
        "{first:?}"
    );
    bench.sandbox.disarm();
    let again = make(&dispatch, place("20").with_idempotency_key("once")).await;
    assert!(again.replayed);
    assert_eq!(done(&again).source, Source::OpenOrders);
    assert_eq!(again.client_ids, first.client_ids);
    assert_eq!(open_orders(&dispatch).await.len(), 1);
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
}

#[tokio::test]
async fn what_is_said_of_an_unknown_outcome_does_not_grow_with_each_look() {
    let bench = Bench::new().await;
    let mut short = bounds();
    short.settle_max = Duration::from_millis(50);
    let dispatch = Dispatch::open(bench.settings().with_bounds(short))
        .await
        .unwrap();
    let fault = Fault::DropAfter.on("execute_order");
    bench.sandbox.arm(fault).unwrap();
    let fault = Fault::Maintenance.on("get_order").always();
    bench.sandbox.arm(fault).unwrap();
    let call = || place("20").with_idempotency_key("once");
    let first = make(&dispatch, call()).await;
    make(&dispatch, call()).await;
    let third = make(&dispatch, call()).await;
    assert_eq!(unknown(&first).why, unknown(&third).why);
    assert!(unknown(&third).why.contains("since then"), "{third:?}");
}

#[tokio::test]
async fn every_order_of_a_batch_whose_answer_was_lost_is_found() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for fault in acted() {
        let before = open_orders(&dispatch).await.len();
        bench
            .sandbox
            .arm(fault.clone().on("execute_order_batch"))
            .unwrap();
        let settled = make(&dispatch, batch(&["20", "21", "22"])).await;
        let rows = body(done(&settled));
        let numbers: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["clientId"].clone())
            .collect();
        assert_eq!(json!(numbers), json!(settled.client_ids), "{fault}");
        assert_eq!(open_orders(&dispatch).await.len(), before + 3, "{fault}");
    }
}

#[tokio::test]
async fn a_batch_of_which_one_order_was_refused_is_told_row_by_row_though_its_answer_was_lost() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order_batch"))
        .unwrap();
    let settled = make(&dispatch, batch(&["20", "20.1234567"])).await;
    let rows = body(done(&settled));
    assert_eq!(rows[0]["operation"], "Ok");
    assert_eq!(
        (&rows[1]["operation"], &rows[1]["code"]),
        (&json!("Err"), &json!("NOT_PLACED"))
    );
}

#[tokio::test]
async fn a_batch_that_never_arrived_is_proven_absent() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::DropBefore.on("execute_order_batch"))
        .unwrap();
    let settled = make(&dispatch, batch(&["20", "21"])).await;
    assert_eq!(rejected(&settled).code.as_deref(), Some("NOT_PLACED"));
    assert!(open_orders(&dispatch).await.is_empty());
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_found_done() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for fault in acted() {
        let placed = make(&dispatch, place("20")).await;
        bench.sandbox.arm(fault.clone().on("cancel_order")).unwrap();
        let cancel = json!({"symbol": "SOL_USDC", "clientId": placed.client_ids[0]});
        let settled = make(&dispatch, call(&CANCEL_ORDER, cancel)).await;
        assert_eq!(body(done(&settled))["status"], "Cancelled", "{fault}");
        assert_eq!(done(&settled).order_ids, done(&placed).order_ids, "{fault}");
    }
}

#[tokio::test]
async fn a_cancellation_that_never_arrived_is_unknown_and_says_that_cancelling_again_does_no_harm()
{
    let bench = Bench::new().await;
    let mut short = bounds();
    short.settle_max = Duration::from_millis(300);
    let dispatch = Dispatch::open(bench.settings().with_bounds(short))
        .await
        .unwrap();
    let placed = make(&dispatch, place("20")).await;
    for fault in not_acted() {
        bench.sandbox.arm(fault.clone().on("cancel_order")).unwrap();
        let cancel = json!({"symbol": "SOL_USDC", "orderId": done(&placed).order_ids[0]});
        let settled = make(&dispatch, call(&CANCEL_ORDER, cancel)).await;
        assert!(
            unknown(&settled).why.contains("still open"),
            "{fault}: {settled:?}"
        );
        assert!(unknown(&settled).next.contains("does no harm"), "{fault}");
        bench
            .sandbox
            .arm(fault.clone().on("cancel_open_orders"))
            .unwrap();
        let all = make(
            &dispatch,
            call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
        )
        .await;
        assert!(unknown(&all).why.contains("still open"), "{fault}: {all:?}");
    }
}

#[tokio::test]
async fn cancelling_everything_whose_answer_was_lost_is_found_done() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for fault in acted() {
        make(&dispatch, batch(&["20", "21"])).await;
        bench
            .sandbox
            .arm(fault.clone().on("cancel_open_orders"))
            .unwrap();
        let settled = make(
            &dispatch,
            call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
        )
        .await;
        assert!(
            matches!(settled.outcome, Outcome::Done(_)),
            "{fault}: {settled:?}"
        );
        assert!(open_orders(&dispatch).await.is_empty(), "{fault}");
    }
}

#[tokio::test]
async fn a_read_is_repeated_and_one_that_fails_for_good_changes_nothing() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::Html.on("get_open_orders"))
        .unwrap();
    assert!(open_orders(&dispatch).await.is_empty());
    bench
        .sandbox
        .arm(Fault::Html.on("get_open_orders").always())
        .unwrap();
    let read = make(&dispatch, call(&GET_OPEN_ORDERS, json!({}))).await;
    let unknown = unknown(&read);
    assert!(unknown.next.contains("changes nothing"));
    assert!(
        !unknown.why.contains('<'),
        "no page of a proxy is handed on: {}",
        unknown.why
    );
}

#[tokio::test]
async fn nothing_leaves_where_no_connection_can_be_made() {
    let bench = Bench::new().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let settings =
        bpx_venue::settings(nowhere, bench.signer(), bench.state.path()).allow_trading(true);
    let policy = Policy::parse("trading = true\n[day]\norders_max = 1", "policy.toml").unwrap();
    let dispatch = Dispatch::open(settings.with_policy(policy)).await.unwrap();
    // Each gives the day its room back.
    for _ in 0..2 {
        let settled = make(&dispatch, place("20")).await;
        let rejected = rejected(&settled);
        assert_eq!(
            (
                rejected.by,
                rejected.code.as_deref(),
                settled.outcome.kind()
            ),
            (Witness::Here, Some("NOT_SENT"), "not_sent")
        );
    }
}
