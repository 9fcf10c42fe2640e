//! `bpx doctor`: a setup without faults, and one fault at a time.

#![cfg(test)]

mod common;

use std::fs;

use bpx_sandbox::Fault;
use common::exchange::Exchange;
use common::{PUBLIC, SEED, bpx, json, stdout};
use serde_json::Value;
use tempfile::TempDir;

/// The checks by name, and the exit code.
struct Findings {
    code: i32,
    report: Value,
}

impl Findings {
    fn of(exchange: &Exchange, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = exchange.command(&[&["doctor", "--json"], arguments].concat());
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let report = json(&output);
        let code = output.status.code().unwrap();
        assert_eq!(report["ok"], code == 0, "{report}");
        Self { code, report }
    }

    fn check(&self, name: &str) -> &Value {
        let mut checks = self.report["checks"].as_array().unwrap().iter();
        checks
            .find(|check| check["name"] == name)
            .unwrap_or(&Value::Null)
    }

    /// Asserts the status of a check, and what it found or advises.
    fn assert(&self, name: &str, status: &str, part: &str) {
        let check = self.check(name);
        assert_eq!(check["status"], status, "{}", self.report);
        assert!(check.to_string().contains(part), "{check}");
        assert_eq!(check["fix"].is_string(), status != "ok", "{check}");
    }
}

const POLICY: &str =
    "trading = true\nsymbols = [\"SOL_USDC\"]\n[symbol.SOL_USDC]\nprice_band_percent = \"5\"\n";

#[test]
fn nothing_fails_where_everything_is_in_order() {
    let exchange = Exchange::start();
    fs::write(exchange.state.path().join("policy.toml"), POLICY).unwrap();
    let found = Findings::of(&exchange, &["--policy", "policy.toml"], &[]);
    assert_eq!(found.code, 0);
    found.assert("key", "ok", &exchange.sandbox.api_key());
    found.assert("base-url", "ok", "on this computer");
    found.assert("policy", "ok", "symbols SOL_USDC");
    found.assert("policy-data", "warn", "no reference price");
    found.assert("kill-switch", "ok", "off");
    found.assert("read.token", "ok", "none yet");
    found.assert("exchange", "ok", "open orders: 0");
    found.assert("clock", "ok", " ms");
    found.assert("journal", "ok", "can be written");
    found.assert("left-open", "ok", "nothing");
    assert!(
        !found
            .report
            .to_string()
            .contains(&exchange.sandbox.api_secret())
    );
    let shown = exchange.run(&["doctor"]);
    assert!(
        stdout(&shown).contains("\nok    clock"),
        "{}",
        stdout(&shown)
    );
    assert!(
        stdout(&shown).contains("warn  policy      none"),
        "{}",
        stdout(&shown)
    );
}

#[test]
fn without_key_and_exchange_it_says_what_to_set_and_checks_the_rest() {
    let state = TempDir::new().unwrap();
    let output = bpx(&["doctor"])
        .env("BPX_STATE", state.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    for part in [
        "fail  key         BACKPACK_API_SECRET is not set",
        "fail  base-url    no exchange is named",
        "fix: give --base-url",
        "ok    kill-switch off",
        "warn  journal     not checked",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_pair_that_does_not_fit_and_a_key_nobody_knows_fail() {
    let exchange = Exchange::start();
    let found = Findings::of(&exchange, &[], &[("BACKPACK_API_KEY", PUBLIC)]);
    found.assert("key", "fail", "BACKPACK_API_KEY");
    found.assert("exchange", "warn", "not checked");
    let found = Findings::of(&exchange, &[], &[("BACKPACK_API_SECRET", SEED)]);
    found.assert("key", "ok", PUBLIC);
    found.assert("exchange", "fail", "refuses to list");
}

#[test]
fn an_exchange_that_may_not_be_called_or_is_not_there_fails() {
    let exchange = Exchange::start();
    let found = Findings::of(&exchange, &["--base-url", "http://exchange.example"], &[]);
    found.assert("base-url", "fail", "plain http");
    let found = Findings::of(&exchange, &["--base-url", "http://127.0.0.1:1"], &[]);
    found.assert("exchange", "fail", "check the base URL and the network");
    found.assert("clock", "warn", "there was no answer");
    found.assert("journal", "ok", "");
    exchange
        .sandbox
        .arm(Fault::Html.on("get_open_orders").always())
        .unwrap();
    let found = Findings::of(&exchange, &[], &[]);
    assert_eq!(
        found.check("exchange")["status"],
        "fail",
        "{}",
        found.report
    );
}

#[test]
fn a_clock_that_is_off_is_reported_with_its_offset() {
    let exchange = Exchange::start();
    exchange.sandbox.set_clock_skew(90_000).unwrap();
    let found = Findings::of(&exchange, &[], &[]);
    found.assert("clock", "fail", "refused as expired or early");
    let found_text = found.check("clock")["found"].as_str().unwrap();
    let offset_ms: i64 = found_text.split(' ').next().unwrap().parse().unwrap();
    assert!((88_000..92_000).contains(&offset_ms), "{found_text}");
}

#[test]
fn a_policy_that_cannot_be_read_fails_and_one_without_trading_says_so() {
    let exchange = Exchange::start();
    let path = exchange.state.path().join("policy.toml");
    fs::write(&path, "tradign = true").unwrap();
    let found = Findings::of(&exchange, &["--policy", "policy.toml"], &[]);
    found.assert("policy", "fail", "unknown field");
    fs::write(&path, "").unwrap();
    let found = Findings::of(&exchange, &["--policy", "policy.toml"], &[]);
    found.assert("policy", "ok", "forbids whatever changes the account");
}

#[cfg(unix)]
#[test]
fn tokens_and_folders_that_others_can_read_are_reported() {
    use std::os::unix::fs::PermissionsExt as _;
    let exchange = Exchange::start();
    let set = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for (name, mode) in [("read.token", 0o600), ("trade.token", 0o644)] {
        let path = exchange.state.path().join(name);
        fs::write(&path, "t").unwrap();
        set(&path, mode);
    }
    set(exchange.state.path(), 0o755);
    let found = Findings::of(&exchange, &[], &[]);
    found.assert("state", "warn", "chmod 700");
    found.assert("read.token", "ok", "this user alone");
    found.assert("trade.token", "fail", "chmod 600");
}

#[test]
fn the_kill_switch_is_reported_with_its_reason() {
    let exchange = Exchange::start();
    exchange.run(&["kill", "a drill"]);
    let found = Findings::of(&exchange, &[], &[]);
    found.assert("kill-switch", "warn", "on: a drill");
}

#[test]
fn a_journal_that_cannot_be_opened_fails() {
    let exchange = Exchange::start();
    fs::create_dir(exchange.state.path().join("journal.sqlite")).unwrap();
    let found = Findings::of(&exchange, &[], &[]);
    assert_eq!(found.code, 1);
    found.assert("journal", "fail", "");
}

#[test]
fn a_call_without_an_outcome_gets_one() {
    let exchange = Exchange::start();
    exchange.lose_the_next_order();
    let order = "execute-order --symbol SOL_USDC --side Bid --order-type Limit --price 20 --quantity 1 --allow-trading --wait 0";
    let output = exchange.run(&order.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(5));
    exchange.sandbox.disarm();
    let found = Findings::of(&exchange, &[], &[]);
    found.assert("exchange", "ok", "open orders: 1");
    found.assert("left-open", "ok", "execute_order");
    assert!(
        found.check("left-open")["found"]
            .as_str()
            .unwrap()
            .ends_with(" done")
    );
}
