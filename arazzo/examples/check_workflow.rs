//! Checks a workflow against a contract and says how long it took.
//!
//! ```text
//! cargo run --release -p bpx-arazzo --example check_workflow -- WORKFLOW OPENAPI
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to whoever runs it"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bpx_arazzo::{Checked, Sources, check, description};
use bpx_contract::model::Model;
use bpx_contract::{Diagnostics, Document, lower};

const RUNS: usize = 201;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(workflow), Some(openapi)) = (args.next(), args.next()) else {
        eprintln!("usage: check_workflow WORKFLOW OPENAPI");
        return ExitCode::FAILURE;
    };
    match run(Path::new(&workflow), Path::new(&openapi)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            eprintln!("{faults}");
            ExitCode::FAILURE
        }
    }
}

fn run(workflow: &Path, openapi: &Path) -> Result<(), Diagnostics> {
    let model = lower(&Document::read(openapi)?)?;
    let checked = once(workflow, &model)?;
    for note in &checked.notes {
        println!("note: {note}");
    }
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        once(workflow, &model)?;
        times.push(start.elapsed());
    }
    times.sort();
    let at = |index: usize| times.get(index).copied().unwrap_or_default();
    println!(
        "read, parsed and checked {RUNS} times: median {:?}, quickest {:?}, slowest {:?}",
        at(RUNS / 2),
        at(0),
        at(RUNS - 1)
    );
    Ok(())
}

fn once(workflow: &Path, model: &Model) -> Result<Checked, Diagnostics> {
    let document = Document::read(workflow)?;
    let named = description(&document)?.sources;
    let sources = Sources {
        openapi: named.into_iter().map(|it| (it.name, model)).collect(),
        ..Sources::default()
    };
    check(&document, &sources)
}
