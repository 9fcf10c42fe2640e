//! An Arazzo document as it is written: read, its references into `components` resolved, its expressions parsed.

mod actions;
mod criteria;
mod extensions;
mod form_text;
mod json_text;
mod parts;
mod read;
mod reader;
mod structure;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

pub(crate) use self::read::read;
use super::{Body, Criterion, Payload, Scope, Version};
use bpx_contract::model::Note;
use bpx_contract::{Diagnostic, Place};

/// Members whose names begin with `x-`, as they stand.
pub type Extensions = BTreeMap<String, Value>;

/// A whole document.
#[derive(Debug, Clone)]
pub struct Description {
    /// Which text of the specification it follows.
    pub version: Version,
    /// Its own URI (`$self`, 1.1).
    pub self_uri: Option<String>,
    /// `info.title`.
    pub title: String,
    /// `info.description`, else `info.summary`.
    pub doc: String,
    /// The documents it speaks of.
    pub sources: Vec<SourceDescription>,
    /// Its workflows, in order.
    pub workflows: Vec<Workflow>,
    /// Extensions of the root.
    pub extensions: Extensions,
    /// What other runners do and this one does not.
    pub warnings: Vec<Diagnostic>,
    /// What was read otherwise than somebody may expect.
    pub notes: Vec<Note>,
}

/// A document that operations or workflows come from.
#[derive(Debug, Clone)]
pub struct SourceDescription {
    /// The name expressions use.
    pub name: String,
    /// Where the document is; a mapping by name may put another one in its place.
    pub url: String,
    /// What it is.
    pub kind: SourceKind,
    /// Extensions.
    pub extensions: Extensions,
    /// Where it stands.
    pub place: Place,
}

/// What a source description leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SourceKind {
    OpenApi,
    Arazzo,
}

impl SourceKind {
    /// The spelling of `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::Arazzo => "arazzo",
        }
    }
}

/// A workflow.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Its id, unique in the document.
    pub id: String,
    /// One line.
    pub summary: String,
    /// The long description.
    pub doc: String,
    /// The JSON Schema of its inputs (2020-12); `None` means it takes none.
    pub inputs: Option<Value>,
    /// Workflows that must have been completed before.
    pub depends_on: Vec<WorkflowRef>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Its outputs: name and value.
    pub outputs: Vec<(String, Payload)>,
    /// Extensions.
    pub extensions: Extensions,
    /// Where it stands.
    pub place: Place,
}

/// A workflow of this document, or of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkflowRef {
    /// The source description it comes from; `None` for this document.
    pub source: Option<String>,
    /// Its id there.
    pub id: String,
}

/// A step. Parameters and actions of the workflow are merged in: the step's come first, and one of the same name
/// (and place, for a parameter) overrides.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id, unique in the workflow.
    pub id: String,
    /// Its description.
    pub doc: String,
    /// What it calls.
    pub target: Target,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its request body.
    pub body: Option<Body>,
    /// All must hold; without any, a status of 2xx is success.
    pub success_criteria: Vec<Criterion>,
    /// After success the first whose criteria hold is taken; without one, the next step.
    pub on_success: Vec<Action>,
    /// After failure the first whose criteria hold is taken; without one, the workflow ends as failed.
    pub on_failure: Vec<Action>,
    /// Its outputs, set when it succeeds.
    pub outputs: Vec<(String, Payload)>,
    /// Steps that must have run before (1.1).
    pub depends_on: Vec<String>,
    /// How long to wait for the response (1.1, `timeout`).
    pub timeout: Option<Duration>,
    /// Extensions.
    pub extensions: Extensions,
    /// Where it stands.
    pub place: Place,
}

/// What a step calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `operationId`, bare or with its source.
    Operation {
        /// The source, if it is named.
        source: Option<String>,
        /// The operation.
        id: String,
    },
    /// `operationPath`.
    Path {
        /// The source.
        source: String,
        /// The path template.
        path: String,
        /// The method's key in a path item; `None` names the only operation there.
        method: Option<String>,
    },
    /// `workflowId`.
    Workflow(WorkflowRef),
}

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum In {
    Path,
    Query,
    Header,
    Cookie,
    /// The whole query (1.1).
    Querystring,
}

impl In {
    /// All places with their spelling.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Path, "path"),
        (Self::Query, "query"),
        (Self::Header, "header"),
        (Self::Cookie, "cookie"),
        (Self::Querystring, "querystring"),
    ];

    /// The spelling of `in`.
    pub fn as_str(self) -> &'static str {
        let known = Self::ALL.into_iter().find(|(this, _)| *this == self);
        known.map_or("query", |(_, name)| name)
    }
}

/// A parameter with its value.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it travels; `None` for an input of a workflow.
    pub location: Option<In>,
    /// Its value; one that finds nothing is left out.
    pub value: Payload,
    /// Where it stands.
    pub place: Place,
}

/// What happens after a step.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// What to do.
    pub then: Then,
    /// All must hold; without any, it is always taken.
    pub criteria: Vec<Criterion>,
    /// Inputs of the workflow it goes to (1.1).
    pub parameters: Vec<Parameter>,
    /// What an end means (`x-bpx-outcome`).
    pub outcome: Option<Outcome>,
    /// Extensions.
    pub extensions: Extensions,
    /// Where it stands.
    pub place: Place,
}

/// The three kinds of action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// The workflow ends.
    End,
    /// Control goes elsewhere and does not come back.
    Goto(Destination),
    /// The step is tried again.
    Retry {
        /// How long to wait; `Retry-After` of the response overrules it.
        after: Option<Duration>,
        /// How often; once, if the document does not say.
        limit: u32,
        /// What runs before the step is tried again.
        first: Option<Destination>,
    },
}

/// Where an action leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A step of this workflow.
    Step(String),
    /// A workflow.
    Workflow(WorkflowRef),
}

/// What an end means for the caller (`x-bpx-outcome` on an action of type `end`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// What was asked for has been done.
    Done,
    /// Nothing was left to do.
    AlreadyDone,
    /// Stopped before anything was changed. The checker proves it.
    Stopped,
    /// A part was done, and the rest is known not to have been.
    Incomplete,
    /// It is not known what was done.
    Unknown,
}

impl Outcome {
    /// All outcomes with their spelling.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Done, "done"),
        (Self::AlreadyDone, "already-done"),
        (Self::Stopped, "stopped"),
        (Self::Incomplete, "incomplete"),
        (Self::Unknown, "unknown"),
    ];

    /// The spelling in a document.
    pub fn as_str(self) -> &'static str {
        let known = Self::ALL.into_iter().find(|(this, _)| *this == self);
        known.map_or("unknown", |(_, name)| name)
    }
}

/// Whether all criteria hold; one that cannot be decided does not.
fn all_hold(criteria: &[Criterion], scope: &Scope) -> bool {
    criteria
        .iter()
        .all(|criterion| criterion.holds(scope).unwrap_or(false))
}

impl Step {
    /// Whether the step has succeeded, now that its exchange is in `scope`. Without criteria a status of 2xx decides; a
    /// step that calls a workflow has succeeded, since it is asked only once that workflow has ended well.
    pub fn succeeds(&self, scope: &Scope) -> bool {
        if !self.success_criteria.is_empty() {
            return all_hold(&self.success_criteria, scope);
        }
        let status = scope.exchange.as_ref().and_then(|it| it.status);
        let called = matches!(self.target, Target::Workflow(_));
        called || status.is_some_and(|it| (200..300).contains(&it))
    }
}

impl Action {
    /// Whether the action is taken: the first of a step's actions for which this holds is.
    pub fn is_taken(&self, scope: &Scope) -> bool {
        all_hold(&self.criteria, scope)
    }
}
