//! The demo does what it says, and says what it did.

#![cfg(test)]

use std::process::{Command, Output};

use bpx_client::OPERATIONS;
use bpx_tests::demo::{self, Files, Report, Signatures, render};
use serde_json::{Value, json};

/// The program, with a recording of its own.
fn demo(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(arguments)
        .arg("--recording")
        .arg(folder.path().join("told.ndjson"))
        .output();
    demo.unwrap()
}

async fn run(files: Files) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir().unwrap();
    demo::run(files, &folder.path().join("new/message.ndjson.gz")).await
}

#[tokio::test]
async fn the_demo_calls_every_operation_and_the_exchange_verifies_every_signature() {
    let report = run(Files::default()).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.ok);
    let mut called: Vec<_> = report.operations.iter().map(|call| &call.id).collect();
    called.sort_unstable();
    assert!(called.into_iter().eq(OPERATIONS.iter().map(|row| &row.id)));
    let fine = |call: &demo::Call| call.verified && call.status == 200;
    assert!(report.operations.iter().all(fine));
    let Signatures { sent, verified } = report.signatures;
    assert!(sent >= 16 && sent == verified, "{sent} {verified}");
}

#[tokio::test]
async fn every_exchange_of_the_demo_is_recorded_and_is_what_the_contract_says() {
    let report = run(Files::default()).await.unwrap();
    let recording = report.recording.unwrap();
    assert_eq!(recording.found, Vec::<String>::new());
    assert_eq!((recording.dropped, recording.skipped), (0, 0));
    let sent = u64::try_from(report.signatures.sent).unwrap();
    assert!(recording.recorded >= sent, "{recording:?}");
    let counted = (recording.exchanges, recording.validated);
    assert_eq!(counted, (recording.recorded, recording.recorded));
    let covered: Vec<_> = recording.coverage.iter().collect();
    assert_eq!(covered.len(), OPERATIONS.len());
    for row in covered {
        assert!(row.exchanges > 0 && row.names[0] > 0, "{row:?}");
        assert!(row.names[0] <= row.names[1] && row.statuses[0] <= row.statuses[1]);
    }
}

#[tokio::test]
async fn a_demo_whose_recording_cannot_be_begun_does_not_begin() {
    let refused = demo::run(Files::default(), std::path::Path::new("told.txt")).await;
    assert!(refused.unwrap_err().to_string().contains("told.txt"));
}

#[tokio::test]
async fn the_replacement_has_side_and_quantity_of_the_cancelled_order_and_another_price() {
    let report = run(Files::default()).await.unwrap().cancel_replace;
    let (old, new) = (report.cancelled.unwrap(), report.replacement.unwrap());
    assert_eq!((&*old.status, &*new.status), ("Cancelled", "New"));
    assert_eq!(
        (&old.symbol, &old.side, &old.quantity),
        (&new.symbol, &new.side, &new.quantity)
    );
    assert_ne!(old.price, new.price);
    assert_ne!(old.id, new.id);
    let names: Vec<_> = report.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["read", "cancel", "check", "replace"]);
}

#[tokio::test]
async fn the_workflow_ends_done_over_four_operations_and_gives_the_replacement() {
    let workflow = run(Files::default()).await.unwrap().workflow.unwrap();
    assert_eq!(workflow.id, "cancel-replace-order");
    assert_eq!((&*workflow.outcome, &*workflow.new_status), ("done", "New"));
    assert_ne!(workflow.new_order_id, workflow.cancelled_order_id);
    assert_eq!(workflow.executed_quantity, "0");
    let called: Vec<_> = workflow.steps.iter().map(|it| &*it.operation).collect();
    let expected = [
        "get_order",
        "cancel_order",
        "get_order_history",
        "execute_order",
    ];
    assert_eq!(called, expected);
    assert!(workflow.steps.iter().all(|it| it.status == Some(200)));
    let Signatures { sent, verified } = workflow.signatures;
    assert!(sent >= 5 && sent == verified, "{sent} {verified}");
}

#[test]
fn the_json_report_is_one_object_and_nothing_else() {
    let output = demo(&["--json", "--files", "7", "--changed", "0"]);
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["files"], json!({ "generated": 7, "changed": 0 }));
    assert_eq!(report["ok"], true);
    let operations = report["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 8);
    for call in operations {
        let counted = call["status"].is_u64() && call["verified"] == true;
        assert!(counted, "{call}");
        assert!(!call["detail"].as_str().unwrap().is_empty(), "{call}");
    }
    assert_eq!(report["workflow"]["outcome"], "done", "{report}");
    assert_eq!(report["workflow"]["steps"].as_array().unwrap().len(), 4);
    let recording = &report["recording"];
    assert!(recording["recorded"].as_u64() >= Some(16), "{recording}");
    assert_eq!(recording["findings"], 0, "{recording}");
    assert_eq!(recording["coverage"].as_array().unwrap().len(), 8);
}

/// The page up to the counts: how often a late settlement is asked for depends on the clock.
fn story(page: &str) -> &str {
    let (story, rest) = page.split_once("What was recorded").unwrap();
    assert!(rest.contains(" 0 findings, "), "{rest}");
    story
}

#[test]
fn the_page_written_to_a_pipe_has_no_colour_and_tells_the_same_story_every_time() {
    let [first, second] = [demo(&[]), demo(&[])].map(|output| {
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    });
    assert!(!first.contains('\u{1b}'), "{first}");
    assert!(first.contains("Everything was as expected."), "{first}");
    let (first, second) = (story(&first), story(&second));
    assert_eq!(first, second);
}

#[tokio::test]
async fn the_page_of_a_demo_that_went_wrong_says_what_went_wrong() {
    let mut report = run(Files::default()).await.unwrap();
    report.ok = false;
    report.problems = vec!["order 3 is Filled, expected New".to_owned()];
    report.operations[0].verified = false;
    let page = render(&report);
    for text in ["not verified", "Not everything", "order 3 is Filled"] {
        assert!(page.contains(text), "{page}");
    }
}
