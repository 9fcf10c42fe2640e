//! Reads the contracts of an HTTP API: an OpenAPI document, corrections to it, a JSON Schema, an AsyncAPI document of its
//! streams, a table of names, a capability file.
//!
//! # What it does
//!
//! A chain of passes, each a pure function that answers with a value or with every fault it found:
//!
//! | pass | contract |
//! |---|---|
//! | load | the only reader of files: YAML or JSON to one tree; a fault of syntax names its line ([`Document`]) |
//! | overlay | actions of an OpenAPI Overlay on the tree; one that changes nothing is a fault ([`overlay`]) |
//! | lower | any OpenAPI 3 document to the model; every rewrite is noted, and every part that the model does not have is a loss, which [`lower()`] refuses and [`lower_lossy`] does not; types of a JSON Schema alone ([`lower_types`]); the streams of an AsyncAPI document ([`lower_streams`]) |
//! | agree | the JSON Schema of a component says the same as the component ([`agree()`]) |
//! | names | wire names to Rust names, by one rule and a table in which each row does something ([`Names`]) |
//! | model | what is left: sorted, checked, nothing to interpret ([`model`]) |
//!
//! A fault is a [`Diagnostic`]: problem, place (file with JSON pointer or line) and fix. One run tells them all, except
//! those that merely follow from another.
//!
//! # What it does not do
//!
//! - It writes no file and no Rust, and sends nothing.
//! - It fetches nothing: references by URL lead nowhere.
//! - It validates no instance and no example; it reads `pattern`, `maximum` and the like, and passes them on.
//! - It reads no environment: bound variables come from a lookup that its caller gives.
//! - It reads no Swagger 2.0.
//!
//! No input makes it panic or overflow: documents nest at most 128 deep, and chains of definitions of any length are
//! walked by queues.
//!
//! # Example
//!
//! ```
//! use bpx_contract::model::{Content, Shape};
//! use bpx_contract::{Document, Names, lower};
//!
//! let text = br#"
//! openapi: 3.0.3
//! info: {title: Market, version: '1'}
//! paths:
//!   /depth:
//!     get:
//!       operationId: getDepth
//!       responses:
//!         '200':
//!           description: The book.
//!           content:
//!             application/json; charset=utf-8:
//!               schema: {allOf: [{$ref: '#/components/schemas/Depth'}, {description: Both sides.}]}
//! components:
//!   schemas:
//!     Depth: {type: object, properties: {lastUpdateId: {type: integer, format: uint64}}}
//! "#;
//! let model = lower(&Document::parse("market.yaml", text)?)?;
//! let names = Names::resolve(&model, None)?;
//!
//! let depth = model.operations.get("getDepth").ok_or("no such operation")?;
//! assert_eq!(depth.success.content, Content::Json(Shape::Named("Depth".to_owned())));
//! assert_eq!(names.method("getDepth"), "get_depth");
//! assert!(model.notes.iter().any(|note| note.text.starts_with("`allOf` around a single schema")));
//!
//! let broken = Document::parse("broken.yaml", b"openapi: 3.0.3\npaths: []\n")?;
//! let faults = lower(&broken).unwrap_err();
//! assert_eq!(faults.to_string(), "error: `paths` is a list, not an object\n   at: broken.yaml#/paths\n  \
//!     fix: write an object here, or remove it");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
