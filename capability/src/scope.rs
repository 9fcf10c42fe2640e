//! What the servers of one file share.

use std::collections::BTreeMap;

use super::model::{Call, Consumed, ConsumedOperation};
use bpx_contract::Cursor;

/// The functions (later: flows) of the file's aggregates, by `aggregate.function`.
pub(super) type Functions<'a> = BTreeMap<String, Cursor<'a>>;

/// What the servers of one file share while they are read.
pub(super) struct Scope<'a> {
    pub(super) consumes: &'a [Consumed],
    pub(super) functions: Functions<'a>,
    /// The namespaces of the file's servers.
    pub(super) servers: Vec<String>,
}

/// The consumed operation that a call names.
pub(super) fn target<'a>(call: &Call, scope: &Scope<'a>) -> Option<&'a ConsumedOperation> {
    let api = scope
        .consumes
        .iter()
        .find(|api| api.namespace == call.namespace)?;
    api.operations
        .iter()
        .find(|operation| operation.name == call.operation)
}
