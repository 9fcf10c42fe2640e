//! Inputs that a run does without: they go only into headers that the signer replaces.

use std::collections::BTreeSet;

use super::{Call, CheckedStep};
use crate::condition::Condition;
use crate::{Criterion, Expression, Parameter, Payload, Root, Test, Workflow};

/// The parameters that the signer replaces.
pub(super) fn set_aside<'w>(workflow: &'w Workflow, steps: &[CheckedStep]) -> Vec<&'w Parameter> {
    let pairs = workflow.steps.iter().zip(steps);
    let of_step = pairs.flat_map(|(step, checked)| {
        let names: &[String] = match &checked.call {
            Call::Operation { set_aside, .. } => set_aside,
            Call::Workflow { .. } => &[],
        };
        let parameters = step.parameters.iter();
        parameters.filter(|it| names.contains(&it.name))
    });
    of_step.collect()
}

/// The inputs that only these parameters use, sorted.
pub(super) fn inputs(workflow: &Workflow, set_aside: &[&Parameter]) -> Vec<String> {
    let mut idle = Names::default();
    set_aside.iter().for_each(|it| idle.payload(&it.value));
    let mut used = Names::default();
    for step in &workflow.steps {
        let apart = |it: &&Parameter| !set_aside.iter().any(|aside| std::ptr::eq(*it, *aside));
        let arguments = step.parameters.iter().filter(apart);
        arguments.for_each(|it| used.payload(&it.value));
        if let Some(body) = &step.body {
            used.payload(&body.payload);
            let values = body.replacements.iter().map(|it| &it.value);
            values.for_each(|it| used.payload(it));
        }
        used.criteria(&step.success_criteria);
        for action in step.on_success.iter().chain(&step.on_failure) {
            used.criteria(&action.criteria);
            let values = action.parameters.iter().map(|it| &it.value);
            values.for_each(|it| used.payload(it));
        }
        step.outputs.iter().for_each(|(_, it)| used.payload(it));
    }
    workflow.outputs.iter().for_each(|(_, it)| used.payload(it));
    idle.0.difference(&used.0).cloned().collect()
}

/// The inputs that expressions name, in every reading.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn expression(&mut self, expression: &Expression) {
        if let Root::Inputs(reference) = expression.root() {
            self.0.extend(reference.names().map(str::to_owned));
        }
    }

    fn payload(&mut self, payload: &Payload) {
        payload.each_expression(&mut |it| self.expression(it));
    }

    fn condition(&mut self, condition: &Condition) {
        condition
            .expressions()
            .into_iter()
            .for_each(|it| self.expression(it));
    }

    fn criteria(&mut self, criteria: &[Criterion]) {
        for criterion in criteria {
            match &criterion.test {
                Test::Simple(condition) => self.condition(condition),
                Test::Pattern { context, .. } | Test::Path { context, .. } => {
                    self.expression(context)
                }
                Test::Never { .. } => {}
            }
            criterion
                .filled()
                .into_iter()
                .for_each(|it| self.expression(it));
        }
    }
}
