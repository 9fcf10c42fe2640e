//! Turns contracts into a typed client crate: a pure function from documents to files, and one writer.

mod emit;
mod format;
mod plan;
mod sync;

pub use plan::{CrateKind, Inputs, Plan, PlanError, plan};
pub use sync::{Change, Mode, Report, SyncError, recover, surface_changes, sync};
