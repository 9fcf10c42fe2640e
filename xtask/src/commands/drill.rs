//! `cargo xtask drill`: orders are changed while processes are killed and connections are lost, again and again.

use std::process::ExitCode;

use super::steps::cargo;

const EXAMPLES: &str = "Examples:
  cargo xtask drill
  cargo xtask drill --kills 100 --seed 3
  cargo xtask drill --kills 1000 --face serve
  cargo xtask drill workflow --runs 100 --seed 3
  cargo xtask drill streams --runs 1000

Against the local exchange. `orders` places orders, 8 at a time through `bpx serve` and one at a time as commands; in the end
it holds the journal against the exchange and prints kills, where they hit the calls under way, calls, orders, duplicates, lost
orders, and how long a repeated call waited for its outcome. `workflow` replaces orders while the exchange
misbehaves, and resumes what was killed until it has an end; it holds each end against the exchange and prints runs,
kills, faults, resumes, ends, doubles and misreported ends. `streams` reads order updates while connections are lost, and holds
what was reported with the exchange's lists. Duplicates, lost orders, doubles, misreported ends and wrong views have to be 0.

Exit codes: 0 what was reported and the exchange agree, 2 they do not, or the drill could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What is drilled.
    #[arg(value_enum, default_value_t = What::Orders)]
    what: What,
    /// How often the binary is killed while it places orders.
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
    /// Where all kills hit; half of them each without it.
    #[arg(long, value_parser = ["serve", "commands"])]
    face: Option<String>,
    /// How many orders are replaced by workflows, or how many runs there are of streams.
    #[arg(long, default_value_t = 1_000)]
    runs: u32,
    /// How many orders the book is kept over, for `streams`.
    #[arg(long)]
    updates: Option<u32>,
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
    Streams,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (package, test, options) = match args.what {
        What::Orders => ("bpx", "drill", vec![("--kills", args.kills)]),
        What::Workflow => (
            "bpx",
            "workflow_drill",
            vec![("--runs", args.runs), ("--at-once", args.at_once)],
        ),
        What::Streams => {
            let updates = args.updates.map(|updates| ("--updates", updates));
            let options = [("--runs", args.runs)].into_iter().chain(updates);
            ("bpx-venue", "stream_drill", options.collect())
        }
    };
    let command = [
        "test",
        "--release",
        "--package",
        package,
        "--test",
        test,
        "--",
    ];
    let mut command = command.map(str::to_owned).to_vec();
    command.extend(["--seed".to_owned(), args.seed.to_string()]);
    for (name, value) in options {
        command.extend([name.to_owned(), value.to_string()]);
    }
    if let Some(face) = &args.face {
        command.extend(["--face".to_owned(), face.clone()]);
    }
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    cargo(&command)?;
    Ok(ExitCode::SUCCESS)
}
