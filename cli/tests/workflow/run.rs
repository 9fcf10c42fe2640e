//! How a run ends: exit code, report, next command; and what a dry run shows.

use bpx_sandbox::Fault;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::exchange::Exchange;
use crate::common::{json, run_with, stderr, stdout};
use crate::{call, code, offer, only, open, replacing, with_order};

type Prepare = fn(&Exchange);

fn arm(exchange: &Exchange, fault: &str, operation: &str) {
    let fault: Fault = fault.parse().unwrap();
    exchange.sandbox.arm(fault.on(operation)).unwrap();
}

#[test]
fn each_way_to_end_has_its_exit_code_its_report_and_its_next_command() {
    let ends: [(i32, &str, &str, Prepare); 5] = [
        (0, "done", "nothing is left to do", |_| {}),
        (10, "already-done", "bpx get-order-history", |it| {
            offer(it, "2")
        }),
        (
            11,
            "stopped",
            "bpx workflow run cancel-replace-order --input",
            |it| {
                arm(it, "error:INSUFFICIENT_FUNDS", "cancel_order");
            },
        ),
        (
            12,
            "incomplete",
            "bpx execute-order --order-type Limit",
            |it| {
                arm(it, "error:INSUFFICIENT_FUNDS", "execute_order");
            },
        ),
        (13, "unknown", "bpx workflow resume", |it| {
            arm(it, "drop-before", "cancel_order");
        }),
    ];
    for (expected, kind, next, prepare) in ends {
        let (exchange, id) = with_order();
        prepare(&exchange);
        let line = format!("{} --allow-trading --json --wait 1", replacing(&id));
        let output = call(&exchange, &line);
        assert_eq!(code(&output), expected, "{}", stderr(&output));
        let report = json(&output);
        assert_eq!(report["outcome"]["kind"], *kind);
        let message = report["next"].as_str().unwrap();
        assert!(message.contains(next), "{message}");
    }
}

#[test]
fn what_cannot_be_run_has_exit_codes_of_its_own_and_nothing_is_sent() {
    let (exchange, id) = with_order();
    let before = exchange.sandbox.verified().len();
    let whole = format!("{} --allow-trading", replacing(&id));
    let rows = [
        (
            "workflow run nobody.arazzo.yaml --allow-trading".to_owned(),
            "nobody.arazzo.yaml",
        ),
        (whole.replace("--input newPrice=21", ""), "newPrice"),
        (whole.replace("newPrice=21", "newPrice=cheap"), "newPrice"),
        (
            whole.replace("partialFill=total", "partialFill=half"),
            "partialFill",
        ),
        (
            whole.replace("partialFill=total", "partialFil=total"),
            "no input `partialFil`",
        ),
        (format!("{whole} --workflow other"), "no workflow `other`"),
        (
            "workflow resume 01a1f8 --allow-trading".to_owned(),
            "no run `01a1f8`",
        ),
    ];
    for (line, says) in rows {
        let output = call(&exchange, &line);
        assert_eq!(code(&output), 2, "{line}");
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
        assert!(stderr(&output).contains("fix:"), "{}", stderr(&output));
    }
    // A file where the state folder should be.
    let file = exchange.state.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = call(&exchange, &format!("{whole} --state {}", file.display()));
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert_eq!(exchange.sandbox.verified().len(), before);
    assert_eq!(open(&exchange), only("20", "2"));
}

#[test]
fn without_being_allowed_to_trade_it_stops_before_the_cancellation() {
    let (exchange, id) = with_order();
    let output = call(&exchange, &format!("{} --json", replacing(&id)));
    assert_eq!(code(&output), 11, "{}", stderr(&output));
    let report = json(&output);
    assert!(
        report["why"].as_str().unwrap().contains("trading is off"),
        "{report}"
    );
    assert!(
        report["next"]
            .as_str()
            .unwrap()
            .ends_with("--allow-trading"),
        "{report}"
    );
    assert_eq!(open(&exchange), only("20", "2"));
}

#[test]
fn steps_are_shown_on_stderr_and_the_report_on_stdout() {
    let (exchange, id) = with_order();
    let output = call(&exchange, &format!("{} --allow-trading", replacing(&id)));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    for step in [
        "readOrder: get_order",
        "cancelOrder: cancel_order",
        "placeReplacement: execute_order",
    ] {
        assert!(
            stderr(&output).contains(step),
            "{step}: {}",
            stderr(&output)
        );
    }
    for line in [
        "outcome  done",
        "output   cancelledOrderId = ",
        "next     nothing is left to do",
    ] {
        assert!(
            stdout(&output).contains(line),
            "{line}: {}",
            stdout(&output)
        );
    }
    assert_eq!(open(&exchange), only("21", "3"));
}

/// The exchange is one that nobody could reach, and the state folder stays empty.
#[test]
fn a_dry_run_shows_each_request_with_its_signing_string_and_sends_nothing() {
    let state = TempDir::new().unwrap();
    let seed = crate::common::SEED;
    let environment = [
        ("BACKPACK_API_SECRET", seed),
        ("BACKPACK_BASE_URL", "http://127.0.0.1:9"),
        ("BPX_STATE", state.path().to_str().unwrap()),
    ];
    let line = format!("{} --dry-run", replacing("28"));
    let arguments = crate::words(&line);
    let output = run_with(&arguments, &environment);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let shown = stdout(&output);
    for instruction in [
        "orderQuery",
        "orderCancel",
        "orderHistoryQueryAll",
        "orderExecute",
    ] {
        assert!(
            shown.contains(&format!("instruction={instruction}&")),
            "{shown}"
        );
    }
    assert!(
        shown.contains("GET /api/v1/order?orderId=28&symbol=SOL_USDC"),
        "{shown}"
    );
    assert!(
        shown.ends_with("Nothing was sent.\n") && !shown.contains(seed),
        "{shown}"
    );

    let output = run_with(&[arguments, vec!["--json"]].concat(), &environment);
    let steps: Vec<Value> = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(steps[0]["step"], "readOrder");
    assert!(
        steps.iter().all(|step| step["signing_string"].is_string()),
        "{steps:?}"
    );
    assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
}

#[test]
fn the_help_lists_every_exit_code() {
    for command in ["run", "resume"] {
        let help = run_with(&["workflow", command, "--help"], &[]);
        for exit in [
            "0   done",
            "1   failed",
            "2   wrong",
            "10  already",
            "11  stopped",
            "12  incomplete",
            "13  unknown",
            "130 interrupted",
        ] {
            assert!(
                stdout(&help).contains(&format!("\n  {exit}")),
                "{command}: {exit}"
            );
        }
    }
}
