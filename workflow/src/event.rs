//! What a run tells while it goes on.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

/// Something that happened in a run. Values that a run got as secrets are replaced by `[redacted]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The workflow.
    pub workflow: String,
    /// The step; empty at the end of a workflow.
    pub step: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum What {
    /// A step begins.
    Began {
        /// What it calls.
        call: String,
    },
    /// A request was made, or its answer was taken from the record of the run.
    Exchanged(Box<Exchanged>),
    /// A step ended.
    Ended {
        /// Whether it succeeded.
        succeeded: bool,
        /// What it gave.
        outputs: Map<String, Value>,
        /// What came of each criterion that did not hold.
        failed: Vec<String>,
    },
    /// An action was taken.
    Acted {
        /// Its name.
        action: String,
        /// What it does.
        then: String,
    },
    /// A retry waits.
    Waits {
        /// How long.
        wait_ms: u64,
    },
    /// The workflow ended.
    Finished {
        /// How, in words.
        outcome: String,
        /// Why.
        why: String,
    },
}

/// One request with its answer, without the headers of its signature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exchanged {
    /// The operation.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The URL with its query.
    pub url: String,
    /// The body that was sent.
    pub request: Option<Value>,
    /// The status; none where nothing is known of an answer.
    pub status: Option<u16>,
    /// What is kept of the answer's headers: no cookie, nothing sensitive.
    pub headers: Vec<(String, String)>,
    /// The answer's body.
    pub response: Option<Value>,
    /// How long it took, settling included.
    pub took_ms: u64,
    /// Whether it was taken from the record instead of being made.
    pub replayed: bool,
    /// The intent's id in dispatch's journal.
    pub intent: Option<String>,
    /// What is known beyond the answer: how it was settled, or why it is not known.
    pub remark: Option<String>,
}

/// Sees every event of a run, as it happens.
pub trait Observer: Send + Sync {
    /// This has happened.
    fn saw(&self, event: &Event);
}

/// Keeps every event, for reports at the end.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    /// What has happened so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Observer for Recorder {
    fn saw(&self, event: &Event) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event.clone());
    }
}

impl<T: Observer + ?Sized> Observer for &T {
    fn saw(&self, event: &Event) {
        (**self).saw(event);
    }
}

/// Nobody looks.
impl Observer for () {
    fn saw(&self, _: &Event) {}
}
