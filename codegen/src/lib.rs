#![doc = include_str!("../README.md")]

mod emit;
mod format;
mod plan;
mod sync;
mod workflows;

pub use emit::CrateKind;
pub use plan::{Inputs, Plan, PlanError, plan};
pub use sync::{Change, Mode, Report, SyncError, recover, surface_changes, sync};
