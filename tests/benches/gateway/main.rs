//! What the gateway costs: its faces beside the same call without it, in the same run.
//!
//! Run with `cargo xtask bench gateway`. It measures what REST adds to a read and to an order, and how much of that is
//! the journal; a tool call beside bare rmcp servers; orders over 1, 8 and 64 connections; 64 connections for 60 seconds,
//! of which some place and cancel; and the gateway's memory over 100,000 calls. One part alone, of `rest`, `mcp`, `orders`
//! and `load`: `cargo bench --package bpx-tests --bench gateway -- mcp`.
//!
//! Exchange and gateway are processes of their own. They share the machine's cores with the caller, so what counts is
//! the difference, or the ratio, between two figures of one run.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

#[path = "../sandbox/connection.rs"]
mod connection;
mod latency;
mod load;
mod mcp;
mod process;
mod request;
#[allow(dead_code, reason = "the other benchmark needs the rest")]
#[path = "../sandbox/table.rs"]
mod table;

use crate::process::House;
use crate::table::Table;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some(process::EXCHANGE) => return process::serve_exchange(),
        Some(process::GATEWAY) => return process::serve_gateway(arguments.collect()),
        Some(mcp::BARE) => return mcp::serve_bare(arguments.collect()),
        _ => {}
    }
    let named: Vec<_> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let cores = std::thread::available_parallelism().unwrap().get();
    println!("\nThe gateway on {cores} cores, which it shares with the exchange and the caller\n");
    let mut table = Table::default();
    let house = House::start();
    if wanted("rest") {
        latency::measure(&house, &mut table);
    }
    if wanted("mcp") {
        mcp::measure(&house, &mut table);
    }
    if wanted("orders") {
        load::orders(&house, &mut table);
    }
    if wanted("load") {
        load::hold(&house, &mut table);
        load::memory(&house, &mut table);
    }
    table.print();
}
