//! Runs that are killed, and go on.

use bpx_sandbox::Fault;

use crate::common::exchange::Exchange;
use crate::common::{bpx, end, json, stderr, stdout};
use crate::{begun, call, code, only, open, recorded, replacing, with_order, words};

/// Longer than any of these tests.
const LONG_MS: u64 = 600_000;

/// A run that was killed while this operation met the fault.
fn killed(operation: &str, fault: Fault) -> (Exchange, String) {
    let (exchange, id) = with_order();
    let line = format!("{} --allow-trading", replacing(&id));
    let mut child = begun(&exchange, &line, operation, fault);
    end(&mut child);
    child.wait().unwrap();
    let run = recorded(&exchange);
    (exchange, run)
}

fn sent(exchange: &Exchange) -> (usize, usize) {
    (exchange.requests("DELETE"), exchange.requests("POST"))
}

#[test]
fn killed_while_a_change_was_under_way_it_asks_and_does_not_repeat() {
    for operation in ["cancel_order", "execute_order"] {
        let (exchange, run) = killed(operation, Fault::DelayAfter { delay_ms: LONG_MS });
        let output = call(
            &exchange,
            &format!("workflow resume {run} --allow-trading --json"),
        );
        assert_eq!(code(&output), 0, "{operation}: {}", stderr(&output));
        assert_eq!(open(&exchange), only("21", "3"));
        // One of the two was the order that is replaced.
        assert_eq!(sent(&exchange), (1, 2), "{operation}");
    }
}

#[test]
fn a_replacement_that_never_arrived_is_proved_not_to_be_there() {
    let (exchange, run) = killed("execute_order", Fault::DelayBefore { delay_ms: LONG_MS });
    let output = call(
        &exchange,
        &format!("workflow resume {run} --allow-trading --json"),
    );
    assert_eq!(code(&output), 12, "{}", stderr(&output));
    let next = json(&output)["next"].as_str().unwrap().to_owned();
    assert_eq!(open(&exchange), []);
    // The next command is one that can be typed as it stands.
    let command = next.split_once("bpx ").unwrap().1;
    let output = call(&exchange, command);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(open(&exchange), only("21", "3"));
}

#[test]
fn while_a_run_works_on_an_order_no_other_run_may() {
    let (exchange, id) = with_order();
    let line = format!("{} --allow-trading", replacing(&id));
    let held = Fault::DelayAfter { delay_ms: LONG_MS };
    let mut child = begun(&exchange, &line, "cancel_order", held);
    for line in [
        line,
        format!("workflow resume {} --allow-trading", recorded(&exchange)),
    ] {
        let output = call(&exchange, &line);
        assert_eq!(code(&output), 1, "{}", stdout(&output));
        assert!(
            stderr(&output).contains("another run is working on"),
            "{}",
            stderr(&output)
        );
    }
    end(&mut child);
    child.wait().unwrap();
    assert_eq!(exchange.requests("DELETE"), 1);
}

#[test]
fn a_run_that_has_ended_is_told_again_and_nothing_is_sent() {
    let (exchange, id) = with_order();
    let first = call(
        &exchange,
        &format!("{} --allow-trading --json", replacing(&id)),
    );
    let before = exchange.sandbox.verified().len();
    let again = call(
        &exchange,
        &format!("workflow resume {} --json", recorded(&exchange)),
    );
    assert_eq!((code(&again), json(&again)), (0, json(&first)));
    assert_eq!(exchange.sandbox.verified().len(), before);
}

#[test]
fn without_leave_to_trade_or_elsewhere_it_stays_as_it_is() {
    let (exchange, run) = killed("cancel_order", Fault::DelayAfter { delay_ms: LONG_MS });
    let before = sent(&exchange);
    let output = call(&exchange, &format!("workflow resume {run}"));
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(
        stderr(&output).contains("trading is off"),
        "{}",
        stderr(&output)
    );

    let line = format!("workflow resume {run} --allow-trading");
    let mut stranger = bpx(&words(&line));
    stranger
        .env("BACKPACK_BASE_URL", exchange.sandbox.base_url())
        .env("BACKPACK_API_SECRET", crate::common::SEED)
        .env("BPX_STATE", exchange.state.path());
    let output = stranger.output().unwrap();
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(
        stderr(&output).contains("another account"),
        "{}",
        stderr(&output)
    );

    // Another journal does not know that anything was sent.
    let elsewhere = exchange.state.path().join("other.sqlite");
    let journal = format!("{line} --journal sqlite://{}?mode=rwc", elsewhere.display());
    let output = call(&exchange, &journal);
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(
        stderr(&output).contains("another journal"),
        "{}",
        stderr(&output)
    );

    assert_eq!(sent(&exchange), before);
    assert_eq!(code(&call(&exchange, &line)), 0);
    assert_eq!(open(&exchange), only("21", "3"));
}

/// Nothing of it is in the environment, and the document is a file whose contract is another.
#[test]
fn the_next_command_names_what_was_named_and_can_be_typed_as_it_stands() {
    let (exchange, id) = with_order();
    let state = exchange.state.path().join("a state");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let file = format!("{root}/workflows/cancel-replace-order.arazzo.yaml");
    let contract = format!("{root}/openapi/backpack-order.openapi.yaml");
    let line = replacing(&id).replace("cancel-replace-order", &file);
    let (base_url, state) = (exchange.sandbox.base_url(), state.display().to_string());
    let named = [
        "--base-url",
        &base_url,
        "--openapi",
        &contract,
        "--state",
        &state,
    ];
    let typed = |arguments: &[&str]| {
        let mut command = bpx(arguments);
        command.env("BACKPACK_API_SECRET", exchange.sandbox.api_secret());
        command.output().unwrap()
    };
    // Trading is not allowed.
    let output = typed(&[&words(&line)[..], &named, &["--json"]].concat());
    assert_eq!(code(&output), 11, "{}", stderr(&output));
    let next = json(&output)["next"].as_str().unwrap().to_owned();
    let (_, command) = next.split_once("bpx ").unwrap();
    // The folder's name has a blank in it, and stands between quotation marks.
    let parts = command.split('\'').enumerate();
    let arguments = parts.flat_map(|(at, part)| match at % 2 {
        0 => words(part),
        _ => vec![part],
    });
    let output = typed(&arguments.collect::<Vec<_>>());
    assert_eq!(code(&output), 0, "{next}: {}", stderr(&output));
    assert_eq!(open(&exchange), only("21", "3"));
}
