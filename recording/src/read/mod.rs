//! Reads recordings: finds and opens files, recognises their format, and reads them entry by entry.

mod access;
mod alias;
mod beside;
mod body;
mod cassette;
mod feed;
mod har;
mod hoverfly;
mod input;
mod kind;
mod line;
mod lines;
mod message;
mod nock;
mod open;
mod raw;
mod sources;
mod tree;
mod vcr;
mod wiremock;

use std::io::Read;

use self::beside::Beside;
pub use self::feed::{Item, Reader};
pub use self::input::{Input, Progress, ReadOptions, Shard};
use self::kind::Kind;
pub use self::line::{LINE_START, Line, Recorded, Trailer, read_head, read_line, read_recorded};
pub use self::sources::{STDIN, sources};
use crate::interaction::Url;
use crate::{Interaction, Location};

/// An entry of a recording, or why it cannot be read.
type Entry<'a> = Result<Interaction<'a>, Fault>;

/// Takes the entries of a file.
type See<'a> = dyn FnMut(Location<'_>, Item<'_>) + 'a;

/// What is wrong with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The file is empty.
    Empty,
    /// The file is in none of the known formats.
    Unrecognised,
    /// The file ends early, or cannot be read further.
    Truncated,
    /// The recorder left interactions out.
    Incomplete,
    /// An entry is no interaction.
    Invalid,
    /// A line is longer than [`ReadOptions::line_bytes_max`].
    TooLong,
    /// Bytes that are not UTF-8 where text is required.
    NotUtf8,
}

/// Why an entry or a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The details. They repeat no value of the recording.
    pub reason: String,
}

impl Fault {
    fn new(kind: FaultKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }

    /// An entry that is no interaction.
    fn invalid(reason: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, reason)
    }

    fn missing(what: &str) -> Self {
        Self::invalid(format!("no {what} under any known name"))
    }

    /// The message of serde without what stands between quotes or backticks, which can be a value of the recording.
    fn of_json(error: &serde_json::Error) -> Self {
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
            FaultKind::Invalid,
            plain.split_whitespace().collect::<Vec<_>>().join(" "),
        )
    }
}

/// Reads a file that is not a file of lines, entry by entry.
fn document(
    name: &str,
    beside: Beside<'_>,
    kind: Kind,
    bytes: Box<dyn Read + Send>,
    see: &mut See<'_>,
) -> Result<(), Fault> {
    match kind {
        Kind::Har => har::read(name, beside, bytes, see),
        Kind::List => har::read_list(name, beside, bytes, see),
        Kind::Cassette => cassette::read(name, beside, bytes, see),
        Kind::Refused(refused) => Err(refused.fault()),
        Kind::Lines | Kind::Empty | Kind::Unknown => Ok(()),
    }
}
