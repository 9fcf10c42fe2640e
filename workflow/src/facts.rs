//! What a run has done and read so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use bpx_contract::api::Operation;
use bpx_dispatch::Arguments;
use serde_json::Value;

use crate::record::{Certainty, Intent, RequestOutcome};

/// What a run has done to the account so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) changed: bool,
    /// Writes whose outcome is not known, by digest of the request.
    pub(crate) open: BTreeMap<String, Unsettled>,
    pub(crate) last_write: Option<LastWrite>,
    /// The outcome of the last request.
    pub(crate) last: Option<RequestOutcome>,
    /// Responses of successful reads before the first write: digest of the request, operation, body.
    pub(crate) reads: Vec<(String, String, Value)>,
    pub(crate) preflight_done: bool,
    /// The last request that did not do what its step asks, in words.
    pub(crate) failure: Option<Failed>,
}

impl Facts {
    /// Keeps a write whose outcome is not known.
    pub(crate) fn keep_open(&mut self, intent: &Intent, is_answered: bool) {
        if let Some(key) = intent.key.clone() {
            let unsettled = Unsettled { key, is_answered };
            self.open.insert(intent.arguments_sha256.clone(), unsettled);
        }
    }
}

/// A write whose outcome is not known.
#[derive(Debug, Clone)]
pub(crate) struct Unsettled {
    /// Its idempotency key.
    pub(crate) key: String,
    /// Whether there was a response, such as a 503.
    pub(crate) is_answered: bool,
}

/// A step with an operation that did not succeed.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) workflow: String,
    pub(crate) step: String,
    /// The criteria that did not hold.
    pub(crate) unmet: Vec<String>,
}

/// The last request that changes something.
#[derive(Debug, Clone)]
pub(crate) struct LastWrite {
    /// The operation, where it went through dispatch.
    pub(crate) operation: Option<Arc<Operation>>,
    pub(crate) arguments: Arguments,
    pub(crate) certainty: Certainty,
}
