//! Dispatch against the local exchange: every outcome, every fault, restarts, limits.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

mod faults;
mod idempotency;
mod outcomes;
mod policy;
mod postgres;
mod restart;
mod strangers;
mod support;
mod switches;
mod validation;
