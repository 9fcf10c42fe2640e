//! The same call twice, at once, in two processes' places.

use std::path::Path;

use bpx_dispatch::{Dispatch, Outcome, Refused, Settled};
use bpx_sandbox::Fault;
use bpx_venue::operations::{CANCEL_ORDER, EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use serde_json::{Value, json};

use crate::support::{Bench, bid, bounds, call, done, make, open_orders, place, refuse, rejected};

/// A second gateway with a state folder of its own and the first one's journal.
pub(crate) async fn second(bench: &Bench, state: &Path, url: &str) -> Dispatch {
    let settings = bpx_venue::settings(bench.sandbox.base_url(), bench.signer(), state);
    let settings = settings
        .allow_trading(true)
        .with_bounds(bounds())
        .with_journal(url);
    Dispatch::open(settings).await.unwrap()
}

/// One was sent, and everybody got its outcome.
pub(crate) fn assert_one(bench: &Bench, settled: &[Settled]) {
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
    let first = done(&settled[0]);
    for one in settled {
        assert_eq!(done(one).order_ids, first.order_ids);
        assert_eq!(one.client_ids, settled[0].client_ids);
        assert_eq!(done(one).body.get(), first.body.get());
    }
    assert_eq!(settled.iter().filter(|one| !one.replayed).count(), 1);
}

#[tokio::test]
async fn the_same_key_gives_the_recorded_outcome_whatever_the_order_of_members() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let first = make(&dispatch, place("20").with_idempotency_key("k")).await;
    let mut reversed = bid("20").as_object().unwrap().clone();
    reversed = reversed.into_iter().rev().collect();
    let again = bpx_dispatch::Call::new(&EXECUTE_ORDER, reversed, "another caller")
        .with_idempotency_key("k");
    let again = make(&dispatch, again).await;
    assert_one(&bench, &[first, again]);
}

#[tokio::test]
async fn a_rejected_call_is_replayed_as_rejected() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let mut order = bid("20");
    order["quantity"] = json!("0.000000001");
    for is_replayed in [false, true] {
        let settled = make(
            &dispatch,
            call(&EXECUTE_ORDER, order.clone()).with_idempotency_key("k"),
        )
        .await;
        assert_eq!(settled.replayed, is_replayed);
        assert_eq!(rejected(&settled).message, "Quantity decimal too long");
    }
}

#[tokio::test]
async fn a_key_with_other_arguments_or_another_operation_is_refused() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    make(&dispatch, place("20").with_idempotency_key("k")).await;
    let cancel = call(&CANCEL_ORDER, json!({"symbol": "SOL_USDC", "orderId": "1"}));
    for call in [
        place("21").with_idempotency_key("k"),
        cancel.with_idempotency_key("k"),
    ] {
        let refused = refuse(&dispatch, call).await;
        assert_eq!(refused.code(), "IDEMPOTENCY_KEY_REUSED");
    }
    assert_eq!(open_orders(&dispatch).await.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for key in [
        String::new(),
        "a b".to_owned(),
        "ü".to_owned(),
        "k".repeat(256),
    ] {
        let refused = refuse(&dispatch, place("20").with_idempotency_key(key)).await;
        assert_eq!(refused.code(), "IDEMPOTENCY_KEY_INVALID");
    }
}

#[tokio::test]
async fn the_same_key_at_the_same_moment_sends_once() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::DelayAfter { delay_ms: 100 }.on("execute_order"))
        .unwrap();
    let calls = (0..8).map(|_| {
        let dispatch = dispatch.clone();
        tokio::spawn(async move { make(&dispatch, place("20").with_idempotency_key("k")).await })
    });
    let tasks: Vec<_> = calls.collect();
    let mut settled = Vec::new();
    for task in tasks {
        settled.push(task.await.unwrap());
    }
    assert_one(&bench, &settled);
}

#[tokio::test]
async fn two_gateways_on_one_file_send_once() {
    let bench = Bench::new().await;
    let first = bench.open().await;
    let state = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}", bench.journal().display());
    let second = second(&bench, state.path(), &url).await;
    let call = || place("20").with_idempotency_key("k");
    let settled: [Settled; 2] = tokio::join!(make(&first, call()), make(&second, call())).into();
    assert_one(&bench, &settled);
    assert!(
        second.recovered().await.is_empty(),
        "what the first began is its own"
    );
}

#[tokio::test]
async fn a_call_under_way_is_waited_for_up_to_a_bound() {
    let bench = Bench::new().await;
    let mut impatient = bounds();
    impatient.in_flight_wait_max = std::time::Duration::from_millis(30);
    let dispatch = Dispatch::open(bench.settings().with_bounds(impatient))
        .await
        .unwrap();
    bench
        .sandbox
        .arm(Fault::DelayAfter { delay_ms: 1_500 }.on("execute_order"))
        .unwrap();
    let call = || place("20").with_idempotency_key("k");
    let slow = {
        let dispatch = dispatch.clone();
        tokio::spawn(async move { make(&dispatch, call()).await })
    };
    while bench.arrived("POST", "/api/v1/order") == 0 {
        tokio::task::yield_now().await;
    }
    let refused = refuse(&dispatch, call()).await;
    assert!(matches!(refused, Refused::InFlight { .. }), "{refused}");
    let first = slow.await.unwrap();
    let again = make(&dispatch, call()).await;
    assert_one(&bench, &[first, again]);
}

#[tokio::test]
async fn a_caller_that_goes_away_stops_nothing_and_close_waits_for_the_outcome() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::DelayAfter { delay_ms: 200 }.on("execute_order"))
        .unwrap();
    let gone = {
        let dispatch = dispatch.clone();
        tokio::spawn(async move { dispatch.call(place("20").with_idempotency_key("k")).await })
    };
    while bench.arrived("POST", "/api/v1/order") == 0 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    dispatch.close().await;
    assert_eq!(refuse(&dispatch, place("20")).await.code(), "CLOSED");
    let next = bench.open().await;
    assert!(
        next.recovered().await.is_empty(),
        "the outcome was recorded"
    );
    let again = make(&next, place("20").with_idempotency_key("k")).await;
    assert!(again.replayed && matches!(again.outcome, Outcome::Done(_)));
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
}

#[tokio::test]
async fn a_number_in_use_is_refused_until_its_order_is_closed() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let own = |price: &str| {
        let mut order = bid(price);
        order["clientId"] = json!(42);
        call(&EXECUTE_ORDER, order)
    };
    make(&dispatch, own("20")).await;
    let refused = refuse(&dispatch, own("21")).await;
    assert!(
        matches!(refused, Refused::ClientIdInUse { client_id: 42, .. }),
        "{refused}"
    );
    // A fill closes the order without this journal seeing it: the exchange is asked.
    bench.offer(20, 1);
    let again = make(&dispatch, own("19")).await;
    assert_eq!(again.client_ids, [42]);
    let cancel = call(&CANCEL_ORDER, json!({"symbol": "SOL_USDC", "clientId": 42}));
    make(&dispatch, cancel).await;
    assert_eq!(make(&dispatch, own("18")).await.client_ids, [42]);
}

#[tokio::test]
async fn a_number_twice_in_one_batch_is_refused_whole() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let mut order = bid("20");
    order["clientId"] = json!(9);
    let batch = call(&EXECUTE_ORDER_BATCH, json!({"orders": [order, order]}));
    assert_eq!(refuse(&dispatch, batch).await.code(), "INVALID_ARGUMENTS");
    assert!(open_orders(&dispatch).await.is_empty());
}

#[test]
fn a_call_is_known_again_however_its_arguments_are_written() {
    let canonical = |operation, arguments: Value| {
        bpx_dispatch::canonical(operation, arguments.as_object().unwrap()).to_string()
    };
    let order = |price: &str, client_id: Value| {
        let mut order = bid(price);
        order["clientId"] = client_id;
        order
    };
    let plain = canonical(&EXECUTE_ORDER, order("20.5", json!(1)));
    assert_eq!(canonical(&EXECUTE_ORDER, order("20.50", json!(1.0))), plain);
    assert_ne!(canonical(&EXECUTE_ORDER, order("20.05", json!(1))), plain);
    assert_ne!(canonical(&EXECUTE_ORDER, order("20.5", json!("1"))), plain);
    let batch = |price: &str| {
        let orders = json!({"orders": [order(price, json!(1))]});
        canonical(&EXECUTE_ORDER_BATCH, orders)
    };
    assert_eq!(batch("20"), batch("20.0"));
    let text = |id: &str| canonical(&CANCEL_ORDER, json!({"symbol": "SOL_USDC", "orderId": id}));
    assert_ne!(text("1"), text("1.0"));
}
