//! The workspace on disk, and running cargo in it from inside a test.

use std::path::{Path, PathBuf};

/// The workspace's root folder.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}
