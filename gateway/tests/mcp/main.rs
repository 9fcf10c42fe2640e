//! The MCP server over dispatch, against the local exchange: by hand over HTTP, and with rmcp's client in both eras.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

#[allow(dead_code, reason = "the tests of REST need the rest")]
#[path = "../common/mod.rs"]
mod common;

mod calls;
mod clients;
mod confirm;
mod faults;
mod input;
mod pinned;
mod reading;
mod sessions;
mod support;
