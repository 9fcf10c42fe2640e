//! The results of the demo, as data.

use std::borrow::Cow;

use bpx_client::OPERATIONS;
use serde::Serialize;

use super::recording::Recorded;

/// All results of the demo.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Whether everything was as expected.
    pub ok: bool,
    /// One representative call of each operation, in the order of the story.
    pub operations: Vec<Call>,
    /// Cancel and replace, done through the client.
    pub cancel_replace: CancelReplace,
    /// A cancellation that was accepted first and settled later.
    pub late_cancel: Vec<Step>,
    /// Cancel and replace again, as a typed workflow; none if it did not end well.
    pub workflow: Option<Workflow>,
    /// How many requests went out, and how many of those the exchange verified.
    pub signatures: Signatures,
    /// The recording of all requests, checked against the contract; none if there is none.
    pub recording: Option<Recorded>,
    /// What was generated before the demo ran.
    pub files: Files,
    /// What was not as expected, in words; empty if all was well.
    pub problems: Vec<String>,
}

/// One call and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The operation's id.
    pub id: Cow<'static, str>,
    /// HTTP method.
    pub method: Cow<'static, str>,
    /// Path without query.
    pub path: Cow<'static, str>,
    /// HTTP status of the response.
    pub status: u16,
    /// Whether the exchange's own log shows this request, verified with the right instruction.
    pub verified: bool,
    /// What came back, in words.
    pub detail: String,
}

/// Cancel and replace.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CancelReplace {
    /// The order as the cancellation returned it.
    pub cancelled: Option<Summary>,
    /// The order that took its place.
    pub replacement: Option<Summary>,
    /// What was done, in order.
    pub steps: Vec<Step>,
}

/// What matters here about an order. Decimals are written as the exchange sent them.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The venue's identifier.
    pub id: String,
    /// Market.
    pub symbol: String,
    /// `Bid` or `Ask`.
    pub side: String,
    /// Limit price; none on a market order.
    pub price: Option<String>,
    /// Quantity of the base asset, if the order names one.
    pub quantity: Option<String>,
    /// How much of it is filled.
    pub executed_quantity: String,
    /// The venue's status.
    pub status: String,
}

/// One step of a procedure.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What the step does, in a word.
    pub name: &'static str,
    /// The call the step made; none if it only decided something.
    pub call: Option<Call>,
    /// What came of it, in words.
    pub detail: String,
}

/// A workflow that was run, and how it ended.
#[derive(Debug, Clone, Serialize)]
pub struct Workflow {
    /// Its id.
    pub id: &'static str,
    /// How it ended, in words.
    pub outcome: String,
    /// The order that was on the book.
    pub cancelled_order_id: String,
    /// The order that took its place.
    pub new_order_id: String,
    /// The status of that order.
    pub new_status: String,
    /// How much of the first had been filled by then.
    pub executed_quantity: String,
    /// Its steps, as they were run.
    pub steps: Vec<WorkflowStep>,
    /// Its requests, and the one that placed the order.
    pub signatures: Signatures,
}

/// A step of a workflow with its last response.
#[derive(Debug, Clone, Serialize)]
pub struct WorkflowStep {
    /// The `stepId`.
    pub step: String,
    /// What it called.
    pub operation: String,
    /// HTTP status of the response; none where there was no response.
    pub status: Option<u16>,
}

/// Requests and signatures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// Requests the client sent.
    pub sent: usize,
    /// Requests whose signature the exchange verified, with the right instruction.
    pub verified: usize,
}

/// What the generator did before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// How many files the generated client consists of, if that is known.
    pub generated: Option<usize>,
    /// How many of those had to be written anew, if that is known.
    pub changed: Option<usize>,
}

impl Step {
    /// A step that made a call; its words are the call's.
    pub(super) fn called(name: &'static str, call: Call) -> Self {
        Self {
            name,
            detail: call.detail.clone(),
            call: Some(call),
        }
    }

    /// A step that decided something.
    pub(super) fn decided(name: &'static str, detail: String) -> Self {
        Self {
            name,
            call: None,
            detail,
        }
    }
}

impl Report {
    /// Draws the balance: every operation once, every signature verified, no problem.
    pub(super) fn settle(&mut self) {
        let missing = OPERATIONS
            .iter()
            .filter(|row| self.operations.iter().all(|call| call.id != row.id));
        let missing: Vec<_> = missing
            .map(|row| format!("{} was not called", row.id))
            .collect();
        self.problems.extend(missing);
        let Signatures { sent, verified } = self.signatures;
        if sent != verified {
            self.problems
                .push(format!("{sent} requests were sent, {verified} verified"));
        }
        self.ok = self.problems.is_empty();
    }
}
