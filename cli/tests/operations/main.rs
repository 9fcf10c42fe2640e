//! The operations as commands, against a local exchange.

#![cfg(test)]

mod calls;
#[path = "../common/mod.rs"]
mod common;
mod dry_run;
mod help;
mod refusals;
mod shorthand;

use common::exchange::Exchange;
use common::json;
use serde_json::Value;

pub(crate) const ORDER: [&str; 12] = [
    "execute-order",
    "--symbol",
    "SOL_USDC",
    "--side",
    "Bid",
    "--order-type",
    "Limit",
    "--price",
    "20.50",
    "--quantity",
    "1.5",
    "--allow-trading",
];
pub(crate) const TWO_ORDERS: &str = r#"[
    {"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"19","quantity":"1"},
    {"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"18","quantity":"1"}
]"#;

pub(crate) fn kebab(id: &str) -> String {
    id.replace('_', "-")
}

/// An order with further flags.
pub(crate) fn order<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ORDER, more].concat()
}

pub(crate) fn outcome(exchange: &Exchange, arguments: &[&str]) -> (i32, Value) {
    let output = exchange.run(&[arguments, &["--json"]].concat());
    (output.status.code().unwrap(), json(&output))
}
