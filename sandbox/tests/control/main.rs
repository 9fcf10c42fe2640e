//! The control port, as a test in another language would use it.

#![cfg(test)]

#[path = "../sandbox/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of this crate")]
mod client;
mod doors;
mod events;
mod port;
mod routes;
