//! `cargo xtask tidy`: rules of this workspace that no compiler checks.

use std::process::ExitCode;

use super::{complain, root, say};
use crate::tidy;

const EXAMPLES: &str = "Example:
  cargo xtask tidy

Exit codes: 0 tidy, 1 not; each fault names file, problem and fix.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    let (faults, files) = tidy::check(&root())?;
    for fault in &faults {
        complain(&format!("error: {fault}"));
    }
    say(&format!("{files} files read, {} faults", faults.len()));
    Ok(match faults.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    })
}
