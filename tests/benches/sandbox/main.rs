//! The local exchange under load, beside bare signature verification on the same cores in the same run.
//!
//! Run with `cargo xtask bench sandbox`. It measures three things: how many signed requests a second it answers, what
//! a million resting orders take, and whether an order waits longer beside a million than beside a thousand.
//!
//! The exchange is a process of its own. It shares the machine's cores with whoever sends to it, so its rate contains
//! the cost of sending. What counts is the ratio between two figures of one run.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

mod connection;
mod latency;
mod load;
mod process;
mod request;
mod resting;
mod table;

use crate::process::Exchange;
use crate::resting::Resting;
use crate::table::Table;

fn main() {
    if std::env::args().any(|argument| argument == process::SERVE) {
        return process::serve();
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    println!(
        "\nThe local exchange on {cores} cores, which it shares with the sender of the requests\n"
    );
    let mut table = Table::default();
    load::measure(cores, &mut table);

    let few = Resting::fill(1_000);
    let many = Resting::fill(1_000_000);
    memory(&many.exchange, &mut table);
    latency::measure(few, many, &mut table);
    table.print();
}

/// The most memory the exchange has held, that is after a million orders came to rest.
fn memory(exchange: &Exchange, table: &mut Table) {
    const NAME: &str = "memory of the exchange with 1,000,000 resting orders";
    match exchange.memory_kib_max() {
        Some(kib) => table.at_most(NAME, kib as f64 / 1024.0, 2048.0, "MiB"),
        None => table.unknown(NAME, "this system has no /proc"),
    }
}
