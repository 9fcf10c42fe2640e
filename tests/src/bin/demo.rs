//! The demo's command line; `cargo xtask demo` generates the client first and then starts this.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use bpx_tests::demo::{self, Files, Report};
use bpx_tests::workspace::target;
use clap::Parser;

/// Call all eight order operations, signed, against a local exchange, and report.
#[derive(Debug, Parser)]
#[command(
    name = "demo",
    after_help = "Example:\n  cargo xtask demo --json\n\nExit codes: 0 all was as expected, 1 something was not."
)]
struct Args {
    /// Print one JSON object instead of a page.
    #[arg(long)]
    json: bool,
    /// How many files the generated client consists of; only reported.
    #[arg(long, value_name = "N")]
    files: Option<usize>,
    /// How many of those were written anew; only reported.
    #[arg(long, value_name = "N")]
    changed: Option<usize>,
    /// Where the recording goes: .ndjson, .ndjson.gz or .har [default: in target/demo].
    #[arg(long, value_name = "FILE")]
    recording: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let files = Files {
        generated: args.files,
        changed: args.changed,
    };
    let recording = args
        .recording
        .unwrap_or_else(|| target("demo/exchanges.ndjson"));
    let report = demo::run(files, &recording).await?;
    print(&report, args.json)?;
    Ok(ExitCode::from(u8::from(!report.ok)))
}

/// Colour is left out where it cannot be shown or is not wanted (`NO_COLOR`).
fn print(report: &Report, json: bool) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(report)?)?;
    } else {
        write!(out, "{}", demo::render(report))?;
    }
    Ok(out.flush()?)
}
