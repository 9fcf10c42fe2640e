//! `cargo xtask third-party`: clients of others on the local exchange, and the table of what they do there.

use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::steps::run_with;
use super::{complain, root};

const EXAMPLES: &str = "Examples:
  cargo xtask third-party                  the versions of the locks, as CI runs them; writes their table anew
  cargo xtask third-party --newest         the current releases; adds rows for those that are newer
  cargo xtask third-party -- bpx-py        one client, by its folder in tests/third_party

It needs Python 3.11 or newer, Node, npm and their package indexes. PYTHON names another interpreter. A client that
cannot be installed is skipped, and its rows stay as they are.

Exit codes: 0 each call did what the scripts say, 2 one did not, or it could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Current releases instead of the versions of the locks.
    #[arg(long)]
    newest: bool,
    /// Folders of clients; all by default.
    clients: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let versions = if args.newest { "newest" } else { "pinned" };
    let home = root().join("target/third_party").join(versions);
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    complain("Installing clients …");
    // What could not be installed is reported, and the tests of the others are still worth it.
    Command::new(python)
        .arg(root().join("tests/third_party/install.py"))
        .arg(&home)
        .args(args.newest.then_some("--newest"))
        .args(&args.clients)
        .status()
        .context("Python could not be started\n  fix: install Python 3.11 or newer, or name it in PYTHON")?;
    let home = home.display().to_string();
    run_with(
        &[
            "test",
            "--package",
            "bpx-tests",
            "--test",
            "third_party",
            "--",
            "--nocapture",
        ],
        &[
            ("BPX_THIRD_PARTY", &home),
            ("BPX_THIRD_PARTY_TABLE", versions),
        ],
    )?;
    Ok(ExitCode::SUCCESS)
}
