//! `cargo xtask mcp-conformance`: what others wrote to test and to use MCP servers with, against the gateway.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use super::steps::run_with;
use super::{complain, python, root};

const EXAMPLES: &str = "Example:
  cargo xtask mcp-conformance

It runs the conformance suite, the Inspector and clients of others against a gateway over the local exchange, and writes the
table of what the clients do into CONTRIBUTING.md. It needs npm, Python 3.10 or newer and, the first time, their package
indexes, and some 2 GB in target; Node comes with the packages, for Linux on x86-64. PYTHON names another interpreter. What
the suite is known to fail stands in tests/mcp-conformance, each with its reason. A client that cannot be installed is
skipped, and its rows stay as they are.

Exit codes: 0 everything passed but what is listed, 2 something failed or could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    let folder = root().join("tests/mcp-conformance");
    let home = root().join("target/mcp-conformance");
    install(&folder, &home)?;
    let modules = home.join("node_modules").display().to_string();
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
        &[("BPX_NODE_MODULES", &modules)],
    )?;
    install_clients(&folder.join("clients"), &home.join("clients"))?;
    let home = home.display().to_string();
    run_with(
        &[
            "test",
            "--package",
            "bpx",
            "--test",
            "mcp_clients",
            "--",
            "--nocapture",
        ],
        &[("BPX_MCP_CLIENTS", &home), ("BPX_MCP_TABLE", "write")],
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Installs each client in Python, in an environment of its own: they want different versions of the same packages.
fn install_clients(folder: &Path, home: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let client = entry?.path();
        let (Some(name), true) = (
            client.file_name(),
            client.join("requirements.txt").is_file(),
        ) else {
            continue;
        };
        if let Err(error) = python::installed(&home.join(name), &client) {
            complain(&format!("skipped: {}: {error:#}", name.display()));
        }
    }
    Ok(())
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
