//! Ctrl-C and SIGTERM while a call is under way: what is printed, what finds out, and what the same command does next.

#![cfg(test)]
#![cfg(unix)]

mod common;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::signal::{LONG_MS, begun, interrupted, signal};
use common::{end, json, stderr, stdout};
use serde_json::{Value, json};

const INTERRUPTED: i32 = 130;
const BUY: &str = "buy SOL_USDC 1 --price 11 --allow-trading";
const HELD: Fault = Fault::DelayAfter { delay_ms: LONG_MS };

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn typed(exchange: &Exchange, line: &str) -> (i32, Value) {
    let output = exchange.run(&words(&format!("{line} --json")));
    assert_eq!(stderr(&output), "", "{line}");
    (code(&output), json(&output))
}

/// Types an order, and interrupts it when the exchange has placed it.
fn interrupted_order(exchange: &Exchange, line: &str, name: &str) -> Output {
    interrupted(exchange, &words(line), "execute_order", HELD, name)
}

#[test]
fn an_interrupted_order_is_named_with_the_command_that_finds_out() {
    for name in ["-INT", "-TERM"] {
        let exchange = Exchange::start();
        let output = interrupted_order(&exchange, &format!("{BUY} --json"), name);
        assert_eq!((code(&output), stderr(&output)), (INTERRUPTED, ""));
        let message = json(&output);
        assert_eq!(message["error"], "interrupted", "{message}");
        assert_eq!(message["outcome"], "unknown", "{message}");
        assert_eq!(message["retryable"], false, "{message}");
        assert_eq!(
            message["client_ids"].as_array().unwrap().len(),
            1,
            "{message}"
        );
        let intent = message["intent"].as_str().unwrap();
        let fix = message["fix"].as_str().unwrap();
        assert!(fix.contains(&format!("`bpx outcome {intent}`")), "{fix}");
        assert!(message["known"].as_str().unwrap().contains("sending began"));

        let (code, found) = typed(&exchange, &format!("outcome {intent}"));
        assert_eq!((code, &found["outcome"]), (0, &"done".into()), "{found}");
        assert_eq!(found["client_ids"], message["client_ids"]);
        assert_eq!(exchange.requests("POST"), 1);
        // It has been reported, so the same command is another order.
        let (code, next) = typed(&exchange, BUY);
        assert_eq!((code, &next["replayed"]), (0, &Value::Null), "{next}");
        assert_eq!(exchange.requests("POST"), 2);
    }
}

#[test]
fn in_words_it_says_the_same_on_stderr() {
    let exchange = Exchange::start();
    let state = exchange.state.path().join("a state");
    let state = state.to_str().unwrap();
    let line = [&words(BUY)[..], &["--state", state]].concat();
    let output = interrupted(&exchange, &line, "execute_order", HELD, "-INT");
    assert_eq!((code(&output), stdout(&output)), (INTERRUPTED, ""));
    let said = stderr(&output);
    for part in [
        "error: interrupted: execute_order may have been carried out (intent ",
        ", clientId ",
        "  fix: `bpx outcome ",
        &format!(" --state '{state}'` finds out how it ended; the same command does too"),
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_same_command_reports_the_earlier_order_and_places_none() {
    let exchange = Exchange::start();
    let output = interrupted_order(&exchange, &format!("{BUY} --json"), "-INT");
    let intent = &json(&output)["intent"];

    // Other commands find out too, and do not count as a report.
    assert!(exchange.run(&["get-open-orders"]).status.success());
    let long = "execute-order --symbol SOL_USDC --quantity 1 --side Bid --order-type Limit --price 11 --allow-trading";
    let output = exchange.run(&words(long));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        said.starts_with("note: the same command was given before"),
        "{said}"
    );
    assert!(said.contains(intent.as_str().unwrap()), "{said}");
    assert_eq!(exchange.requests("POST"), 1);

    let (code, next) = typed(&exchange, BUY);
    assert_eq!((code, &next["replayed"]), (0, &Value::Null), "{next}");
    assert_ne!(&next["intent"], intent);
    assert_eq!(exchange.requests("POST"), 2);
}

#[test]
fn a_killed_command_is_known_again_and_another_one_is_a_new_order() {
    let exchange = Exchange::start();
    let mut child = begun(&exchange, &words(BUY), "execute_order", HELD);
    end(&mut child);
    child.wait().unwrap();

    let (_, other) = typed(&exchange, "buy SOL_USDC 2 --price 11 --allow-trading");
    assert_eq!(other["replayed"], Value::Null);
    let (code, earlier) = typed(&exchange, BUY);
    assert_eq!((code, &earlier["replayed"]), (0, &json!(true)), "{earlier}");
    assert!(
        earlier["next"].as_str().unwrap().contains("--again"),
        "{earlier}"
    );
    assert_eq!(exchange.requests("POST"), 2);
}

#[test]
fn again_places_another_order_which_is_then_the_one_that_is_known() {
    let exchange = Exchange::start();
    interrupted_order(&exchange, BUY, "-INT");
    let again = format!("{BUY} --again");
    let output = interrupted_order(&exchange, &again, "-INT");
    let said = stderr(&output);
    assert!(
        said.contains("the command without --again does too"),
        "{said}"
    );
    assert_eq!(exchange.requests("POST"), 2);
    let (_, known) = typed(&exchange, BUY);
    assert_eq!(known["replayed"], true);
    assert!(said.contains(known["intent"].as_str().unwrap()), "{said}");
    let (_, next) = typed(&exchange, &again);
    assert_eq!(next["replayed"], Value::Null);
    assert_eq!(exchange.requests("POST"), 3);
}

#[test]
fn an_outcome_that_is_not_known_is_asked_for_until_it_is() {
    let exchange = Exchange::start();
    exchange.lose_the_next_order();
    let wait = format!("{BUY} --wait 0");
    for _ in 0..2 {
        let (code, message) = typed(&exchange, &wait);
        assert_eq!(
            (code, &message["error"]),
            (5, &"unknown".into()),
            "{message}"
        );
        let asks = format!(
            "; `bpx outcome {}` asks again",
            message["intent"].as_str().unwrap()
        );
        assert!(
            message["fix"].as_str().unwrap().ends_with(&asks),
            "{message}"
        );
    }
    exchange.sandbox.disarm();
    let (code, message) = typed(&exchange, BUY);
    assert_eq!(
        (code, &message["outcome"]),
        (0, &"done".into()),
        "{message}"
    );
    assert_eq!(exchange.requests("POST"), 1);
}

/// What a command says that is interrupted once the exchange was asked.
fn interrupted_at_a_question(exchange: &Exchange, line: &str) -> Value {
    let asked = exchange.sandbox.faults_fired().len();
    let mut command = exchange.command(&words(&format!("{line} --json")));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while exchange.sandbox.faults_fired().len() == asked {
        sleep(Duration::from_millis(5));
    }
    signal(&child, "-INT");
    json(&child.wait_with_output().unwrap())
}

#[test]
fn an_interrupted_question_names_the_order_that_it_asks_about() {
    let exchange = Exchange::start();
    exchange.lose_the_next_order();
    let (_, first) = typed(&exchange, &format!("{BUY} --wait 0"));
    let intent = first["intent"].as_str().unwrap();
    for line in [BUY, &format!("outcome {intent}")] {
        // Each start looks into what was left open as well: a signal may come before the command asks by itself.
        let message = loop {
            let message = interrupted_at_a_question(&exchange, line);
            if !message["outcome"].is_null() {
                break message;
            }
        };
        let known = (
            &message["outcome"],
            &message["intent"],
            &message["client_ids"],
        );
        let expected = (&json!("unknown"), &first["intent"], &first["client_ids"]);
        assert_eq!(known, expected, "{line}: {message}");
        assert_eq!(message["retryable"], false, "{message}");
    }
}

#[test]
fn a_request_that_was_held_back_never_arrives_and_the_same_command_says_so() {
    let exchange = Exchange::start();
    let held = Fault::DelayBefore { delay_ms: LONG_MS };
    let output = interrupted(&exchange, &words(BUY), "execute_order", held, "-INT");
    assert_eq!(code(&output), INTERRUPTED);
    let (code, message) = typed(&exchange, BUY);
    assert_eq!(
        (code, &message["error"]),
        (3, &"rejected".into()),
        "{message}"
    );
    assert_eq!(message["retryable"], true, "{message}");
    assert_eq!(exchange.requests("POST"), 0);
    assert_eq!(typed(&exchange, BUY).0, 0);
    assert_eq!(exchange.requests("POST"), 1);
}

#[test]
fn cancellations_are_sent_again() {
    let exchange = Exchange::start();
    let cancel = "cancel-open-orders --symbol SOL_USDC --allow-trading";
    let line = words(cancel);
    let output = interrupted(&exchange, &line, "cancel_open_orders", HELD, "-INT");
    assert_eq!(code(&output), INTERRUPTED);
    let said = stderr(&output);
    assert!(said.contains("to cancel again does no harm"), "{said}");
    assert_eq!(typed(&exchange, BUY).0, 0);
    let (code, message) = typed(&exchange, cancel);
    assert_eq!((code, &message["replayed"]), (0, &Value::Null), "{message}");
    assert_eq!(message["result"].as_array().unwrap().len(), 1, "{message}");
}

#[test]
fn an_interrupted_read_sent_nothing_that_matters() {
    let exchange = Exchange::start();
    let read = words("get-open-orders --json");
    let output = interrupted(&exchange, &read, "get_open_orders", HELD, "-INT");
    assert_eq!(code(&output), INTERRUPTED);
    let message = json(&output);
    assert_eq!(
        (&message["error"], &message["retryable"]),
        (&"interrupted".into(), &json!(true))
    );
}

/// Nobody reads stdout, whose pipe is full: the first signal cannot end the command, another one does.
#[cfg(target_os = "linux")]
#[test]
fn a_second_signal_ends_it_whatever_it_waits_for() {
    /// What a pipe holds.
    const PIPE_BYTES: usize = 65_536;
    let exchange = Exchange::start();
    let fifo = exchange.state.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let both = OpenOptions::new().read(true).write(true).open(&fifo);
    let mut full = both.unwrap();
    full.write_all(&vec![b'.'; PIPE_BYTES]).unwrap();
    exchange.sandbox.arm(HELD.on("execute_order")).unwrap();
    let mut command = exchange.command(&words(&format!("{BUY} --json")));
    let mut child = command.stdout(full).stderr(Stdio::null()).spawn().unwrap();
    while exchange.requests("POST") == 0 {
        sleep(Duration::from_millis(5));
    }
    signal(&child, "-INT");
    sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it is printing");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(INTERRUPTED));
}

#[test]
fn an_interrupted_workflow_names_its_run_and_how_it_goes_on() {
    let exchange = Exchange::start();
    let (_, placed) = typed(&exchange, BUY);
    let id = placed["order_ids"][0].as_str().unwrap();
    let line = format!(
        "workflow run cancel-replace-order --input symbol=SOL_USDC --input orderId={id} --input newPrice=12 \
         --input newQuantity=3 --input partialFill=total --allow-trading --json"
    );
    let output = interrupted(&exchange, &words(&line), "cancel_order", HELD, "-INT");
    assert_eq!(code(&output), INTERRUPTED, "{}", stderr(&output));
    let message = json(&output);
    let run = message["run"].as_str().unwrap();
    let resume = format!("bpx workflow resume {run} --allow-trading");
    assert!(
        message["fix"].as_str().unwrap().contains(&resume),
        "{message}"
    );
    assert_eq!(
        (&message["error"], &message["operation"]),
        (&"interrupted".into(), &"cancel_order".into())
    );

    let output = exchange.run(&words(&format!(
        "workflow resume {run} --allow-trading --json"
    )));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(exchange.requests("DELETE"), 1);
}
