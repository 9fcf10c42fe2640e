//! Reads the contracts of an HTTP API.

mod agree;
mod cursor;
mod diagnostic;
pub mod import;
mod load;
mod lower;
pub mod model;
mod names;
pub mod overlay;

pub use agree::agree;
pub use diagnostic::{Diagnostic, Diagnostics, Place};
pub use load::{Document, read_text};
pub use lower::{lower, lower_schema};
pub use names::{Names, OPEN_ARM};
pub use overlay::apply;
