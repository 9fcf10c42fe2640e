//! Events: what a run reports while it goes on.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

/// Something that happened in a run. Secret inputs are replaced by `[redacted]`.
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
    pub kind: EventKind,
}

/// What can happen in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum EventKind {
    /// A step begins.
    StepBegan {
        /// The operation or workflow that it calls.
        call: String,
    },
    /// A request was made, or its response was taken from the record of the run.
    Interaction(Box<Interaction>),
    /// A step ended.
    StepEnded {
        /// Whether it succeeded.
        succeeded: bool,
        /// Its outputs.
        outputs: Map<String, Value>,
        /// The criteria that did not hold.
        failed: Vec<String>,
    },
    /// An action was taken.
    ActionTaken {
        /// Its name.
        action: String,
        /// What it does.
        then: String,
    },
    /// A retry waits.
    RetryWaiting {
        /// For how long, in milliseconds.
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

/// One request with its response, without the headers of the request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interaction {
    /// The operation.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The URL with its query.
    pub url: String,
    /// The request's body.
    pub request: Option<Value>,
    /// The status; none where no response is known.
    pub status: Option<u16>,
    /// The response's headers, without cookies and other sensitive ones.
    pub headers: Vec<(String, String)>,
    /// The response's body.
    pub response: Option<Value>,
    /// How long it took in milliseconds, settling included.
    pub took_ms: u64,
    /// Whether it was taken from the record instead of being made.
    pub replayed: bool,
    /// The intent's id in dispatch's journal.
    pub intent: Option<String>,
    /// What is known beyond the response: how it was settled, or why it is not known.
    pub remark: Option<String>,
}

/// Receives every event of a run, as it happens.
pub trait Observer: Send + Sync {
    /// Called once, before anything is sent, with the run's id: by it the run can be resumed.
    fn on_run(&self, _run: &str) {}

    /// Called once for each event.
    fn on_event(&self, event: &Event);
}

/// Keeps every event, for reports at the end.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    /// The events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.clone()
    }
}

impl Observer for Recorder {
    fn on_event(&self, event: &Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event.clone());
    }
}

impl<T: Observer + ?Sized> Observer for &T {
    fn on_event(&self, event: &Event) {
        (**self).on_event(event);
    }
}

/// Observes nothing.
impl Observer for () {
    fn on_event(&self, _: &Event) {}
}
