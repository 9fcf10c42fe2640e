//! `bpx`, the command line for Backpack Exchange.
//!
//! It makes key pairs, explains signatures, runs a local exchange, records exchanges and checks recordings. It reaches no
//! exchange that it is not told to: `record` alone sends anything, reading calls only. Each command's `--help` ends with
//! examples; the tests run those that end by themselves.

mod commands;
mod failure;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::check::Check;
use commands::keygen::Keygen;
use commands::record::Record;
use commands::report::ReportCommand;
use commands::sandbox::Sandbox;
use commands::sign::Sign;
use failure::Failure;

/// Keys, explained signatures and a local exchange for Backpack Exchange.
#[derive(Debug, Parser)]
#[command(name = "bpx", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  bpx keygen
  bpx sign GET /api/v1/order --query 'symbol=SOL_USDC&orderId=28'
  bpx sandbox
  bpx check recordings/

Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set

Exit codes: 0 done, 1 failed, 2 wrong usage or bad input.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Hold recordings against the contract: faults, coverage, drift
    Check(Check),
    /// Make a key pair in the venue's encoding
    Keygen(Keygen),
    /// Record what an exchange answers to reading calls
    Record(Record),
    /// Put partial reports of a check together
    Report(ReportCommand),
    /// Explain a signature: signing string, signature, headers; sends nothing
    Sign(Sign),
    /// Run a local exchange, with a ready key pair
    Sandbox(Sandbox),
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Keygen(keygen) => keygen.run(),
            Self::Record(record) => record.run(),
            Self::Report(report) => report.run(),
            Self::Sign(sign) => sign.run(),
            Self::Sandbox(sandbox) => sandbox.run(),
        }
    }
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
