//! Recorded exchanges against the contract.
#![allow(missing_docs)]
mod baseline;
mod check;
mod contract;
mod drift;
mod error;
mod exchange;
mod fast;
mod hash;
mod read;
mod record;
mod render;
pub mod report;
mod rules;
mod run;
mod view;

pub use contract::Contract;
pub use error::Error;
pub use exchange::{Exchange, Place, split_url};
pub use fast::{FastPath, Verdict};
pub use rules::{Rule, Severity};
pub use read::{LINE_START, Line, STDIN, Trailer, sources};
pub use run::{Progress, RunOptions, Shard, check};
pub use baseline::Baseline;
pub use drift::{Proposal, proposals};
pub use record::{Masking, Recorder, Recording, Summary};
pub use render::{Format, render};
pub use view::{Coverage, Shown, View};
