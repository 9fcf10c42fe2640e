//! The MCP server against third-party tools: the conformance suite and the Inspector.
//!
//! `cargo xtask mcp-conformance` installs and runs them; without their packages the tests print that they were skipped.
//! `BPX_NODE_MODULES` names another folder than `target/mcp-conformance/node_modules`.

#![cfg(test)]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod common;
#[path = "../mcp/support.rs"]
#[allow(dead_code, reason = "the other test uses the rest")]
mod support;

mod conformance;
mod inspector;
mod node;
