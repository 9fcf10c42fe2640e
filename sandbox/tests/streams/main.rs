//! The WebSocket streams as a client sees them.

#![cfg(test)]

mod books;
#[path = "../sandbox/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of this crate")]
mod client;
mod faults;
mod lives;
mod many;
mod market_data;
mod orders;
mod owned;
mod refusals;
mod socket;
