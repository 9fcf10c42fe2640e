//! Why recordings could not be checked.

use std::path::Path;
use std::{fs, io};

use bpx_contract::Diagnostics;

/// What keeps the checker from its work. What is wrong with a recording is a finding, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The contract cannot be read.
    #[error("{0}")]
    Contract(#[from] Diagnostics),
    /// A type of the contract has a keyword that cannot be compiled.
    #[error(
        "the contract's `{shape}` cannot be compiled: {reason}; correct the keyword in the contract"
    )]
    Schema {
        /// The type.
        shape: String,
        /// What the validator says.
        reason: String,
    },
    /// The recordings cannot be read.
    #[error(transparent)]
    Recording(#[from] bpx_recording::Error),
    /// A file cannot be read.
    #[error("{file}: {source}; name a readable file")]
    Input {
        /// As the caller named it.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{file}: {source}; name a file that can be written")]
    Output {
        /// As the caller named it.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A partial report cannot be read.
    #[error("{file}: not a partial report: {reason}; name files that `check --partial` wrote")]
    Part {
        /// As the caller named it.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// Partial reports that do not belong together.
    #[error(
        "the partial reports differ in their {0}; check all shards with one tool and one contract"
    )]
    Mixed(&'static str),
    /// A report about another contract than the one it is to be shown with.
    #[error("the report is about another contract; name the one that was checked")]
    OtherContract,
    /// Two parts share some inputs, but are not the same part.
    #[error("`{0}` is part of two different partial reports; merge each shard once")]
    Overlap(String),
    /// Not all of an input was checked.
    #[error("shard {shard} of `{file}` is missing; merge the parts of all shards")]
    MissingShard {
        /// As the caller named it.
        file: String,
        /// `i/n`.
        shard: String,
    },
    /// The baseline cannot be read.
    #[error("{file}: {reason}; write [[accepted]] tables with `fingerprint` and `reason`")]
    Baseline {
        /// As the caller named it.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The settings cannot be read.
    #[error("{file}: {reason}; write a table [severity], and [[ignored]] tables")]
    Settings {
        /// As the caller named it.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The report cannot be written in its format.
    #[error("the report cannot be written: {0}; report this with the command line")]
    Render(#[from] serde_json::Error),
    /// A thread of the checker ended before its work.
    #[error("a checking thread panicked; report this with the recording")]
    Thread,
}

/// The name of a file as it is shown, and its text.
pub(crate) fn read_text(path: &Path) -> Result<(String, String), Error> {
    let file = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Ok((file, text)),
        Err(source) => Err(Error::Input { file, source }),
    }
}
