//! `bpx workflow` from the command line, against a local exchange.

#![cfg(test)]

#[path = "../common/mod.rs"]
mod common;
mod documents;
mod reports;
mod resume;
mod run;
mod services;

use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use bpx_sandbox::{Fault, RestingLiquidity, Side};
use common::exchange::Exchange;
use common::{json, stderr};
use serde_json::Value;

const NAME: &str = "cancel-replace-order";

/// An exchange with a resting bid, and its identifier.
fn with_order() -> (Exchange, String) {
    let exchange = Exchange::start();
    let line = "execute-order --symbol SOL_USDC --side Bid --order-type Limit --price 20 --quantity 2 --allow-trading --json";
    let placed = json(&exchange.run(&words(line)));
    let id = placed["order_ids"][0].as_str().unwrap().to_owned();
    (exchange, id)
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The line that replaces the order by one at 21 over 3.
fn replacing(id: &str) -> String {
    format!(
        "workflow run {NAME} --input symbol=SOL_USDC --input orderId={id} --input newPrice=21 --input newQuantity=3 \
         --input partialFill=total"
    )
}

fn call(exchange: &Exchange, line: &str) -> Output {
    exchange.run(&words(line))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Prices and quantities of the open orders.
fn open(exchange: &Exchange) -> Vec<(String, String)> {
    let output = call(exchange, "get-open-orders --symbol SOL_USDC --json");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = json(&output)["result"].as_array().unwrap().clone();
    let rows = rows.iter();
    rows.map(|row| (text(row, "price"), text(row, "quantity")))
        .collect()
}

fn only(price: &str, quantity: &str) -> Vec<(String, String)> {
    vec![(price.to_owned(), quantity.to_owned())]
}

/// Somebody sells at the order's price.
fn offer(exchange: &Exchange, quantity: &str) {
    let offer = RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side: Side::Ask,
        price: 20.into(),
        quantity: quantity.parse().unwrap(),
    };
    exchange.sandbox.add_liquidity(&offer).unwrap();
}

/// Begins a run whose cancellation or placement meets the fault, and waits until the exchange has that request; the run is
/// still going then.
fn begun(exchange: &Exchange, line: &str, operation: &str, fault: Fault) -> Child {
    exchange.sandbox.arm(fault.on(operation)).unwrap();
    let method = if operation == "cancel_order" {
        "DELETE"
    } else {
        "POST"
    };
    // A request that is held back counts as a fault, one whose answer is held back as a request.
    let seen = || exchange.sandbox.faults_fired().len() + exchange.requests(method);
    let before = seen();
    let mut command = exchange.command(&words(line));
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let waits = Instant::now();
    while seen() == before {
        assert!(
            waits.elapsed() < Duration::from_secs(60),
            "the request never came"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// The only run there is, by its record.
fn recorded(exchange: &Exchange) -> String {
    let folder = exchange.state.path().join("workflows");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path());
    let runs: Vec<_> = files
        .filter(|it| it.extension().is_some_and(|it| it == "ndjson"))
        .collect();
    let [run] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    run.file_stem().unwrap().to_str().unwrap().to_owned()
}
