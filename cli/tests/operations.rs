//! The operations as commands, against a local exchange.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

mod common;

use std::io::Write as _;
use std::process::Stdio;

use bpx_client::table::TABLE;
use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::{bpx, examples, json, run, stderr, stdout};
use serde_json::Value;

const ORDER: [&str; 12] = [
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
const TWO_ORDERS: &str = r#"[
    {"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"19","quantity":"1"},
    {"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"18","quantity":"1"}
]"#;

fn kebab(id: &str) -> String {
    id.replace('_', "-")
}

/// An order with further flags.
fn order<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ORDER, more].concat()
}

fn outcome(exchange: &Exchange, arguments: &[&str]) -> (i32, Value) {
    let output = exchange.run(&[arguments, &["--json"]].concat());
    (output.status.code().unwrap(), json(&output))
}

#[test]
fn an_order_is_placed_found_listed_and_cancelled() {
    let exchange = Exchange::start();
    let (code, placed) = outcome(
        &exchange,
        &order(&["--post-only", "true", "--client-id", "7"]),
    );
    assert_eq!((code, &placed["outcome"]), (0, &"done".into()), "{placed}");
    assert_eq!(placed["result"]["postOnly"], true);
    assert_eq!(placed["client_ids"], serde_json::json!([7]));
    let id = placed["result"]["id"].as_str().unwrap();
    assert_eq!(placed["order_ids"][0], id);

    let market = ["--symbol", "SOL_USDC"];
    let (code, found) = outcome(
        &exchange,
        &[&["get-order"], &market[..], &["--client-id", "7"]].concat(),
    );
    assert_eq!((code, found["result"]["id"].as_str()), (0, Some(id)));

    let listed = exchange.run(&[&["get-open-orders"], &market[..]].concat());
    let lines: Vec<_> = stdout(&listed).lines().collect();
    assert!(
        lines[0].starts_with("id ") && lines[0].contains("  price "),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(id) && lines[1].contains("  20.5"),
        "{lines:?}"
    );
    assert_eq!(stderr(&listed), "1 row\n");

    let cancel = [
        &["cancel-order", "--order-id", id, "--allow-trading"],
        &market[..],
    ]
    .concat();
    let (code, cancelled) = outcome(&exchange, &cancel);
    assert_eq!(
        (code, &cancelled["result"]["id"]),
        (0, &placed["result"]["id"])
    );
    assert_eq!(
        outcome(&exchange, &["get-open-orders"]).1["result"],
        serde_json::json!([])
    );
}

#[test]
fn a_batch_comes_from_the_command_line_a_file_or_standard_input() {
    let exchange = Exchange::start();
    std::fs::write(exchange.state.path().join("orders.json"), TWO_ORDERS).unwrap();
    for given in [TWO_ORDERS, "@orders.json"] {
        let (code, placed) = outcome(
            &exchange,
            &["execute-order-batch", "--orders", given, "--allow-trading"],
        );
        assert_eq!(code, 0, "{placed}");
        assert_eq!(placed["result"].as_array().unwrap().len(), 2);
    }
    let mut child = exchange
        .command(&["execute-order-batch", "--orders", "-", "--allow-trading"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(TWO_ORDERS.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).lines().all(|line| !line.contains("Err")));
    assert!(stderr(&output).starts_with("2 rows\n"));

    let mixed = TWO_ORDERS.replacen("SOL_USDC", "NO_SUCH", 1);
    let batch = ["execute-order-batch", "--orders", &mixed, "--allow-trading"];
    let output = exchange.run(&batch);
    let said = stderr(&output);
    assert!(said.starts_with("2 rows, 1 of them refused\n"), "{said}");

    let everything = [
        "cancel-open-orders",
        "--symbol",
        "SOL_USDC",
        "--allow-trading",
    ];
    let (code, cancelled) = outcome(&exchange, &everything);
    assert_eq!(
        (code, cancelled["result"].as_array().unwrap().len()),
        (0, 7)
    );
}

#[test]
fn a_repeated_flag_is_a_list_and_pages_are_told() {
    let exchange = Exchange::start();
    exchange.run(&ORDER);
    exchange.run(&[
        "cancel-open-orders",
        "--symbol",
        "SOL_USDC",
        "--allow-trading",
    ]);
    let kinds = ["--market-type", "SPOT", "--market-type", "PERP"];
    let arguments = [&["get-order-history", "--limit", "1"], &kinds[..]].concat();
    let (code, history) = outcome(&exchange, &arguments);
    assert_eq!(
        (code, &history["page"]["total"]),
        (0, &1.into()),
        "{history}"
    );
    let shown = exchange.run(&arguments);
    assert!(
        stderr(&shown).starts_with("1 row of 1, page 1 of 1"),
        "{}",
        stderr(&shown)
    );
    let (code, fills) = outcome(&exchange, &["get-fills", "--from", "-5"]);
    assert_eq!((code, &fills["result"]), (0, &serde_json::json!([])));
}

#[test]
fn nothing_changes_the_account_unless_trading_is_allowed() {
    let exchange = Exchange::start();
    let without: Vec<_> = ORDER
        .into_iter()
        .filter(|flag| *flag != "--allow-trading")
        .collect();
    let output = exchange.run(&without);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).ends_with("fix: give --allow-trading\n"),
        "{}",
        stderr(&output)
    );
    assert_eq!(exchange.requests("POST"), 0);
    let (code, refused) = outcome(&exchange, &without);
    assert_eq!((code, &refused["outcome"]), (1, &"refused".into()));
    assert_eq!(refused["code"], "TRADING_DISABLED");
}

#[test]
fn the_same_key_is_the_same_order_and_another_call_may_not_have_it() {
    let exchange = Exchange::start();
    let keyed = order(&["--idempotency-key", "once"]);
    let (_, first) = outcome(&exchange, &keyed);
    let (code, again) = outcome(&exchange, &keyed);
    assert_eq!((code, &again["replayed"]), (0, &true.into()));
    assert_eq!(again["result"], first["result"]);
    assert_eq!(exchange.requests("POST"), 1);
    let other = order(&["--idempotency-key", "once", "--client-id", "9"]);
    let (code, refused) = outcome(&exchange, &other);
    assert_eq!(
        (code, &refused["code"]),
        (1, &"IDEMPOTENCY_KEY_REUSED".into())
    );
}

#[test]
fn the_exit_code_is_that_of_the_outcome() {
    let exchange = Exchange::start();
    let (code, rejected) = outcome(&exchange, &["get-open-orders", "--symbol", "NO_SUCH"]);
    assert_eq!(
        (code, &rejected["outcome"]),
        (3, &"rejected".into()),
        "{rejected}"
    );

    exchange.lose_the_next_order();
    let (code, unknown) = outcome(&exchange, &order(&["--wait", "0"]));
    assert_eq!(
        (code, &unknown["outcome"]),
        (5, &"unknown".into()),
        "{unknown}"
    );
    assert!(unknown["next"].is_string());
    exchange.sandbox.disarm();

    let (_, placed) = outcome(&exchange, &ORDER);
    let id = placed["result"]["id"].as_str().unwrap();
    exchange
        .sandbox
        .arm(Fault::Settle { delay_ms: 60_000 }.on("cancel_order"))
        .unwrap();
    let cancel = [
        "cancel-order",
        "--symbol",
        "SOL_USDC",
        "--order-id",
        id,
        "--allow-trading",
    ];
    let output = exchange.run(&[&cancel[..], &["--wait", "0"]].concat());
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: accepted, not yet executed: "));

    let nobody = ["get-open-orders", "--base-url", "http://127.0.0.1:1"];
    let output = exchange.run(&nobody);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("nothing was sent"));
}

#[test]
fn a_mistake_is_named_by_its_flag_before_anything_is_sent() {
    let exchange = Exchange::start();
    let cases: [(&[&str], &[&str]); 6] = [
        (&["get-order"], &["--symbol <TEXT>"]),
        (
            &["get-order", "--symbol", "SOL_USDC"],
            &["orderId", "clientId"],
        ),
        (
            &["get-fills", "--fill-type", "user"],
            &["[possible values: ", "'User'"],
        ),
        (
            &["cancel-order", "--symbol", "SOL_USDC", "--client-id", "x"],
            &["--client-id: ", "digits"],
        ),
        (
            &["execute-order-batch", "--orders", "[{\"price\": \"1,5\"}]"],
            &[
                "--orders /0/price: ",
                "contract.decimal",
                "`symbol` is missing",
            ],
        ),
        (
            &["execute-order-batch", "--orders", "@none.json"],
            &["--orders: none.json", "fix: "],
        ),
    ];
    for (arguments, parts) in cases {
        let output = exchange.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        for part in parts {
            assert!(
                stderr(&output).contains(part),
                "{part}: {}",
                stderr(&output)
            );
        }
    }
    assert!(exchange.sandbox.verified().is_empty());
}

#[test]
fn the_policy_is_kept_and_says_what_it_refuses() {
    let exchange = Exchange::start();
    let policy = "trading = true\n[order]\nnotional_max = \"30\"\n";
    std::fs::write(exchange.state.path().join("policy.toml"), policy).unwrap();
    let output = exchange.run(&order(&["--policy", "policy.toml"]));
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("30.75 is above the cap, 30") && said.contains("[policy.order_notional]"),
        "{said}"
    );
    let (_, refused) = outcome(&exchange, &order(&["--policy", "policy.toml"]));
    assert_eq!(refused["findings"][0]["rule"], "policy.order_notional");
    assert_eq!(exchange.requests("POST"), 0);
    let output = exchange.run(&order(&["--policy", "none.toml"]));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_kill_switch_stops_orders_until_it_is_off() {
    let exchange = Exchange::start();
    assert!(
        exchange
            .run(&["kill", "the book looks wrong"])
            .status
            .success()
    );
    let output = exchange.run(&ORDER);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("the book looks wrong")
            && said.contains("fix: turn it off with 'bpx revive'"),
        "{said}"
    );
    assert!(exchange.run(&["get-open-orders"]).status.success());
    let cancel = [
        "cancel-open-orders",
        "--symbol",
        "SOL_USDC",
        "--allow-trading",
    ];
    assert!(exchange.run(&cancel).status.success());
    let revived = exchange.run(&["revive"]);
    assert!(
        stderr(&revived).contains("it was on: the book looks wrong"),
        "{}",
        stderr(&revived)
    );
    assert!(exchange.run(&ORDER).status.success());
}

#[test]
fn no_exchange_is_called_that_nobody_named() {
    let output = run(&["get-open-orders"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no exchange is named"));
    let output = run(&["get-open-orders", "--base-url", "http://exchange.example"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("plain http"));
}

#[test]
fn every_argument_of_every_operation_is_a_flag_with_its_help() {
    for operation in TABLE {
        let output = bpx(&[&kebab(operation.id), "--help"]).output().unwrap();
        let help = stdout(&output);
        assert!(help.contains(operation.summary));
        for argument in operation.arguments() {
            let flag: String = argument
                .name
                .chars()
                .flat_map(|c| {
                    let dash =
                        (c.is_ascii_uppercase() && !argument.name.contains('-')).then_some('-');
                    dash.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect();
            assert!(
                help.contains(&format!(" --{flag} <")),
                "{}: {flag}",
                operation.id
            );
        }
        let writes = help.contains("--allow-trading");
        assert_eq!(writes, !operation.effect.only_reads(), "{}", operation.id);
        assert!(help.contains("  5  unknown"));
    }
}

#[test]
fn the_examples_of_every_operation_are_calls_that_are_made() {
    let exchange = Exchange::start();
    std::fs::write(exchange.state.path().join("orders.json"), TWO_ORDERS).unwrap();
    for operation in TABLE {
        let examples = examples(&[&kebab(operation.id)]);
        assert!(!examples.is_empty(), "{}", operation.id);
        for example in examples {
            let example: Vec<_> = example.iter().map(String::as_str).collect();
            let output = exchange.run(&example);
            // There is no order 28.
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{example:?}: {}",
                stderr(&output)
            );
        }
    }
}

#[test]
fn the_secret_is_nowhere_in_what_is_said_or_kept() {
    let exchange = Exchange::start();
    let secret = exchange.sandbox.api_secret();
    let mut command = exchange.command(&order(&["--json"]));
    let output = command.env("RUST_LOG", "trace").output().unwrap();
    assert!(output.status.success());
    for said in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(said).contains(&secret));
    }
    let files = std::fs::read_dir(exchange.state.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains(&secret),
            "{}",
            file.display()
        );
    }
}
