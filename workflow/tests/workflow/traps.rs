//! The sixteen traps of cancel-and-replace, one test each, on our workflow.

use std::sync::Arc;

use bpx_dispatch::Policy;
use bpx_sandbox::Fault;
use bpx_venue::operations::CANCEL_ORDER;
use bpx_workflow::{Error, Event, EventKind, Library, Observer, Outcome};
use serde_json::json;
use tokio::sync::Notify;

use crate::support::{
    Bench, catalog, document, is_already, is_done, object, ours, parse, until, upstream,
    upstream_inputs,
};

#[tokio::test]
async fn trap_1_a_static_signature_is_set_aside_and_each_request_is_signed_by_itself() {
    let Some(library) = upstream() else { return };
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let report = bench.run(&library, upstream_inputs(&id)).await;
    is_done(&report);
    for name in ["apiKey", "signature", "timestamp"] {
        let said = report
            .notes
            .iter()
            .any(|it| it.contains(&format!("`{name}` is not used")));
        assert!(said, "{:?}", report.notes);
    }
    // Whatever is verified had a signature of its own. The first POST is the test's.
    assert_eq!(
        (
            bench.arrived("GET"),
            bench.arrived("DELETE"),
            bench.arrived("POST")
        ),
        (1, 1, 2)
    );
}

#[tokio::test]
async fn trap_2_an_optional_argument_without_a_value_is_left_out() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({"postOnly": true})).await;
    let (report, answers) = bench
        .watch(&ours(), json!({"symbol": "SOL_USDC", "orderId": id, "newPrice": "21", "newQuantity": "3", "partialFill": "fresh"}))
        .await;
    is_done(&report);
    let placed = &answers.last().unwrap().1;
    assert_eq!(placed["postOnly"], true);
    assert!(
        placed
            .get("stopLossTriggerPrice")
            .is_none_or(serde_json::Value::is_null)
    );
}

#[tokio::test]
async fn trap_3_both_identifiers_at_once_are_refused_here_before_anything_is_changed() {
    let step = json!({"stepId": "cancel", "operationId": "cancel_order", "requestBody": {
        "payload": {"symbol": "SOL_USDC", "orderId": "$inputs.orderId", "clientId": "$inputs.number"}}});
    let inputs =
        json!({"orderId": {"type": "string"}, "number": {"type": "integer", "format": "uint32"}});
    let library = parse(&document(inputs, json!([step])));
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let report = bench
        .run(&library, json!({"orderId": id, "number": 7}))
        .await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    assert_eq!(bench.arrived("DELETE"), 0);
    is_done(&bench.run(&library, json!({"orderId": id})).await);
}

#[tokio::test]
async fn trap_4_what_is_filled_by_the_cancellation_is_taken_off_or_not_as_was_chosen() {
    for (choice, left) in [("total", "2.5"), ("fresh", "3")] {
        let bench = Bench::new().await;
        let id = bench.bid(json!({})).await;
        bench.offer("20", "0.5");
        let report = bench.replace(&id, json!({"partialFill": choice})).await;
        is_done(&report);
        assert_eq!(report.outputs["executedQuantity"], "0.5");
        bench.only_open("21", left).await;
    }
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.offer("20", "0.5");
    let report = bench.replace(&id, json!({"partialFill": "stop"})).await;
    assert_eq!(report.outcome, Outcome::Stopped);
    bench.only_open("20", "2").await;
}

#[tokio::test]
async fn trap_5_an_order_of_another_market_stops_it() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let report = bench.replace(&id, json!({"symbol": "BTC_USDC"})).await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    assert_eq!(bench.arrived("DELETE"), 0);
}

#[tokio::test]
async fn trap_6_a_202_is_not_taken_for_done_and_a_fill_meanwhile_is_seen() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::Settle { delay_ms: 400 }, "cancel_order");
    is_done(&bench.replace(&id, json!({})).await);
    bench.only_open("21", "3").await;

    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::Settle { delay_ms: 600 }, "cancel_order");
    let (report, ()) = tokio::join!(bench.replace(&id, json!({})), async {
        until(|| bench.arrived("DELETE") > 0).await;
        bench.offer("20", "2");
    });
    is_already(&report, "Filled");
    assert!(bench.open_orders().await.is_empty());
}

#[tokio::test]
async fn trap_7_a_cancellation_whose_answer_is_lost_is_settled_by_asking() {
    let lost = [
        Fault::DropAfter,
        Fault::Unavailable { acted: true },
        Fault::Truncated,
    ];
    for fault in lost {
        let bench = Bench::new().await;
        let id = bench.bid(json!({})).await;
        bench.arm(fault.clone(), "cancel_order");
        is_done(&bench.replace(&id, json!({})).await);
        bench.only_open("21", "3").await;
        assert_eq!(bench.arrived("DELETE"), 1, "{fault}");
    }
}

#[tokio::test]
async fn trap_8_a_refused_replacement_is_told_and_one_whose_answer_is_lost_is_found() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let refusal = Fault::Error {
        code: "INSUFFICIENT_FUNDS".to_owned(),
        status: 400,
        acted: false,
    };
    bench.arm(refusal, "execute_order");
    let report = bench.replace(&id, json!({})).await;
    assert_eq!(
        (report.outcome, report.outcome.exit_code()),
        (Outcome::Incomplete, 12)
    );
    let next =
        "bpx execute-order --order-type Limit --symbol SOL_USDC --side Bid --price 21 --quantity 3";
    assert!(report.next.contains(next), "{}", report.next);
    assert!(bench.open_orders().await.is_empty());

    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::DropAfter, "execute_order");
    is_done(&bench.replace(&id, json!({})).await);
    bench.only_open("21", "3").await;
    assert_eq!(bench.arrived("POST"), 2);
}

#[tokio::test]
async fn trap_9_the_number_of_the_replacement_is_chosen_and_told_before_the_cancellation() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let report = bench.replace(&id, json!({})).await;
    let number = bench.only_open("21", "3").await["clientId"]
        .as_u64()
        .unwrap();
    let note = format!("clientId {number} was chosen");
    assert!(
        report.notes.iter().any(|it| it.contains(&note)),
        "{:?}",
        report.notes
    );

    let id = report.outputs["newOrderId"].as_str().unwrap();
    is_done(
        &bench
            .replace(id, json!({"clientId": 77, "newPrice": "22"}))
            .await,
    );
    assert_eq!(bench.only_open("22", "3").await["clientId"], 77);
}

#[tokio::test]
async fn trap_10_what_the_order_was_the_replacement_is_and_another_side_stops_it() {
    let bench = Bench::new().await;
    let id = bench
        .bid(json!({"postOnly": true, "selfTradePrevention": "RejectBoth"}))
        .await;
    let report = bench.replace(&id, json!({"side": "Ask"})).await;
    assert_eq!(report.outcome, Outcome::Stopped);
    is_done(&bench.replace(&id, json!({"side": "Bid"})).await);
    let order = bench.only_open("21", "3").await;
    assert_eq!(
        (&order["postOnly"], &order["side"]),
        (&json!(true), &json!("Bid"))
    );
    assert_eq!(order["selfTradePrevention"], "RejectBoth");

    // As the community's file is written, its side is an input.
    let Some(library) = upstream() else { return };
    let mut inputs = upstream_inputs(order["id"].as_str().unwrap());
    inputs["side"] = json!("Ask");
    let report = bench.run(&library, inputs).await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    assert!(report.why.contains("side Ask"), "{}", report.why);
    bench.only_open("21", "3").await;
}

#[tokio::test]
async fn trap_11_an_order_that_is_not_open_is_told_as_filled_cancelled_or_never_seen() {
    let bench = Bench::new().await;
    let filled = bench.bid(json!({})).await;
    bench.offer("20", "2");
    let report = bench.replace(&filled, json!({})).await;
    is_already(&report, "Filled");

    let cancelled = bench.bid(json!({})).await;
    bench
        .call(
            &CANCEL_ORDER,
            json!({"symbol": "SOL_USDC", "orderId": cancelled}),
        )
        .await;
    let report = bench.replace(&cancelled, json!({})).await;
    is_already(&report, "Cancelled");
    assert_eq!(report.outcome.exit_code(), 10);

    assert_eq!(
        bench.replace("999", json!({})).await.outcome,
        Outcome::Stopped
    );
    assert_eq!((bench.arrived("DELETE"), bench.arrived("POST")), (1, 2));
}

#[tokio::test]
async fn trap_12_a_busy_exchange_is_waited_for_a_clock_stops_it_and_an_expired_replacement_is_none()
{
    let bench = Bench::new().await;
    let id = bench.bid(json!({"postOnly": true})).await;
    bench.arm(
        Fault::TooManyRequests {
            retry_after_s: Some(1),
        },
        "get_order",
    );
    bench.offer("25", "1");
    let report = bench.replace(&id, json!({"newPrice": "30"})).await;
    assert_eq!(report.outcome, Outcome::Incomplete, "{report:?}");
    assert!(bench.open_orders().await.is_empty());

    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::ClockSkew { skew_ms: 90_000 }, "get_order");
    let report = bench.replace(&id, json!({})).await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    bench.only_open("20", "2").await;
}

#[tokio::test]
async fn trap_13_what_would_stop_the_replacement_stops_the_cancellation() {
    let policy = "trading = true\n[symbol.SOL_USDC]\ntick = \"0.01\"\nstep = \"0.01\"";
    let policy = Policy::parse(policy, "policy.toml").unwrap();
    let bench = Bench::with_policy(Some(policy)).await;
    let id = bench.bid(json!({})).await;
    let runner = bench.runner();
    for (name, value, says) in [
        ("newPrice", "21.005", "not a multiple of 0.01"),
        ("newQuantity", "2.001", "not a multiple of 0.01"),
    ] {
        let mut inputs = json!({"symbol": "SOL_USDC", "orderId": id, "newPrice": "21", "newQuantity": "3", "partialFill": "total"});
        inputs[name] = json!(value);
        let report = runner
            .run(&ours(), "x", None, object(inputs), &())
            .await
            .unwrap();
        assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
        assert!(report.why.contains(says), "{}", report.why);
    }
    bench.dispatch.kill("drill").unwrap();
    let report = bench.replace(&id, json!({})).await;
    assert!(
        report.outcome == Outcome::Stopped && report.why.contains("kill switch"),
        "{report:?}"
    );
    assert_eq!(bench.arrived("DELETE"), 0);
}

/// Stops the run where it is as soon as a step begins, as a crash would.
struct Halt {
    step: &'static str,
    reached: Arc<Notify>,
}

impl Observer for Halt {
    fn on_event(&self, event: &Event) {
        if event.step == self.step && matches!(event.kind, EventKind::StepBegan { .. }) {
            self.reached.notify_one();
            loop {
                std::thread::park();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_14_a_second_run_on_the_order_is_refused_while_the_first_works_on_it() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let reached = Arc::new(Notify::new());
    let halt = Halt {
        step: "placeReplacement",
        reached: Arc::clone(&reached),
    };
    let runner = bench.runner();
    let inputs = object(
        json!({"symbol": "SOL_USDC", "orderId": id, "newPrice": "21", "newQuantity": "3", "partialFill": "total"}),
    );
    let first = inputs.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let _ = runtime.block_on(runner.run(&ours(), "x", None, first, &halt));
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), reached.notified())
        .await
        .unwrap();
    let refused = bench
        .runner()
        .run(&ours(), "x", None, inputs, &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Locked { .. }), "{refused}");
    let runs = bpx_workflow::runs(bench.state.path()).unwrap();
    let [(run, None)] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    let refused = bench
        .runner()
        .resume(&ours(), run, object(json!({})), &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Locked { .. }), "{refused}");
}

#[test]
fn trap_15_a_field_that_one_arm_lacks_and_an_output_that_a_202_leaves_empty_are_optional() {
    let checked = ours();
    let workflow = &checked.checked().workflows[0];
    assert!(workflow.outputs.iter().all(|it| it.ty.optional));
    let read = json!({"stepId": "read", "operationId": "get_order",
        "parameters": [{"name": "symbol", "in": "query", "value": "SOL_USDC"}],
        "outputs": {"id": "$response.body#/id", "price": "$response.body#/price"}});
    let library = parse(&document(json!({}), json!([read])));
    let outputs = &library.checked().workflows[0].steps[0].outputs;
    let optional: Vec<_> = outputs
        .iter()
        .map(|it| (it.name.as_str(), it.ty.optional))
        .collect();
    assert_eq!(optional, [("id", false), ("price", true)]);
}

#[test]
fn trap_16_a_criterion_that_is_no_jsonpath_is_refused_when_the_document_is_read() {
    let step = json!({"stepId": "read", "operationId": "get_open_orders",
        "successCriteria": [{"context": "$response.body", "type": "jsonpath", "condition": "$.length == 0"}]});
    let text = document(json!({}), json!([step])).to_string();
    let refused = Library::parse("sibling.json", text.as_bytes(), &catalog())
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("not a JSONPath (RFC 9535), so the criterion never holds"),
        "{refused}"
    );
    assert!(refused.contains("$response.body#/0 == null"), "{refused}");
}
