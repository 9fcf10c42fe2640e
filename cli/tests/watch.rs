//! `bpx watch`: orders, fills and a book as they change.

#![cfg(test)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use bpx_sandbox::{Fault, StreamFault};
use serde_json::Value;

use crate::common::exchange::Exchange;

/// A command that goes on; its lines are read until it ends.
fn watching(exchange: &Exchange, line: &str) -> Child {
    let words: Vec<_> = line.split(' ').collect();
    let mut command = exchange.command(&words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let output = child.stdout.take().unwrap();
    BufReader::new(output).lines().map(Result::unwrap)
}

fn buy(exchange: &Exchange) {
    let bought = exchange.run(&[
        "buy",
        "SOL_USDC",
        "1",
        "--price",
        "20",
        "--again",
        "--allow-trading",
    ]);
    assert!(bought.status.success(), "{bought:?}");
}

#[test]
fn orders_are_told_as_they_happen_and_those_that_were_open_before() {
    let exchange = Exchange::start();
    buy(&exchange);
    let mut child = watching(&exchange, "watch orders --json --count 3");
    let mut message = lines(&mut child);
    let mut next = || serde_json::from_str::<Value>(&message.next().unwrap()).unwrap();
    let open = next();
    assert_eq!(
        (&open["e"], &open["recovered"]),
        (&"orderAccepted".into(), &true.into())
    );
    buy(&exchange);
    let live = next();
    assert_eq!(
        (&live["e"], &live["recovered"]),
        (&"orderAccepted".into(), &false.into())
    );
    exchange
        .sandbox
        .arm(Fault::Stream(StreamFault::Drop).on("account.orderUpdate"))
        .unwrap();
    buy(&exchange);
    let missed = next();
    assert_eq!(
        (&missed["e"], &missed["recovered"]),
        (&"orderAccepted".into(), &true.into())
    );
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_book_is_shown_whole_with_each_change() {
    let exchange = Exchange::start();
    buy(&exchange);
    let mut child = watching(&exchange, "watch depth SOL_USDC --json --count 2");
    let mut message = lines(&mut child);
    let mut next = || serde_json::from_str::<Value>(&message.next().unwrap()).unwrap();
    assert_eq!(next()["bids"], serde_json::json!([["20", "1"]]));
    buy(&exchange);
    assert_eq!(next()["bids"], serde_json::json!([["20", "2"]]));
    assert!(child.wait().unwrap().success());
}

#[test]
fn without_json_each_order_is_a_line_for_people() {
    let exchange = Exchange::start();
    buy(&exchange);
    let output = exchange.run(&["watch", "orders", "SOL_USDC", "--count", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1);
    for part in [
        "SOL_USDC",
        "Bid",
        "orderAccepted",
        "1 @ 20",
        "New",
        "recovered",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_market_that_does_not_exist_and_an_exchange_that_is_away_end_it() {
    let exchange = Exchange::start();
    let refused = exchange.run(&["watch", "depth", "NO_SUCH", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let message: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert!(
        message["problem"].as_str().unwrap().contains("4006"),
        "{message}"
    );
    let away = ["watch", "orders", "--base-url", "http://127.0.0.1:9"];
    assert_eq!(exchange.run(&away).status.code(), Some(6));
}

#[test]
fn a_recording_of_a_watch_holds_no_signature_and_fits_the_contract() {
    let exchange = Exchange::start();
    let mut child = watching(
        &exchange,
        "watch orders --json --count 2 --record day.ndjson",
    );
    let mut message = lines(&mut child);
    let path = exchange.state.path().join("day.ndjson");
    let asked = || std::fs::read_to_string(&path).unwrap_or_default();
    while !asked().contains("SUBSCRIBE") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // The first may be read from the lists, the second is an update.
    for _ in 0..2 {
        buy(&exchange);
        assert!(message.next().unwrap().contains("orderAccepted"));
    }
    assert!(child.wait().unwrap().success());
    let recorded = asked();
    assert!(
        recorded.contains(r#"\"signature\":[\"redacted\",\"redacted\""#),
        "{recorded}"
    );
    let report = exchange.run(&["check", "day.ndjson", "--json"]);
    let text = String::from_utf8(report.stdout.clone()).unwrap();
    assert_eq!(report.status.code(), Some(0), "{recorded}\n{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let messages = &report["summary"]["messages"];
    assert!(messages["validated"].as_u64() >= Some(1), "{messages}");
    assert!(messages["requests"].as_u64() >= Some(1), "{messages}");

    let har = exchange.run(&["watch", "orders", "--record", "day.har"]);
    assert_eq!(har.status.code(), Some(2));
}
