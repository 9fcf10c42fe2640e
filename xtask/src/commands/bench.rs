//! `cargo xtask bench`: benchmarks, with the peers in the same run.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::steps::cargo;
use super::{root, say};

const EXAMPLES: &str = "Examples:
  cargo xtask bench              every benchmark
  cargo xtask bench generate     generation: time, and lines beside plain progenitor
  cargo xtask bench generate --corpus DIR
                                 what becomes of each OpenAPI document of a folder, beside plain progenitor
  cargo xtask bench diff         comparison of large documents
  cargo xtask bench signing      signing and decoding, beside a bare signature and the official client
  cargo xtask bench conformance  recordings against the contract, beside parsers and checkers of others
  cargo xtask bench sandbox      the local exchange: rate, memory and latency, beside bare verification
  cargo xtask bench gateway      what REST and MCP add to a call, the journal on its own line; orders at 1, 8, 64 connections; load, memory
  cargo xtask bench streams      typed events beside the bare WebSocket crate; an order's event beside its answer; many readers
  cargo xtask bench workflow     what a step adds to a call; reading and checking; beside runners of others

Exit codes: 0 done, 2 a benchmark could not run.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Which one; all without it.
    #[arg(value_parser = BENCHES.map(|(name, _)| name))]
    name: Option<String>,
    /// With `generate`: a folder of OpenAPI documents. Prints what becomes of each, beside plain progenitor.
    #[arg(long, value_name = "DIR", requires = "name")]
    corpus: Option<PathBuf>,
}

/// By name: the package of a benchmark that cargo runs as it is.
const BENCHES: [(&str, &str); 8] = [
    ("generate", "bpx-codegen"),
    ("diff", "bpx-evolve"),
    ("signing", "bpx-tests"),
    ("sandbox", "bpx-tests"),
    ("gateway", "bpx-tests"),
    ("streams", "bpx-tests"),
    ("workflow", "bpx-tests"),
    ("conformance", "bpx-conformance"),
];

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &args.corpus {
        if args.name.as_deref() != Some("generate") {
            bail!("--corpus belongs to `cargo xtask bench generate`");
        }
        let folder = std::path::absolute(folder)?.display().to_string();
        cargo(&[
            "bench",
            "--package",
            "bpx-codegen",
            "--bench",
            "corpus",
            "--",
            &folder,
        ])?;
        return Ok(ExitCode::SUCCESS);
    }
    let is_asked = |name: &str| args.name.as_deref().is_none_or(|asked| asked == name);
    for (name, package) in BENCHES.into_iter().filter(|(name, _)| is_asked(name)) {
        cargo(&["bench", "--package", package, "--bench", name])?;
        if name == "generate" {
            whole_command()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn whole_command() -> anyhow::Result<()> {
    say(
        "\nThe whole command, as a contributor runs it (this build of xtask, best and median of 9):",
    );
    process(
        "checked-in contracts, at most 1 s",
        &["generate", "--dry-run"],
    )?;
    let whole = root().join("target/bench/whole.openapi.yaml");
    let out = root().join("target/bench/whole");
    let (whole, out) = (whole.display().to_string(), out.display().to_string());
    process(
        "whole document, at most 5 s",
        &["generate", "--openapi", &whole, "--out", &out],
    )
}

fn process(what: &str, args: &[&str]) -> anyhow::Result<()> {
    let this: PathBuf = std::env::current_exe()?;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..9 {
        let started = Instant::now();
        let status = Command::new(&this)
            .args(args)
            .stdout(Stdio::null())
            .status()
            .context("xtask")?;
        if !status.success() {
            bail!("`cargo xtask {}` failed", args.join(" "));
        }
        times.push(started.elapsed());
    }
    times.sort();
    let at = |index: usize| times.get(index).map_or(0.0, Duration::as_secs_f64);
    say(&format!(
        "  {what:<36} best {:.3} s, median {:.3} s",
        at(0),
        at(4)
    ));
    Ok(())
}
