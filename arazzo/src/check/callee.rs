//! What a step calls.

use std::collections::BTreeMap;

use super::types::Type;
use super::{CheckedWorkflow, Checker, Inputs, Origin};
use crate::near::name_one_of;
use crate::{SourceDescription, SourceKind, Step, Target, WorkflowRef};
use bpx_contract::model::{Model, Operation, Shape};

/// What a step calls, found.
#[derive(Debug)]
pub(super) enum Callee<'a> {
    Operation {
        source: String,
        id: String,
        operation: &'a Operation,
    },
    Workflow(CalledWorkflow<'a>),
    /// It was not found, which has been said.
    Unknown,
}

#[derive(Debug, Clone)]
pub(super) struct CalledWorkflow<'a> {
    pub(super) reference: WorkflowRef,
    pub(super) inputs: &'a Inputs,
    /// What is known of its outputs; `None` while that is not known yet.
    pub(super) outputs: Option<BTreeMap<String, Type>>,
    pub(super) changes: bool,
    pub(super) signs: bool,
}

/// A problem with its fix, before it has a place.
pub(super) type Fault = (String, String);

impl Callee<'_> {
    pub(super) fn signs(&self) -> bool {
        match self {
            Self::Operation { operation, .. } => operation.signing.is_some(),
            Self::Workflow(called) => called.signs,
            Self::Unknown => false,
        }
    }

    pub(super) fn changes(&self) -> bool {
        match self {
            Self::Operation { operation, .. } => !operation.method.is_safe(),
            Self::Workflow(called) => called.changes,
            Self::Unknown => true,
        }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn callee<'c>(&'c self, step: &Step) -> Result<Callee<'c>, Fault> {
        match &step.target {
            Target::Operation { source, id } => {
                let source = match source {
                    Some(source) => source.clone(),
                    None => self.only_source(id)?,
                };
                let model = self.model(&source)?;
                let operation = model.operations.get(id).ok_or_else(|| {
                    let problem = format!("the source `{source}` has no operation `{id}`");
                    (problem, name_one_of(id, names(model)))
                })?;
                Ok(Callee::Operation {
                    source,
                    id: id.clone(),
                    operation,
                })
            }
            Target::Path {
                source,
                path,
                method,
            } => self.by_path(source, path, method.as_deref()),
            Target::Workflow(reference) => self.workflow_callee(reference).map(Callee::Workflow),
        }
    }

    fn model(&self, source: &str) -> Result<&'a Model, Fault> {
        self.sources.openapi.get(source).copied().ok_or_else(|| {
            let known = self.sources.openapi.keys().map(String::as_str);
            let problem = format!("there is no OpenAPI source `{source}`");
            (problem, name_one_of(source, known))
        })
    }

    /// A bare id means the only source, or the only one of several that has the operation.
    fn only_source(&self, id: &str) -> Result<String, Fault> {
        let sources = self.description.sources.iter();
        let openapi: Vec<_> = sources
            .filter(|it| it.kind == SourceKind::OpenApi)
            .collect();
        let has_it = |it: &&&SourceDescription| {
            let model = self.sources.openapi.get(&it.name);
            model.is_some_and(|model| model.operations.contains_key(id))
        };
        let mut having = openapi.iter().filter(has_it);
        match (openapi.as_slice(), having.next(), having.next()) {
            ([only], ..) | (_, Some(only), None) => Ok(only.name.clone()),
            ([], ..) => Err((
                format!("`{id}` is an operation, and the document has no OpenAPI source"),
                "add one to `sourceDescriptions`".to_owned(),
            )),
            _ => Err((
                format!("`{id}` does not say which of several OpenAPI sources has the operation"),
                format!("write `$sourceDescriptions.NAME.{id}`"),
            )),
        }
    }

    fn by_path<'c>(
        &'c self,
        source: &str,
        path: &str,
        method: Option<&str>,
    ) -> Result<Callee<'c>, Fault> {
        let model = self.model(source)?;
        let named = |it: &Operation| method.is_none_or(|method| it.method.key() == method);
        let mut found = model
            .operations
            .iter()
            .filter(|(_, it)| it.path == path && named(it));
        match (found.next(), found.next()) {
            (Some((id, operation)), None) => Ok(Callee::Operation {
                source: source.to_owned(),
                id: id.clone(),
                operation,
            }),
            (Some(_), Some(_)) => Err((
                format!("the source `{source}` has several operations at {path}"),
                "end the path with the method, such as `/get`".to_owned(),
            )),
            (None, _) => Err(no_path(model, source, path, method)),
        }
    }

    /// A workflow of this document, or of a source.
    pub(super) fn workflow_callee<'c>(
        &'c self,
        reference: &WorkflowRef,
    ) -> Result<CalledWorkflow<'c>, Fault> {
        let id = &reference.id;
        let Some(source) = &reference.source else {
            let inputs = self.inputs.get(id).ok_or_else(|| {
                let known = self.inputs.keys().map(String::as_str);
                (
                    format!("there is no workflow `{id}`"),
                    name_one_of(id, known),
                )
            })?;
            let done = self.done.get(id);
            return Ok(CalledWorkflow {
                reference: reference.clone(),
                inputs,
                outputs: done.map(|it| outputs(it, false)),
                changes: done.is_none_or(|it| it.changes),
                signs: done.is_some_and(|it| it.signs),
            });
        };
        let checked = self.sources.arazzo.get(source).ok_or_else(|| {
            let known = self.sources.arazzo.keys().map(String::as_str);
            let problem = format!("there is no Arazzo source `{source}`");
            (problem, name_one_of(source, known))
        })?;
        let workflow = checked.workflow(id).ok_or_else(|| {
            let known = checked.workflows.iter().map(|it| it.id.as_str());
            let problem = format!("the source `{source}` has no workflow `{id}`");
            (problem, name_one_of(id, known))
        })?;
        Ok(CalledWorkflow {
            reference: reference.clone(),
            inputs: &workflow.inputs,
            outputs: Some(outputs(workflow, true)),
            changes: workflow.changes,
            signs: workflow.signs,
        })
    }
}

fn no_path(model: &Model, source: &str, path: &str, method: Option<&str>) -> Fault {
    let all: Vec<_> = model
        .operations
        .values()
        .map(|it| format!("{} {}", it.method.as_str(), it.path))
        .collect();
    let wanted = format!("{} {path}", method.unwrap_or_default().to_ascii_uppercase());
    let wanted = wanted.trim_start();
    let problem = format!("the source `{source}` has no operation {wanted}");
    (problem, name_one_of(wanted, all.iter().map(String::as_str)))
}

fn names(model: &Model) -> impl Iterator<Item = &str> + Clone {
    model.operations.keys().map(String::as_str)
}

/// What is known of a workflow's outputs. Types that another document names mean nothing here.
fn outputs(workflow: &CheckedWorkflow, foreign: bool) -> BTreeMap<String, Type> {
    let outputs = workflow.outputs.iter().map(|output| {
        let mut ty = output.ty.clone();
        if foreign && ty.shape.named().is_some() {
            ty.shape = Shape::Any;
        }
        (output.name.clone(), ty)
    });
    outputs.collect()
}

impl CalledWorkflow<'_> {
    /// The type of an input, by its name. Types that another document names mean nothing here.
    pub(super) fn input(&self, name: &str) -> Option<Type> {
        let field = self.inputs.fields().iter().find(|it| it.name == name)?;
        let foreign = self.reference.source.is_some() && field.shape.named().is_some();
        Some(Type {
            shape: if foreign {
                Shape::Any
            } else {
                field.shape.clone()
            },
            origin: Origin::Inputs(self.reference.id.clone()),
            optional: field.optional() || field.default.is_some(),
            doc: field.doc.clone(),
        })
    }
}
