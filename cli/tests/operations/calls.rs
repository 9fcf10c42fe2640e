//! What is called is carried out, and reported.

use std::io::Write as _;
use std::process::Stdio;

use bpx_sandbox::Fault;

use crate::common::exchange::Exchange;
use crate::common::{stderr, stdout};
use crate::{ORDER, TWO_ORDERS, order, outcome};

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

    let mixed = TWO_ORDERS.replacen("\"1\"", "\"0.000000001\"", 1);
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
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("nothing was sent"));
}
