//! `bpx serve`: the ready line, callers, other APIs, the two ways to stop, wrong usage.

#![cfg(test)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus};

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::{ready, run, stderr};
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
        let status = Command::new("kill").args([name, &id]).status();
        assert!(status.unwrap().success());
    }

    fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// Starts a gateway, and gives its first line.
fn start(exchange: &Exchange, options: &[&str]) -> (Child, String) {
    ready(exchange.command(&[&["serve", "--rest", "127.0.0.1:0"], options].concat()))
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
fn a_hangup_reads_policy_and_tokens_again() {
    let folder = TempDir::new().unwrap();
    let policy = folder.path().join("policy.toml");
    let write = |text: &str| fs::write(&policy, text).unwrap();
    write("trading = true");
    let running = Running::start(&["--allow-trading", "--policy", policy.to_str().unwrap()]);
    let old = running.token("trade_token_file");
    let place = |token: &str| {
        let reply = running.call("POST /api/v1/order", token, ORDER);
        reply.split(' ').nth(1).unwrap().to_owned()
    };
    let becomes = |token: &str, status: &str| {
        let is = |_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            place(token) == status
        };
        assert!((0..100).any(is), "{status}");
    };
    assert_eq!(place(&old), "200");
    write("trading = false");
    assert_eq!(place(&old), "200");
    running.signal("-HUP");
    becomes(&old, "403");
    // A file that cannot be read changes nothing; the tokens are read all the same.
    write("trading = maybe");
    let file = running.ready["trade_token_file"].as_str().unwrap();
    fs::remove_file(file).unwrap();
    running.signal("-HUP");
    becomes(&old, "401");
    let new = running.token("trade_token_file");
    assert_eq!(place(&new), "403");
    write("trading = true");
    running.signal("-HUP");
    becomes(&new, "200");
}

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

const PETS: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses: {'200': {description: Names., content: {application/json: {schema: {type: array, items: {type: string}}}}}}
";
const PETS_CAPABILITY: &str = "\
naftiko: 1.0.0-alpha2
info: {label: Pets, description: The pets of one house.}
capability:
  consumes:
  - type: http
    namespace: pets
    baseUri: https://pets.example
    resources: [{name: pets, path: /pets, operations: [{name: list-pets, method: GET}]}]
  exposes:
  - type: rest
    namespace: pets-rest
    port: 9080
    resources: [{path: /animals, name: animals, operations: [{method: GET, name: list, call: pets.list-pets}]}]
";

/// An API that responds to one request.
fn pets_api() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        let (status, body) = match line.starts_with("GET /pets ") {
            true => ("200 OK", r#"["Tom"]"#),
            false => ("404 Not Found", "{}"),
        };
        let head = "Content-Type: application/json\r\nConnection: close";
        let length = body.len();
        let response =
            format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(response.as_bytes()).unwrap();
    });
    url
}

#[test]
fn another_api_is_served_as_its_capability_file_says_and_needs_no_key() {
    let exchange = Exchange::start();
    let folder = exchange.state.path();
    fs::write(folder.join("pets.yaml"), PETS).unwrap();
    fs::write(folder.join("pets.capability.yaml"), PETS_CAPABILITY).unwrap();
    let url = pets_api();
    let options = ["--mcp", "off", "--base-url", &url, "--openapi", "pets.yaml"];
    let mut command = exchange.command(&[&["serve"], &options[..]].concat());
    let output = command.env_remove("BACKPACK_API_SECRET").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("fix: name a capability file"),
        "{}",
        stderr(&output)
    );

    let options = [&options[..], &["--capability", "pets.capability.yaml"]].concat();
    let mut command =
        exchange.command(&[&["serve", "--rest", "127.0.0.1:0"], &options[..]].concat());
    command.env_remove("BACKPACK_API_SECRET");
    let (child, line) = ready(command);
    let ready = serde_json::from_str(&line).unwrap();
    let running = Running {
        exchange,
        child,
        ready,
        line,
    };
    let token = running.token("read_token_file");
    let answer = running.call("GET /animals", &token, "");
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"["Tom"]"#),
        "{answer}"
    );
    let answer = running.call("GET /api/v1/orders", &token, "");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
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
