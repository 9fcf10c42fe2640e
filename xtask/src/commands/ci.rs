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

/// What clippy looks at: everything, then what a feature adds.
const LINTED: [&str; 3] = [
    "--workspace --all-targets",
    "--package bpx-client --all-features",
    "--package bpx --package bpx-gateway --features bpx/otel --all-targets",
];
/// What is tested: everything, then what a feature adds.
const TESTED: [&str; 2] = [
    "--workspace",
    "--package bpx-runtime --package bpx-client --all-features",
];

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["xtask", "generate", "--check"])?;
    if tidy::run(&tidy::Args {})? != ExitCode::SUCCESS {
        anyhow::bail!("the workspace is not tidy\n  fix: see the lines above");
    }
    for packages in LINTED {
        cargo(&words(&format!("clippy {packages} -- -D warnings")))?;
    }
    run_with(
        &["doc", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    for packages in TESTED {
        cargo(&words(&format!("test {packages}")))?;
    }
    complain("\nEvery step passed.");
    Ok(ExitCode::SUCCESS)
}

fn words(command: &str) -> Vec<&str> {
    command.split_whitespace().collect()
}
