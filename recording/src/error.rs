//! Why recordings cannot be read, written or taken.

use std::io;
use std::net::SocketAddr;

use bpx_runtime::ConnectError;

/// What keeps this crate from its work. What is wrong inside a recording is a [`Fault`](crate::Fault), not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// A file pattern that is not valid.
    #[error("`{pattern}` is not a valid file pattern: {reason}; correct it, or name the files")]
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
    /// A shard that does not exist.
    #[error("`{0}` is not a valid shard; write it as `i/n` with i from 0 to n-1")]
    Shard(String),
    /// A recording whose name gives no format.
    #[error(
        "`{0}` is not a valid name for a recording; end it in .ndjson, .ndjson.gz, .ndjson.zst or .har"
    )]
    RecordingName(String),
    /// A file packed with zstd, which this program cannot read or write.
    #[error(
        "`{0}` is packed with zstd, which this program was built without; use gzip (.gz), or build it with the feature `zstd`"
    )]
    Zstd(String),
    /// A base URL that cannot be forwarded to.
    #[error("{0}")]
    Connect(#[from] ConnectError),
    /// A forward proxy that other computers would reach.
    #[error("{0} can be reached from other computers; forward at 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// An address that cannot be listened at.
    #[error("{address}: {source}; name an address of this computer with a free port, or port 0")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The thread that writes the recording ended before its work.
    #[error("the recording thread panicked; report this as a defect")]
    Thread,
}
