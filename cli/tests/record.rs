//! `bpx record`, and what `bpx serve` records, as a user types them; with `BPX_LIVE=1`, of the exchange itself.

#![cfg(test)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use bpx_client::types::{CancelAll, NewOrder, OrderType, Side};
use bpx_client::{Client, Decimal, Key, signer};
use common::exchange::Exchange;
use common::{bpx, json, stderr, stdout};
use serde_json::Value;

const RECORDING: &str = "day.ndjson.gz";
const LIVE_BASE_URL: &str = "https://api.backpack.exchange";

fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = bpx(arguments);
    command.current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

/// A client of the exchange's account, at this URL.
fn client(base_url: &str, exchange: &Exchange) -> Client {
    let key = Key::from_base64(&exchange.sandbox.api_secret()).unwrap();
    Client::new(base_url, signer(key)).unwrap()
}

/// An order that rests.
fn order() -> NewOrder {
    NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
        .price("20.10".parse::<Decimal>().unwrap())
        .quantity("0.5".parse::<Decimal>().unwrap())
}

/// The report on the recording in this folder.
fn report(folder: &Path) -> Value {
    json(&run_in(folder, &["check", RECORDING, "--format", "json"]))
}

/// Makes the reading calls with this key, recorded, and holds what came back against the contract.
fn recorded_and_checked(base_url: &str, secret: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bpx(&["record", RECORDING, "--mask", "--base-url", base_url]);
    let command = command
        .current_dir(folder.path())
        .env("BACKPACK_API_SECRET", secret);
    let recorded = command.output().unwrap();
    assert!(recorded.status.success(), "{}", stderr(&recorded));
    assert!(stderr(&recorded).contains(" exchanges recorded, 0 dropped"));
    let report = report(folder.path());
    assert_eq!(report["passed"], true, "{:#}", report["findings"]);
    report
}

#[test]
fn what_a_local_exchange_answers_is_recorded_and_passes() {
    let exchange = Exchange::start();
    let sandbox = &exchange.sandbox;
    let placed = exchange.runtime.block_on(
        client(&sandbox.base_url(), &exchange)
            .execute_order()
            .body(order())
            .send(),
    );
    placed.unwrap();
    let report = recorded_and_checked(&sandbox.base_url(), &sandbox.api_secret());
    assert_eq!(report["summary"]["validated"], 4);
    assert_eq!(exchange.requests("GET"), 4);
    assert_eq!(exchange.requests("POST"), 1, "recording only reads");
}

#[test]
fn the_exchange_itself_answers_reading_calls_as_the_contract_says() {
    let given = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let (Some("1"), Some(secret)) = (given("BPX_LIVE").as_deref(), given("BACKPACK_API_SECRET"))
    else {
        println!("skipped: BPX_LIVE=1 and BACKPACK_API_SECRET ask the exchange itself");
        return;
    };
    let base_url = given("BACKPACK_BASE_URL").unwrap_or_else(|| LIVE_BASE_URL.to_owned());
    let report = recorded_and_checked(&base_url, &secret);
    println!("{base_url}: {:#}", report["summary"]);
    assert!(report["summary"]["validated"].as_u64() >= Some(3));
}

#[test]
fn recording_needs_a_key_and_an_exchange_and_a_name_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let record = |arguments: &[&str], secret: &str| {
        let mut command = bpx(&[&["record"], arguments].concat());
        let command = command
            .current_dir(folder.path())
            .env("BACKPACK_API_SECRET", secret);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        stderr(&output).to_owned()
    };
    let nowhere = ["--base-url", "http://127.0.0.1:1"];
    assert!(record(&["a.ndjson", nowhere[0], nowhere[1]], "").contains("BACKPACK_API_SECRET is"));
    assert!(record(&["a.ndjson"], common::SEED).contains("no exchange is named"));
    let refused = record(&["a.txt", nowhere[0], nowhere[1]], common::SEED);
    assert!(refused.contains("not a valid name for a recording"));
}

/// `bpx serve`, started, with the line it prints when it is ready.
struct Serving {
    child: Child,
    ready: Value,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        if line.is_empty() {
            let output = child.wait_with_output().unwrap();
            panic!("not ready: {}", stderr(&output));
        }
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready }
    }

    /// Ends it as a service manager would, and gives what it said.
    fn stop(self) -> String {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.unwrap().success());
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output).to_owned()
    }
}

#[test]
#[cfg(unix)]
fn a_client_that_knows_nothing_of_it_is_forwarded_recorded_and_passes() {
    let exchange = Exchange::start();
    let folder = exchange.state.path();
    let mut forward = bpx(&["serve", "--forward", "127.0.0.1:0", "--record", RECORDING]);
    forward
        .current_dir(folder)
        .env("BACKPACK_BASE_URL", exchange.sandbox.base_url());
    let forward = Serving::start(forward);
    let base = forward.ready["forward"].as_str().unwrap().to_owned();
    let client = client(&base, &exchange);
    exchange.runtime.block_on(async {
        client.execute_order().body(order()).send().await.unwrap();
        let all = CancelAll::new("SOL_USDC");
        client.cancel_open_orders().body(all).send().await.unwrap();
    });
    let said = forward.stop();
    assert!(said.contains("2 exchanges recorded, 0 dropped"), "{said}");
    assert_eq!(exchange.sandbox.verified().len(), 2);
    let report = report(folder);
    assert_eq!(report["passed"], true, "{:#}", report["findings"]);
    assert_eq!(report["summary"]["validated"], 2);
}

#[test]
#[cfg(unix)]
fn what_the_gateway_asks_the_exchange_is_recorded_and_passes() {
    let exchange = Exchange::start();
    let serve = [
        "serve",
        "--rest",
        "127.0.0.1:0",
        "--mcp",
        "off",
        "--record",
        RECORDING,
    ];
    let serving = Serving::start(exchange.command(&serve));
    let token = serving.ready["read_token_file"].as_str().unwrap();
    let token = std::fs::read_to_string(token).unwrap();
    let address = serving.ready["rest"].as_str().unwrap();
    let address = address.strip_prefix("http://").unwrap().to_owned();
    let mut socket = TcpStream::connect(&address).unwrap();
    let request = format!(
        "GET /api/v1/orders HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        token.trim()
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let said = serving.stop();
    assert!(said.contains("1 exchanges recorded, 0 dropped"), "{said}");
    let report = report(exchange.state.path());
    assert_eq!(report["passed"], true, "{:#}", report["findings"]);
    assert_eq!(report["summary"]["validated"], 1);
}

#[test]
fn forwarding_needs_a_recording_and_an_exchange_and_stays_on_this_computer() {
    let folder = tempfile::tempdir().unwrap();
    let forward = ["serve", "--forward"];
    let to = ["--base-url", "http://127.0.0.1:1"];
    let record = ["--record", "a.ndjson"];
    for (arguments, word) in [
        (&[&forward[..], &["127.0.0.1:0"], &to].concat(), "--record"),
        (
            &[&forward[..], &["127.0.0.1:0"], &record].concat(),
            "no exchange is named",
        ),
        (
            &[&forward[..], &["0.0.0.0:0"], &to, &record].concat(),
            "other computers",
        ),
        (
            &[
                &forward[..],
                &["127.0.0.1:0"],
                &to,
                &record,
                &["--allow-trading"],
            ]
            .concat(),
            "cannot be used with",
        ),
        (&[&["serve", "--mask"][..], &to].concat(), "--record"),
    ] {
        let output = run_in(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(word),
            "{arguments:?} {}",
            stderr(&output)
        );
        assert!(stdout(&output).is_empty());
    }
}
