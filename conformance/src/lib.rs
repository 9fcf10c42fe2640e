#![doc = include_str!("../README.md")]

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
