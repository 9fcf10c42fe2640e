//! Streams: how fast messages become typed events, and how soon an order is reported.
//!
//! Run with `cargo xtask bench streams`. A server that sends the same bytes again and again is read by the bare WebSocket
//! crate and by a subscription, in turns. Then the local exchange: a burst of its book to one connection, an order's event
//! beside the answer to the order, a book with 1,000 connections, and a client that does not read.
//!
//! Servers are processes of their own, on the same cores, so what counts is the ratio between two figures of one run.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

mod canned;
mod exchange;
#[allow(dead_code, reason = "other benchmarks need the rest")]
#[path = "../sandbox/table.rs"]
mod table;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tokio::runtime::Runtime;

use crate::table::Table;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some(canned::SERVE) => return canned::serve(),
        Some(exchange::SERVE) => return exchange::serve(),
        _ => {}
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    println!("\nStreams on {cores} cores, which server and client share\n");
    let (runtime, mut table) = (Runtime::new().unwrap(), Table::default());
    runtime.block_on(canned::measure(&mut table));
    runtime.block_on(exchange::measure(&mut table));
    table.print();
}

/// A server, which ends with this value.
pub(crate) struct Server(pub(crate) Child);

impl Server {
    /// Starts this program again, and gives the words it says when it is ready.
    pub(crate) fn start(argument: &str) -> (Self, Vec<String>) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut ready).unwrap();
        let words = ready.split_whitespace().map(str::to_owned).collect();
        (Self(child), words)
    }

    /// The resident memory, in KiB, where the system tells it.
    pub(crate) fn memory_kib(&self) -> Option<u64> {
        memory_kib(&self.0.id().to_string())
    }
}

/// The memory of a process; `self` is this one.
pub(crate) fn memory_kib(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
