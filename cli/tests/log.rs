//! `--log-format`: each event is one line in both formats, and no line has a secret.

#![cfg(test)]
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use common::exchange::Exchange;
use common::signal::signal;
use serde_json::Value;

/// What a gateway logs that has served one order, and read its files again, of which one cannot be read.
fn served(format: &str, level: &str) -> (String, [String; 3]) {
    let exchange = Exchange::start();
    let policy = exchange.state.path().join("policy.toml");
    fs::write(&policy, "trading = true").unwrap();
    let options = [
        "serve",
        "--rest",
        "127.0.0.1:0",
        "--mcp",
        "off",
        "--allow-trading",
    ];
    let files = ["--policy", "policy.toml", "--log-format", format];
    let mut command = exchange.command(&[&options[..], &files].concat());
    command.env("RUST_LOG", level);
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let token = |scope: &str| {
        let file = ready[format!("{scope}_token_file")].as_str().unwrap();
        fs::read_to_string(file).unwrap().trim().to_owned()
    };
    let secrets = [token("read"), token("trade"), exchange.sandbox.api_secret()];
    place(ready["rest"].as_str().unwrap(), &secrets[1]);
    // The error repeats the file's line with what is wrong in it.
    fs::write(&policy, "trading = \"\u{85}\u{2028}\\u001b[31m\"").unwrap();
    signal(&child, "-HUP");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut log = String::new();
    while !log.contains("the tokens were read again") {
        assert_ne!(stderr.read_line(&mut log).unwrap(), 0, "{log}");
    }
    signal(&child, "-TERM");
    stderr.read_to_string(&mut log).unwrap();
    child.wait().unwrap();
    (log, secrets)
}

fn place(url: &str, token: &str) {
    let host = url.strip_prefix("http://").unwrap();
    let order =
        r#"{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"20","quantity":"1"}"#;
    let length = order.len();
    let request = format!(
        "POST /api/v1/order HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{order}"
    );
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
}

fn assert_plain(log: &str, secrets: &[String]) {
    let is_risky = |c: char| c.is_control() && c != '\n' || c == '\u{2028}';
    assert!(!log.contains(is_risky), "{log:?}");
    for secret in secrets {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn a_line_of_json_has_time_level_target_message_and_fields() {
    let (log, secrets) = served("json", "info");
    assert_plain(&log, &secrets);
    let events: Vec<Value> = log
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    for event in &events {
        let time = event["timestamp"].as_str().unwrap();
        assert!(
            time.parse::<chrono::DateTime<chrono::Utc>>().is_ok(),
            "{time}"
        );
        for member in ["level", "target", "message"] {
            assert!(event[member].is_string(), "{event}");
        }
    }
    let refused = events.iter().find(|it| it["level"] == "ERROR").unwrap();
    assert_eq!(refused["message"], "the policy stays as it was");
    assert!(
        refused["problem"].as_str().unwrap().contains('\n'),
        "{refused}"
    );
}

#[test]
fn a_line_of_text_is_one_event() {
    let (log, secrets) = served("text", "info");
    assert_plain(&log, &secrets);
    for line in log.lines() {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(
            time.parse::<chrono::DateTime<chrono::Utc>>().is_ok(),
            "{line}"
        );
        let level = rest.split_whitespace().next().unwrap();
        assert!(["INFO", "WARN", "ERROR"].contains(&level), "{line}");
    }
    assert!(log.contains("the policy stays as it was"), "{log}");
}

#[test]
fn no_level_logs_a_secret() {
    for format in ["json", "text"] {
        let (log, secrets) = served(format, "trace");
        assert_plain(&log, &secrets);
        assert!(!log.to_lowercase().contains("bearer "), "{format}");
    }
}

#[test]
fn the_server_on_standard_input_logs_in_the_same_format() {
    let exchange = Exchange::start();
    let mut command: Command = exchange.command(&["mcp", "--log-format", "json"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success());
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!log.is_empty());
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(event["message"].is_string(), "{event}");
    }
}
