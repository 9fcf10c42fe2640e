//! The contributor's command line: `cargo xtask COMMAND`.
//!
//! It links the generator only and starts everything else with cargo, so that a client that does not
//! compile never stands in the way of its own regeneration.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of this workspace.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the client crate from the contracts.
    Generate(commands::generate::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Generate(args) => commands::generate::run(&args),
    };
    result.unwrap_or_else(|error| {
        commands::complain(&format!("error: {error:#}"));
        ExitCode::from(2)
    })
}
