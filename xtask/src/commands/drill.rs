//! `cargo xtask drill`: the release binary changes orders and is killed, again and again.

use std::process::ExitCode;

use super::steps::cargo;

const EXAMPLES: &str = "Examples:
  cargo xtask drill
  cargo xtask drill --kills 100 --seed 3
  cargo xtask drill workflow --runs 100 --seed 3

Against the local exchange. `orders` places orders; in the end it holds the journal against the exchange and prints
kills by where they hit, calls, orders, duplicates and lost orders. `workflow` replaces orders while the exchange
misbehaves, and resumes what was killed until it has an end; it holds each end against the exchange and prints runs,
kills, faults, resumes, ends, doubles and misreported ends. Duplicates, lost orders, doubles and misreported ends have to be 0.

Exit codes: 0 what was told and the exchange agree, 2 they do not, or the drill could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What is drilled.
    #[arg(value_enum, default_value_t = What::Orders)]
    what: What,
    /// How often the binary is killed while it places orders.
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
    /// How many orders are replaced by workflows.
    #[arg(long, default_value_t = 1_000)]
    runs: u32,
    /// Of them, how many at a time; they mostly wait.
    #[arg(long, default_value_t = 10)]
    at_once: u32,
    /// Chooses what is done, what goes wrong, and the moments of the kills.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    Orders,
    Workflow,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (test, options) = match args.what {
        What::Orders => ("drill", vec![("--kills", args.kills)]),
        What::Workflow => (
            "workflow_drill",
            vec![("--runs", args.runs), ("--at-once", args.at_once)],
        ),
    };
    let mut command = [
        "test",
        "--release",
        "--package",
        "bpx",
        "--test",
        test,
        "--",
    ]
    .map(str::to_owned)
    .to_vec();
    command.extend(["--seed".to_owned(), args.seed.to_string()]);
    for (name, value) in options {
        command.extend([name.to_owned(), value.to_string()]);
    }
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    cargo(&command)?;
    Ok(ExitCode::SUCCESS)
}
