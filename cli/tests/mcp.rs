//! `bpx mcp`: a client of either protocol version over standard input and output, consent, and the ways to end.

#![cfg(test)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::{run, stderr};
use serde_json::{Value, json};

const EXECUTE: &str = "backpack-execute-order";
const OPEN: &str = "backpack-get-open-orders";

fn order() -> Value {
    json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1", "clientId": 7})
}

/// A client of `bpx mcp`, which ends with the test, whatever happens.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    requests: u64,
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    fn start(exchange: &Exchange, options: &[&str]) -> Self {
        let mut command = exchange.command(&[&["mcp"], options].concat());
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
        Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            requests: 0,
        }
    }

    /// The same after the handshake of 2025-06-18, with a person who can be shown forms.
    fn old(exchange: &Exchange, options: &[&str]) -> Self {
        let mut client = Self::start(exchange, options);
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {"elicitation": {}},
            "clientInfo": {"name": "test", "version": "1"},
        });
        let begun = client.ask("initialize", params);
        assert_eq!(begun["result"]["protocolVersion"], "2025-06-18", "{begun}");
        assert_eq!(begun["result"]["serverInfo"]["name"], "backpack-order-mcp");
        client.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    fn write(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    /// The next message; every line on standard output is one.
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no message: {line:?}"))
    }

    fn send(&mut self, method: &str, params: Value) {
        self.requests += 1;
        let id = self.requests;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.send(method, params);
        let response = self.read();
        assert_eq!(response["id"], self.requests, "{response}");
        response
    }

    /// A request of 2026-07-28, which needs no handshake.
    fn ask_modern(&mut self, method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
        });
        self.ask(method, params)
    }

    /// Sends an order, and gives the form that the person is shown.
    fn asked_about_an_order(&mut self) -> Value {
        self.send("tools/call", json!({"name": EXECUTE, "arguments": order()}));
        let form = self.read();
        assert_eq!(form["method"], "elicitation/create", "{form}");
        form
    }

    fn respond(&mut self, form: &Value, result: Value) {
        self.write(&json!({"jsonrpc": "2.0", "id": form["id"], "result": result}));
    }

    /// Closes the input, and gives the exit code, the messages that were still to come, and the log.
    fn leave(mut self) -> (Option<i32>, Vec<Value>, String) {
        drop(self.input.take());
        self.ended()
    }

    fn ended(&mut self) -> (Option<i32>, Vec<Value>, String) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        let mut log = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        let messages = rest.lines().map(|line| serde_json::from_str(line).unwrap());
        let messages = messages.collect();
        (self.child.wait().unwrap().code(), messages, log)
    }
}

fn names(listed: &Value) -> Vec<&str> {
    let tools = listed["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect()
}

fn code(response: &Value) -> String {
    let text = response["result"]["content"][0]["text"].as_str().unwrap();
    let failed: Value = serde_json::from_str(text).unwrap();
    failed["code"].as_str().unwrap().to_owned()
}

fn status(response: &Value) -> &Value {
    &response["result"]["structuredContent"]["result"]["status"]
}

#[test]
fn without_the_flag_only_what_reads_is_listed_and_nothing_else_can_be_called() {
    let exchange = Exchange::start();
    let mut client = Client::old(&exchange, &[]);
    let listed = client.ask("tools/list", json!({}));
    assert_eq!(names(&listed).len(), 4, "{listed}");
    assert!(!names(&listed).contains(&EXECUTE));
    let open = client.ask("tools/call", json!({"name": OPEN, "arguments": {}}));
    assert_eq!(open["result"]["structuredContent"], json!({"result": []}));
    let refused = client.ask("tools/call", json!({"name": EXECUTE, "arguments": order()}));
    assert_eq!(code(&refused), "TRADING_DISABLED", "{refused}");
    let (exit, rest, log) = client.leave();
    assert_eq!((exit, rest), (Some(0), Vec::new()), "{log}");
    assert!(log.contains("reads only"), "{log}");
    assert!(!log.contains(&exchange.sandbox.api_secret()));
    assert_eq!(exchange.requests("POST"), 0);
}

#[test]
fn balances_markets_and_tickers_are_served_where_they_are_asked_for() {
    let exchange = Exchange::start();
    let mut client = Client::old(&exchange, &["--with-markets"]);
    let listed = client.ask("tools/list", json!({}));
    assert_eq!(names(&listed).len(), 4 + 3, "{listed}");
    let mut call = |tool: &str, arguments: Value| {
        let called = client.ask("tools/call", json!({"name": tool, "arguments": arguments}));
        called["result"]["structuredContent"]["result"].clone()
    };
    let balances = call("backpack-get-balances", json!({}));
    assert_eq!(balances["USDC"]["locked"], "0", "{balances}");
    let markets = call("backpack-get-markets", json!({"limit": 1, "offset": 1}));
    assert_eq!(markets.as_array().map(Vec::len), Some(1));
    assert!(
        markets[0]["filters"]["price"]["tickSize"].is_string(),
        "{markets}"
    );
    let ticker = call("backpack-get-ticker", json!({"symbol": "SOL_USDC"}));
    assert_eq!(ticker["symbol"], "SOL_USDC", "{ticker}");
}

#[test]
fn an_old_client_is_asked_within_the_connection() {
    let exchange = Exchange::start();
    let mut client = Client::old(&exchange, &["--allow-trading", "--approval-wait", "0"]);
    assert_eq!(names(&client.ask("tools/list", json!({}))).len(), 8);

    let form = client.asked_about_an_order();
    let message = form["params"]["message"].as_str().unwrap();
    assert!(message.contains("comes to: 20 USDC"), "{message}");
    client.respond(&form, json!({"action": "decline"}));
    assert_eq!(code(&client.read()), "CONFIRMATION_DECLINED");
    assert_eq!(exchange.requests("POST"), 0);

    let form = client.asked_about_an_order();
    client.respond(
        &form,
        json!({"action": "accept", "content": {"confirm": true}}),
    );
    let placed = client.read();
    assert_eq!(status(&placed), "New", "{placed}");
    assert_eq!(exchange.requests("POST"), 1);
    assert_eq!(client.leave().0, Some(0));
}

#[test]
fn a_modern_client_needs_no_handshake_and_repeats_the_call_with_the_consent() {
    let exchange = Exchange::start();
    let mut client = Client::start(&exchange, &["--allow-trading", "--approval-wait", "0"]);
    let discovered = client.ask_modern("server/discover", json!({}));
    let versions = &discovered["result"]["supportedVersions"];
    assert!(versions.to_string().contains("2026-07-28"), "{discovered}");
    let listed = client.ask_modern("tools/list", json!({}));
    assert_eq!(names(&listed).len(), 8);

    let call = json!({"name": EXECUTE, "arguments": order()});
    let asked = client.ask_modern("tools/call", call.clone());
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    for (content, posts) in [
        (json!({"confirm": false}), 0),
        (json!({"confirm": true}), 1),
    ] {
        let mut again = call.clone();
        again["requestState"] = asked["result"]["requestState"].clone();
        again["inputResponses"] = json!({"confirm": {"action": "accept", "content": content}});
        let response = client.ask_modern("tools/call", again);
        match posts {
            0 => assert_eq!(code(&response), "CONFIRMATION_DECLINED"),
            _ => assert_eq!(status(&response), "New", "{response}"),
        }
        assert_eq!(exchange.requests("POST"), posts);
    }
    assert_eq!(client.leave().0, Some(0));
}

#[test]
fn another_process_knows_the_call_from_the_journal() {
    let exchange = Exchange::start();
    let options = ["--allow-trading", "--confirm", "never"];
    let call = json!({"name": EXECUTE, "arguments": order()});
    for is_replayed in [None, Some(true)] {
        let mut client = Client::old(&exchange, &options);
        let placed = client.ask("tools/call", call.clone());
        assert_eq!(status(&placed), "New", "{placed}");
        let about = &placed["result"]["_meta"]["backpack/call"];
        assert_eq!(about["replayed"].as_bool(), is_replayed, "{about}");
        assert_eq!(client.leave().0, Some(0));
    }
    assert_eq!(exchange.requests("POST"), 1);
}

/// A client with an order at the exchange, which responds so late.
fn with_an_order_under_way(exchange: &Exchange, delay_ms: u64) -> Client {
    let mut client = Client::old(exchange, &["--allow-trading", "--confirm", "never"]);
    let slow = Fault::DelayAfter { delay_ms }.on("execute_order");
    exchange.sandbox.arm(slow).unwrap();
    client.send("tools/call", json!({"name": EXECUTE, "arguments": order()}));
    while exchange.requests("POST") == 0 {
        std::thread::yield_now();
    }
    client
}

/// rmcp alone would wait 5 s.
#[test]
fn a_call_in_flight_is_finished_when_the_input_ends() {
    let exchange = Exchange::start();
    let client = with_an_order_under_way(&exchange, 5_500);
    let (exit, rest, log) = client.leave();
    assert_eq!(exit, Some(0), "{log}");
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(status(&rest[0]), "New");
    assert_eq!(exchange.requests("POST"), 1);
}

#[test]
fn nobody_is_waited_for_who_left_without_responding() {
    let exchange = Exchange::start();
    let mut client = Client::old(&exchange, &["--allow-trading"]);
    client.asked_about_an_order();
    let (exit, rest, log) = client.leave();
    assert_eq!(exit, Some(0), "{log}");
    assert_eq!(code(&rest[0]), "CONFIRMATION_UNAVAILABLE", "{rest:?}");
    assert_eq!(exchange.requests("POST"), 0);
}

/// A burst of twice the rate of 100 per second, and no more.
#[test]
fn calls_are_limited_as_over_http() {
    const CALLS: u64 = 500;
    let exchange = Exchange::start();
    let mut client = Client::old(&exchange, &[]);
    let mut input = client.input.take().unwrap();
    let writing = std::thread::spawn(move || {
        for id in 10..10 + CALLS {
            let params = json!({"name": OPEN, "arguments": {}});
            let call =
                json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
            writeln!(input, "{call}").unwrap();
        }
    });
    let responses: Vec<_> = (0..CALLS).map(|_| client.read()).collect();
    writing.join().unwrap();
    let (refused, made): (Vec<_>, Vec<_>) = responses
        .iter()
        .partition(|response| response["result"]["isError"] == true);
    assert!(made.len() >= 200, "{}", made.len());
    assert!(!refused.is_empty());
    for response in refused {
        assert_eq!(code(response), "RATE_LIMITED");
    }
    assert_eq!(client.ended().0, Some(0));
}

#[cfg(unix)]
fn signal(client: &Client, name: &str) {
    let id = client.child.id().to_string();
    let status = Command::new("kill").args([name, &id]).status();
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_signal_lets_an_order_finish_and_reads_nothing_more() {
    let exchange = Exchange::start();
    let mut client = with_an_order_under_way(&exchange, 700);
    signal(&client, "-TERM");
    let (exit, rest, log) = client.ended();
    assert_eq!(exit, Some(0), "{log}");
    assert_eq!(status(&rest[0]), "New", "{rest:?}");
    let mut idle = Client::start(&exchange, &[]);
    idle.ask_modern("server/discover", json!({}));
    signal(&idle, "-INT");
    assert_eq!(idle.ended().0, Some(0));
}

#[test]
fn what_is_no_client_is_wrong_usage() {
    let exchange = Exchange::start();
    let mut client = Client::start(&exchange, &[]);
    client.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let (exit, _, log) = client.leave();
    assert_eq!(exit, Some(2));
    assert!(log.contains("from an MCP client"), "{log}");
    assert_eq!(Client::start(&exchange, &[]).leave().0, Some(0));
    for (options, words) in [
        (&["mcp"][..], "--base-url"),
        (&["mcp", "--api-secret-file", "-"], "is the client's"),
    ] {
        let output = run(options);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}
