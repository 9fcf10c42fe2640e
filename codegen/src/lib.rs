//! Turns contracts into a typed client crate: a pure function from documents to files, and one writer.
//!
//! # What it does
//!
//! | pass | contract |
//! |---|---|
//! | [`plan()`] | contracts to a [`Plan`], path to text; the same bytes give the same plan, wherever and whenever |
//! | emit (inside `plan`) | model to tokens, one module per file; typify and progenitor decide the types |
//! | format (inside `plan`) | tokens to text, with a header that names the command and the digest of the contracts |
//! | [`sync()`] | the only writer: makes a folder equal to a plan, or says where it differs |
//!
//! Typify and progenitor see the lowered model with neutral names, never the document; where one of them still gives
//! up, the panic is caught at that one place and told as a diagnostic.
//!
//! Streams of an AsyncAPI document become methods that subscribe to them, with the types of their messages; without such a
//! document nothing is written for them.
//!
//! Workflows become types: what each takes, what it gives, and the document itself, so that what runs is what the types
//! were made from. One that the contract cannot satisfy stops the generation.
//!
//! `sync` replaces and deletes machine-written files only, and refuses a folder that holds anything else where its own
//! files belong. A run that is killed leaves the old crate or, once everything new is on disk, one that the next run
//! completes before it does anything else ([`recover`]).
//!
//! # What it does not do
//!
//! - It reads contracts through `bpx-contract` only, and knows no venue.
//! - It compiles nothing and runs no rustfmt on what it writes.
//! - It keeps no edits of machine-written files.
//!
//! # Example
//!
//! ```
//! use bpx_codegen::{CrateKind, Inputs, Mode, plan, sync};
//!
//! let folder = tempfile::tempdir()?;
//! let openapi = folder.path().join("market.yaml");
//! std::fs::write(&openapi, "
//! openapi: 3.0.3
//! info: {title: Market, version: '1'}
//! paths:
//!   /ping:
//!     get:
//!       operationId: ping
//!       responses: {'200': {description: Pong., content: {text/plain: {schema: {type: string}}}}}
//! ")?;
//! let inputs = Inputs {
//!     openapi,
//!     schema: None,
//!     overlay: None,
//!     names: None,
//!     capability: None,
//!     workflows: Vec::new(),
//!     asyncapi: None,
//!     asyncapi_overlay: None,
//!     kind: CrateKind::Alone { runtime: "../runtime".to_owned(), name: None },
//!     types_only: false,
//!     strict: false,
//!     command: "make client".to_owned(),
//! };
//!
//! let planned = plan(&inputs)?;
//! let surface = planned.files.get("SURFACE.md").ok_or("no digest")?;
//! assert!(surface.contains("- `ping()` → `String`, else `()`"));
//!
//! let out = folder.path().join("client");
//! assert_eq!(sync(&planned, &out, Mode::Write)?.changes.len(), planned.files.len());
//! assert!(sync(&planned, &out, Mode::Check)?.changes.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod emit;
mod format;
mod plan;
mod sync;
mod workflows;

pub use emit::CrateKind;
pub use plan::{Inputs, Plan, PlanError, plan};
pub use sync::{Change, Mode, Report, SyncError, recover, surface_changes, sync};
