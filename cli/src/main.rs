//! `bpx`, the command line for Backpack Exchange.
//!
//! It makes key pairs, explains signatures, runs a local exchange, calls each operation of the order API, serves them over
//! REST and MCP, runs workflows, watches streams, records traffic and checks recordings. It calls no exchange that is not named, and changes
//! no account without `--allow-trading`. Each command's `--help` ends with examples; the tests run those that end.

mod access;
mod commands;
mod contract;
mod failure;
mod interrupt;
mod key;
mod map;
mod output;
mod preview;
mod progress;

use std::env;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::approve::Approve;
use commands::cancel_after::CancelAfter;
use commands::check::Check;
use commands::completions::Completions;
use commands::diff::Diff;
use commands::doctor::Doctor;
use commands::health::Health;
use commands::keygen::Keygen;
use commands::kill::{Kill, Revive};
use commands::manual::Manual;
use commands::mcp::Mcp;
use commands::operations::OperationCommand;
use commands::operations::outcome::OutcomeCommand;
use commands::record::Record;
use commands::report::ReportCommand;
use commands::sandbox::Sandbox;
use commands::serve::Serve;
use commands::sign::Sign;
use commands::watch::Watch;
use commands::workflow::Workflow;
use failure::Failure;

/// Orders on Backpack Exchange, within limits: place, record and check them; keys, signatures, a local exchange.
#[derive(Debug, Parser)]
#[command(name = "bpx", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  bpx keygen
  bpx sign GET /api/v1/order --query 'symbol=SOL_USDC&orderId=28'
  bpx sandbox
  bpx doctor --base-url http://127.0.0.1:8800
  bpx get-open-orders --base-url http://127.0.0.1:8800
  bpx buy SOL_USDC 1 --price 150 --dry-run --base-url http://127.0.0.1:8800
  bpx watch orders --base-url http://127.0.0.1:8800
  bpx check recordings/
  bpx diff old.yaml new.yaml

Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64, where --api-secret-file is not given
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set
  BACKPACK_BASE_URL    the exchange, where --base-url is not given; there is no default
  BPX_STATE            folder of journal, kill switch and caller tokens, where --state is not given

Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 6 no connection, 130 interrupted; operations have more, see
their --help. With --json a failure is one JSON object on stdout: error, problem, location, fix, retryable, exit_code.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Decide about the MCP calls that wait for a person
    Approve(Approve),
    /// Cancel all open orders of markets after a time, unless a line on standard input starts it anew
    CancelAfter(CancelAfter),
    /// Check recordings against the contract: faults, coverage, drift
    Check(Check),
    /// Print the completions of a shell
    Completions(Completions),
    /// Compare two versions of an OpenAPI document: what a new one means for callers
    Diff(Diff),
    /// Check key, clock, exchange, policy, state folder and journal
    Doctor(Doctor),
    /// Ask a running gateway whether it is ready
    Health(Health),
    /// Make a key pair in the venue's encoding
    Keygen(Keygen),
    /// Turn the kill switch on: no order is placed until it is off again
    Kill(Kill),
    /// Write man pages, or the reference in Markdown
    Manual(Manual),
    /// Serve the operations over MCP to the client that starts it, on standard input and output
    Mcp(Mcp),
    /// Find out how an earlier call ended; sends nothing again
    Outcome(OutcomeCommand),
    /// Record the responses of an exchange to read-only calls
    Record(Record),
    /// Merge partial reports of a check
    Report(ReportCommand),
    /// Turn the kill switch off
    Revive(Revive),
    /// Explain a signature: signing string, signature, headers; sends nothing
    Sign(Sign),
    /// Run a local exchange, with a ready key pair
    Sandbox(Sandbox),
    /// Serve the operations over REST and MCP, to callers with a token
    Serve(Serve),
    /// Watch orders, fills or a book as they change
    Watch(Watch),
    /// Run, check, resume and draw Arazzo workflows
    Workflow(Workflow),
    #[command(flatten)]
    Operation(OperationCommand),
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Approve(approve) => approve.run(),
            Self::CancelAfter(cancel_after) => cancel_after.run(),
            Self::Check(check) => check.run(),
            Self::Completions(completions) => completions.run(),
            Self::Diff(diff) => diff.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Health(health) => health.run(),
            Self::Keygen(keygen) => keygen.run(),
            Self::Kill(kill) => kill.run(),
            Self::Manual(manual) => manual.run(),
            Self::Mcp(mcp) => mcp.run(),
            Self::Operation(operation) => operation.run(),
            Self::Outcome(outcome) => outcome.run(),
            Self::Record(record) => record.run(),
            Self::Report(report) => report.run(),
            Self::Revive(revive) => revive.run(),
            Self::Sign(sign) => sign.run(),
            Self::Sandbox(sandbox) => sandbox.run(),
            Self::Serve(serve) => serve.run(),
            Self::Watch(watch) => watch.run(),
            Self::Workflow(workflow) => workflow.run(),
        }
    }
}

fn main() -> ExitCode {
    let json = is_json_asked_for();
    let ended = match Cli::try_parse() {
        Ok(cli) => cli.command.map_or_else(map::print, Command::run),
        Err(error) if json && error.use_stderr() => Err(error.into()),
        Err(error) => error.exit(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(json);
            failure.exit_code()
        }
    }
}

/// Whether the command line asks for JSON, be it a valid one or not.
fn is_json_asked_for() -> bool {
    let arguments: Vec<_> = env::args_os().skip(1).take_while(|it| it != "--").collect();
    let format =
        |pair: &[_]| matches!(pair, [flag, value] if flag == "--format" && value == "json");
    let is_named = arguments
        .iter()
        .any(|it| it == "--json" || it == "--format=json");
    is_named || arguments.windows(2).any(format)
}
