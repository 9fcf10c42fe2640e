//! Starting cargo, one step after the other.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::{complain, root};

/// Runs `cargo ARGS` in the workspace's folder; a failure names the command.
pub(crate) fn cargo(args: &[&str]) -> anyhow::Result<()> {
    run_with(args, &[])
}

/// As [`cargo`], with environment variables.
pub(crate) fn run_with(args: &[&str], env: &[(&str, &str)]) -> anyhow::Result<()> {
    let shown = format!("cargo {}", args.join(" "));
    complain(&format!("\n== {shown}"));
    let started = Instant::now();
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root())
        .args(args)
        .envs(env.iter().copied());
    let status = command
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` failed\n  fix: run it alone and read what it says first");
    }
    complain(&format!("== done in {} s", started.elapsed().as_secs()));
    Ok(())
}
