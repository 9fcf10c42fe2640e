//! Clients that others wrote start, trade and stop on our exchange, each as it comes from its package index.
//!
//! They share no line with our signer: that the exchange believes them shows that the exchange, and with it our own
//! client, follows the venue and not just us. Each client has a script in `tests/third_party`, but for the venue's own
//! Rust client, which is linked here. A client that is not installed is skipped; `tests/third_party/install.py`
//! installs them. What each run shows must stand in CONTRIBUTING.md; `cargo xtask third-party` writes it there.

#![cfg(test)]

mod report;
mod rust_client;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use bpx_sandbox::{RestingLiquidity, Sandbox, SandboxConfig, Side};
use bpx_tests::exchange::resting;
use bpx_tests::workspace::root;

use crate::report::Report;

/// The folder of each client, and its name in the table.
const CLIENTS: [(&str, &str); 6] = [
    ("ccxt-pypi", "`ccxt` (PyPI)"),
    ("ccxt-npm", "`ccxt` (npm)"),
    ("bpx-py", "`bpx-py` (PyPI)"),
    ("backpack-exchange-sdk", "`backpack_exchange_sdk` (PyPI)"),
    ("bpx-api-client-npm", "`bpx-api-client` (npm)"),
    ("hummingbot", "`hummingbot` (PyPI)"),
];

#[tokio::test]
async fn clients_of_others_start_trade_and_stop() {
    let scripts = CLIENTS.map(|(folder, name)| tokio::spawn(run_script(folder, name)));
    let mut reports = vec![rust_client::run(&sandbox().await).await];
    for script in scripts {
        reports.extend(script.await.unwrap());
    }
    let problems: Vec<_> = reports.iter().flat_map(Report::problems).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    table::check_or_write(&reports);
}

/// The exchange on which every client finds the same: 50 to buy at 21 and 50 to sell at 19.
async fn sandbox() -> Sandbox {
    let sides = [(Side::Ask, "21"), (Side::Bid, "19")];
    let spot = sides.map(|(side, price)| resting(side, price, "50").unwrap());
    let perpetual = spot.clone().map(|order| RestingLiquidity {
        symbol: "SOL_USDC_PERP".to_owned(),
        ..order
    });
    let config = SandboxConfig {
        liquidity: [spot, perpetual].concat(),
        ..Default::default()
    };
    Sandbox::start(config).await.unwrap()
}

/// Runs the script of a client, if the client is installed.
async fn run_script(folder: &'static str, name: &'static str) -> Option<Report> {
    let Some(mut command) = starter(folder) else {
        println!("skipped: {name} is not installed in {}", home().display());
        return None;
    };
    let sandbox = sandbox().await;
    command
        .env("BPX_BASE_URL", sandbox.base_url())
        .env("BPX_CONTROL_URL", sandbox.control_url())
        .env("BPX_API_KEY", sandbox.api_key())
        .env("BPX_API_SECRET", sandbox.api_secret())
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONPATH", root().join("tests/third_party"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let ran = tokio::task::spawn_blocking(move || command.output());
    let output = ran.await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let (steps, last) = text.trim_end().rsplit_once('\n').unwrap_or_default();
    println!("== {name}\n{steps}");
    let report = Report::read(name, last);
    let errors = String::from_utf8_lossy(&output.stderr);
    Some(report.unwrap_or_else(|error| panic!("{name} ends without a report: {error}\n{errors}")))
}

/// Where the clients are installed.
fn home() -> PathBuf {
    let named = std::env::var_os("BPX_THIRD_PARTY").map(PathBuf::from);
    named.unwrap_or_else(|| root().join("target/third_party/pinned"))
}

/// Starts a client's script where its packages are: in Python or in Node.
fn starter(folder: &str) -> Option<Command> {
    let scripts = root().join("tests/third_party").join(folder);
    let packages = home().join(folder);
    let with = |program: &Path, script| {
        let mut command = Command::new(program);
        command.arg(scripts.join(script));
        command
    };
    let python = packages.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if python.is_file() {
        return Some(with(&python, "smoke.py"));
    }
    let modules = packages.join("node_modules");
    modules.is_dir().then(|| {
        let mut command = with(Path::new("node"), "smoke.mjs");
        command.env("BPX_NODE_MODULES", modules);
        command
    })
}
