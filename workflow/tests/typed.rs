//! The workflow with its types, against the local exchange.

#![cfg(test)]

#[allow(dead_code, reason = "the other tests use the rest of it")]
#[path = "workflow/support.rs"]
mod support;

use bpx_client::types::{OrderStatus, Side};
use bpx_client::workflows::{
    CancelReplaceOrder, CancelReplaceOrderInputs, CancelReplaceOrderOutputs,
    CancelReplaceOrderPartialFill as PartialFill,
};
use bpx_runtime::{Decimal, Workflow, WorkflowDocument};
use bpx_sandbox::Fault;
use bpx_venue::operations::CANCEL_ORDER;
use bpx_workflow::{Ended, Error, Event, EventKind, Library, Observer, Runner, SourceFiles, begun};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use support::{Bench, catalog, ours};

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// A replacement at 21 over 3.
fn inputs(id: &str) -> CancelReplaceOrderInputs {
    let (price, quantity) = (decimal("21"), decimal("3"));
    CancelReplaceOrderInputs::new(price, quantity, id, PartialFill::Total, "SOL_USDC")
}

async fn run(bench: &Bench, inputs: CancelReplaceOrderInputs) -> Ended<CancelReplaceOrderOutputs> {
    let ended = bpx_workflow::run::<CancelReplaceOrder>(&bench.dispatch, inputs).await;
    let ended = ended.unwrap();
    let report = ended.report();
    assert!(
        !report.why.is_empty() && !report.next.is_empty(),
        "{report:?}"
    );
    ended
}

#[tokio::test]
async fn done_gives_the_replacement_as_types() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.offer("20", "0.5");
    let inputs = inputs(&id).side(Side::Bid).client_id(7);
    let outputs = run(&bench, inputs).await.done().unwrap();
    let open = bench.only_open("21", "2.5").await;
    assert_eq!(outputs.new_order_id, open["id"].as_str().unwrap());
    assert_eq!(outputs.new_status, OrderStatus::New);
    assert_eq!(outputs.executed_quantity, decimal("0.5"));
    assert_eq!(outputs.cancelled_order_id, id);
    assert_eq!(outputs.final_status, None);
    assert_eq!(open["clientId"], 7);
}

#[tokio::test]
async fn a_cancellation_that_is_only_accepted_is_settled_before_it_is_done() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    bench.arm(Fault::Settle { delay_ms: 200 }, "cancel_order");
    let ended = run(&bench, inputs(&id)).await;
    assert!(matches!(ended, Ended::Done { .. }), "{ended:?}");
    bench.only_open("21", "3").await;
    assert_eq!((bench.arrived("DELETE"), bench.arrived("POST")), (1, 2));
}

#[tokio::test]
async fn each_end_that_is_not_done_is_an_arm_with_its_next_command() {
    let bench = Bench::new().await;
    let filled = bench.bid(json!({})).await;
    bench.offer("20", "2");
    let ended = run(&bench, inputs(&filled)).await;
    let is_filled = |it: &Ended<_>| {
        matches!(
            it,
            Ended::AlreadyDone(report) if report.final_state.as_deref() == Some("Filled")
        )
    };
    assert!(is_filled(&ended), "{ended:?}");

    let cancelled = bench.bid(json!({})).await;
    let call = json!({"symbol": "SOL_USDC", "orderId": cancelled});
    bench.call(&CANCEL_ORDER, call).await;
    let ended = run(&bench, inputs(&cancelled)).await;
    let is_cancelled = |it: &Ended<_>| {
        matches!(
            it,
            Ended::AlreadyDone(report) if report.final_state.as_deref() == Some("Cancelled")
        )
    };
    assert!(is_cancelled(&ended), "{ended:?}");

    let resting = bench.bid(json!({})).await;
    let ended = run(&bench, inputs(&resting).side(Side::Ask)).await;
    assert!(matches!(ended, Ended::Stopped(_)), "{ended:?}");
    bench.only_open("20", "2").await;
}

#[tokio::test]
async fn a_replacement_that_is_refused_leaves_the_order_cancelled_and_says_how_to_place_it() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let refusal = Fault::Error {
        code: "INSUFFICIENT_FUNDS".to_owned(),
        status: 400,
        acted: false,
    };
    bench.arm(refusal, "execute_order");
    let Ended::Incomplete(report) = run(&bench, inputs(&id)).await else {
        panic!("cancelled, not replaced");
    };
    assert!(report.next.contains("bpx execute-order"), "{report:?}");
    assert_eq!(bench.open_orders().await.len(), 0);
}

/// Makes the exchange deaf once the replacement is about to be placed.
struct Deafening<'a>(&'a Bench);

impl Observer for Deafening<'_> {
    fn on_event(&self, event: &Event) {
        if event.step == "placeReplacement" && matches!(event.kind, EventKind::StepBegan { .. }) {
            self.0.arm(Fault::DropAfter, "execute_order");
            for operation in ["get_order", "get_open_orders", "get_order_history"] {
                let rule = Fault::DropBefore.on(operation).times(1_000);
                self.0.sandbox.arm(rule).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_end_is_resumed_by_its_type() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let library = Library::parse(
        "typed.yaml",
        CancelReplaceOrder::DOCUMENT.text.as_bytes(),
        &catalog(),
    );
    let ended = bench
        .runner()
        .run_typed::<CancelReplaceOrder>(&library.unwrap(), inputs(&id), &Deafening(&bench))
        .await
        .unwrap();
    let Ended::Unknown(report) = ended else {
        panic!("{ended:?}");
    };
    let (document, ..) = begun(bench.state.path(), &report.run).unwrap();
    assert_eq!(document, "cancel-replace-order");

    bench.sandbox.disarm();
    let ended = bpx_workflow::resume::<CancelReplaceOrder>(&bench.dispatch, &report.run).await;
    let outputs = ended.unwrap().done().unwrap();
    let open = bench.only_open("21", "3").await;
    assert_eq!(outputs.new_order_id, open["id"].as_str().unwrap());
    assert_eq!(bench.arrived("POST"), 2);
}

/// Types that were made from another document, or expect what the exchange does not give.
struct Other;

#[derive(Debug, Serialize)]
struct OtherInputs {
    #[serde(rename = "orderId")]
    order_id: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct OtherOutputs {
    #[allow(dead_code, reason = "it is never read")]
    status: u32,
}

const OTHER: &str = r#"{"arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
  "sourceDescriptions": [{"name": "venue", "url": "./venue.yaml", "type": "openapi"}],
  "workflows": [{"workflowId": "look",
    "inputs": {"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}},
    "steps": [{"stepId": "look", "operationId": "get_order",
      "parameters": [{"name": "symbol", "in": "query", "value": "SOL_USDC"},
        {"name": "orderId", "in": "query", "value": "$inputs.orderId"}],
      "outputs": {"status": "$response.body#/status"}}],
    "outputs": {"status": "$steps.look.outputs.status"}}]}"#;

impl Workflow for Other {
    type Inputs = OtherInputs;
    type Outputs = OtherOutputs;
    const ID: &'static str = "look";
    const DOCUMENT: &'static WorkflowDocument = &WorkflowDocument {
        file: "look.json",
        sha256: "0d0b4528cfd65ba11ea9dadaed79eb72bcaed16909c4ecc76f03b45eaff7fba6",
        text: OTHER,
    };
}

fn other_runner(bench: &Bench) -> (Runner, Library) {
    let library = Library::parse("look.json", OTHER.as_bytes(), &catalog()).unwrap();
    (bench.runner(), library)
}

#[tokio::test]
async fn a_document_that_the_types_were_not_made_from_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    let (runner, library) = other_runner(&bench);
    let refused = runner
        .run_typed::<CancelReplaceOrder>(&library, inputs("1"), &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Document(_)), "{refused}");
    let said = refused.to_string();
    assert!(
        said.contains("look.json") && said.contains("fix:"),
        "{said}"
    );
    assert_eq!(bench.arrived("GET"), 0);
}

#[tokio::test]
async fn outputs_that_are_not_as_promised_do_not_hide_that_all_was_done_and_the_document_is_kept() {
    let bench = Bench::new().await;
    let order_id = bench.bid(json!({})).await;
    let ended = bpx_workflow::run::<Other>(&bench.dispatch, OtherInputs { order_id }).await;
    let Ended::DoneUnread { fault, report } = ended.unwrap() else {
        panic!("a text is no number");
    };
    assert!(fault.contains("u32"), "{fault}");
    assert_eq!(report.outputs["status"], "New");

    let (document, ..) = begun(bench.state.path(), &report.run).unwrap();
    let again = Library::open(document.as_ref(), &SourceFiles::default(), &catalog()).unwrap();
    assert_eq!(again.checked().sha256, Other::DOCUMENT.sha256);
    let again = bpx_workflow::resume::<Other>(&bench.dispatch, &report.run).await;
    assert_eq!(again.unwrap().report(), &report);

    let (runner, library) = (bench.runner(), ours());
    let refused = runner
        .resume_typed::<CancelReplaceOrder>(&library, &report.run, Map::new(), &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::NoWorkflow { .. }), "{refused}");
}
