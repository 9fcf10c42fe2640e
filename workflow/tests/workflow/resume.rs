//! A run that breaks off at any step is continued by asking: the order is there once, or it is known why not.

use bpx_dispatch::Dispatch;
use bpx_sandbox::Fault;
use bpx_workflow::{Error, Event, EventKind, Library, Observer, Outcome, Runner};
use serde_json::{Value, json};

use crate::support::{Bench, NAME, catalog, is_already, is_done, object, ours, until};

/// Ends the run as a crash would, when this step begins for the n-th time.
struct Crash(&'static str);

impl Observer for Crash {
    fn on_event(&self, event: &Event) {
        let begins = matches!(event.kind, EventKind::StepBegan { .. });
        assert!(!(begins && event.step == self.0), "crash at {}", self.0);
    }
}

fn inputs(id: &str) -> Value {
    json!({"symbol": "SOL_USDC", "orderId": id, "newPrice": "21", "newQuantity": "3", "partialFill": "total"})
}

/// Runs until the step begins; the run that is left behind.
async fn crash(bench: &Bench, library: &Library, id: &str, step: &'static str) -> String {
    let (runner, library, inputs) = (bench.runner(), library.clone(), object(inputs(id)));
    let run =
        tokio::spawn(async move { runner.run(&library, NAME, None, inputs, &Crash(step)).await });
    assert!(run.await.unwrap_err().is_panic());
    left(bench)
}

fn left(bench: &Bench) -> String {
    let runs = bpx_workflow::runs(bench.state.path()).unwrap();
    let (run, report) = runs.first().unwrap();
    assert!(report.is_none());
    run.clone()
}

#[tokio::test]
async fn after_a_crash_at_any_step_the_run_is_continued_and_one_order_is_live() {
    for step in ["cancelOrder", "confirmCancelled", "placeReplacement"] {
        let bench = Bench::new().await;
        let id = bench.bid(json!({})).await;
        let run = crash(&bench, &ours(), &id, step).await;
        let report = bench.resume(&run).await;
        is_done(&report);
        assert_eq!(report.outputs["cancelledOrderId"], json!(id));
        bench.only_open("21", "3").await;
        assert_eq!(
            (bench.arrived("DELETE"), bench.arrived("POST")),
            (1, 2),
            "{step}"
        );
    }
}

#[tokio::test]
async fn a_request_that_was_under_way_is_asked_for_and_not_repeated() {
    for (operation, method, count) in [("cancel_order", "DELETE", 1), ("execute_order", "POST", 2)]
    {
        let bench = Bench::new().await;
        let id = bench.bid(json!({})).await;
        bench.arm(Fault::DelayAfter { delay_ms: 700 }, operation);
        let (runner, given) = (bench.runner(), object(inputs(&id)));
        let task = tokio::spawn(async move { runner.run(&ours(), NAME, None, given, &()).await });
        until(|| bench.arrived(method) >= count).await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        is_done(&bench.resume(&left(&bench)).await);
        bench.only_open("21", "3").await;
        assert_eq!(
            (bench.arrived("DELETE"), bench.arrived("POST")),
            (1, 2),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn a_run_that_has_ended_is_reported_again_and_nothing_is_sent() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let report = bench.replace(&id, json!({})).await;
    let before = bench.sandbox.verified().len();
    assert_eq!(bench.resume(&report.run).await, report);
    assert_eq!(bench.sandbox.verified().len(), before);
}

#[tokio::test]
async fn an_unknown_end_is_looked_into_again() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    // The answer is lost, and so is every attempt to ask.
    bench.arm(Fault::DropAfter, "execute_order");
    let asking = ["get_order", "get_open_orders", "get_order_history"];
    let (runner, given) = (bench.runner(), object(inputs(&id)));
    struct Blind<'a>(&'a Bench, [&'static str; 3]);
    impl Observer for Blind<'_> {
        fn on_event(&self, event: &Event) {
            if event.step == "placeReplacement" && matches!(event.kind, EventKind::StepBegan { .. })
            {
                for operation in self.1 {
                    let rule = Fault::DropBefore.on(operation).times(1_000);
                    self.0.sandbox.arm(rule).unwrap();
                }
            }
        }
    }
    let report = runner
        .run(&ours(), NAME, None, given, &Blind(&bench, asking))
        .await
        .unwrap();
    assert_eq!(
        (report.outcome, report.outcome.exit_code()),
        (Outcome::Unknown, 13),
        "{report:?}"
    );
    assert_eq!(
        report.next,
        format!("bpx workflow resume {} --allow-trading", report.run)
    );
    bench.sandbox.disarm();
    let report = bench.resume(&report.run).await;
    is_done(&report);
    bench.only_open("21", "3").await;
    assert_eq!(bench.arrived("POST"), 2);
}

#[tokio::test]
async fn a_run_that_left_something_open_is_resumed_and_no_other_is_begun_on_its_order() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let run = crash(&bench, &ours(), &id, "confirmCancelled").await;
    let again = || async {
        let runner = bench.runner();
        runner
            .run(&ours(), NAME, None, object(inputs(&id)), &())
            .await
    };
    let refused = again().await.unwrap_err();
    assert!(
        matches!(&refused, Error::Unfinished { run: earlier, .. } if *earlier == run),
        "{refused}"
    );
    is_done(&bench.resume(&run).await);
    // Now it has an end, and so has the order.
    let report = again().await.unwrap();
    is_already(&report, "Cancelled");
    bench.only_open("21", "3").await;
}

#[tokio::test]
async fn a_run_that_broke_off_before_it_changed_anything_keeps_nobody_from_the_order() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let run = crash(&bench, &ours(), &id, "cancelOrder").await;
    is_done(&bench.replace(&id, json!({})).await);
    let report = bench.resume(&run).await;
    is_already(&report, "Cancelled");
    bench.only_open("21", "3").await;
}

#[tokio::test]
async fn a_run_that_may_no_longer_trade_is_left_as_it_is_and_goes_on_once_it_may() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let run = crash(&bench, &ours(), &id, "placeReplacement").await;
    let reading = Dispatch::open(bench.settings().allow_trading(false))
        .await
        .unwrap();
    let reader = Runner::new(reading);
    let refused = reader
        .resume(&ours(), &run, object(json!({})), &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::TradingOff { .. }), "{refused}");
    is_done(&bench.resume(&run).await);
    bench.only_open("21", "3").await;
}

#[tokio::test]
async fn a_run_nobody_knows_and_another_document_are_refused() {
    let bench = Bench::new().await;
    for run in ["nope", "../../etc/passwd", ""] {
        let refused = bench
            .runner()
            .resume(&ours(), run, object(json!({})), &())
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::NoRun { .. }), "{refused}");
    }
    let id = bench.bid(json!({})).await;
    let run = crash(&bench, &ours(), &id, "cancelOrder").await;
    let text = include_str!("../../../workflows/cancel-replace-order.arazzo.yaml");
    let other = Library::parse(
        "other.yaml",
        format!("{text}\n# changed\n").as_bytes(),
        &catalog(),
    )
    .unwrap();
    let refused = bench
        .runner()
        .resume(&other, &run, object(json!({})), &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::OtherDocument { .. }), "{refused}");
}

#[tokio::test]
async fn a_record_whose_last_line_was_cut_off_is_continued() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let run = crash(&bench, &ours(), &id, "confirmCancelled").await;
    let path = bench.state.path().join(format!("workflows/{run}.ndjson"));
    let text = std::fs::read_to_string(&path).unwrap();
    let cut = text.trim_end().len() - 40;
    std::fs::write(&path, &text[..cut]).unwrap();
    is_done(&bench.resume(&run).await);
    bench.only_open("21", "3").await;
    assert_eq!((bench.arrived("DELETE"), bench.arrived("POST")), (1, 2));
}

#[tokio::test]
async fn a_record_of_another_version_is_refused_and_says_what_to_do() {
    let bench = Bench::new().await;
    let id = bench.bid(json!({})).await;
    let run = crash(&bench, &ours(), &id, "placeReplacement").await;
    let path = bench.state.path().join(format!("workflows/{run}.ndjson"));
    let text = std::fs::read_to_string(&path).unwrap();
    for (version, found) in [("", 0), (r#""version":7,"#, 7)] {
        let other = text.replacen(r#""version":2,"#, version, 1);
        assert_ne!(other, text);
        std::fs::write(&path, other).unwrap();
        let secrets = object(json!({}));
        let resumed = bench.runner().resume(&ours(), &run, secrets, &()).await;
        let given = object(inputs(&id));
        let begun = bench.runner().run(&ours(), NAME, None, given, &()).await;
        for refused in [resumed.unwrap_err(), begun.unwrap_err()] {
            assert!(
                matches!(&refused, Error::RecordVersion { found: it, .. } if *it == found),
                "{refused}"
            );
            assert_eq!(refused.location().unwrap(), path.display().to_string());
            assert!(refused.fix().contains("by hand"), "{refused}");
        }
    }
    std::fs::write(&path, text).unwrap();
    is_done(&bench.resume(&run).await);
}
