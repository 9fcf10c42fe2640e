//! The page for approvals, in a real browser. Without one, each test says so and does nothing.

#![cfg(test)]

#[path = "../../../sandbox/tests/page/browser.rs"]
#[allow(dead_code, reason = "the tests of the sandbox's page need the rest")]
mod browser;
#[allow(dead_code, reason = "the tests of the protocols need the rest")]
#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "the tests of MCP need the rest")]
#[path = "../mcp/support.rs"]
mod support;

mod desk;
mod looks;
