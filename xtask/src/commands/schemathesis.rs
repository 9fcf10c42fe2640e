//! `cargo xtask schemathesis`: requests made from our OpenAPI document, against the local exchange.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use super::steps::cargo;
use super::{complain, root};

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
    let python = installed(&built.join("schemathesis"), &folder)?;
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

/// The interpreter of a virtual environment that holds what the requirements name.
fn installed(environment: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let python = if cfg!(windows) {
        environment.join("Scripts/python.exe")
    } else {
        environment.join("bin/python")
    };
    if !python.is_file() {
        let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        complain("Making a virtual environment …");
        let made = Command::new(base)
            .args(["-m", "venv"])
            .arg(environment)
            .status();
        if !made.is_ok_and(|status| status.success()) {
            bail!(
                "no virtual environment\n  fix: install Python 3.10 or newer with venv, or name it in PYTHON"
            );
        }
    }
    complain("Installing what tests/schemathesis/requirements.txt names …");
    let requirements = folder.join("requirements.txt");
    let pip = Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(requirements)
        .status()
        .context("pip could not be started")?;
    if !pip.success() {
        bail!(
            "schemathesis could not be installed\n  fix: see what pip says; it needs the Python package index once"
        );
    }
    Ok(python)
}
