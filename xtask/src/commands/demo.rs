//! `cargo xtask demo`: regenerate, then run the whole loop on the local exchange.

use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::{complain, generate, root};

const EXAMPLES: &str = "Examples:
  cargo xtask demo           one readable report
  cargo xtask demo --json    one JSON object, for programs

Exit codes: 0 everything was as expected, 1 something was not, 2 the contracts are at fault.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print one JSON object instead of the report.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(written) = generate::regenerate()? else {
        return Ok(ExitCode::from(2));
    };
    complain("Building the client, the local exchange and the demo …");
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root())
        .args(["run", "--package", "bpx-tests", "--bin", "demo", "--"]);
    command.args([
        "--files",
        &written.files.to_string(),
        "--changed",
        &written.changes.len().to_string(),
    ]);
    if args.json {
        command.arg("--json");
    }
    let status = command.status().context("cargo could not be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
