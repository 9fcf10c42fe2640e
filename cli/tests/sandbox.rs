//! `bpx sandbox`: the ready line, an answer, and the end.

#![cfg(test)]

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
        Self::start_with(&["--listen", "127.0.0.1:0"])
    }

    fn start_with(options: &[&str]) -> Self {
        let mut child = bpx(&[&["sandbox"], options].concat())
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
        self.get_from("base_url", path, headers)
    }

    /// The same from the address that a field of the ready line names.
    fn get_from(&self, field: &str, path: &str, headers: &str) -> String {
        let host = self.text(field).strip_prefix("http://").unwrap();
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

/// The three commands of the README, as a shell runs them.
#[cfg(unix)]
#[test]
fn an_order_fills_after_three_commands() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let env = folder.path().join("exchange.env");
    std::fs::write(&env, "export BACKPACK_BASE_URL=old").unwrap();
    let path = env.to_str().unwrap();
    let sandbox = Running::start_with(&["--listen", "127.0.0.1:0", "--env", path]);
    let mode = std::fs::metadata(&env).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let buy = format!(
        ". {path} && exec {} buy SOL_USDC 1 --allow-trading --json",
        env!("CARGO_BIN_EXE_bpx")
    );
    let bought = std::process::Command::new("sh")
        .args(["-c", &buy])
        .env("BPX_STATE", folder.path().join("state"))
        .output()
        .unwrap();
    let bought = json(&bought);
    assert_eq!(bought["result"]["status"], "Filled", "{bought}");
    assert_eq!(bought["result"]["executedQuoteQuantity"], "150.08");
    drop(sandbox);
}

#[test]
fn without_liquidity_the_books_are_empty() {
    let depth = |options: &[&str]| {
        let options = [&["--listen", "127.0.0.1:0"], options].concat();
        Running::start_with(&options).get("/api/v1/depth?symbol=SOL_USDC", "")
    };
    assert!(depth(&[]).contains("150.08"));
    assert!(depth(&["--no-liquidity"]).contains("\"asks\":[],\"bids\":[]"));
}

#[test]
fn the_ready_line_names_the_control_port_and_its_page() {
    let sandbox = Running::start();
    let page = sandbox.get_from("control_url", "/", "");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("<title>Sandbox exchange</title>"), "{page}");
    let state = sandbox.get_from("control_url", "/state", "");
    assert!(state.contains(sandbox.text("api_key")), "{state}");
    assert!(!state.contains(sandbox.text("api_secret")), "{state}");
    assert!(sandbox.ready.get("accounts").is_none());
}

#[test]
fn a_fault_can_be_asked_for_in_a_header() {
    let sandbox = Running::start();
    let answer = sandbox.get("/api/v1/orders", "X-Sandbox-Fault: 429:3\r\n");
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(
        answer.to_lowercase().contains("\r\nretry-after: 3\r\n"),
        "{answer}"
    );
}

#[test]
fn a_configuration_brings_accounts_and_markets_and_flags_go_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.toml");
    let text = r#"
        listen = "127.0.0.1:1"
        control = "127.0.0.1:1"
        [[accounts]]
        name = "maker"
        [[accounts]]
        name = "taker"
        [[markets]]
        base = "DUCK"
        quote = "USDC"
        tick_size = "0.01"
    "#;
    std::fs::write(&path, text).unwrap();
    let any = "127.0.0.1:0";
    let path = path.to_str().unwrap();
    let sandbox = Running::start_with(&["--config", path, "--listen", any, "--control", any]);
    let accounts = sandbox.ready["accounts"].as_array().unwrap();
    let names: Vec<_> = accounts.iter().map(|account| &account["name"]).collect();
    assert_eq!(names, ["maker", "taker"]);
    assert_eq!(accounts[0]["api_secret"], sandbox.ready["api_secret"]);
    assert_ne!(accounts[0]["api_key"], accounts[1]["api_key"]);
    let state = sandbox.get_from("control_url", "/state", "");
    assert!(state.contains("DUCK_USDC"), "{state}");
}

#[test]
fn a_configuration_that_cannot_be_used_ends_with_2_the_place_and_a_fix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.toml");
    let path = path.to_str().unwrap();
    let cases: [(Option<&str>, &str); 4] = [
        (None, "cannot be read"),
        (Some("listen = 5"), "line 1"),
        (Some("lissen = \"127.0.0.1:0\""), "lissen"),
        (
            Some("[[accounts]]\nname = \"a\"\napi_secret = \"short\""),
            "api_secret",
        ),
    ];
    for (text, problem) in cases {
        if let Some(text) = text {
            std::fs::write(path, text).unwrap();
        }
        let output = run(&["sandbox", "--listen", "127.0.0.1:0", "--config", path]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty());
        assert!(
            said.contains(problem) && said.contains("\n  fix: "),
            "{said}"
        );
    }
}

#[test]
fn an_address_in_use_ends_with_1_and_a_fix() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for options in [
        ["--listen", &taken, "--control", "127.0.0.1:0"],
        ["--listen", "127.0.0.1:0", "--control", &taken],
    ] {
        let output = run(&[&["sandbox"], options.as_slice()].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = stderr(&output);
        assert!(
            said.contains("error: ") && said.contains("\n  fix: "),
            "{said}"
        );
    }
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
