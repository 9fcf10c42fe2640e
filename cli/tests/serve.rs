//! `bpx serve`: the ready line, callers, the two ways to end, wrong usage.

#![allow(
    clippy::unwrap_used,
    reason = "helpers stop at the first thing that is wrong"
)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ExitStatus, Stdio};

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::{run, stderr};
use serde_json::Value;
use tempfile::TempDir;

const ORDER: &str =
    r#"{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"20","quantity":"1"}"#;

/// A local exchange, and a gateway before it that ends with the test, whatever happens.
struct Running {
    exchange: Exchange,
    child: Child,
    ready: Value,
    line: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(options: &[&str]) -> Self {
        let exchange = Exchange::start();
        let (child, line) = start(&exchange, options);
        Self {
            ready: serde_json::from_str(&line).unwrap(),
            exchange,
            child,
            line,
        }
    }

    fn token(&self, field: &str) -> String {
        let file = self.ready.get(field).and_then(Value::as_str).unwrap();
        fs::read_to_string(file).unwrap().trim().to_owned()
    }

    fn open(&self, head: &str, token: &str, body: &str) -> TcpStream {
        let rest = self.ready.get("rest").and_then(Value::as_str).unwrap();
        let host = rest.strip_prefix("http://").unwrap();
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn call(&self, head: &str, token: &str, body: &str) -> String {
        answer(self.open(head, token, body))
    }

    fn orders(&self) -> usize {
        self.exchange.requests("POST")
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = std::process::Command::new("kill")
            .args([name, &id])
            .status();
        assert!(status.unwrap().success());
    }

    fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// Starts a gateway, and gives its first line.
fn start(exchange: &Exchange, options: &[&str]) -> (Child, String) {
    let mut child = exchange
        .command(&[&["serve", "--rest", "127.0.0.1:0"], options].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    (child, line)
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_ready_line_names_both_faces_and_the_files_but_no_token() {
    let running = Running::start(&["--mcp", "127.0.0.1:0"]);
    let text = |field: &str| running.ready.get(field).and_then(Value::as_str).unwrap();
    assert!(text("rest").starts_with("http://127.0.0.1:"));
    assert!(text("mcp").ends_with("/mcp"));
    assert_eq!(text("base_url"), running.exchange.sandbox.base_url());
    assert_eq!(running.ready.get("trading"), Some(&Value::Bool(false)));
    for field in ["read_token_file", "trade_token_file"] {
        assert!(!running.line.contains(&running.token(field)));
    }
    assert!(
        !running
            .line
            .contains(&running.exchange.sandbox.api_secret())
    );
}

#[test]
fn tokens_stay_the_same_over_a_restart_and_trading_needs_the_flag() {
    let mut running = Running::start(&["--mcp", "off"]);
    assert_eq!(running.ready.get("mcp"), Some(&Value::Null));
    let (read, trade) = (
        running.token("read_token_file"),
        running.token("trade_token_file"),
    );
    let answer = running.call("GET /api/v1/orders", &read, "");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer = running.call("POST /api/v1/order", &trade, ORDER);
    assert!(answer.contains("TRADING_DISABLED"), "{answer}");

    running.child.kill().unwrap();
    running.ended();
    let (child, line) = start(&running.exchange, &["--mcp", "off", "--allow-trading"]);
    running.child = child;
    running.ready = serde_json::from_str(&line).unwrap();
    assert_eq!(running.token("trade_token_file"), trade);
    let answer = running.call("POST /api/v1/order", &trade, ORDER);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(running.orders(), 1);
}

/// A gateway with an order at the exchange, which answers so late.
#[cfg(unix)]
fn with_an_order_under_way(delay_ms: u64) -> (Running, TcpStream) {
    let running = Running::start(&["--mcp", "off", "--allow-trading"]);
    let slow = Fault::DelayAfter { delay_ms }.on("execute_order");
    running.exchange.sandbox.arm(slow).unwrap();
    let token = running.token("trade_token_file");
    let stream = running.open("POST /api/v1/order", &token, ORDER);
    while running.orders() == 0 {
        std::thread::yield_now();
    }
    (running, stream)
}

#[cfg(unix)]
#[test]
fn the_first_signal_lets_an_order_finish() {
    let (mut running, stream) = with_an_order_under_way(700);
    running.signal("-TERM");
    let answer = answer(stream);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(running.ended().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn the_second_signal_ends_at_once() {
    let (mut running, stream) = with_an_order_under_way(600_000);
    running.signal("-INT");
    // A listener that is gone shows that the first one was taken.
    let rest = running.ready.get("rest").and_then(Value::as_str).unwrap();
    let host = rest.strip_prefix("http://").unwrap().to_owned();
    while TcpStream::connect(&host).is_ok() {
        std::thread::yield_now();
    }
    running.signal("-INT");
    assert_eq!(running.ended().code(), Some(1));
    drop(stream);
}

#[test]
fn what_cannot_be_served_is_wrong_usage_with_a_fix() {
    let state = TempDir::new().unwrap();
    let state = state.path().to_str().unwrap();
    let base = [
        "serve",
        "--base-url",
        "http://127.0.0.1:9",
        "--state",
        state,
    ];
    for (options, words) in [
        (&["--rest", "off", "--mcp", "off"][..], "nothing to serve"),
        (&["--rest", "0.0.0.0:0", "--mcp", "off"], "other computers"),
        (&["--rest", "here"], "write one such as"),
        (
            &["--rest", "127.0.0.1:0", "--mcp", "off", "--origin", "desk"],
            "not the origin",
        ),
        (&["--rate", "0"], "--rate"),
    ] {
        let output = run(&[&base, options].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
    let output = run(&["serve", "--state", state]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("--base-url"),
        "{}",
        stderr(&output)
    );
}
