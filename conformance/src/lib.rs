//! Checks recorded HTTP traffic against an OpenAPI contract, and reports findings, coverage and drift.
//!
//! # What it does
//!
//! - matches each recorded interaction to an operation of the contract, and counts whether its response was validated, or
//!   why not ([`report::Tally`]);
//! - finds faults by rules with ids, severities and fixes ([`Rule`]);
//! - judges most bodies in one pass over their bytes, by tables compiled from the contract ([`Quick`]); the document's own
//!   schemas decide and explain the rest, applied by the `jsonschema` crate;
//! - counts which operations, statuses, fields, values and union arms were seen, and when ([`Coverage`]);
//! - follows a recording while it is written ([`Watch`]);
//! - merges partial reports to the same bytes in any order and grouping ([`report::Report`]);
//! - renders a report as text, JSON, JUnit, SARIF, GitHub annotations or HTML ([`render()`]), without what a [`Baseline`]
//!   accepts;
//! - proposes changes of the contract as JSON Patch, with evidence ([`proposals`]);
//! - checks the same recordings against two contracts, and reports which verdicts change ([`replay()`]).
//!
//! # What it does not do
//!
//! - It sends nothing, and resolves no reference outside the contract's document. `bpx-recording` takes and reads recordings.
//! - It shows no value of a recording: digits and letters of samples are replaced. Names of members and values of
//!   enumerations are shown where they look like names.
//! - It does not check signatures or prose.
//!
//! No recording makes it panic: what is wrong with one is a finding with its location, and the rest is checked.
//!
//! # Example
//!
//! ```
//! use bpx_conformance::{Baseline, Contract, Format, RunOptions, View, check, render};
//! use bpx_contract::Document;
//! use bpx_recording::sources;
//!
//! let contract = Contract::openapi(Document::parse("pets.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets:
//!     delete:
//!       operationId: deletePets
//!       responses:
//!         '200': {description: The names, content: {application/json: {schema: {type: array, items: {type: string}}}}}
//!         '202': {description: Later}
//! "#)?)?;
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("day.ndjson");
//! std::fs::write(
//!     &file,
//!     r#"{"method":"DELETE","url":"/pets","status":200,"response_body":["Rex"]}
//! {"method":"DELETE","url":"/pets","status":202,"response_body":""}
//! {"method":"DELETE","url":"/pets","status":418,"response_body":""}"#,
//! )?;
//!
//! let report = check(&contract, sources(&[file.display().to_string()])?, &RunOptions::default())?;
//! let view = View::new(&contract, &report, &Baseline::default())?;
//!
//! assert_eq!((view.tally.exchanges.count, view.tally.validated), (3, 2));
//! assert!(view.fails());
//! assert_eq!(view.findings[0].finding.subject.rule.id(), "status-undocumented");
//! assert_eq!(view.proposals[0].path, "/paths/~1pets/delete/responses/418");
//! let text = render(&view, Format::Human)?;
//! assert!(text.contains("error[status-undocumented] deletePets"));
//! assert!(text.contains("quick: 1 of 1 bodies"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baseline;
mod check;
mod contract;
mod drift;
mod error;
mod hash;
mod leniency;
mod quick;
pub mod render;
mod replay;
pub mod report;
mod rules;
mod run;
mod settings;
mod view;
mod watch;

pub use baseline::Baseline;
pub use contract::Contract;
pub use drift::{Proposal, proposals};
pub use error::Error;
pub use quick::{Counts, Quick, QuickValidator, Verdict};
pub use render::{Format, render};
pub use replay::{Moved, Replay, Spot, Turn, replay};
pub use rules::{Rule, Severity};
pub use run::{RunOptions, check, check_one};
pub use settings::{Ignore, Settings};
pub use view::{Coverage, Shown, View};
pub use watch::Watch;
