//! One module per command.

pub(crate) mod arazzo_peers;
pub(crate) mod bench;
pub(crate) mod ci;
pub(crate) mod demo;
pub(crate) mod drill;
pub(crate) mod faults;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod mcp_conformance;
mod python;
pub(crate) mod schemathesis;
mod steps;
pub(crate) mod third_party;
pub(crate) mod tidy;

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The workspace's folder: the one that cargo runs this in, so that a copy of the workspace is itself.
pub(crate) fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    let here = Path::new(&here);
    here.parent().unwrap_or(here).to_owned()
}

/// A line on standard error.
pub(crate) fn complain(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A line on standard output.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
