//! What a command prints: results on stdout, remarks on stderr, colour only on a terminal.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::failure::Failure;

/// Prints text on stdout at once, so that a reader never sees half of it.
pub(crate) fn text(text: &str) -> Result<(), io::Error> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints one value as one line of JSON on stdout.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    Ok(text(&format!("{}\n", serde_json::to_string(value)?))?)
}

/// Prints a remark for people on stderr.
pub(crate) fn remark(remark: &str) -> Result<(), io::Error> {
    writeln!(anstream::stderr(), "{remark}")
}
