//! `--api-secret-file`: the secret from a file or standard input, for every command that signs.

#![cfg(test)]
#![cfg(unix)]

mod common;

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use common::exchange::Exchange;
use common::{json, stderr, stdout};

/// The binary with everything but the secret in the environment.
fn command(exchange: &Exchange, line: &str) -> Command {
    let mut command = exchange.command(&line.split_whitespace().collect::<Vec<_>>());
    command.env_remove("BACKPACK_API_SECRET");
    command
}

fn run(exchange: &Exchange, line: &str) -> Output {
    command(exchange, line).output().unwrap()
}

fn piped(exchange: &Exchange, line: &str, input: &str) -> Output {
    let mut command = command(exchange, line);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn secret(exchange: &Exchange, text: &str, mode: u32) {
    let path = exchange.state.path().join("secret");
    fs::write(&path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn every_command_that_signs_takes_the_secret_from_a_file_or_standard_input() {
    let exchange = Exchange::start();
    let key = exchange.sandbox.api_secret();
    let commands = [
        "get-open-orders",
        "buy SOL_USDC 1 --price 11 --allow-trading",
        "sign GET /api/v1/orders",
        "record day.ndjson",
        "doctor",
        "outcome none",
        "workflow run cancel-replace-order --input symbol=SOL_USDC --input orderId=28 --input newPrice=21 \
         --input newQuantity=3 --input partialFill=total --dry-run",
    ];
    for ending in ["", "\n", "\r\n"] {
        secret(&exchange, &format!("{key}{ending}"), 0o600);
        for line in commands {
            // There is no such intent.
            let expected = if line.starts_with("outcome") { 2 } else { 0 };
            let file = run(&exchange, &format!("{line} --api-secret-file secret"));
            let input = piped(
                &exchange,
                &format!("{line} --api-secret-file -"),
                &format!("{key}{ending}"),
            );
            for output in [file, input] {
                assert_eq!(
                    output.status.code(),
                    Some(expected),
                    "{line}: {}",
                    stderr(&output)
                );
                assert!(!stdout(&output).contains(&key) && !stderr(&output).contains(&key));
            }
        }
    }
}

#[test]
fn a_gateway_takes_it_too() {
    let exchange = Exchange::start();
    secret(&exchange, &exchange.sandbox.api_secret(), 0o600);
    // What is wrong with a gateway that has its secret is that it serves nothing.
    for (file, error) in [("none", "api_secret"), ("secret", "invalid_input")] {
        let line = format!("serve --rest off --mcp off --json --api-secret-file {file}");
        let output = run(&exchange, &line);
        assert_eq!(json(&output)["error"], error, "{}", stdout(&output));
    }
}

#[test]
fn the_file_comes_before_the_environment() {
    let exchange = Exchange::start();
    secret(&exchange, &exchange.sandbox.api_secret(), 0o600);
    let mut command = command(&exchange, "get-open-orders --api-secret-file secret");
    let output = command
        .env("BACKPACK_API_SECRET", common::SEED)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_file_that_others_can_read_or_that_holds_something_else_is_refused() {
    let exchange = Exchange::start();
    let key = exchange.sandbox.api_secret();
    let long = "A".repeat(300);
    let pair = format!("BACKPACK_API_SECRET={key}");
    let cases: [(&str, u32, &str); 6] = [
        (&key, 0o640, "other users can read it"),
        (&key, 0o604, "other users can read it"),
        ("", 0o600, "secret: "),
        ("not base64", 0o600, "secret: "),
        (&long, 0o600, "secret is not an API secret"),
        (&pair, 0o600, "secret: "),
    ];
    for (text, mode, says) in cases {
        secret(&exchange, text, mode);
        let output = run(&exchange, "get-open-orders --api-secret-file secret --json");
        assert_eq!(output.status.code(), Some(2));
        let failure = json(&output);
        assert_eq!(failure["error"], "api_secret", "{failure}");
        assert!(
            failure["problem"].as_str().unwrap().contains(says),
            "{failure}"
        );
        assert!(!stdout(&output).contains(&key), "{failure}");
    }
    assert!(exchange.sandbox.verified().is_empty());
}

#[test]
fn a_credential_of_systemd_may_show_its_list_of_users_as_a_group() {
    let exchange = Exchange::start();
    let folder = exchange.state.path();
    for (mode, credentials, code) in [
        (0o440, folder, 0),
        (0o444, folder, 2),
        (0o440, "/".as_ref(), 2),
    ] {
        secret(&exchange, &exchange.sandbox.api_secret(), mode);
        let file = folder.join("secret");
        let line = format!("get-open-orders --api-secret-file {}", file.display());
        let mut command = command(&exchange, &line);
        let output = command
            .env("CREDENTIALS_DIRECTORY", credentials)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn standard_input_is_one_thing_only() {
    let exchange = Exchange::start();
    let line = "execute-order-batch --orders - --api-secret-file - --allow-trading";
    let output = run(&exchange, line);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("standard input cannot be both --orders and the API secret"),
        "{said}"
    );
}
