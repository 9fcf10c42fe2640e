//! `cargo xtask schemathesis`: requests made from our OpenAPI document, against the local exchange.

use std::env::consts::EXE_SUFFIX;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::steps::cargo;
use super::{python, root};

const EXAMPLES: &str = "Examples:
  cargo xtask schemathesis
  cargo xtask schemathesis --max-examples 1000 --seed 7    whatever follows goes to `schemathesis run`

It needs Python 3.10 or newer and, the first time, the Python package index. PYTHON names another interpreter.
Failed checks that are no defect stand in tests/schemathesis/accepted.py, each with its reason.

Exit codes: 0 no check failed, 1 one did, 2 it could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// For `schemathesis run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    cargo(&["build", "--package", "bpx"])?;
    let built = std::env::current_exe()?;
    let built = built.parent().context("xtask stands in no folder")?;
    let folder = root().join("tests/schemathesis");
    let python = python::installed(&built.join("schemathesis"), &folder)?;
    let status = Command::new(python)
        .arg(folder.join("run.py"))
        .arg(built.join(format!("bpx{EXE_SUFFIX}")))
        .args(&args.arguments)
        // What schemathesis keeps between runs belongs with what is built.
        .current_dir(built)
        .status()
        .context("schemathesis could not be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
