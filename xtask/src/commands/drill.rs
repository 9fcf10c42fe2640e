//! `cargo xtask drill`: the release binary places orders and is killed, again and again.

use std::process::ExitCode;

use super::steps::cargo;

const EXAMPLES: &str = "Examples:
  cargo xtask drill
  cargo xtask drill --kills 100 --seed 3

Against the local exchange. In the end it holds the journal against the exchange and prints kills by where they hit,
calls, orders, duplicates and lost orders; the last two have to be 0.

Exit codes: 0 journal and exchange agree, 2 they do not, or the drill could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// How often the binary is killed.
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
    /// Chooses the moments of the kills.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (kills, seed) = (args.kills.to_string(), args.seed.to_string());
    let drill = ["test", "--release", "--package", "bpx", "--test", "drill"];
    cargo(&[&drill[..], &["--", "--kills", &kills, "--seed", &seed]].concat())?;
    Ok(ExitCode::SUCCESS)
}
