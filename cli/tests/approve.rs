//! `bpx approve`: decides about calls of other processes, on a terminal and without one.

#![cfg(test)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use bpx_gateway::Approvals;
use common::exchange::Exchange;
use common::{json, stderr, stdout};
use serde_json::{Value, json};

/// A `bpx mcp` whose client has no forms. It ends with the test.
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    fn start(exchange: &Exchange) -> Self {
        let mut command = exchange.command(&["mcp", "--allow-trading"]);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::null()).spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn call(&mut self, price: &str) {
        let order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": price, "quantity": "1"});
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "backpack-execute-order", "arguments": order, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "unasking \u{1b}[2J", "version": "3"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        }});
        writeln!(self.input, "{call}").unwrap();
    }

    /// The text of the result.
    fn result(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let response: Value = serde_json::from_str(&line).unwrap();
        let text = response["result"]["content"][0]["text"].as_str();
        serde_json::from_str(text.unwrap_or_else(|| panic!("{response}"))).unwrap()
    }
}

/// The one call that waits, as soon as it does.
fn waiting(exchange: &Exchange) -> Value {
    loop {
        let list = json(&exchange.run(&["approve", "--list", "--json"]));
        // Before the other process has made its folder there is nothing to list.
        if let Some([call]) = list["waiting"].as_array().map(Vec::as_slice) {
            return call.clone();
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_call_of_a_process_without_a_port_is_approved_once_by_its_id() {
    let exchange = Exchange::start();
    let mut client = Client::start(&exchange);
    client.call("20");
    let call = waiting(&exchange);
    assert_eq!(call["caller"], "mcp:trade");
    assert_eq!(call["client"], "unasking \\u{1b}[2J 3");
    assert_eq!(exchange.requests("POST"), 0);
    let listed = exchange.run(&["approve", "--list"]);
    for part in [
        "price: 20",
        "comes to: 20 USDC",
        "policy: there is none",
        "s more",
    ] {
        assert!(stdout(&listed).contains(part), "{}", stdout(&listed));
    }
    let id = call["id"].as_str().unwrap();
    let approved = exchange.run(&["approve", id]);
    assert_eq!(approved.status.code(), Some(0), "{}", stderr(&approved));
    assert!(
        stderr(&approved).contains("price: 20"),
        "{}",
        stderr(&approved)
    );
    assert_eq!(client.result()["result"]["status"], "New");
    assert_eq!(exchange.requests("POST"), 1);
    let again = exchange.run(&["approve", id, "--json"]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(json(&again)["error"], "not_waiting");
}

#[test]
fn a_declined_call_is_not_made() {
    let exchange = Exchange::start();
    let mut client = Client::start(&exchange);
    client.call("20");
    let call = waiting(&exchange);
    let id = call["id"].as_str().unwrap();
    let declined = exchange.run(&["approve", "--decline", id, "--json"]);
    assert_eq!(json(&declined), json!({"id": id, "decision": "decline"}));
    assert_eq!(client.result()["code"], "CONFIRMATION_DECLINED");
    assert_eq!(exchange.requests("POST"), 0);
}

#[test]
fn without_a_terminal_it_decides_nothing_by_itself() {
    let exchange = Exchange::start();
    Approvals::open(exchange.state.path()).unwrap();
    let refused = exchange
        .command(&["approve", "--json"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(json(&refused)["error"], "usage");
    let nothing = exchange.run(&["approve", "--list"]);
    assert_eq!((nothing.status.code(), stdout(&nothing)), (Some(0), ""));
}

#[test]
fn a_state_folder_that_no_gateway_made_is_refused_and_not_made() {
    let exchange = Exchange::start();
    let typo = exchange.state.path().join("typo");
    let typo_text = typo.to_str().unwrap();
    for arguments in [
        ["approve", "--list"].as_slice(),
        &["approve"],
        &["approve", "0123456789abcdef"],
    ] {
        let mut command = exchange.command(arguments);
        command.args(["--state", typo_text, "--json"]);
        let refused = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(json(&refused)["error"], "state_folder");
        assert!(stdout(&refused).contains("typo"), "{}", stdout(&refused));
        assert!(!typo.exists());
    }
}

#[test]
fn a_call_whose_process_was_killed_is_made_once_for_one_approval() {
    let exchange = Exchange::start();
    let mut client = Client::start(&exchange);
    client.call("20");
    let id = waiting(&exchange)["id"].as_str().unwrap().to_owned();
    drop(client);
    let listed = exchange.run(&["approve", "--list"]);
    assert!(
        stdout(&listed).contains("waits: no longer"),
        "{}",
        stdout(&listed)
    );
    let approved = exchange.run(&["approve", &id]);
    assert!(stderr(&approved).contains("when its client makes it again"));
    let mut client = Client::start(&exchange);
    client.call("20");
    assert_eq!(client.result()["result"]["status"], "New");
    client.call("20");
    let other = waiting(&exchange)["id"].as_str().unwrap().to_owned();
    assert_ne!(other, id);
    assert_eq!(exchange.requests("POST"), 1);
}

/// A terminal of util-linux's `script`, with `bpx approve` on it.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    seen: String,
}

impl Terminal {
    fn start(exchange: &Exchange) -> Option<Self> {
        Approvals::open(exchange.state.path()).unwrap();
        let given = exchange.command(&[]);
        let mut command = Command::new("script");
        command
            .args([
                "-qec",
                concat!(env!("CARGO_BIN_EXE_bpx"), " approve"),
                "/dev/null",
            ])
            .envs(
                given
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut child) = pipes.spawn() else {
            println!("skipped: there is no `script` of util-linux");
            return None;
        };
        Some(Self {
            keys: child.stdin.take().unwrap(),
            screen: child.stdout.take().unwrap(),
            child,
            seen: String::new(),
        })
    }

    fn until(&mut self, text: &str) {
        let mut bytes = [0; 1024];
        while !self.seen.contains(text) {
            let count = self.screen.read(&mut bytes).unwrap();
            assert!(count > 0, "{text:?} never came: {}", self.seen);
            self.seen += &String::from_utf8_lossy(&bytes[..count]);
        }
        self.seen.clear();
    }

    fn typed(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }
}

#[test]
fn on_a_terminal_only_the_calls_own_id_approves() {
    let exchange = Exchange::start();
    let Some(mut terminal) = Terminal::start(&exchange) else {
        return;
    };
    terminal.until("waiting for calls");
    let mut client = Client::start(&exchange);
    client.call("20");
    terminal.until("to approve, n to decline, s to leave it");
    terminal.typed("\n");
    terminal.until("left to be decided elsewhere");
    let id = waiting(&exchange)["id"].as_str().unwrap().to_owned();
    exchange.run(&["approve", "--decline", &id]);
    assert_eq!(client.result()["code"], "CONFIRMATION_DECLINED");
    client.call("21");
    terminal.until("to approve, n to decline, s to leave it");
    let id = waiting(&exchange)["id"].as_str().unwrap().to_owned();
    for nothing in ["y", "yes", &id[..3]] {
        terminal.typed(&format!("{nothing}\n"));
        terminal.until("nothing is decided");
    }
    terminal.typed(&format!("{}\n", &id[..4]));
    terminal.until("approved: it is made now, once");
    assert_eq!(client.result()["result"]["price"], "21");
    assert_eq!(exchange.requests("POST"), 1);
    // The end of input.
    terminal.typed("\u{4}");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_was_typed_for_a_call_that_ended_decides_nothing_about_the_next() {
    let exchange = Exchange::start();
    let Some(mut terminal) = Terminal::start(&exchange) else {
        return;
    };
    terminal.until("waiting for calls");
    let mut client = Client::start(&exchange);
    for typed in ["y", "n", "code"] {
        client.call("20");
        terminal.until("s to leave it");
        let id = waiting(&exchange)["id"].as_str().unwrap().to_owned();
        // Typed, and not sent off.
        terminal.typed(if typed == "code" { &id[..4] } else { typed });
        exchange.run(&["approve", "--decline", &id]);
        assert_eq!(client.result()["code"], "CONFIRMATION_DECLINED");
        terminal.until("over: ");
        client.call("21");
        terminal.until("s to leave it");
        terminal.typed("\n");
        terminal.until("nothing is decided");
        assert_eq!(waiting(&exchange)["isRefused"], false);
        terminal.typed("n\n");
        terminal.until("declined: it is not made");
        assert_eq!(client.result()["code"], "CONFIRMATION_DECLINED");
    }
    assert_eq!(exchange.requests("POST"), 0);
}

#[test]
fn what_shows_and_what_decides_are_not_given_together() {
    let exchange = Exchange::start();
    for arguments in [
        ["approve", "--list", "--decline"].as_slice(),
        &["approve", "--list", "0123456789abcdef"],
    ] {
        assert_eq!(exchange.run(arguments).status.code(), Some(2));
    }
}

#[test]
fn the_page_of_a_gateway_shows_the_calls_of_a_process_without_a_port() {
    let exchange = Exchange::start();
    let options = ["serve", "--rest", "127.0.0.1:0", "--mcp", "off"];
    let mut command = exchange.command(&options);
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut serving = pipes.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = ready["rest"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    let token = fs::read_to_string(ready["approve_token_file"].as_str().unwrap()).unwrap();
    let mut client = Client::start(&exchange);
    client.call("20");
    let call = waiting(&exchange);
    let id = call["id"].as_str().unwrap();
    let list = http(address, "GET", "/approve/waiting", token.trim(), "");
    assert!(list.contains(id), "{list}");
    let body = json!({"id": id, "decision": "approve"}).to_string();
    let approved = http(address, "POST", "/approve/waiting", token.trim(), &body);
    assert!(approved.starts_with("HTTP/1.1 200"), "{approved}");
    assert_eq!(client.result()["result"]["status"], "New");
    serving.kill().unwrap();
    serving.wait().unwrap();
}

fn http(address: &str, method: &str, path: &str, token: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
