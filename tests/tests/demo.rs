//! The demo does what it says, and says what it did.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

use std::process::{Command, Output};

use bpx_client::OPERATIONS;
use bpx_tests::demo::{Files, Signatures, render, run};
use serde_json::{Value, json};

fn demo(arguments: &[&str]) -> Output {
    let demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(arguments)
        .output();
    demo.unwrap()
}

#[tokio::test]
async fn the_demo_calls_every_operation_and_the_exchange_verifies_every_signature() {
    let report = run(Files::default()).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.ok);
    let mut called: Vec<_> = report.operations.iter().map(|call| call.id).collect();
    called.sort_unstable();
    assert!(called.iter().eq(OPERATIONS.iter().map(|row| &row.id)));
    let fine = |call: &bpx_tests::demo::Call| call.verified && call.status == 200;
    assert!(report.operations.iter().all(fine));
    let Signatures { sent, verified } = report.signatures;
    assert!(sent >= 16 && sent == verified, "{sent} {verified}");
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
}

/// The page up to the totals: how often a late settlement is asked for depends on the clock.
fn story(page: &str) -> &str {
    page.split(" requests sent").next().unwrap()
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
    assert_eq!(
        first.trim_end_matches(char::is_numeric),
        second.trim_end_matches(char::is_numeric)
    );
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
