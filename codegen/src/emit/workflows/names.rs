//! Names for the types of workflows, each its own.

use std::collections::{BTreeMap, BTreeSet};

use bpx_arazzo::CheckedWorkflow;
use bpx_contract::Names;
use bpx_contract::model::{Kind, Model, TypeDef};

/// What the types of one workflow are called: names that the rule leaves as they are.
pub(super) struct Named {
    pub(super) marker: String,
    pub(super) inputs: String,
    pub(super) outputs: String,
    /// The types that the inputs are made of.
    pub(super) inner: BTreeMap<String, String>,
    /// Those for which a type of the contract stands.
    twins: BTreeMap<String, String>,
}

impl Named {
    /// The workflow's own name; where something has one of its names already, with a number.
    pub(super) fn of(
        workflow: &CheckedWorkflow,
        contract: &Model,
        taken: &mut BTreeSet<String>,
    ) -> Self {
        let mut number = 1;
        loop {
            let base = numbered(&rust(&workflow.id), number);
            let (named, own) = Self::with(&base, workflow, contract);
            if own.is_disjoint(taken) {
                taken.extend(own);
                return named;
            }
            number += 1;
        }
    }

    /// The names that begin so, and all of them at once.
    fn with(base: &str, workflow: &CheckedWorkflow, contract: &Model) -> (Self, BTreeSet<String>) {
        let mut named = Self {
            marker: base.to_owned(),
            inputs: rust(&format!("{base}Inputs")),
            outputs: rust(&format!("{base}Outputs")),
            inner: BTreeMap::new(),
            twins: BTreeMap::new(),
        };
        let all = [&named.marker, &named.inputs, &named.outputs];
        let mut all: BTreeSet<_> = all.into_iter().cloned().collect();
        let (root, inner) = (&workflow.inputs.root, workflow.inputs.types.iter());
        for (name, def) in inner.filter(|(name, _)| *name != root) {
            if let Some(twin) = twin(def, contract) {
                named.twins.insert(name.clone(), twin.clone());
                continue;
            }
            // One without a name of its own is called after where it stands.
            let place = name.strip_prefix(root.as_str());
            let place = place.and_then(|it| it.strip_prefix('_'));
            let own = rust(&format!("{base} {}", place.unwrap_or(name)));
            let own = free(&own, &all);
            all.insert(own.clone());
            named.inner.insert(name.clone(), own);
        }
        (named, all)
    }

    /// The component of a type of the inputs.
    pub(super) fn component(&self, workflow: &CheckedWorkflow, name: &str) -> Option<&String> {
        if name == workflow.inputs.root {
            return Some(&self.inputs);
        }
        self.inner.get(name).or_else(|| self.twins.get(name))
    }
}

/// The enumeration of the contract that has the same values: what an answer holds can be given as it is. A run refuses
/// inputs that are not listed.
fn twin<'c>(def: &TypeDef, contract: &'c Model) -> Option<&'c String> {
    let values = |kind: &Kind| match kind {
        Kind::Enum(listed) => Some(listed.values.iter().cloned().collect::<BTreeSet<_>>()),
        _ => None,
    };
    let own = values(&def.kind)?;
    let mut types = contract.types.iter();
    let found = types.find(|(_, it)| values(&it.kind).as_ref() == Some(&own));
    found.map(|(name, _)| name)
}

/// The name that the rule gives, read until it stays.
pub(super) fn rust(words: &str) -> String {
    Names::type_of_words(words)
}

fn numbered(name: &str, number: usize) -> String {
    match number {
        1 => name.to_owned(),
        _ => rust(&format!("{name}{number}")),
    }
}

/// The name, with a number where another has it.
fn free(name: &str, taken: &BTreeSet<String>) -> String {
    let mut number = 1;
    while taken.contains(&numbered(name, number)) {
        number += 1;
    }
    numbered(name, number)
}
