//! How calls end when nothing goes wrong, and how each operation settles.

use bpx_dispatch::{Dispatch, Outcome, Source, Witness};
use bpx_sandbox::Fault;
use bpx_venue::operations::{
    CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER, GET_FILLS, GET_ORDER, GET_ORDER_HISTORY,
};
use serde_json::{Value, json};

use crate::support::{
    Bench, batch, bid, body, bounds, call, done, make, open_orders, place, rejected,
};

#[tokio::test]
async fn an_order_is_placed_under_a_chosen_number_and_can_be_read_by_it() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let placed = make(&dispatch, place("20.10")).await;
    let order = body(done(&placed));
    assert_eq!(order["price"], "20.1");
    assert_eq!(placed.client_ids.len(), 1);
    assert_ne!(placed.client_ids[0], 0);
    assert_eq!(order["clientId"], json!(placed.client_ids[0]));
    assert_eq!(done(&placed).order_ids, [order["id"].as_str().unwrap()]);
    assert!(placed.intent.is_some());
    let read = call(
        &GET_ORDER,
        json!({"symbol": "SOL_USDC", "clientId": placed.client_ids[0]}),
    );
    let read = make(&dispatch, read).await;
    assert_eq!(body(done(&read))["id"], order["id"]);
    assert!(read.intent.is_none(), "reads are not journaled");
}

#[tokio::test]
async fn numbers_of_consecutive_orders_differ_and_the_callers_own_is_kept() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let first = make(&dispatch, place("20")).await.client_ids[0];
    let second = make(&dispatch, place("20")).await.client_ids[0];
    assert_ne!(first, second);
    let mut own = bid("20");
    own["clientId"] = json!(7);
    assert_eq!(
        make(&dispatch, call(&EXECUTE_ORDER, own)).await.client_ids,
        [7]
    );
}

#[tokio::test]
async fn the_venues_json_is_handed_on_byte_for_byte() {
    const ODD: &str = "{ \"status\":\"New\",\n \"id\" : \"1\", \"price\":\"20.100\", \"new\": 123456789012345678901.10e1, \"q\":null }";
    let answer = || async { ([("content-type", "application/json")], ODD) };
    let router = axum::Router::new().fallback(answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let bench = Bench::new().await;
    let settings =
        bpx_venue::settings(base_url, bench.signer(), bench.state.path()).allow_trading(true);
    let dispatch = Dispatch::open(settings).await.unwrap();
    let placed = make(&dispatch, place("20.100").with_idempotency_key("k")).await;
    let again = make(&dispatch, place("20.100").with_idempotency_key("k")).await;
    let read = make(
        &dispatch,
        call(&GET_ORDER, json!({"symbol": "SOL_USDC", "orderId": "1"})),
    )
    .await;
    for settled in [placed, again, read] {
        assert_eq!(done(&settled).body.get(), ODD);
        assert_eq!(done(&settled).source, Source::Response);
    }
}

#[tokio::test]
async fn a_batch_gives_each_order_a_number_and_tells_rows_apart() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let settled = make(&dispatch, batch(&["20", "20.1234567", "21"])).await;
    let rows = body(done(&settled));
    let tags: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["operation"].clone())
        .collect();
    assert_eq!(tags, ["Ok", "Err", "Ok"]);
    assert_eq!(settled.client_ids.len(), 3);
    assert_eq!(rows[2]["clientId"], json!(settled.client_ids[2]));
    assert_eq!(done(&settled).order_ids.len(), 2);
}

#[tokio::test]
async fn a_refusal_of_the_exchange_keeps_its_status_code_and_text() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let mut order = bid("20");
    order["quantity"] = json!("0.000000001");
    let settled = make(&dispatch, call(&EXECUTE_ORDER, order)).await;
    let rejected = rejected(&settled);
    assert_eq!(
        (rejected.by, rejected.status),
        (Witness::Response, Some(400))
    );
    assert_eq!(rejected.code.as_deref(), Some("INVALID_CLIENT_REQUEST"));
    assert_eq!(rejected.message, "Quantity decimal too long");
}

#[tokio::test]
async fn a_refusal_in_plain_text_has_no_code() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let mut order = bid("20");
    order["symbol"] = json!("NO_SUCH");
    let settled = make(&dispatch, call(&EXECUTE_ORDER, order)).await;
    let rejected = rejected(&settled);
    assert_eq!((rejected.status, &rejected.code), (Some(400), &None));
    assert!(rejected.message.contains("Invalid market symbol"));
}

#[tokio::test]
async fn how_long_the_exchange_wants_one_to_wait_is_handed_on() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let busy = Fault::TooManyRequests {
        retry_after_s: Some(7),
    };
    bench.sandbox.arm(busy.on("execute_order")).unwrap();
    let settled = make(&dispatch, place("20")).await;
    assert_eq!(rejected(&settled).retry_after.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_cancellation_by_either_key_is_done_and_a_second_one_says_how_the_order_ended() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for by_number in [false, true] {
        let placed = make(&dispatch, place("20")).await;
        let id = &done(&placed).order_ids[0];
        let cancel = if by_number {
            json!({"symbol": "SOL_USDC", "clientId": placed.client_ids[0]})
        } else {
            json!({"symbol": "SOL_USDC", "orderId": id})
        };
        let cancelled = make(&dispatch, call(&CANCEL_ORDER, cancel.clone())).await;
        assert_eq!(body(done(&cancelled))["status"], "Cancelled");
        let again = make(&dispatch, call(&CANCEL_ORDER, cancel)).await;
        let rejected = rejected(&again);
        assert_eq!(rejected.code.as_deref(), Some("ORDER_CLOSED"));
        let order: Value = serde_json::from_str(rejected.order.as_ref().unwrap().get()).unwrap();
        assert_eq!(order["id"], json!(id));
    }
}

#[tokio::test]
async fn a_cancellation_that_settles_late_is_followed_to_its_end() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for key in ["orderId", "clientId"] {
        let placed = make(&dispatch, place("20")).await;
        let value = match key {
            "orderId" => json!(done(&placed).order_ids[0]),
            _ => json!(placed.client_ids[0]),
        };
        bench
            .sandbox
            .arm(Fault::Settle { delay_ms: 120 }.on("cancel_order"))
            .unwrap();
        bench
            .sandbox
            .arm(
                Fault::HistoryLag { lag_ms: 80 }
                    .on("get_order_history")
                    .times(3),
            )
            .unwrap();
        let cancel = call(&CANCEL_ORDER, json!({"symbol": "SOL_USDC", key: value}));
        let settled = make(&dispatch, cancel).await;
        let order = body(done(&settled));
        assert_eq!(
            (done(&settled).source, &order["status"]),
            (Source::History, &json!("Cancelled"))
        );
        assert!(
            order["createdAt"].is_i64(),
            "the row has the shape of a live order: {order}"
        );
    }
}

#[tokio::test]
async fn a_fill_that_wins_against_a_late_cancellation_is_told_as_such() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let placed = make(&dispatch, place("20")).await;
    bench
        .sandbox
        .arm(Fault::Settle { delay_ms: 1_500 }.on("cancel_order"))
        .unwrap();
    let cancel = call(
        &CANCEL_ORDER,
        json!({"symbol": "SOL_USDC", "orderId": done(&placed).order_ids[0]}),
    );
    let (settled, ()) = tokio::join!(make(&dispatch, cancel), async {
        while bench.arrived("DELETE", "/api/v1/order") == 0 {
            tokio::task::yield_now().await;
        }
        bench.offer(20, 1);
    });
    let rejected = rejected(&settled);
    assert_eq!(
        (rejected.by, rejected.code.as_deref()),
        (Witness::Evidence, Some("ORDER_CLOSED"))
    );
    assert!(rejected.message.contains("Filled"), "{}", rejected.message);
}

#[tokio::test]
async fn what_does_not_settle_in_time_stays_accepted() {
    let bench = Bench::new().await;
    let mut short = bounds();
    short.settle_max = std::time::Duration::from_millis(150);
    let dispatch = Dispatch::open(bench.settings().with_bounds(short))
        .await
        .unwrap();
    let placed = make(&dispatch, place("20")).await;
    for (operation, name) in [
        (&CANCEL_ORDER, "cancel_order"),
        (&CANCEL_OPEN_ORDERS, "cancel_open_orders"),
    ] {
        bench
            .sandbox
            .arm(Fault::Settle { delay_ms: 60_000 }.on(name))
            .unwrap();
        let mut arguments = json!({"symbol": "SOL_USDC"});
        if name == "cancel_order" {
            arguments["orderId"] = json!(done(&placed).order_ids[0]);
        }
        let settled = make(&dispatch, call(operation, arguments)).await;
        let Outcome::Accepted(accepted) = &settled.outcome else {
            panic!("{:?}", settled.outcome);
        };
        assert_eq!(accepted.status, 202);
        assert!(accepted.why.contains("still open"), "{}", accepted.why);
    }
}

#[tokio::test]
async fn all_open_orders_are_cancelled_at_once_or_late() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    for delay_ms in [None, Some(120)] {
        let orders = make(&dispatch, batch(&["20", "21"])).await;
        if let Some(delay_ms) = delay_ms {
            bench
                .sandbox
                .arm(Fault::Settle { delay_ms }.on("cancel_open_orders"))
                .unwrap();
        }
        let settled = make(
            &dispatch,
            call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
        )
        .await;
        let mut ids = done(&settled).order_ids.clone();
        ids.sort();
        let mut placed = done(&orders).order_ids.clone();
        placed.sort();
        assert_eq!(ids, placed);
        assert!(open_orders(&dispatch).await.is_empty());
    }
}

#[tokio::test]
async fn reads_carry_their_page_headers_and_a_read_that_finds_nothing_is_rejected() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let page = make(&dispatch, call(&GET_FILLS, json!({"limit": 5}))).await;
    assert_eq!(done(&page).page.unwrap().page_size, Some(5));
    let page = make(
        &dispatch,
        call(&GET_ORDER_HISTORY, json!({"marketType": ["SPOT", "PERP"]})),
    )
    .await;
    assert_eq!(done(&page).page.unwrap().total, Some(0));
    let missing = make(
        &dispatch,
        call(&GET_ORDER, json!({"symbol": "SOL_USDC", "orderId": "1"})),
    )
    .await;
    assert_eq!(rejected(&missing).status, Some(404));
}

#[tokio::test]
async fn results_fit_the_output_schema_of_their_operation() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    bench
        .sandbox
        .arm(Fault::Settle { delay_ms: 50 }.on("cancel_order"))
        .unwrap();
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order_batch"))
        .unwrap();
    bench.offer(30, 1);
    let filled = make(&dispatch, place("30")).await;
    let placed = make(&dispatch, place("20")).await;
    let id = &done(&placed).order_ids[0];
    let calls = [
        call(&CANCEL_ORDER, json!({"symbol": "SOL_USDC", "orderId": id})),
        batch(&["20", "21"]),
        call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
        call(&GET_FILLS, json!({})),
        call(&GET_ORDER_HISTORY, json!({})),
    ];
    let mut settled = vec![filled, placed];
    for call in calls {
        settled.push(make(&dispatch, call).await);
    }
    for settled in &settled {
        let row = bpx_venue::api().operation(&settled.operation).unwrap();
        let validator = jsonschema::validator_for(row.output_schema()).unwrap();
        let result = json!({"result": body(done(settled))});
        let faults: Vec<_> = validator
            .iter_errors(&result)
            .map(|error| error.to_string())
            .collect();
        assert!(faults.is_empty(), "{}: {faults:?}", row.id);
    }
}
