//! `bpx cancel-after`: what starts the time anew, what ends it, and when it is certain that nothing is open.

#![cfg(test)]
#![cfg(unix)]

mod common;

use std::io::Write as _;
use std::process::{Child, Output, Stdio};

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::signal::signal;
use common::{json, stderr};
use serde_json::json;

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn with_orders() -> Exchange {
    let exchange = Exchange::start();
    for price in ["11", "12"] {
        let buy = format!("buy SOL_USDC 1 --price {price} --allow-trading");
        assert!(exchange.run(&words(&buy)).status.success());
    }
    exchange
}

/// Starts it, and waits until it has looked at the open orders: then it watches.
fn watching(exchange: &Exchange, seconds: &str) -> Child {
    let line = [
        "cancel-after",
        seconds,
        "--symbol",
        "SOL_USDC",
        "--allow-trading",
        "--json",
    ];
    let before = exchange.requests("GET");
    let mut command = exchange.command(&line);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    until(|| exchange.requests("GET") > before);
    child
}

fn until(holds: impl Fn() -> bool) {
    for _ in 0..12_000 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("it never happened");
}

fn open(exchange: &Exchange) -> usize {
    let listed = exchange.run(&["get-open-orders", "--json"]);
    json(&listed)["result"].as_array().unwrap().len()
}

fn ended(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

#[test]
fn when_the_time_is_over_everything_of_the_market_is_cancelled() {
    let exchange = with_orders();
    let output = ended(watching(&exchange, "1"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = json!({"symbols": ["SOL_USDC"], "reason": "time", "rounds": 1});
    assert_eq!(json(&output), expected);
    assert_eq!(open(&exchange), 0);
}

#[test]
fn a_signal_cancels_now() {
    for name in ["-INT", "-TERM"] {
        let exchange = with_orders();
        let child = watching(&exchange, "86400");
        signal(&child, name);
        let output = ended(child);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(json(&output)["reason"], "signal");
        assert_eq!(open(&exchange), 0);
    }
}

#[test]
fn a_line_starts_the_time_anew_and_the_end_of_input_does_not_stop_it() {
    let exchange = with_orders();
    let line = words("cancel-after 2 --symbol SOL_USDC --allow-trading");
    let mut command = exchange.command(&line);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"\n").unwrap();
    drop(stdin);
    let output = ended(child);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said: Vec<_> = stderr(&output).lines().collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(
        said[0].starts_with("open orders of SOL_USDC are cancelled in 2 s;"),
        "{said:?}"
    );
    assert_eq!(
        said[1..],
        [
            "2 s from now",
            "cancelling the open orders of SOL_USDC",
            "nothing of SOL_USDC is open"
        ]
    );
    assert_eq!(open(&exchange), 0);
}

#[test]
fn it_goes_on_until_the_list_is_empty() {
    let exchange = with_orders();
    let refused = Fault::Maintenance.on("cancel_open_orders");
    exchange.sandbox.arm(refused).unwrap();
    let output = ended(watching(&exchange, "1"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(json(&output)["rounds"], 2);
    let said = stderr(&output);
    assert!(
        said.contains("SOL_USDC: 2 open after the cancellation was rejected; again"),
        "{said}"
    );
    assert_eq!(open(&exchange), 0);
}

#[test]
fn a_second_signal_ends_it_without_certainty() {
    let exchange = with_orders();
    let refused = Fault::Maintenance.on("cancel_open_orders").always();
    exchange.sandbox.arm(refused).unwrap();
    let child = watching(&exchange, "86400");
    signal(&child, "-INT");
    until(|| !exchange.sandbox.faults_fired().is_empty());
    signal(&child, "-INT");
    let output = ended(child);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert_eq!(json(&output)["error"], "unknown");
    assert_eq!(open(&exchange), 2);
}

#[test]
fn what_would_keep_it_from_cancelling_is_reported_at_the_start() {
    let exchange = with_orders();
    let cases = [
        ("cancel-after 30 --symbol SOL_USDC", 1, "trading_disabled"),
        (
            "cancel-after 30 --symbol NO_SUCH --allow-trading",
            3,
            "rejected",
        ),
        (
            "cancel-after 30 --symbol SOL_USDC --allow-trading --base-url http://127.0.0.1:1",
            6,
            "not_sent",
        ),
        (
            "cancel-after 0 --symbol SOL_USDC --allow-trading",
            2,
            "usage",
        ),
        ("cancel-after 30 --allow-trading", 2, "usage"),
    ];
    for (line, code, error) in cases {
        let output = exchange.run(&words(&format!("{line} --json")));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{line}: {}",
            stderr(&output)
        );
        assert_eq!(json(&output)["error"], error, "{line}");
    }
    assert_eq!(open(&exchange), 2);
}

/// The kill switch keeps nobody from cancelling.
#[test]
fn it_cancels_while_the_kill_switch_is_on() {
    let exchange = with_orders();
    assert!(exchange.run(&["kill"]).status.success());
    let output = ended(watching(&exchange, "1"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(open(&exchange), 0);
}
