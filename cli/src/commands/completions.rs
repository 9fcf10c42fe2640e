//! `bpx completions`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use crate::Cli;
use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx completions bash > ~/.local/share/bash-completion/completions/bpx
  bpx completions zsh > ~/.zfunc/_bpx
  bpx completions fish > ~/.config/fish/completions/bpx.fish

Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "bpx", &mut script);
        Ok(output::text(&String::from_utf8_lossy(&script))?)
    }
}
