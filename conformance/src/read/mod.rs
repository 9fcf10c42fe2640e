//! Recordings: found, opened, told apart, read entry by entry.

mod alias;
mod cassette;
mod feed;
mod har;
pub(crate) mod line;
mod lines;
mod open;
mod sources;

use std::io::Read;

pub(crate) use self::feed::{Feed, Work};
pub use self::line::{LINE_START, Line, Trailer};
use self::open::Kind;
pub(crate) use self::open::Opened;
pub use self::sources::{STDIN, sources};
use crate::exchange::Exchange;
use crate::rules::Rule;

/// What stands in a recording: an exchange, or why an entry is none.
pub(crate) type Entry<'a> = Result<Exchange<'a>, Fault>;

/// Where an entry stands in its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) entry: u64,
    pub(crate) line: Option<u64>,
    pub(crate) byte: Option<u64>,
}

impl At {
    /// Where lines and bytes are not known.
    pub(crate) fn entry(entry: u64) -> Self {
        let (line, byte) = (None, None);
        Self { entry, line, byte }
    }
}

/// Who sees the entries of a file.
pub(crate) type See<'a> = dyn FnMut(At, Entry<'_>) + 'a;

/// Why an entry or a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rule: Rule,
    /// In words, without the recording's.
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(rule: Rule, reason: impl Into<String>) -> Self {
        Self {
            rule,
            reason: reason.into(),
        }
    }

    /// What serde says, which can hold a value of the recording between quotes or backticks.
    pub(crate) fn of_json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        let mut quoted = false;
        let plain: String = text
            .chars()
            .filter(|c| {
                let mark = matches!(c, '`' | '"');
                quoted ^= mark;
                !quoted && !mark
            })
            .collect();
        Self::new(
            Rule::LineInvalid,
            plain.split_whitespace().collect::<Vec<_>>().join(" "),
        )
    }
}

/// Reads a file that is no file of lines, entry by entry.
pub(crate) fn document(
    kind: Kind,
    bytes: Box<dyn Read + Send>,
    see: &mut See<'_>,
) -> Result<(), Fault> {
    match kind {
        Kind::Har => har::read(bytes, see),
        Kind::WireMock => cassette::wiremock(bytes, see),
        Kind::Vcr => cassette::vcr(bytes, see),
        Kind::Lines | Kind::Empty | Kind::Unknown => Ok(()),
    }
}
