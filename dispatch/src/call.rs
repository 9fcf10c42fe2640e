//! What goes in and what comes out.

use std::sync::Arc;

use bpx_contract::api::Operation;
use bpx_runtime::plain_json;
use serde_json::{Map, Value};

use crate::finding::Note;
use crate::outcome::Outcome;

/// The arguments of a call: one flat object keyed by wire name.
pub type Arguments = Map<String, Value>;

/// One call: an operation and its arguments.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Call {
    /// An operation of the API that dispatch was opened with.
    pub operation: Arc<Operation>,
    /// One flat object, keyed by wire name, with whole numbers in plain digits: 7.0 is 7 to whoever reads it.
    pub arguments: Arguments,
    /// Who calls, for the journal: a gateway's principal, a command.
    pub caller: String,
    /// Calls with the same key are the same call: it is made once, and later ones get its outcome. Reads ignore it.
    pub idempotency_key: Option<String>,
    /// Without an idempotency key: calls with the same arguments are the same call until its outcome is reported.
    pub until_reported: bool,
    /// An earlier call with the same arguments whose outcome was not reported is another call.
    pub anew: bool,
    /// With an idempotency key that stands for client order ids, which callers may count anew one day: once an order that
    /// the call placed has ended, the same call is refused ([`Refused::OrderEnded`](crate::Refused::OrderEnded)), not
    /// answered with what the order was at first.
    pub while_open: bool,
}

impl Call {
    /// A call of `caller` without an idempotency key.
    pub fn new(
        operation: &Arc<Operation>,
        arguments: Arguments,
        caller: impl Into<String>,
    ) -> Self {
        let plain = arguments.iter();
        let plain = plain.map(|(name, value)| (name.clone(), plain_json(value)));
        Self {
            operation: Arc::clone(operation),
            arguments: plain.collect(),
            caller: caller.into(),
            idempotency_key: None,
            until_reported: false,
            anew: false,
            while_open: false,
        }
    }

    /// Sets the idempotency key: 1 to 255 visible ASCII characters, one per account and call.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// For a caller that may be interrupted and repeated without a key: a call with the same operation and arguments is
    /// the same call until [`Dispatch::reported`](crate::Dispatch::reported) says that its final outcome has reached the
    /// caller. A cancellation is made each time, since it does no harm twice, and orders may have come since.
    #[must_use]
    pub fn until_reported(mut self) -> Self {
        self.until_reported = true;
        self
    }

    /// The same, but this call is made even if there is an earlier one whose outcome was not reported. From then on this
    /// is the one that is known again.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.anew = true;
        self.until_reported()
    }
}

/// A call that was made, and how it ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settled {
    /// Operation that was called.
    pub operation: String,
    /// The intent's id in the journal; reads have none.
    pub intent: Option<String>,
    /// The client order id of each order that was to be placed, given or chosen, in the order of the call.
    pub client_ids: Vec<u32>,
    /// Whether this is the outcome of an earlier call: one with the same idempotency key, or one whose outcome was not
    /// reported ([`Call::until_reported`]).
    pub replayed: bool,
    /// Checks that lacked their data, and what else a caller should know.
    pub notes: Vec<Note>,
    /// How it ended.
    pub outcome: Outcome,
}

/// A call that an earlier process left without a final outcome, and what was found out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recovered {
    /// The intent's id in the journal.
    pub intent: String,
    /// Operation that was called.
    pub operation: String,
    /// How it ended, as far as is known.
    pub outcome: Outcome,
}
