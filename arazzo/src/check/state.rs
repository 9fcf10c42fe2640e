//! The state of the check of one workflow.

use std::collections::BTreeMap;

use super::Checker;
use super::callee::{Callee, Fault};
use super::flow::Flow;
use super::spot::Spot;
use super::types::{Tables, Type};
use super::worlds::{self, World};
use crate::{Step, Workflow};
use bpx_contract::model::Note;
use bpx_contract::pointer::join;
use bpx_contract::{Diagnostic, Place};

/// The check of one workflow.
pub(super) struct WorkflowChecker<'c> {
    pub(super) checker: &'c Checker<'c>,
    pub(super) tables: Tables<'c>,
    pub(super) workflow: &'c Workflow,
    pub(super) callees: Vec<Callee<'c>>,
    pub(super) flow: Flow,
    /// The steps' positions, by id.
    pub(super) positions: BTreeMap<&'c str, usize>,
    /// The answers each step can get, and those with which it can succeed and fail.
    pub(super) answers: Vec<Answers>,
    /// The outputs of each step, as far as they are known.
    pub(super) outputs: Vec<BTreeMap<String, Type>>,
    /// Some step calls an operation that is signed: what is doubtful is a fault then.
    pub(super) signs: bool,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) notes: Vec<Note>,
}

#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) all: Vec<World>,
    pub(super) passing: Vec<World>,
    pub(super) failing: Vec<World>,
}

impl Answers {
    pub(super) fn of(all: Vec<World>, step: &Step, tables: Tables<'_>) -> Self {
        let criteria = &step.success_criteria;
        let mut passing = worlds::passing(&all, criteria, tables);
        // The runner settles an accepted request before the criteria see it, so a success may come without a
        // body even where they ask for 200.
        if passing.iter().any(World::is_success) && !passing.iter().any(World::is_accepted) {
            passing.extend(all.iter().filter(|it| it.is_accepted()).cloned());
        }
        Self {
            passing,
            failing: worlds::failing(&all, criteria, tables),
            all,
        }
    }
}

impl<'c> WorkflowChecker<'c> {
    pub(super) fn new(checker: &'c Checker<'c>, workflow: &'c Workflow) -> Self {
        let tables = Tables {
            sources: checker.sources,
            inputs: &checker.inputs,
        };
        Self {
            checker,
            tables,
            workflow,
            callees: Vec::new(),
            flow: Flow::default(),
            positions: workflow
                .steps
                .iter()
                .map(|it| it.id.as_str())
                .zip(0..)
                .collect(),
            answers: Vec::new(),
            outputs: Vec::new(),
            signs: false,
            faults: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn fault(
        &mut self,
        place: &Place,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.faults
            .push(Diagnostic::new(place.clone(), problem, fix));
    }

    pub(super) fn step_fault(&mut self, step: &Step, place: &Place, (problem, fix): Fault) {
        self.fault(place, format!("step `{}`: {problem}", step.id), fix);
    }

    /// What is wrong where requests are signed, and may be meant elsewhere: a fault there, a warning here.
    pub(super) fn step_doubt(&mut self, step: &Step, place: &Place, fault: Fault) {
        let before = self.faults.len();
        self.step_fault(step, place, fault);
        if !self.signs {
            self.warnings.extend(self.faults.drain(before..));
        }
    }

    /// As [`Self::step_doubt`], for what stands at a spot.
    pub(super) fn doubt(&mut self, spot: &Spot, place: &Place, fault: Fault) {
        let before = self.faults.len();
        self.spot_fault(spot, place, fault);
        if !self.signs {
            self.warnings.extend(self.faults.drain(before..));
        }
    }

    pub(super) fn note(&mut self, place: &Place, text: impl Into<String>) {
        self.notes.push(Note {
            place: place.clone(),
            is_loss: false,
            text: text.into(),
        });
    }

    pub(super) fn all(&self, index: usize) -> Vec<World> {
        self.answers
            .get(index)
            .map(|it| it.all.clone())
            .unwrap_or_default()
    }

    pub(super) fn passing(&self, index: usize) -> Vec<World> {
        self.answers
            .get(index)
            .map(|it| it.passing.clone())
            .unwrap_or_default()
    }

    pub(super) fn failing(&self, index: usize) -> Vec<World> {
        self.answers
            .get(index)
            .map(|it| it.failing.clone())
            .unwrap_or_default()
    }
}

/// The place of a member.
pub(super) fn below(place: &Place, keys: &[&str]) -> Place {
    let mut pointer = place.pointer.clone().unwrap_or_default();
    for key in keys {
        pointer = join(&pointer, key);
    }
    Place::at(&place.file, pointer)
}
