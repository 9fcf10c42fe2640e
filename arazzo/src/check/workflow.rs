//! One workflow, step by step.

use std::collections::BTreeMap;

use super::callee::Callee;
use super::flow::{Flow, Node};
use super::plan::{CheckedStep, CheckedWorkflow, End, Ended, Output};
use super::spot::{Spot, When};
use super::state::{Answers, WorkflowChecker, below};
use super::types::Type;
use super::worlds::{self, World};
use super::{STEP_RUNS_MAX, idle};
use crate::{Action, Criterion, Destination, Payload, SourceKind, Step, Target, Then};
use bpx_contract::model::Note;
use bpx_contract::{Diagnostic, Place};

/// A workflow and what was found in it.
pub(super) struct Found {
    pub(super) checked: CheckedWorkflow,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) notes: Vec<Note>,
}

impl<'c> WorkflowChecker<'c> {
    pub(super) fn run(mut self) -> Found {
        let workflow = self.workflow;
        self.prepare();
        // Outputs of later steps are unknown in the first round, which is why what it finds does not count.
        self.outputs = vec![BTreeMap::new(); workflow.steps.len()];
        let (faults, warnings, notes) = (self.faults.len(), self.warnings.len(), self.notes.len());
        self.step_outputs();
        self.faults.truncate(faults);
        self.warnings.truncate(warnings);
        self.notes.truncate(notes);
        let outputs = self.step_outputs();
        let steps = workflow.steps.iter().enumerate().zip(outputs);
        let steps: Vec<_> = steps
            .map(|((index, step), outputs)| self.step(index, step, outputs))
            .collect();
        let steps_set_aside = idle::set_aside(workflow, &steps);
        let outputs = self.workflow_outputs();
        let ends = self.ends();
        self.remark_on_flow(&ends);
        let checked = CheckedWorkflow {
            id: workflow.id.clone(),
            summary: workflow.summary.clone(),
            doc: workflow.doc.clone(),
            inputs: self
                .tables
                .inputs
                .get(&workflow.id)
                .cloned()
                .unwrap_or_default(),
            depends_on: workflow.depends_on.clone(),
            steps,
            outputs,
            ends,
            idle_inputs: idle::inputs(workflow, &steps_set_aside),
            loops: self.flow.looping().is_some(),
            changes: self.callees.iter().any(Callee::changes),
            signs: self.signs,
        };
        Found {
            checked,
            faults: self.faults,
            warnings: self.warnings,
            notes: self.notes,
        }
    }

    /// What each step calls, what it can be answered, and where control goes.
    fn prepare(&mut self) {
        let workflow = self.workflow;
        for step in &workflow.steps {
            let callee = self.checker.callee(step).unwrap_or_else(|fault| {
                self.step_fault(step, &step.place, fault);
                Callee::Unknown
            });
            let all = match &callee {
                Callee::Operation {
                    source, operation, ..
                } => worlds::of(operation, source, self.tables),
                _ => Vec::new(),
            };
            self.answers.push(Answers::of(all, step, self.tables));
            self.signs |= callee.signs();
            self.callees.push(callee);
        }
        self.bare_ids();
        let nodes: Vec<_> = workflow
            .steps
            .iter()
            .zip(&self.callees)
            .zip(&self.answers)
            .map(|((step, callee), answers)| Node {
                step,
                changes: callee.changes(),
                failing: &answers.failing,
            })
            .collect();
        self.flow = Flow::of(&nodes, self.tables);
        for reference in &workflow.depends_on {
            let fault = match self.checker.workflow_callee(reference) {
                Ok(called) => self.by_name(&called, |_| false),
                Err(fault) => Some(fault),
            };
            if let Some((problem, fix)) = fault {
                self.fault(&workflow.place, problem, fix);
            }
        }
    }

    /// With several OpenAPI sources an `operationId` names its own (1.0.1, Step Object).
    fn bare_ids(&mut self) {
        let sources = self.checker.description.sources.iter();
        let has_several = sources.filter(|it| it.kind == SourceKind::OpenApi).count() > 1;
        for (step, index) in self.workflow.steps.iter().zip(0_usize..) {
            let Target::Operation { source: None, id } = &step.target else {
                continue;
            };
            if let (true, Some(Callee::Operation { source, .. })) =
                (has_several, self.callees.get(index))
            {
                let problem = format!("`{id}` does not name its source; only `{source}` has it");
                let fix = format!("write `$sourceDescriptions.{source}.{id}`");
                self.step_doubt(step, &step.place, (problem, fix));
            }
        }
    }

    fn step_outputs(&mut self) -> Vec<Vec<Output>> {
        let workflow = self.workflow;
        let mut all = Vec::new();
        for (index, step) in workflow.steps.iter().enumerate() {
            let spot = Spot::at(index, When::Outputs, self.passing(index));
            let spot = self.after(spot, &step.success_criteria);
            let mut outputs = Vec::new();
            for (name, value) in &step.outputs {
                let place = below(&step.place, &["outputs", name]);
                let ty = self.output(value, &place, &spot);
                if let Some(known) = self.outputs.get_mut(index) {
                    known.insert(name.clone(), ty.clone());
                }
                outputs.push(Output {
                    name: name.clone(),
                    value: value.clone(),
                    ty,
                });
            }
            all.push(outputs);
        }
        all
    }

    fn workflow_outputs(&mut self) -> Vec<Output> {
        let workflow = self.workflow;
        let spot = Spot::after_all();
        let mut outputs = Vec::new();
        for (name, value) in &workflow.outputs {
            let place = below(&workflow.place, &["outputs", name]);
            outputs.push(Output {
                name: name.clone(),
                value: value.clone(),
                ty: self.output(value, &place, &spot),
            });
        }
        outputs
    }

    fn output(&mut self, value: &Payload, place: &Place, spot: &Spot) -> Type {
        let ty = self.value_type(value, place, spot);
        ty.unwrap_or_else(Type::any)
    }

    fn step(&mut self, index: usize, step: &'c Step, outputs: Vec<Output>) -> CheckedStep {
        let call = self.call(index, step);
        let answers = self.all(index);
        self.criteria(
            &step.success_criteria,
            &Spot::at(index, When::Criteria, answers),
        );
        self.can_succeed(index, step);
        let (passing, failing) = (self.passing(index), self.failing(index));
        let succeeded = Spot::at(index, When::Success, passing);
        let succeeded = self.after(succeeded, &step.success_criteria);
        self.actions(step, &step.on_success, &succeeded);
        self.actions(
            step,
            &step.on_failure,
            &Spot::at(index, When::Failure, failing),
        );
        self.prerequisites(index, step);
        CheckedStep {
            step: step.clone(),
            call,
            outputs,
        }
    }

    /// Whether some documented answer satisfies the success criteria.
    fn can_succeed(&mut self, index: usize, step: &Step) {
        let all = self.all(index);
        if all.is_empty() || !self.passing(index).is_empty() {
            return;
        }
        let documented = all.iter().map(World::words).filter(|it| !it.is_empty());
        let problem = format!(
            "the success criteria can never hold together; the contract documents {}",
            documented.collect::<Vec<_>>().join(", ")
        );
        let place = below(&step.place, &["successCriteria"]);
        self.step_doubt(step, &place, (problem, "correct the criteria".to_owned()));
    }

    fn criteria(&mut self, criteria: &[Criterion], spot: &Spot) {
        for criterion in criteria {
            self.criterion(criterion, spot);
        }
    }

    fn actions(&mut self, step: &Step, actions: &[Action], spot: &Spot) {
        for action in actions {
            self.criteria(&action.criteria, spot);
            let taken = worlds::within(&spot.worlds, &action.criteria, self.tables);
            if taken.is_empty() && !spot.worlds.is_empty() {
                let text = format!(
                    "step `{}`: the contract documents no answer with which the action `{}` is taken",
                    step.id, action.name
                );
                self.note(&action.place, text);
            }
            let destination = match &action.then {
                Then::Goto(to) => Some(to),
                Then::Retry { first, .. } => first.as_ref(),
                Then::End => None,
            };
            match destination {
                Some(Destination::Step(id)) => {
                    if let Err(fault) = self.position(id) {
                        self.step_fault(step, &action.place, fault);
                    }
                }
                Some(Destination::Workflow(reference)) => {
                    match self.checker.workflow_callee(reference) {
                        Ok(called) => self.handed_over(action, &called, step, spot),
                        Err(fault) => self.step_fault(step, &action.place, fault),
                    }
                }
                None => {}
            }
        }
    }

    /// `dependsOn` of a step (1.1): what it names must have run.
    fn prerequisites(&mut self, index: usize, step: &Step) {
        for id in &step.depends_on {
            let place = below(&step.place, &["dependsOn"]);
            let fault = self.ran_before(id, index).err();
            if let Some(fault) = fault {
                self.step_fault(step, &place, fault);
            }
        }
    }

    fn remark_on_flow(&mut self, ends: &[End]) {
        let workflow = self.workflow;
        for (index, step) in workflow.steps.iter().enumerate() {
            if !self.flow.is_reached(index) {
                self.note(&step.place, format!("step `{}` is never reached", step.id));
            }
        }
        if let Some(step) = self
            .flow
            .looping()
            .and_then(|index| workflow.steps.get(index))
        {
            let text = format!(
                "step `{}` can run again after itself; a run is stopped after {STEP_RUNS_MAX} steps (`--max-steps`)",
                step.id
            );
            self.note(&step.place, text);
            let goes_on = |it: &Action| matches!(it.then, Then::Goto(Destination::Workflow(_)));
            let mut actions = workflow.steps.iter().flat_map(|it| &it.on_success);
            let is_left = actions.any(goes_on)
                || ends
                    .iter()
                    .any(|it| matches!(it.by, Ended::Completed | Ended::Succeeded(_)));
            if !is_left {
                let problem = format!(
                    "step `{}` runs again and again: nothing but a failure ends the loop",
                    step.id
                );
                let fix = "give the action that leads back a criterion, or an action of type `end` before it";
                let warning = Diagnostic::new(step.place.clone(), problem, fix);
                self.warnings.push(warning);
            }
        }
    }
}
