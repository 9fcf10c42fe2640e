//! What others wrote to test MCP servers with, against the MCP face: the conformance suite, and the Inspector.
//!
//! They run where their packages are (`cargo xtask mcp-conformance` installs and runs them); elsewhere the tests say that
//! they were skipped. `BPX_NODE_MODULES` names another folder than `target/mcp-conformance/node_modules`.

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
