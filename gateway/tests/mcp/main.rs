//! The MCP server over dispatch, against the local exchange: by hand over HTTP, and with rmcp's client in both eras.

#![cfg(test)]

#[allow(dead_code, reason = "the tests of REST need the rest")]
#[path = "../common/mod.rs"]
mod common;

mod approval;
mod approval_bounds;
mod approval_hosts;
mod approval_token;
mod calls;
mod clients;
mod confirm;
mod events;
mod faults;
mod input;
mod oauth;
mod pinned;
mod reading;
mod sessions;
mod support;
