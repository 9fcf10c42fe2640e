//! `cargo xtask ci`: the steps of CI, in CI's order.

use std::process::ExitCode;

use super::steps::{cargo, run_with};
use super::{complain, tidy};

const EXAMPLES: &str = "Example:
  cargo xtask ci

Exit codes: 0 every step passed, 2 a step failed (it is named).";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["xtask", "generate", "--check"])?;
    if tidy::run(&tidy::Args {})? != ExitCode::SUCCESS {
        anyhow::bail!("the house is not tidy\n  fix: see the lines above");
    }
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    cargo(&[
        "clippy",
        "--package",
        "bpx-client",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ])?;
    run_with(
        &["doc", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    cargo(&["test", "--workspace"])?;
    cargo(&[
        "test",
        "--package",
        "bpx-runtime",
        "--package",
        "bpx-client",
        "--all-features",
    ])?;
    complain("\nEvery step passed.");
    Ok(ExitCode::SUCCESS)
}
