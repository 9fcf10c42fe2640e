//! `cargo xtask mcp-conformance`: what others wrote to test MCP servers with, against the gateway.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use super::steps::run_with;
use super::{complain, python, root};

const EXAMPLES: &str = "Example:
  cargo xtask mcp-conformance

It runs the conformance suite, the Inspector and Python clients against a gateway over the local exchange. It needs npm,
Python 3.10 or newer and, the first time, their package indexes; Node comes with the packages, for Linux on x86-64.
PYTHON names another interpreter. What the suite is known to fail stands in tests/mcp-conformance, each with its reason.

Exit codes: 0 everything passed but what is listed, 2 something failed or could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    let folder = root().join("tests/mcp-conformance");
    let home = root().join("target/mcp-conformance");
    install(&folder, &home)?;
    let python = python::installed(&home.join("python"), &folder)?;
    let modules = home.join("node_modules").display().to_string();
    let python = python.display().to_string();
    run_with(
        &[
            "test",
            "--package",
            "bpx-gateway",
            "--test",
            "mcp_outside",
            "--",
            "--nocapture",
            "--test-threads",
            "1",
        ],
        &[("BPX_NODE_MODULES", &modules), ("PYTHON", &python)],
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Installs what `package.json` of the folder names.
fn install(folder: &Path, home: &Path) -> anyhow::Result<()> {
    let manifest = folder.join("package.json");
    fs::create_dir_all(home)?;
    fs::copy(&manifest, home.join("package.json"))?;
    complain(&format!("Installing what {} names …", manifest.display()));
    let npm = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund"])
        .current_dir(home)
        .status()
        .context("npm could not be started\n  fix: install Node with npm")?;
    if !npm.success() {
        bail!(
            "the packages could not be installed\n  fix: see what npm says; it needs its registry once"
        );
    }
    Ok(())
}
