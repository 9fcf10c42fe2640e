//! `cargo xtask arazzo-peers`: what other runners of Arazzo documents do with our cases, beside `bpx workflow run`.

use std::env::consts::EXE_SUFFIX;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::root;
use super::steps::cargo;

const EXAMPLES: &str = "Examples:
  cargo xtask arazzo-peers

It needs Python 3.9 or newer; PYTHON names another interpreter. Redocly Respect and jentic's arazzo-runner are looked for
under target/bench; where one is absent, the command that installs it is named and the table is without it. Each case
counts as the specification says if the requests it asks for were sent and the exit code says how it ended.

Exit codes: 0 `bpx` does every case as the specification says, 1 it does not, 2 it could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    cargo(&["build", "--package", "bpx"])?;
    let built = std::env::current_exe()?;
    let built = built.parent().context("xtask stands in no folder")?;
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let status = Command::new(python)
        .arg(root().join("tests/arazzo_peers/run.py"))
        .arg(built.join(format!("bpx{EXE_SUFFIX}")))
        .arg(root().join("target/bench"))
        .status()
        .context("Python could not be started\n  fix: install Python, or name it in PYTHON")?;
    Ok(ExitCode::from(u8::from(!status.success())))
}
