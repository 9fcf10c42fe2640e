//! Reads the contracts of an HTTP API.

mod diagnostic;

pub use diagnostic::{Diagnostic, Diagnostics, Place};
