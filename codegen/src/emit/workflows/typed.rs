//! Workflows as types: what each takes and gives, and a Rust name for all of it.

use std::collections::{BTreeMap, BTreeSet};

use bpx_arazzo::{CheckedWorkflow, Destination, End, Ended, Origin, Outcome, Output, Then, Type};
use bpx_contract::Place;
use bpx_contract::model::{Direction, Field, Kind, Model, Note, Shape, TypeDef};

use super::names::{Named, rust};
use crate::emit::docs::{closed, code};
use crate::workflows::Flows;

/// Every workflow of a crate. Its types stand in the model under names of their own.
pub(crate) struct Workflows<'a> {
    pub(in crate::emit) documents: &'a [Flows],
    pub(in crate::emit) all: Vec<Typed>,
    /// The types of inputs and outputs.
    pub(crate) types: BTreeMap<String, TypeDef>,
}

/// One workflow. What is named here is a component of the model.
pub(in crate::emit) struct Typed {
    pub(in crate::emit) id: String,
    pub(in crate::emit) doc: String,
    /// The position of its document.
    pub(in crate::emit) document: usize,
    /// Stands for the workflow itself.
    pub(in crate::emit) marker: String,
    pub(in crate::emit) inputs: String,
    pub(in crate::emit) outputs: String,
    /// The inputs that nobody may see.
    pub(in crate::emit) secrets: BTreeSet<String>,
}

impl<'a> Workflows<'a> {
    /// The workflows of these documents, named beside what the contract names.
    pub(crate) fn of(documents: &'a [Flows], contract: &Model) -> Self {
        let mut this = Self {
            documents,
            all: Vec::new(),
            types: BTreeMap::new(),
        };
        let mut taken: BTreeSet<_> = contract.types.keys().map(|it| rust(it)).collect();
        for (document, flows) in documents.iter().enumerate() {
            // Outputs may have a type of another workflow's inputs.
            let all = flows.checked.workflows.iter();
            let named: BTreeMap<_, _> = all
                .map(|it| (it.id.as_str(), Named::of(it, contract, &mut taken)))
                .collect();
            for workflow in &flows.checked.workflows {
                if let Some(names) = named.get(workflow.id.as_str()) {
                    let typing = Typing {
                        workflow,
                        flows,
                        names,
                        named: &named,
                    };
                    this.types.extend(typing.types());
                    this.all.push(typing.typed(document));
                }
            }
        }
        this
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// Every workflow that could not have its own name.
    pub(crate) fn notes(&self) -> impl Iterator<Item = Note> {
        let numbered = self.all.iter().filter(|it| it.marker != rust(&it.id));
        numbered.filter_map(|it| {
            let (own, marker) = (rust(&it.id), &it.marker);
            Some(Note {
                is_loss: false,
                place: self.types.get(marker)?.place.clone(),
                text: format!(
                    "the workflow is named `{marker}`, since `{own}` or one of its types is taken"
                ),
            })
        })
    }

    /// The types that are defined from their parts: all but those that stand for a workflow itself.
    pub(in crate::emit) fn defined(&self) -> impl Iterator<Item = (&String, &TypeDef)> {
        let is_marker = |component: &str| self.all.iter().any(|it| it.marker == component);
        let types = self.types.iter();
        types.filter(move |(component, _)| !is_marker(component))
    }
}

/// One workflow on its way to types.
struct Typing<'a> {
    workflow: &'a CheckedWorkflow,
    flows: &'a Flows,
    names: &'a Named,
    named: &'a BTreeMap<&'a str, Named>,
}

impl Typing<'_> {
    fn typed(&self, document: usize) -> Typed {
        let workflow = self.workflow;
        let from = format!(
            "Workflow {} of {}.",
            code(&workflow.id),
            code(&self.flows.file)
        );
        let parts = [closed(&workflow.summary), closed(&workflow.doc), from];
        let said: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
        let inputs = workflow.inputs.fields().iter().map(|it| it.name.clone());
        Typed {
            id: workflow.id.clone(),
            doc: said.join("\n\n"),
            document,
            marker: self.names.marker.clone(),
            inputs: self.names.inputs.clone(),
            outputs: self.names.outputs.clone(),
            secrets: inputs.filter(|it| workflow.is_secret(it)).collect(),
        }
    }

    fn types(&self) -> Vec<(String, TypeDef)> {
        let inputs = &self.workflow.inputs;
        let inner = inputs
            .types
            .iter()
            .filter(|(name, _)| **name != inputs.root);
        let mut types: Vec<_> = inner
            .filter_map(|(name, def)| {
                let component = self.names.inner.get(name)?.clone();
                Some((component, self.inner(def)))
            })
            .collect();
        let marker = self.def("", Kind::Object(Vec::new()));
        types.push((self.names.marker.clone(), marker));
        types.push((self.names.inputs.clone(), self.inputs()));
        types.push((self.names.outputs.clone(), self.outputs()));
        types
    }

    fn def(&self, doc: &str, kind: Kind) -> TypeDef {
        let mut read = self.flows.checked.description.workflows.iter();
        let read = read.find(|it| it.id == self.workflow.id);
        let place = read.map(|it| it.place.clone());
        TypeDef {
            doc: doc.to_owned(),
            kind,
            place: place.unwrap_or_else(|| Place::file(&self.flows.file)),
            extra: None,
            deprecated: false,
            sent: false,
            read: false,
        }
    }

    /// A type that inputs are made of. Whatever is not listed there is refused before a run, so enumerations are closed.
    fn inner(&self, def: &TypeDef) -> TypeDef {
        let mut kind = def.kind.clone();
        match &mut kind {
            Kind::Object(fields) => fields.iter_mut().for_each(|it| self.rename(&mut it.shape)),
            Kind::Enum(listed) | Kind::IntegerEnum(listed) => listed.closed = true,
            Kind::Union(union) => {
                let arms = union.arms.iter_mut();
                arms.for_each(|it| self.rename(&mut it.shape));
            }
        }
        TypeDef {
            sent: true,
            ..self.def(&def.doc, kind)
        }
    }

    fn rename(&self, shape: &mut Shape) {
        *shape = renamed(shape, &|name| {
            self.names.component(self.workflow, name).cloned()
        });
    }

    /// All inputs but those that only the signer's headers are made of.
    fn inputs(&self) -> TypeDef {
        let CheckedWorkflow {
            id,
            inputs,
            idle_inputs,
            ..
        } = self.workflow;
        let used = |it: &&Field| !idle_inputs.contains(&it.name);
        let mut fields: Vec<_> = inputs.fields().iter().filter(used).cloned().collect();
        fields.iter_mut().for_each(|it| self.rename(&mut it.shape));
        let mut doc = format!("What {} takes.", code(id));
        if !idle_inputs.is_empty() {
            let idle: Vec<_> = idle_inputs.iter().map(|it| code(it)).collect();
            let idle = idle.join(", ");
            doc.push_str(&format!(
                " The document names more: {idle}. Each request is signed by itself, so a run does without."
            ));
        }
        TypeDef {
            sent: true,
            ..self.def(&doc, Kind::Object(fields))
        }
    }

    fn outputs(&self) -> TypeDef {
        let certain = certain(self.workflow);
        let outputs = self.workflow.outputs.iter();
        let mut fields: Vec<_> = outputs
            .map(|it| self.output(it, certain.contains(it.name.as_str())))
            .collect();
        // As in any other type.
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let doc = format!("What {} gives once all is done.", code(&self.workflow.id));
        TypeDef {
            read: true,
            ..self.def(&doc, Kind::Object(fields))
        }
    }

    fn output(&self, output: &Output, certain: bool) -> Field {
        let Output { name, ty, .. } = output;
        let mut doc = match ty.doc.trim() {
            "" => format!("The output {}.", code(name)),
            said => said.to_owned(),
        };
        if !certain {
            doc.push_str("\n\nSome way to the end does not have it.");
        }
        Field {
            name: name.clone(),
            doc,
            shape: renamed(&ty.shape, &|inner| self.component(ty, inner)),
            required: certain,
            nullable: false,
            constraints: BTreeMap::new(),
            default: None,
            direction: Direction::Both,
            deprecated: false,
            rust_name: None,
        }
    }

    /// The component behind a name in an output's type; none where another document defines it.
    fn component(&self, ty: &Type, name: &str) -> Option<String> {
        match &ty.origin {
            Origin::Source(source) if self.flows.ours.contains(source) => Some(name.to_owned()),
            Origin::Inputs(id) => {
                let workflow = self.flows.checked.workflow(id)?;
                let named = self.named.get(id.as_str())?;
                named.component(workflow, name).cloned()
            }
            Origin::Source(_) | Origin::Plain => None,
        }
    }
}

/// A shape with other names at its bottom; anything may stand where there is none.
fn renamed(shape: &Shape, name: &dyn Fn(&str) -> Option<String>) -> Shape {
    match shape {
        Shape::Named(old) => name(old).map_or(Shape::Any, Shape::Named),
        Shape::Array(item) => Shape::Array(Box::new(renamed(item, name))),
        Shape::Map(value) => Shape::Map(Box::new(renamed(value, name))),
        Shape::Nullable(shape) => renamed(shape, name).or_null(true),
        Shape::Tuple(items) => Shape::Tuple(items.iter().map(|item| renamed(item, name)).collect()),
        other => other.clone(),
    }
}

/// The outputs that are there however all was done. Another workflow that takes over gives outputs of its own.
fn certain(workflow: &CheckedWorkflow) -> BTreeSet<&str> {
    let steps = workflow.steps.iter().map(|it| &it.step);
    let mut actions = steps.flat_map(|it| it.on_success.iter().chain(&it.on_failure));
    if actions.any(|it| matches!(it.then, Then::Goto(Destination::Workflow(_)))) {
        return BTreeSet::new();
    }
    let done = workflow.ends.iter().filter(|it| is_done(it));
    let present = done.map(|it| {
        it.present
            .iter()
            .map(String::as_str)
            .collect::<BTreeSet<_>>()
    });
    let certain = present.reduce(|one, other| one.intersection(&other).copied().collect());
    certain.unwrap_or_default()
}

/// Whether all that was asked for has been done at this end: as it says, else if it is one of success.
fn is_done(end: &End) -> bool {
    match end.outcome {
        Some(outcome) => outcome == Outcome::Done,
        None => matches!(end.by, Ended::Completed | Ended::Succeeded(_)),
    }
}
