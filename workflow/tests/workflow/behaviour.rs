//! How others behave on the community's file, row by row, and how it ends here.

use bpx_sandbox::Fault;
use bpx_venue::operations::CANCEL_ORDER;
use bpx_workflow::{Library, Outcome};
use serde_json::json;

use crate::support::{Bench, catalog, is_done, ours, upstream, upstream_inputs};

/// The community's file on a fresh exchange with a resting order and this fault.
async fn with_fault(fault: Option<(Fault, &str)>) -> Option<(Bench, bpx_workflow::Report)> {
    let library = upstream()?;
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    if let Some((fault, operation)) = fault {
        bench.arm(fault, operation);
    }
    let report = bench.run(&library, upstream_inputs(&id)).await;
    Some((bench, report))
}

#[tokio::test]
async fn without_a_window_an_integer_timestamp_and_a_charset_on_the_body_it_is_done() {
    let Some((bench, report)) = with_fault(None).await else {
        return;
    };
    is_done(&report);
    let open = bench.only_open("21", "3").await;
    assert_eq!(report.outputs["newOrderId"], open["id"]);
}

#[tokio::test]
async fn a_window_may_be_given_and_one_beyond_the_exchanges_is_refused_before_the_first_request() {
    let Some(library) = upstream() else { return };
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let mut inputs = upstream_inputs(&id);
    inputs["window"] = json!(60_001);
    let object = inputs.as_object().unwrap().clone();
    let refused = bench
        .runner()
        .run(&library, "x", None, object, &())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("60000 ms"), "{refused}");
    assert_eq!(bench.arrived("GET"), 0);
    inputs["window"] = json!(5_000);
    is_done(&bench.run(&library, inputs).await);
}

#[tokio::test]
async fn a_cancellation_answered_202_is_followed_up_before_anything_is_placed() {
    let fault = Fault::Settle { delay_ms: 300 };
    let Some((bench, report)) = with_fault(Some((fault, "cancel_order"))).await else {
        return;
    };
    is_done(&report);
    bench.only_open("21", "3").await;
}

#[tokio::test]
async fn an_order_that_is_not_found_stops_it_with_an_exit_code_of_its_own() {
    let Some(library) = upstream() else { return };
    let bench = Bench::new().await;
    let report = bench.run(&library, upstream_inputs("404")).await;
    assert_eq!(
        (report.outcome, report.outcome.exit_code()),
        (Outcome::Stopped, 11)
    );
    assert_eq!((bench.arrived("DELETE"), bench.arrived("POST")), (0, 0));
}

#[tokio::test]
async fn a_filled_order_stops_it_before_anything_is_changed() {
    let Some(library) = upstream() else { return };
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.offer("20", "2");
    let report = bench.run(&library, upstream_inputs(&id)).await;
    assert_eq!(report.outcome, Outcome::Stopped, "{report:?}");
    assert_eq!((bench.arrived("DELETE"), bench.arrived("POST")), (0, 1));
}

#[tokio::test]
async fn a_reset_after_the_cancellation_is_settled_and_one_order_is_live() {
    let Some((bench, report)) = with_fault(Some((Fault::DropAfter, "cancel_order"))).await else {
        return;
    };
    is_done(&report);
    bench.only_open("21", "3").await;
}

#[tokio::test]
async fn a_reset_before_the_cancellation_places_nothing_and_says_what_is_not_known() {
    let Some((bench, report)) = with_fault(Some((Fault::DropBefore, "cancel_order"))).await else {
        return;
    };
    assert_eq!(report.outcome, Outcome::Unknown, "{report:?}");
    let (resume, cancel) = report.next.split_once("; ").unwrap();
    let expected = format!("bpx workflow resume {} --allow-trading", report.run);
    assert_eq!(resume, expected);
    assert!(
        cancel.contains("bpx cancel-order --symbol SOL_USDC --order-id"),
        "{cancel}"
    );
    bench.only_open("20", "2").await;
}

#[tokio::test]
async fn a_503_on_the_replacement_is_looked_into_and_the_naked_state_is_told() {
    let before = Fault::Unavailable { acted: false };
    let Some((bench, report)) = with_fault(Some((before, "execute_order"))).await else {
        return;
    };
    assert_eq!(report.outcome, Outcome::Incomplete, "{report:?}");
    assert!(
        report.next.contains("bpx execute-order --symbol SOL_USDC"),
        "{}",
        report.next
    );
    assert!(bench.open_orders().await.is_empty());
    assert!(report.outputs.contains_key("cancelledOrderId"));

    let after = Fault::Unavailable { acted: true };
    let Some((bench, report)) = with_fault(Some((after, "execute_order"))).await else {
        return;
    };
    is_done(&report);
    bench.only_open("21", "3").await;
}

#[test]
fn a_typo_in_a_pointer_or_in_the_outputs_is_refused_before_anything_is_sent() {
    let text = include_str!("../../../workflows/cancel-replace-order.arazzo.yaml");
    let typos = [
        (
            "newOrderId: $response.body#/id",
            "newOrderId: $response.body#/idd",
            "nearest field is `id`",
        ),
        (
            "$steps.placeReplacement.outputs.newOrderId",
            "$steps.nope.outputs.newOrderId",
            "nope",
        ),
    ];
    for (right, wrong, says) in typos {
        let wrong = text.replace(right, wrong);
        assert_ne!(wrong, text);
        let refused = Library::parse("typo.yaml", wrong.as_bytes(), &catalog()).unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
}

#[tokio::test]
async fn ours_ends_well_where_theirs_does_and_its_outputs_say_more() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let report = bench.replace(&id, json!({})).await;
    is_done(&report);
    assert_eq!(report.outputs["cancelledOrderId"], json!(id));
    assert_eq!(report.outputs["executedQuantity"], "0");
    bench.only_open("21", "3").await;
    assert!(ours().checked().workflows[0].changes);
    assert!(
        bench
            .sandbox
            .verified()
            .iter()
            .any(|it| it.method == CANCEL_ORDER.method.as_str())
    );
}
