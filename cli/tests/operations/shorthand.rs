//! `bpx buy` and `bpx sell`: `execute-order` with fewer words.

use serde_json::Value;

use crate::common::exchange::Exchange;
use crate::common::{json, stderr, stdout};

fn dry(exchange: &Exchange, line: &str) -> Value {
    let line = format!("{line} --dry-run --json");
    json(&exchange.run(&line.split_whitespace().collect::<Vec<_>>()))["request"]["body"].take()
}

#[test]
fn a_shorthand_makes_the_same_call_as_the_long_command() {
    let exchange = Exchange::start();
    let pairs = [
        (
            "buy SOL_USDC 1.5 --price 20 --post-only true --client-id 7",
            "--side Bid --order-type Limit --quantity 1.5 --price 20 --post-only true --client-id 7",
        ),
        (
            "buy SOL_USDC 1",
            "--side Bid --order-type Market --quantity 1",
        ),
        (
            "sell SOL_USDC 1",
            "--side Ask --order-type Market --quantity 1",
        ),
        (
            "sell SOL_USDC 1 --price 20 --time-in-force IOC",
            "--side Ask --order-type Limit --quantity 1 --price 20 --time-in-force IOC",
        ),
    ];
    for (short, long) in pairs {
        let long = dry(
            &exchange,
            &format!("execute-order --symbol SOL_USDC {long}"),
        );
        assert!(long.is_string());
        assert_eq!(dry(&exchange, short), long, "{short}");
    }
    assert!(exchange.sandbox.verified().is_empty());
}

#[test]
fn what_a_shorthand_stands_for_is_no_flag_of_it() {
    let exchange = Exchange::start();
    for flag in ["--side", "--order-type", "--symbol", "--quantity"] {
        let output = exchange.run(&["buy", "SOL_USDC", "1", flag, "Bid"]);
        assert_eq!(output.status.code(), Some(2), "{flag}: {}", stderr(&output));
    }
    for short in [&["buy", "SOL_USDC"][..], &["buy"]] {
        let output = exchange.run(short);
        assert!(
            stderr(&output).contains("<QUANTITY>"),
            "{}",
            stderr(&output)
        );
    }
    let help = exchange.run(&["sell", "--help"]);
    assert!(
        stdout(&help).contains("<SYMBOL> <QUANTITY>"),
        "{}",
        stdout(&help)
    );
}
