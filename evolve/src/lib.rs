#![doc = include_str!("../README.md")]

mod accepted;
mod change;
mod compare;
mod element;
mod gate;
pub mod import;
mod report;
mod rules;
mod schema;
mod side;

pub use accepted::{Accepted, Stale};
pub use change::{Answer, Change, Diff, Effect, OperationDiff, Proof, Witness};
pub use compare::diff;
pub use element::Element;
pub use gate::{Gate, Judged};
pub use report::Report;
pub use rules::{Rule, Step, Verdict};
pub use schema::{openapi_api, schema_api};
pub use side::Side;
