//! Recorded HTTP traffic and messages of streams: takes it, reads it, writes it.
//!
//! # What it does
//!
//! - [`Recorder`] writes what a connection sends and receives into NDJSON or HAR 1.2, beside the calls and without secrets;
//! - [`Forward`] is a proxy in front of one API: it passes on what clients of any language send, unchanged, and a recorder
//!   sees it;
//! - [`Reader`] reads HAR, NDJSON (plain, gzip, zstd), lists of JSON, cassettes of VCR, vcrpy, Betamax and nock, WireMock
//!   mappings, Hoverfly simulations and access logs as [`Interaction`]s, and messages of WebSocket connections as [`Message`]s,
//!   entry by entry, in bounded memory, on any number of threads. Other formats are refused by name, with the command that converts them.
//!
//! zstd needs the feature `zstd`, which compiles a library in C. Without it, such files are refused ([`Error::Zstd`]).
//!
//! # What it does not do
//!
//! - It judges nothing: `bpx-conformance` compares recordings with a contract.
//! - It knows no API. [`Forward`] names operations by the contract it is given.
//! - It is no general proxy: one API, this computer, no web pages.
//!
//! No recording makes the reader panic: what is wrong is a [`Fault`] with its location, and the rest is read.
//!
//! # Example
//!
//! ```
//! use bpx_recording::read_line;
//!
//! let line = br#"{"method":"GET","url":"https://pets.example/pets?limit=2","status":200,"response_body":[]}"#;
//! let interaction = read_line(line).map_err(|fault| fault.reason)?;
//! assert_eq!((&*interaction.method, &*interaction.path), ("GET", "/pets"));
//! assert_eq!(interaction.query.as_deref(), Some("limit=2"));
//! assert_eq!(interaction.body.as_deref(), Some(&b"[]"[..]));
//! # Ok::<(), String>(())
//! ```

mod error;
mod forward;
mod interaction;
mod message;
mod read;
mod record;

pub use error::Error;
pub use forward::Forward;
pub use interaction::{Interaction, Location, split_url};
pub use message::{Content, Direction, Message};
pub use read::{
    Fault, FaultKind, Input, Item, LINE_START, Line, Progress, ReadOptions, Reader, Recorded,
    STDIN, Shard, Trailer, read_head, read_line, read_recorded, sources,
};
pub use record::{Masking, Recorder, Recording, Summary};
