//! What a workflow costs beyond the calls it makes, beside runners of others.
//!
//! Run with `cargo xtask bench workflow`. It measures what a step adds to a call through dispatch, how long it takes to
//! read and check a document, and a process that runs a workflow of reads, beside Redocly Respect and jentic's
//! arazzo-runner where they are installed:
//!
//! ```text
//! npm install --prefix target/bench/npm @redocly/cli@2.77.0
//! python3 -m venv target/bench/python && target/bench/python/bin/pip install arazzo-runner==0.9.6
//! ```
//!
//! The exchange shares the machine's cores with its callers, so what counts is the difference between two figures of one
//! run.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

mod documents;
mod house;
mod peers;
mod steps;
#[allow(dead_code, reason = "the other benchmarks need the rest")]
#[path = "../sandbox/table.rs"]
mod table;

use crate::house::House;
use crate::table::Table;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(peers::RUN) {
        return peers::run(arguments.collect());
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    println!("\nWorkflows on {cores} cores, which they share with the exchange\n");
    let mut table = Table::default();
    let house = House::open(house::DISK);
    steps::measure(&house, &mut table);
    documents::measure(&mut table);
    peers::measure(&house, &mut table);
    table.print();
    println!(
        "Runners of others sign no step by itself, so what is compared is a workflow of unsigned reads; dispatch has no part in it.\n"
    );
}
