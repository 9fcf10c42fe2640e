//! The contributor's command line: `cargo xtask COMMAND`.
//!
//! It links the generator only and starts everything else with cargo, so that a client that does not
//! compile never stands in the way of its own regeneration.

mod commands;
mod tidy;

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
    /// Take the facts of a new venue document into the contracts.
    Import(commands::import::Args),
    /// Regenerate and run the whole loop on the local exchange.
    Demo(commands::demo::Args),
    /// Kill the release binary while it changes orders, and compare what it reported with the local exchange.
    Drill(commands::drill::Args),
    /// Check rules that no compiler checks: file sizes, facts about the venue in generic crates, module cycles.
    Tidy(commands::tidy::Args),
    /// The steps of CI, in CI's order.
    Ci(commands::ci::Args),
    /// Requests made from our OpenAPI document, against the local exchange.
    Schemathesis(commands::schemathesis::Args),
    /// What others wrote to test MCP servers with, against the gateway.
    McpConformance(commands::mcp_conformance::Args),
    /// Clients of others on the local exchange, and the table of what they do there.
    ThirdParty(commands::third_party::Args),
    /// What other runners of Arazzo documents do with our cases, as a table.
    ArazzoPeers(commands::arazzo_peers::Args),
    /// Faults seeded into recorded exchanges: which of them this checker and those of others find.
    Faults(commands::faults::Args),
    /// Benchmarks, with the peers in the same run.
    Bench(commands::bench::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Generate(args) => commands::generate::run(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
        Command::Drill(args) => commands::drill::run(&args),
        Command::Tidy(args) => commands::tidy::run(&args),
        Command::Ci(args) => commands::ci::run(&args),
        Command::Schemathesis(args) => commands::schemathesis::run(&args),
        Command::McpConformance(args) => commands::mcp_conformance::run(&args),
        Command::ThirdParty(args) => commands::third_party::run(&args),
        Command::ArazzoPeers(args) => commands::arazzo_peers::run(&args),
        Command::Faults(args) => commands::faults::run(&args),
        Command::Bench(args) => commands::bench::run(&args),
    };
    result.unwrap_or_else(|error| {
        commands::complain(&format!("error: {error:#}"));
        ExitCode::from(2)
    })
}
