//! `--json`: whatever fails, stdout is one object with the category, what to do and the exit code. The table is that of the reference.

#![cfg(test)]
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::process::Output;

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::signal::{LONG_MS, begun, interrupted};
use common::{bpx, end, json, stderr, stdout};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/reference/exit-codes.md");
const BUY: &str = "buy SOL_USDC 1 --price 11 --allow-trading";
const HELD: Fault = Fault::DelayAfter { delay_ms: LONG_MS };
const STATUS_418: &str =
    r#"{"method":"DELETE","url":"/api/v1/orders","status":418,"response_body":""}"#;

/// A row of the table of the reference.
struct Row {
    exit_code: i32,
    retryable: &'static str,
}

fn table() -> BTreeMap<&'static str, Row> {
    let (_, rows) = PAGE.split_once("|---|---|---|---|\n").unwrap();
    let rows = rows.lines().map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let row = Row {
            exit_code: cells[2].parse().unwrap(),
            retryable: cells[3],
        };
        (cells[1].trim_matches('`'), row)
    });
    rows.collect()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The line, with `--json`.
fn typed(exchange: &Exchange, line: &str) -> Output {
    exchange.run(&words(&format!("{line} --json")))
}

/// A line that places an order, and the identifier of that order.
fn placed(exchange: &Exchange) -> String {
    let output = typed(exchange, &format!("{BUY} --again"));
    json(&output)["order_ids"][0].as_str().unwrap().to_owned()
}

fn arm(exchange: &Exchange, fault: &str, operation: &str) {
    let fault: Fault = fault.parse().unwrap();
    exchange.sandbox.arm(fault.on(operation)).unwrap();
}

fn file(exchange: &Exchange, name: &str, text: &str) {
    fs::write(exchange.state.path().join(name), text).unwrap();
}

fn replacing(exchange: &Exchange) -> String {
    let id = placed(exchange);
    format!(
        "workflow run cancel-replace-order --input symbol=SOL_USDC --input orderId={id} --input newPrice=12 \
         --input newQuantity=3 --input partialFill=total --allow-trading --wait 1"
    )
}

type Scenario = fn(&Exchange) -> Output;

/// A failure of each category.
const SCENARIOS: [(&str, Scenario); 30] = [
    ("usage", |it| typed(it, "get-order")),
    ("invalid_input", |it| {
        typed(
            it,
            "execute-order-batch --orders @none.json --allow-trading",
        )
    }),
    ("invalid_arguments", |it| {
        typed(it, "get-order --symbol SOL_USDC")
    }),
    ("api_secret", |it| {
        typed(it, "get-open-orders --api-secret-file none")
    }),
    ("base_url", |it| {
        typed(it, "get-open-orders --base-url http://exchange.example")
    }),
    ("policy_file", |it| {
        typed(it, &format!("{BUY} --policy none.toml"))
    }),
    ("idempotency_key_invalid", |it| {
        it.run(&[&words(BUY)[..], &["--json", "--idempotency-key", "a b"]].concat())
    }),
    ("idempotency_key_reused", |it| {
        let keyed = format!("{BUY} --idempotency-key k");
        assert!(typed(it, &keyed).status.success());
        typed(it, &format!("{keyed} --client-id 9"))
    }),
    ("client_id_in_use", |it| {
        let numbered = format!("{BUY} --client-id 7");
        assert!(typed(it, &numbered).status.success());
        typed(it, &numbered)
    }),
    ("trading_disabled", |it| {
        typed(it, "buy SOL_USDC 1 --price 11")
    }),
    ("kill_switch", |it| {
        assert!(typed(it, "kill drill").status.success());
        typed(it, BUY)
    }),
    ("policy", |it| {
        file(
            it,
            "policy.toml",
            "trading = true\n[order]\nnotional_max = \"10\"\n",
        );
        typed(it, &format!("{BUY} --policy policy.toml"))
    }),
    ("journal", |it| {
        file(
            it,
            "journal.sqlite",
            "this is no database, and long enough to be read as one",
        );
        typed(it, BUY)
    }),
    ("state_folder", |it| {
        file(it, "file", "");
        typed(it, "kill --state file")
    }),
    ("listen", |it| {
        let url = it.sandbox.base_url();
        let address = url.strip_prefix("http://").unwrap();
        typed(it, &format!("sandbox --listen {address}"))
    }),
    ("workflow_record", |it| {
        let line = replacing(it);
        let mut child = begun(it, &words(&line), "cancel_order", HELD);
        let output = typed(it, &line);
        end(&mut child);
        child.wait().unwrap();
        output
    }),
    ("checks_failed", |it| {
        typed(it, "doctor --base-url http://127.0.0.1:1")
    }),
    ("not_waiting", |it| {
        // A client that leaves at once: the state folder has been served then.
        it.run(&["mcp"]);
        typed(it, "approve 0123456789abcdef")
    }),
    ("findings", |it| {
        file(it, "fault.ndjson", STATUS_418);
        typed(it, "check fault.ndjson")
    }),
    ("failed", |it| {
        let rule = Fault::DropBefore.on("get_open_orders").always();
        it.sandbox.arm(rule).unwrap();
        typed(it, "record day.ndjson")
    }),
    ("rejected", |it| {
        typed(it, "get-open-orders --symbol NO_SUCH")
    }),
    ("accepted", |it| {
        let id = placed(it);
        arm(it, "settle:600000", "cancel_order");
        let cancel =
            format!("cancel-order --symbol SOL_USDC --order-id {id} --allow-trading --wait 0");
        typed(it, &cancel)
    }),
    ("unknown", |it| {
        it.lose_the_next_order();
        typed(it, &format!("{BUY} --wait 0"))
    }),
    ("in_flight", |it| {
        let mut child = begun(it, &words(BUY), "execute_order", HELD);
        let output = typed(it, &format!("{BUY} --wait 0"));
        end(&mut child);
        child.wait().unwrap();
        output
    }),
    ("not_sent", |it| {
        typed(it, &format!("{BUY} --base-url http://127.0.0.1:1"))
    }),
    ("workflow_already_done", |it| {
        let line = replacing(it);
        let cancel = "cancel-open-orders --symbol SOL_USDC --allow-trading";
        assert!(typed(it, cancel).status.success());
        typed(it, &line)
    }),
    ("workflow_stopped", |it| {
        let line = replacing(it);
        arm(it, "error:INSUFFICIENT_FUNDS", "cancel_order");
        typed(it, &line)
    }),
    ("workflow_incomplete", |it| {
        let line = replacing(it);
        arm(it, "error:INSUFFICIENT_FUNDS", "execute_order");
        typed(it, &line)
    }),
    ("workflow_unknown", |it| {
        let line = replacing(it);
        arm(it, "drop-before", "cancel_order");
        typed(it, &line)
    }),
    ("interrupted", |it| {
        let line = format!("{BUY} --json");
        interrupted(it, &words(&line), "execute_order", HELD, "-INT")
    }),
];

#[test]
fn every_category_of_the_readme_is_one_object_with_its_exit_code() {
    let table = table();
    let known: Vec<_> = table.keys().copied().collect();
    let mut tried: Vec<_> = SCENARIOS.iter().map(|(word, _)| *word).collect();
    tried.sort_unstable();
    assert_eq!(tried, known);
    for (word, scenario) in SCENARIOS {
        let row = &table[word];
        let output = scenario(&Exchange::start());
        assert_eq!(
            output.status.code(),
            Some(row.exit_code),
            "{word}: {output:?}"
        );
        if word == "findings" {
            // The report is on stdout.
            assert!(json(&output).is_object());
            assert!(stderr(&output).contains("error: "), "{}", stderr(&output));
            continue;
        }
        assert_eq!(
            stdout(&output).lines().count(),
            1,
            "{word}: {}",
            stdout(&output)
        );
        is_described(word, row, &json(&output));
        if !word.starts_with("workflow") {
            assert_eq!(stderr(&output), "", "{word}");
        }
    }
}

fn is_described(word: &str, row: &Row, failure: &Value) {
    assert_eq!(failure["error"], word, "{failure}");
    assert_eq!(failure["exit_code"], row.exit_code, "{failure}");
    for text in ["problem", "fix"] {
        let text = failure[text].as_str();
        assert!(text.is_some_and(|it| !it.is_empty()), "{failure}");
    }
    let retryable = failure["retryable"].as_bool().unwrap();
    match row.retryable {
        "depends" => {}
        expected => assert_eq!(retryable, expected == "yes", "{failure}"),
    }
}

#[test]
fn a_command_line_that_is_not_valid_names_the_place_and_the_way_out() {
    let cases = [
        (
            "get-order --symbol SOL_USDC --ordr-id 7 --json",
            "--ordr-id",
            "--order-id",
        ),
        (
            "get-fills --fill-type user --json",
            "--fill-type <WORD>",
            "'User'",
        ),
        (
            "check --json a --shard 1 --partial p",
            "--shard <I/N>",
            "--help",
        ),
    ];
    for (line, location, fix) in cases {
        let output = bpx(&words(line)).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(2), ""));
        let failure = json(&output);
        assert_eq!(failure["error"], "usage", "{failure}");
        assert_eq!(failure["location"], location, "{failure}");
        assert!(failure["fix"].as_str().unwrap().contains(fix), "{failure}");
    }
    let output = bpx(&["--json"]).output().unwrap();
    assert_eq!(json(&output)["error"], "usage");
    // What is asked for as text stays text.
    let output = bpx(&["get-order"]).output().unwrap();
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""));
    let help = bpx(&["get-order", "--json", "--help"]).output().unwrap();
    assert!(help.status.success() && stdout(&help).contains("Examples:"));
}

#[test]
fn what_succeeds_is_one_object_too() {
    let exchange = Exchange::start();
    let state = exchange.state.path().to_str().unwrap();
    let lines = [
        ("kill drill", "reason", "drill"),
        ("kill drill", "kill_switch", "on"),
        ("revive", "kill_switch", "off"),
        ("revive", "state", state),
        ("record day.ndjson", "recording", "day.ndjson"),
    ];
    for (line, member, expected) in lines {
        let output = typed(&exchange, line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        assert_eq!(json(&output)[member], expected, "{line}");
        assert_eq!(stderr(&output), "", "{line}");
    }
    let checked = json(&typed(&exchange, "check day.ndjson"));
    assert!(checked.is_object(), "{checked}");
}

#[test]
fn several_faults_are_all_listed() {
    let exchange = Exchange::start();
    let batch = [
        "execute-order-batch",
        "--json",
        "--allow-trading",
        "--orders",
        r#"[{"symbol":"SOL_USDC","side":"Bid","orderType":"Market","quantity":"1","price":"20"},{"price":"1,5"}]"#,
    ];
    let failure = json(&exchange.run(&batch));
    let faults = failure["faults"].as_array().unwrap();
    assert!(faults.len() > 1, "{failure}");
    assert_eq!(faults[0]["location"], failure["location"]);
    let places: Vec<_> = faults
        .iter()
        .filter_map(|it| it["location"].as_str())
        .collect();
    assert!(places.contains(&"--orders /1/price"), "{places:?}");
    // A rule of the venue holds for each order of a batch, too.
    let market =
        r#"[{"symbol":"SOL_USDC","side":"Bid","orderType":"Market","quantity":"1","price":"20"}]"#;
    let failure = json(&exchange.run(&[&batch[..4], &[market]].concat()));
    assert_eq!(failure["location"], "--orders /0/price", "{failure}");
    let fix = failure["fix"].as_str().unwrap();
    assert!(fix.ends_with("[order.market_price]"), "{failure}");
    assert_eq!(exchange.requests("POST"), 0);
}

#[test]
fn what_is_rejected_for_now_may_be_tried_again_and_what_is_wrong_may_not() {
    let exchange = Exchange::start();
    for (fault, retryable) in [
        ("429", true),
        ("maintenance", true),
        ("error:INSUFFICIENT_FUNDS", false),
    ] {
        arm(&exchange, fault, "execute_order");
        let failure = json(&typed(&exchange, BUY));
        assert_eq!(failure["error"], "rejected", "{failure}");
        assert_eq!(failure["retryable"], retryable, "{failure}");
    }
}

#[test]
fn a_connection_that_is_never_made_counts_for_nothing() {
    let exchange = Exchange::start();
    file(
        &exchange,
        "policy.toml",
        "trading = true\n[day]\norders_max = 1\n",
    );
    for _ in 0..2 {
        let line = format!("{BUY} --policy policy.toml --base-url http://127.0.0.1:1");
        let failure = json(&typed(&exchange, &line));
        assert_eq!(failure["outcome"], "not_sent", "{failure}");
        assert_eq!(failure["error"], "not_sent", "{failure}");
    }
}
