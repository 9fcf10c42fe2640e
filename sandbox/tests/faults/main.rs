//! Each fault as a client meets it: over HTTP, and where it matters on the bare socket.

#![cfg(test)]

mod answers;
#[path = "../sandbox/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of this crate")]
mod client;
mod handlers;
mod refusals;
mod rules;
mod sockets;
mod wire;
