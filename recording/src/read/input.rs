//! What to read, and what was read: shards, options, progress, inputs.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The default of [`ReadOptions::line_bytes_max`]. A page of a thousand orders has less than one million bytes.
const LINE_BYTES_MAX_DEFAULT: usize = 8 * 1024 * 1024;

/// A part of the work: `i/n`, i from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// Its number, from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some((index.parse::<u32>().ok()?, count.parse::<u32>().ok()?))
        });
        match numbers {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err(Error::Shard(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// One recording, or one shard of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Input {
    /// As the caller named it.
    pub file: String,
    /// `0/1` for the whole.
    pub shard: String,
    /// Its length as it lies on disk, in bytes.
    pub bytes: u64,
    /// XXH3 over these bytes, in hexadecimal.
    pub hash: String,
}

/// How far a run is; another thread can read it meanwhile.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the files that were read, as they lie on disk.
    pub done_bytes: AtomicU64,
    /// Entries that were read.
    pub interactions: AtomicU64,
}

/// What to read of the files, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Which part of the work; all of it by default.
    pub shard: Shard,
    /// Longer lines are skipped and reported, in bytes. 8 MiB by default.
    pub line_bytes_max: usize,
    /// The name of standard input in reports: `stdin` by default. The parts of one whole need different names, since a part
    /// with the same name and bytes counts once.
    pub stdin_name: String,
    /// Where the reader counts what it has read.
    pub progress: Arc<Progress>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            shard: Shard::WHOLE,
            line_bytes_max: LINE_BYTES_MAX_DEFAULT,
            stdin_name: "stdin".to_owned(),
            progress: Arc::default(),
        }
    }
}
