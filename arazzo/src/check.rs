//! The static checker: compares every name, type and expression of a document with the contracts it refers to.

mod answers;
mod arguments;
mod bodies;
mod callee;
mod conditions;
mod ends;
mod expressions;
mod fit;
mod flow;
mod graph;
mod idle;
mod inputs;
mod plan;
mod proof;
mod secret;
mod spot;
mod state;
mod types;
mod values;
mod workflow;
mod worlds;

use std::collections::BTreeMap;

pub use self::inputs::Inputs;
pub use self::plan::{
    Argument, Call, Changed, Checked, CheckedStep, CheckedWorkflow, End, Ended, Output,
};
use self::state::WorkflowChecker;
pub use self::types::{Origin, Type};
use super::document::{Description, SourceKind, read};
use bpx_contract::model::{Model, Note};
use bpx_contract::{Diagnostic, Diagnostics, Document};

/// How many steps a run may take, repeated ones included, before it is stopped, unless its caller says otherwise.
pub const STEP_RUNS_MAX: u32 = 2_000;

/// The documents that a document refers to, by the names of its source descriptions.
#[derive(Debug, Clone, Default)]
pub struct Sources<'a> {
    /// OpenAPI documents, lowered.
    pub openapi: BTreeMap<String, &'a Model>,
    /// Arazzo documents, checked.
    pub arazzo: BTreeMap<String, &'a Checked>,
}

/// Reads an Arazzo document and checks it against its sources.
///
/// Nothing is sent and no file is read: the caller loads the documents that [`description`] names, and lowers or checks
/// them first.
///
/// # Errors
/// Everything that is wrong with the document's form; once that is right, with its texts; once those are, with what it
/// says about the contracts. What may well be meant is a warning ([`Checked::warnings`]) in a workflow that calls no signed
/// operation, and a fault in one that does.
pub fn check(document: &Document, sources: &Sources<'_>) -> Result<Checked, Diagnostics> {
    let description = read(document)?;
    let mut checker = Checker {
        document,
        description: &description,
        sources,
        inputs: BTreeMap::new(),
        done: BTreeMap::new(),
        faults: Vec::new(),
        warnings: description.warnings.clone(),
        notes: description.notes.clone(),
    };
    checker.all_sources();
    let order = graph::order(&description, &mut checker.faults);
    if let (Some(order), true) = (order, checker.faults.is_empty()) {
        checker.workflows(&order);
    }
    let Checker {
        mut done,
        faults,
        mut warnings,
        mut notes,
        ..
    } = checker;
    let in_order = description.workflows.iter();
    let workflows = in_order.filter_map(|it| done.remove(&it.id)).collect();
    warnings.sort();
    warnings.dedup();
    notes.sort();
    notes.dedup();
    let checked = Checked {
        description,
        workflows,
        warnings,
        notes,
        sha256: document.sha256.clone(),
    };
    Diagnostics::or(faults, checked)
}

/// Reads an Arazzo document without its sources: what it is called, which documents it needs, what it says.
///
/// # Errors
/// Everything that is wrong with the document by itself.
pub fn description(document: &Document) -> Result<Description, Diagnostics> {
    read(document)
}

/// State of one check.
struct Checker<'a> {
    document: &'a Document,
    description: &'a Description,
    sources: &'a Sources<'a>,
    /// The inputs of each workflow.
    inputs: BTreeMap<String, Inputs>,
    /// The workflows that are checked already.
    done: BTreeMap<String, CheckedWorkflow>,
    faults: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    notes: Vec<Note>,
}

impl Checker<'_> {
    fn all_sources(&mut self) {
        for source in &self.description.sources {
            let known = match source.kind {
                SourceKind::OpenApi => self.sources.openapi.contains_key(&source.name),
                SourceKind::Arazzo => self.sources.arazzo.contains_key(&source.name),
            };
            if !known {
                let kind = source.kind.as_str();
                self.faults.push(Diagnostic::new(
                    source.place.clone(),
                    format!(
                        "nothing is known of the source `{}` ({kind}, {})",
                        source.name, source.url
                    ),
                    "name a file for it, or put one at its URL",
                ));
            }
        }
    }

    /// Every workflow, those it needs before it.
    fn workflows(&mut self, order: &[usize]) {
        let workflows = &self.description.workflows;
        for workflow in workflows {
            let found = inputs::lower(self.document, workflow, &mut self.faults);
            self.inputs.insert(workflow.id.clone(), found);
        }
        for workflow in order.iter().filter_map(|index| workflows.get(*index)) {
            let found = WorkflowChecker::new(self, workflow).run();
            self.done.insert(workflow.id.clone(), found.checked);
            self.faults.extend(found.faults);
            self.warnings.extend(found.warnings);
            self.notes.extend(found.notes);
        }
    }
}
