//! Clients that others wrote in Python start, trade and stop on our exchange, as they come from the package index.
//!
//! They run where Python and the package are installed (`tests/third_party/requirements.txt`); elsewhere the tests say
//! that they were skipped. `PYTHON` names another interpreter than `python3`.

#![cfg(test)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::{Command, Stdio};

use bpx_sandbox::{Sandbox, SandboxConfig, Side};
use bpx_tests::exchange::resting;
use bpx_tests::workspace::root;

/// The instructions of everything a client of this exchange does while it trades.
const TRADING: [&str; 8] = [
    "balanceQuery",
    "fillHistoryQueryAll",
    "orderCancel",
    "orderCancelAll",
    "orderExecute",
    "orderHistoryQueryAll",
    "orderQuery",
    "orderQueryAll",
];

fn python() -> OsString {
    std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into())
}

fn is_installed(package: &str) -> bool {
    let import = format!("import {package}");
    let status = Command::new(python())
        .args(["-c", &import])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Runs a script of `tests/third_party` against an exchange whose market maker sells 5 at 21.
async fn run(package: &str, script: &'static str) {
    if !is_installed(package) {
        println!(
            "skipped: {package} is not installed for {}",
            python().display()
        );
        return;
    }
    let sandbox = Sandbox::start(SandboxConfig {
        liquidity: vec![resting(Side::Ask, "21", "5").unwrap()],
        ..SandboxConfig::bare()
    })
    .await
    .unwrap();
    let mut command = Command::new(python());
    command
        .arg(root().join("tests/third_party").join(script))
        .env("BPX_BASE_URL", sandbox.base_url())
        .env("BPX_API_KEY", sandbox.api_key())
        .env("BPX_API_SECRET", sandbox.api_secret())
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let ran = tokio::task::spawn_blocking(move || command.output());
    let output = ran.await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("{text}");
    assert!(output.status.success(), "{text}\n{errors}");
    let verified = sandbox.verified();
    let used: BTreeSet<_> = verified
        .iter()
        .flat_map(|request| &request.instructions)
        .map(String::as_str)
        .collect();
    assert_eq!(used, BTreeSet::from(TRADING));
}

#[tokio::test]
async fn ccxt_starts_trades_and_stops() {
    run("ccxt", "ccxt_smoke.py").await;
}

#[tokio::test]
async fn bpx_py_starts_trades_and_stops() {
    run("bpx", "bpx_py_smoke.py").await;
}
