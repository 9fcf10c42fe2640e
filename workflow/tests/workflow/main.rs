//! Workflows against the local exchange: every row of how others behave, every trap, every way to end.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too, and says what it skips"
)]

mod behaviour;
mod conditions;
mod dry_run;
mod flow;
mod preflight;
mod replacement;
mod requests;
mod resume;
mod sources;
mod support;
mod traps;
