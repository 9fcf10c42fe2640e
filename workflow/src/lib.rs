#![doc = include_str!("../README.md")]

mod command;
mod credentials;
mod digest;
mod dry_run;
mod engine;
mod error;
mod event;
mod facts;
mod inputs;
mod judge;
mod library;
mod next;
mod outcome;
mod prepared;
mod record;
mod render;
mod route;
mod runner;
mod send;
mod service;
mod services;
mod typed;

pub use bpx_arazzo::STEP_RUNS_MAX;
pub use dry_run::{PlannedRequest, Target, dry_run};
pub use error::{Error, InputFault};
pub use event::{Event, EventKind, Interaction, Observer, Recorder};
pub use inputs::from_texts as inputs_from_texts;
pub use library::{Catalog, Library, NamedWorkflow, SourceFiles};
pub use next::shell_word;
pub use outcome::{Outcome, Report};
pub use record::{begun, runs};
pub use render::{graph, har, junit, trace};
pub use runner::Runner;
pub use service::ServiceRequest;
pub use services::Services;
pub use typed::{Ended, resume, run};
