//! Orders with the same `clientId` that are not ours, or not this call's.

use std::time::Duration;

use bpx_dispatch::Dispatch;
use bpx_sandbox::Fault;
use bpx_venue::operations::{CANCEL_ORDER, EXECUTE_ORDER};
use serde_json::{Value, json};

use crate::support::{Bench, bid, bounds, call, done, make, rejected, unknown};

/// An order of another program, and dispatch that asks for a short time only.
async fn beside_a_stranger(bench: &Bench, order: Value) -> Dispatch {
    let state = tempfile::TempDir::new().unwrap();
    let settings = bpx_venue::settings(bench.sandbox.base_url(), bench.signer(), state.path());
    let stranger = Dispatch::open(settings.allow_trading(true)).await.unwrap();
    make(&stranger, call(&EXECUTE_ORDER, order)).await;
    stranger.close().await;
    let mut short = bounds();
    short.settle_max = Duration::from_secs(3);
    Dispatch::open(bench.settings().with_bounds(short))
        .await
        .unwrap()
}

fn numbered(side: &str, price: &str) -> Value {
    let mut order = bid(price);
    order["side"] = json!(side);
    order["clientId"] = json!(5);
    order
}

#[tokio::test]
async fn an_order_of_another_program_with_the_same_number_leaves_ours_unknown() {
    for side in ["Ask", "Bid"] {
        let bench = Bench::new().await;
        let dispatch = beside_a_stranger(&bench, numbered(side, "90")).await;
        // Long enough ago to be told from an order of now.
        tokio::time::sleep(bounds().clock_skew_max * 2).await;
        bench
            .sandbox
            .arm(Fault::DropBefore.on("execute_order"))
            .unwrap();
        let settled = make(&dispatch, call(&EXECUTE_ORDER, numbered("Bid", "20"))).await;
        assert!(
            unknown(&settled).why.contains("same clientId"),
            "{side}: {settled:?}"
        );
    }
}

#[tokio::test]
async fn an_order_of_our_own_with_the_same_number_is_told_from_the_new_one() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let first = make(&dispatch, call(&EXECUTE_ORDER, numbered("Bid", "20"))).await;
    make(
        &dispatch,
        call(&CANCEL_ORDER, json!({"symbol": "SOL_USDC", "clientId": 5})),
    )
    .await;
    bench
        .sandbox
        .arm(Fault::DropBefore.on("execute_order"))
        .unwrap();
    let second = make(&dispatch, call(&EXECUTE_ORDER, numbered("Bid", "20"))).await;
    assert_eq!(rejected(&second).code.as_deref(), Some("NOT_PLACED"));
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order"))
        .unwrap();
    let third = make(&dispatch, call(&EXECUTE_ORDER, numbered("Bid", "20"))).await;
    assert_ne!(done(&third).order_ids, done(&first).order_ids);
}

/// A local exchange that was started anew counts its orders from the first again.
#[tokio::test]
async fn an_order_id_that_is_given_anew_does_not_hide_an_order() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let first = make(&dispatch, call(&EXECUTE_ORDER, bid("20"))).await;
    let first_id = done(&first).order_ids.clone();
    bench.sandbox.reset().unwrap();
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order"))
        .unwrap();
    let second = make(&dispatch, call(&EXECUTE_ORDER, bid("21"))).await;
    assert_eq!(done(&second).order_ids, first_id, "{second:?}");
}
