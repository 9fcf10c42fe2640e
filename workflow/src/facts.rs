//! What a run has done and read so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use bpx_contract::api::Operation;
use bpx_dispatch::Arguments;
use serde_json::Value;

use crate::record::{Certainty, RequestOutcome};

/// What a run has done to the account so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) changed: bool,
    /// Idempotency keys of writes whose outcome is not known, by digest of the request.
    pub(crate) open: BTreeMap<String, String>,
    pub(crate) last_write: Option<LastWrite>,
    /// The outcome of the last request.
    pub(crate) last: Option<RequestOutcome>,
    /// Responses of successful reads before the first write: digest of the request, operation, body.
    pub(crate) reads: Vec<(String, String, Value)>,
    pub(crate) preflight_done: bool,
}

/// The last request that changes something.
#[derive(Debug, Clone)]
pub(crate) struct LastWrite {
    pub(crate) operation: Arc<Operation>,
    pub(crate) arguments: Arguments,
    pub(crate) certainty: Certainty,
}
