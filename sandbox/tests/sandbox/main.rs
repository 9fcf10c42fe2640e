//! The sandbox as a client sees it: over HTTP, signed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

mod authentication;
mod balances;
mod batch;
mod behaviour;
mod client;
mod conditional;
mod configuration;
mod filters;
mod history;
mod late;
mod lifecycle;
mod matching;
mod positions;
mod public;
mod refusals;
mod shapes;
mod switches;
mod unreadable;
