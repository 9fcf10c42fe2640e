//! The MCP server against third-party tools: the conformance suite, the Inspector, and clients in Python.
//!
//! `cargo xtask mcp-conformance` installs and runs them; without their packages the tests print that they were skipped.
//! `BPX_NODE_MODULES` names another folder than `target/mcp-conformance/node_modules`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod common;
#[path = "../mcp/support.rs"]
#[allow(dead_code, reason = "the other test uses the rest")]
mod support;

mod conformance;
mod inspector;
mod node;
mod python;
