//! Why recordings could not be checked.

use std::io;
use std::net::SocketAddr;

use bpx_contract::Diagnostics;
use bpx_runtime::ConnectError;

/// What keeps the checker from its work. What is wrong with a recording is a finding, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The contract cannot be read.
    #[error("{0}")]
    Contract(#[from] Diagnostics),
    /// A type of the contract holds a keyword that no validator takes.
    #[error(
        "the contract's `{shape}` cannot be compiled: {reason}; correct the keyword in the contract"
    )]
    Schema {
        /// The type.
        shape: String,
        /// What the validator says.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("{file}: {source}; name a readable recording")]
    Input {
        /// As the caller named it.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A pattern or folder holds nothing to read.
    #[error("`{0}` names no file; correct the path or the pattern")]
    NoInput(String),
    /// A pattern that is none.
    #[error("`{pattern}` is no file pattern: {reason}; correct it, or name the files")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
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
    #[error("{file}: this is no partial report: {reason}; name files that `check --partial` wrote")]
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
    /// A shard that does not exist.
    #[error("`{0}` is no shard; write it as `i/n` with i from 0 to n-1")]
    Shard(String),
    /// The report cannot be written in its format.
    #[error("the report cannot be written: {0}; report this with the command line")]
    Render(#[from] serde_json::Error),
    /// A recording's name says nothing about its format.
    #[error("`{0}` is no name for a recording; end it in .ndjson, .ndjson.gz, .ndjson.zst or .har")]
    RecordingName(String),
    /// The exchange to forward to cannot be one.
    #[error("{0}")]
    Connect(#[from] ConnectError),
    /// A forwarder that other computers would reach.
    #[error("{0} is reached from other computers; forward at 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// An address that cannot be listened at.
    #[error("{address}: {source}; name an address of this computer with a free port, or port 0")]
    Listen {
        /// As the caller named it.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A thread of the checker ended before its work.
    #[error("a checking thread gave up; report this with the recording")]
    Thread,
}
