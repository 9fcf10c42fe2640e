//! The result of the check, for the runner and for the generator of typed inputs and outputs.

use serde_json::{Map, Value};

use super::secret::Secrets;
use super::{Inputs, Type};
use crate::{Body, Description, In, Outcome, Payload, Step, WorkflowRef};
use bpx_contract::Diagnostic;
use bpx_contract::model::Note;

/// A document that has passed the checker, with all a runner needs.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The document as read.
    pub description: Description,
    /// Its workflows, in order.
    pub workflows: Vec<CheckedWorkflow>,
    /// What the contracts do not bear out and the service may take all the same, in document order.
    pub warnings: Vec<Diagnostic>,
    /// What is allowed and still worth knowing, in document order.
    pub notes: Vec<Note>,
    /// Digest of the document's bytes.
    pub sha256: String,
}

impl Checked {
    /// The workflow with this id.
    pub fn workflow(&self, id: &str) -> Option<&CheckedWorkflow> {
        self.workflows.iter().find(|it| it.id == id)
    }
}

/// A workflow, resolved.
#[derive(Debug, Clone)]
pub struct CheckedWorkflow {
    /// Its id.
    pub id: String,
    /// One line.
    pub summary: String,
    /// The long description.
    pub doc: String,
    /// What it takes.
    pub inputs: Inputs,
    /// Workflows that must have been completed before.
    pub depends_on: Vec<WorkflowRef>,
    /// Its steps, in the order in which they run unless an action leads elsewhere.
    pub steps: Vec<CheckedStep>,
    /// What it gives.
    pub outputs: Vec<Output>,
    /// Every way it can end.
    pub ends: Vec<End>,
    /// Inputs that are used for nothing but headers which the signer replaces; a run does without them.
    pub idle_inputs: Vec<String>,
    /// Some step can run again after another: [`STEP_RUNS_MAX`](super::STEP_RUNS_MAX) bounds it.
    pub loops: bool,
    /// Some step calls an operation that is not safe (RFC 9110, 9.2.1).
    pub changes: bool,
    /// Some step calls an operation that is signed.
    pub signs: bool,
}

impl CheckedWorkflow {
    /// The position of a step.
    pub fn position(&self, step: &str) -> Option<usize> {
        self.steps.iter().position(|it| it.step.id == step)
    }

    /// Whether an input is secret, by its schema, by that of a part of it, or by its name: it is neither recorded nor shown.
    pub fn is_secret(&self, input: &str) -> bool {
        Secrets(&self.inputs.schema).has(input)
    }

    /// The parts of these inputs that must reach no file and no screen.
    pub fn secrets<'v>(&self, inputs: &'v Map<String, Value>) -> Vec<&'v Value> {
        Secrets(&self.inputs.schema).values(inputs)
    }
}

/// A step, resolved.
#[derive(Debug, Clone)]
pub struct CheckedStep {
    /// The step as read: criteria, actions with those of the workflow merged in, timeout.
    pub step: Step,
    /// What it calls, with what.
    pub call: Call,
    /// What it gives when it succeeds.
    pub outputs: Vec<Output>,
}

/// What a step calls.
#[derive(Debug, Clone)]
pub enum Call {
    /// An operation.
    Operation {
        /// The source description.
        source: String,
        /// The `operationId`.
        operation: String,
        /// Its arguments; one that finds nothing is left out.
        arguments: Vec<Argument>,
        /// Its body.
        body: Option<Body>,
        /// Headers of the signature that the document gives and the signer replaces.
        set_aside: Vec<String>,
    },
    /// A workflow.
    Workflow {
        /// Which.
        workflow: WorkflowRef,
        /// Its inputs; one that finds nothing is left out.
        inputs: Vec<(String, Payload)>,
    },
}

/// An argument of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The parameter's name, as the contract spells it if it declares it.
    pub name: String,
    /// Where it travels.
    pub location: In,
    /// Its value.
    pub value: Payload,
}

/// A named output.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// How it is computed.
    pub value: Payload,
    /// What it is.
    pub ty: Type,
}

/// One way a workflow can end. Going over to another workflow is not an end: that one's ends count then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The step after which it ends.
    pub step: String,
    /// What makes it end.
    pub by: Ended,
    /// What the document says that it means.
    pub outcome: Option<Outcome>,
    /// Whether anything has been changed by then.
    pub changed: Changed,
    /// The outputs of the workflow that are always there at this end.
    pub present: Vec<String>,
}

/// What makes a workflow end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The last step succeeded.
    Completed,
    /// An action of type `end` after success, by its name.
    Succeeded(String),
    /// An action of type `end` after failure, by its name.
    Failed(String),
    /// A step failed, and no action said what to do.
    Broken,
}

/// Whether an operation that is not safe can have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// None can have.
    Never,
    /// Some run gets here with a change, some other without.
    Maybe,
    /// No run gets here without.
    Always,
}
