//! `--dry-run`: what would be sent and whether the policy allows it, without sending anything.

use crate::common::exchange::Exchange;
use crate::common::{json, stderr, stdout};
use crate::{ORDER, TWO_ORDERS, order};

fn policy(exchange: &Exchange, notional_max: &str) {
    let policy = format!("trading = true\n[order]\nnotional_max = \"{notional_max}\"\n");
    std::fs::write(exchange.state.path().join("policy.toml"), policy).unwrap();
}

#[test]
fn the_request_is_printed_with_signing_string_exposure_and_verdict_and_nothing_is_sent() {
    let exchange = Exchange::start();
    policy(&exchange, "31");
    let output = exchange.run(&order(&[
        "--client-id",
        "7",
        "--dry-run",
        "--policy",
        "policy.toml",
    ]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines: Vec<_> = stdout(&output).lines().collect();
    assert_eq!(
        lines[..2],
        ["execute_order", "  request  POST /api/v1/order"]
    );
    assert_eq!(
        lines[2],
        "  headers  X-API-KEY, X-SIGNATURE, X-TIMESTAMP, X-WINDOW"
    );
    assert!(
        lines[3].starts_with("  body     {") && lines[3].contains(r#""clientId":7,"#),
        "{lines:?}"
    );
    assert!(
        lines[4].starts_with("  signed   instruction=orderExecute&clientId=7&"),
        "{lines:?}"
    );
    assert_eq!(
        lines[5],
        "  order    SOL_USDC Bid Limit: quantity at most 1.5, value at most 30.75"
    );
    assert_eq!(
        lines[6..],
        ["  verdict  would be sent", "Nothing was sent."]
    );
    assert_eq!(stderr(&output), "");
    assert!(exchange.sandbox.verified().is_empty());
    let journal = exchange.state.path().join("journal.sqlite");
    assert!(
        !journal.exists(),
        "the journal of the account is not touched"
    );
}

#[test]
fn what_the_policy_refuses_is_reported_with_the_exit_code_of_the_call() {
    let exchange = Exchange::start();
    policy(&exchange, "30");
    let dry_run = order(&["--dry-run", "--policy", "policy.toml"]);
    let output = exchange.run(&dry_run);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("  verdict  would be refused [policy.order_notional]\n"));
    assert!(
        stderr(&output).contains("[policy.order_notional]"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("without `clientId`"),
        "{}",
        stderr(&output)
    );

    let report = json(&exchange.run(&[&dry_run[..], &["--json"]].concat()));
    assert_eq!(report["outcome"], "dry_run");
    assert_eq!(report["request"]["target"], "/api/v1/order");
    assert_eq!(report["orders"][0]["worth_max"], "30.75");
    assert_eq!(
        report["refusal"]["findings"][0]["rule"],
        "policy.order_notional"
    );
    assert!(exchange.sandbox.verified().is_empty());
}

#[test]
fn an_amount_without_a_bound_and_a_missing_permission_are_named() {
    let exchange = Exchange::start();
    let sell =
        "execute-order --symbol SOL_USDC --side Ask --order-type Market --quantity 1 --dry-run";
    let output = exchange.run(&sell.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("quantity at most 1, value without an upper bound ("),
        "{}",
        stdout(&output)
    );
    for note in ["--allow-trading", "no policy file"] {
        assert!(
            stderr(&output).contains(note),
            "{note}: {}",
            stderr(&output)
        );
    }
    let output = exchange.run(&[&sell.split(' ').collect::<Vec<_>>()[..], &["--json"]].concat());
    let order = &json(&output)["orders"][0];
    assert!(order["worth_max"].is_null(), "{order}");
    assert_eq!(order["unbounded"].as_array().unwrap().len(), 1, "{order}");
}

#[test]
fn the_kill_switch_counts_and_reads_and_batches_can_be_tried_too() {
    let exchange = Exchange::start();
    let batch = [
        "execute-order-batch",
        "--orders",
        TWO_ORDERS,
        "--dry-run",
        "--json",
    ];
    let report = json(&exchange.run(&batch));
    let pointers: Vec<_> = report["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["pointer"])
        .collect();
    assert_eq!(pointers, ["/orders/0", "/orders/1"]);

    let read = ["get-open-orders", "--symbol", "SOL_USDC", "--dry-run"];
    let output = exchange.run(&read);
    assert!(
        stdout(&output).contains("  request  GET /api/v1/orders?symbol=SOL_USDC\n"),
        "{}",
        stdout(&output)
    );
    exchange.run(&["kill", "a drill"]);
    let output = exchange.run(&[&ORDER[..], &["--dry-run"]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("the kill switch is on (a drill)"),
        "{}",
        stderr(&output)
    );
    assert_eq!(exchange.run(&read).status.code(), Some(0));
    assert!(exchange.sandbox.verified().is_empty());
}
