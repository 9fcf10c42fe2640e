//! Recordings through the checker, beside parsers and checkers of others, in one run.
//!
//! Run with `cargo xtask bench conformance`. It writes recordings of clean history orders, at least 200 MB, and measures
//! each reader in a process of its own: the best of some runs, by the clock and by the processor time it took, and the
//! most memory it held. On a machine that does other things too, the processor time is the figure to look at.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

mod peers;
mod process;
mod readers;
mod recordings;
#[path = "../../../tests/benches/sandbox/table.rs"]
#[allow(dead_code, reason = "the other benchmark shows other figures")]
mod table;

use crate::process::Measured;
use crate::recordings::Recordings;
use crate::table::Table;

const GB: f64 = 1e9;
const MB: f64 = 1e6;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|it| it == process::MEASURE) {
        return process::measure(&arguments[at + 1..]);
    }
    let recordings = Recordings::write();
    println!(
        "\n{:.0} MB of recorded history, {} orders a page; {:.0} MB with one order a page\n",
        recordings.pages_bytes as f64 / MB,
        recordings::PAGE_ORDERS,
        recordings.singles_bytes as f64 / MB,
    );
    let mut table = Table::default();
    ours(&recordings, &mut table);
    others(&recordings, &mut table);
    peers::measure(&recordings, &mut table);
    table.print();
}

fn ours(recordings: &Recordings, table: &mut Table) {
    let bytes = recordings.pages_bytes as f64;
    let one = process::run("ours", 1, &recordings.pages);
    let speed = bytes / one.cpu_s / GB;
    table.at_least(
        "checked with coverage, GB a second of processor time",
        speed,
        0.7,
        "GB/s",
    );
    table.figure(
        "the same by the clock, one thread",
        bytes / one.clock_s / GB,
        "GB/s",
    );
    match std::path::Path::new(readers::UPSTREAM).is_file() {
        true => {
            let theirs = process::run("upstream", 1, &recordings.pages);
            let ratio = theirs.cpu_s / one.cpu_s;
            let name = "processor time with the venue's own document beside ours";
            table.at_most(name, ratio, 1.1, "x");
        }
        false => table.unknown("the venue's own document", "not there"),
    }
    let two = process::run("ours", 2, &recordings.pages);
    table.figure(
        "the same by the clock, two threads",
        bytes / two.clock_s / GB,
        "GB/s",
    );
    let gain = one.clock_s / two.clock_s;
    table.at_least("two threads beside one, by the clock", gain, 1.8, "x");
    match two.memory_kib {
        Some(kib) => table.at_most(
            "most memory held, two threads",
            kib as f64 * 1024.0 / MB,
            200.0,
            "MB",
        ),
        None => table.unknown("most memory held", "this system has no /proc"),
    }
    let singles = process::run("ours", 1, &recordings.singles);
    let speed = recordings.singles_bytes as f64 / singles.cpu_s / MB;
    table.figure("one order a page, processor time", speed, "MB/s");
}

/// Readers in this language, on the same lines.
fn others(recordings: &Recordings, table: &mut Table) {
    let mut show = |name: &str, reader: &str| {
        let Measured { cpu_s, .. } = process::run(reader, 1, &recordings.part);
        let speed = recordings.part_bytes as f64 / cpu_s / MB;
        table.figure(name, speed, "MB/s");
    };
    show("sonic-rs: parse into a tree, check nothing", "sonic");
    show(
        "the oracle alone: this checker without the quick validators",
        "oracle",
    );
    show(
        "serde_json and the jsonschema crate, yes or no, no coverage",
        "jsonschema",
    );
}
