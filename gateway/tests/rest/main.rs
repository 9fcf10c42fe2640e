//! The REST server, against the local exchange.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

#[path = "../common/mod.rs"]
mod common;

mod callers;
mod faults;
mod guard;
mod limits;
mod openapi;
mod refusals;
mod routes;
mod shutdown;
mod support;
mod watching;
