//! Recorded exchanges against the contract: recorded, read, matched, checked, counted, reported.
//!
//! # What it does
//!
//! - writes what connections say into NDJSON or HAR 1.2, beside the calls and without secrets ([`Recorder`]);
//! - forwards what clients of any language send to an exchange, as it is, and records what passes ([`Forward`]);
//! - reads HAR 1.2, NDJSON (plain, gzip, zstd), WireMock mappings and VCR cassettes, entry by entry, in bounded memory
//!   ([`sources`], [`check()`]);
//! - matches each exchange to an operation of the contract, and says of each answer that it was validated or why not
//!   ([`report::Tally`]);
//! - finds faults by rules with ids, severities and fixes ([`Rule`]); the `jsonschema` crate decides about bodies, behind a
//!   seam for quicker validators ([`FastPath`]), such as those
//!   that are generated from the contract ([`Generated`]);
//! - counts which operations, statuses, fields, values and union arms were seen, and when ([`Coverage`]);
//! - adds up: partial reports merge to the same bytes in any order and grouping ([`report::Report`]);
//! - shows one model as text, JSON, JUnit, SARIF, GitHub annotations and a page ([`render()`]), less what a [`Baseline`]
//!   accepts;
//! - proposes what the contract would have to say, as JSON Patch with evidence ([`proposals`]);
//! - checks the same recordings against two contracts, and reports which verdicts change ([`replay()`]).
//!
//! # What it does not do
//!
//! - It sends nothing of its own, and looks up no reference outside the contract's document.
//! - It shows no value of a recording: samples have their digits and letters replaced. Names of members and values of
//!   enumerations are shown where they look like names.
//! - It does not check signatures, request headers, or what the contract says in prose.
//!
//! No recording makes it panic: what is wrong with one is a finding with its place, and the rest is checked.
//!
//! # Example
//!
//! ```
//! use bpx_conformance::{Baseline, Contract, Format, RunOptions, View, check, render, sources};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("day.ndjson");
//! std::fs::write(
//!     &file,
//!     r#"{"method":"DELETE","url":"/api/v1/orders","status":200,"response_body":[]}
//! {"method":"DELETE","url":"/api/v1/orders","status":202,"response_body":""}
//! {"method":"DELETE","url":"/api/v1/orders","status":418,"response_body":""}"#,
//! )?;
//!
//! let contract = Contract::embedded()?;
//! let files = sources(&[file.display().to_string()])?;
//! let report = check(&contract, None, files, &RunOptions::default())?;
//! let view = View::new(&contract, &report, &Baseline::default())?;
//!
//! assert_eq!((view.tally.exchanges.count, view.tally.validated), (3, 2));
//! assert!(view.fails());
//! assert_eq!(view.findings[0].finding.subject.rule.id(), "status-undocumented");
//! assert_eq!(view.proposals[0].path, "/paths/~1api~1v1~1orders/delete/responses/418");
//! assert!(render(&view, Format::Human)?.contains("error[status-undocumented] cancel_open_orders"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baseline;
mod check;
mod contract;
mod drift;
mod error;
mod exchange;
mod fast;
mod forward;
mod hash;
mod read;
mod record;
mod render;
mod replay;
pub mod report;
mod rules;
mod run;
mod view;

pub use baseline::Baseline;
pub use contract::Contract;
pub use drift::{Proposal, proposals};
pub use error::Error;
pub use exchange::{Exchange, Place, split_url};
pub use fast::{FastPath, Generated, Sightings, Verdict};
pub use forward::Forward;
pub use read::{LINE_START, Line, STDIN, Trailer, sources};
pub use record::{Masking, Recorder, Recording, Summary};
pub use render::{Format, render};
pub use replay::{Moved, Replay, Spot, Turn, replay};
pub use rules::{Rule, Severity};
pub use run::{Progress, RunOptions, Shard, check, check_one};
pub use view::{Coverage, Shown, View};
