//! The direction in which data is sent.

use serde::Serialize;

/// The direction in which the changed data is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// None: the change is about the operation itself, or about a name.
    Operation,
    /// From callers to the server.
    Request,
    /// From the server to callers.
    Response,
}
