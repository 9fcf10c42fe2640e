//! Each fault as a client meets it: over HTTP, and where it matters on the bare socket.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

mod answers;
#[path = "../sandbox/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of this crate")]
mod client;
mod handlers;
mod refusals;
mod rules;
mod sockets;
mod wire;
