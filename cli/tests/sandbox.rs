//! `bpx sandbox`: the ready line, an answer, and the end.

#![allow(
    clippy::unwrap_used,
    reason = "helpers stop at the first thing that is wrong"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Stdio};

use common::{bpx, json, run, run_with, stderr};
use serde_json::Value;

/// A running sandbox that ends with the test, whatever happens.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    ready: Value,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start() -> Self {
        let mut child = bpx(&["sandbox", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self {
            child,
            stdout,
            ready,
        }
    }

    fn text(&self, field: &str) -> &str {
        self.ready.get(field).and_then(Value::as_str).unwrap()
    }

    /// Sends one GET with these header lines and gives the whole answer.
    fn get(&self, path: &str, headers: &str) -> String {
        let host = self.text("base_url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn the_ready_line_names_a_port_that_answers_and_is_the_only_output() {
    let mut sandbox = Running::start();
    assert!(sandbox.get("/no/such/path", "").starts_with("HTTP/1.1 404"));
    assert!(
        sandbox.get("/api/v1/orders", "").starts_with("HTTP/1.1 4"),
        "an unsigned request is refused"
    );
    sandbox.child.kill().unwrap();
    let mut rest = String::new();
    sandbox.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn the_printed_pair_signs_what_the_sandbox_accepts() {
    let sandbox = Running::start();
    let environment = [
        ("BACKPACK_API_SECRET", sandbox.text("api_secret")),
        ("BACKPACK_API_KEY", sandbox.text("api_key")),
    ];
    let query = "symbol=SOL_USDC";
    let signed = json(&run_with(
        &["sign", "GET", "/api/v1/orders", "--query", query, "--json"],
        &environment,
    ));
    let headers = format!(
        "X-API-KEY: {}\r\nX-SIGNATURE: {}\r\nX-TIMESTAMP: {}\r\nX-WINDOW: {}\r\n",
        signed["api_key"].as_str().unwrap(),
        signed["signature"].as_str().unwrap(),
        signed["timestamp"],
        signed["window"]
    );
    let answer = sandbox.get(&format!("/api/v1/orders?{query}"), &headers);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("[]"), "{answer}");
}

#[test]
fn an_address_in_use_ends_with_1_and_a_fix() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = run(&[
        "sandbox",
        "--listen",
        &taken.local_addr().unwrap().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(
        stderr(&output).contains("error: ") && stderr(&output).contains("\n  fix: "),
        "{}",
        stderr(&output)
    );
}

/// Windows has no such signals.
#[cfg(unix)]
#[test]
fn it_stops_cleanly_on_ctrl_c_and_on_sigterm() {
    for signal in ["INT", "TERM"] {
        let mut sandbox = Running::start();
        let kill = format!("kill -{signal} {}", sandbox.child.id());
        assert!(
            std::process::Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(sandbox.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}
