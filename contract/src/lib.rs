#![doc = include_str!("../README.md")]

mod agree;
pub mod api;
mod cursor;
mod diagnostic;
mod dialect;
mod lines;
mod load;
mod lower;
mod matching;
mod merge;
pub mod model;
mod names;
pub mod oracle;
pub mod overlay;
pub mod pointer;
pub mod prose;
pub mod schema;
pub mod written;

pub use agree::{agree, described_component};
pub use api::Api;
pub use cursor::Cursor;
pub use diagnostic::{Diagnostic, Diagnostics, Place};
pub use lines::Lines;
pub use load::{Document, NamedBytes, ReadFile, kind, read_text, strict_json};
pub use lower::{
    WrittenChannel, WrittenStreams, is_json, is_signing_header, lower, lower_lossy, lower_schema,
    lower_streams, lower_types, reached, written_streams,
};
pub use matching::Matcher;
pub use names::{Names, OPEN_ARM};
pub use overlay::apply;
