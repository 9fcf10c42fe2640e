//! The control port, as a test in another language would use it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

#[path = "../sandbox/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of this crate")]
mod client;
mod doors;
mod events;
mod port;
mod routes;
