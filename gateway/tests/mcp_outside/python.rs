//! Clients of two Python packages, with and without a person behind them.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use bpx_gateway::Scope;

use crate::node::{folder, said};
use crate::support::{Fixture, Plan};

/// `PYTHON` names another interpreter than `python3`.
fn python() -> OsString {
    std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into())
}

fn is_installed() -> bool {
    let status = Command::new(python())
        .args(["-c", "import fastmcp"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_from_the_package_index_trade_when_their_person_agrees() {
    if !is_installed() {
        println!(
            "skipped: fastmcp is not installed for {}; see tests/mcp-conformance/requirements.txt",
            python().display()
        );
        return;
    }
    let fixture = Fixture::built(Plan::default()).await;
    let mut command = Command::new(python());
    command
        .arg(folder().join("smoke.py"))
        .env("BPX_MCP_URL", fixture.url())
        .env("BPX_TOKEN", fixture.token(Scope::Trade));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    println!("{}", said(&output));
    assert!(output.status.success());
    assert_eq!(fixture.placements(), 1);
}
