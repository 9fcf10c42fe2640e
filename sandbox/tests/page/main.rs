//! The page for people, in a real browser. Without one, each test says so and does nothing.

#![cfg(test)]

mod browser;
#[path = "../sandbox/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of this crate")]
mod client;
mod live;
mod looks;
