//! Calls that are not carried out, and what is reported then.

use serde_json::Value;

use crate::common::exchange::Exchange;
use crate::common::{run, stderr};
use crate::{ORDER, order, outcome};

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
fn an_order_beyond_the_policy_is_refused_with_its_finding() {
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
fn the_whole_reason_of_the_kill_switch_stands_in_the_error_line() {
    let exchange = Exchange::start();
    let reason = "fills look wrong; call the desk";
    assert!(exchange.run(&["kill", reason]).status.success());
    let output = exchange.run(&ORDER);
    let lines: Vec<_> = stderr(&output).lines().collect();
    assert_eq!(
        lines,
        [
            format!("error: the kill switch is on ({reason}), nothing was sent").as_str(),
            "  fix: turn it off with 'bpx revive'; reads and cancellations go through",
        ]
    );
    let (_, refused) = outcome(&exchange, &ORDER);
    assert!(refused["message"].as_str().unwrap().contains(reason));
}

#[test]
fn a_market_order_with_a_price_is_refused_with_a_fix() {
    let exchange = Exchange::start();
    let market = "execute-order --symbol SOL_USDC --side Bid --order-type Market --quantity 1 --price 20 --allow-trading";
    let market: Vec<_> = market.split(' ').collect();
    let output = exchange.run(&market);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    for part in [
        "--price: the exchange ignores the `price` of a Market order",
        "fix: leave `price` out, or make it a Limit order [order.market_price]",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(exchange.requests("POST"), 0);
}

#[test]
fn a_document_that_is_named_decides_what_can_be_called() {
    let exchange = Exchange::start();
    let document = bpx_venue::api().document().value.clone();
    let write = |name: &str, document: &Value| {
        std::fs::write(exchange.state.path().join(name), document.to_string()).unwrap();
    };
    let mut strict = document.clone();
    let limit = &mut strict["paths"]["/api/v1/orders"]["get"]["parameters"];
    for parameter in limit.as_array_mut().unwrap() {
        if parameter["name"] == "symbol" {
            parameter["schema"] = serde_json::json!({"type": "string", "maxLength": 3});
        }
    }
    write("strict.json", &strict);
    let mut other = document;
    other["paths"]["/api/v1/orders"]["get"]["operationId"] = "list".into();
    write("other.json", &other);

    let call = ["get-open-orders", "--symbol", "SOL_USDC", "--openapi"];
    let output = exchange.run(&[&call[..], &["strict.json"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("--symbol: maxLength is 3"),
        "{}",
        stderr(&output)
    );
    let output = exchange.run(&[&call[..], &["other.json"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let lacks = "error: other.json has no operation `get_open_orders`";
    assert!(stderr(&output).contains(lacks), "{}", stderr(&output));
    let output = exchange.run(&[&call[..], &["none.json"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(exchange.sandbox.verified().is_empty());

    let output = exchange.run(&["get-open-orders", "--openapi", "strict.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
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
