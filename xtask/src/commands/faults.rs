//! `cargo xtask faults`: who finds the seeded faults of `tests/faults`.

use std::process::{Command, ExitCode};

use super::steps::cargo;
use super::{complain, python, root};

const EXAMPLES: &str = "Examples:
  cargo xtask faults > faults.md    the table of this checker and four others

Recordings are written to target/faults, one HAR for each exchange. What cannot be installed is skipped with a message: redocly drift
and Prism need Node and npm, openapi-core, schemathesis and the script around Prism Python 3.10 or newer. PYTHON names another interpreter. It takes some minutes.

Exit codes: 0 done, 2 it could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    let npm = Command::new("npm")
        .args(["install", "--silent", "--prefix"])
        .arg(root().join("target/bench/npm"))
        .args(["@redocly/cli@2.77.0", "@stoplight/prism-cli@5.14.2"])
        .status();
    if !npm.is_ok_and(|status| status.success()) {
        complain("npm could not install redocly and Prism");
    }
    let environment = root().join("target/faults/python");
    if let Err(error) = python::installed(&environment, &root().join("tests/faults")) {
        complain(&format!("{error:#}"));
    }
    cargo(&[
        "run",
        "--quiet",
        "--package",
        "bpx-conformance",
        "--example",
        "faults",
    ])?;
    Ok(ExitCode::SUCCESS)
}
