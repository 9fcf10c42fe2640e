//! Every way a workflow can end, and what is certain there.

use super::callee::Callee;
use super::flow::Before;
use super::plan::{Changed, End, Ended};
use super::spot::Spot;
use super::state::WorkflowChecker;
use super::worlds::only_refusals;
use crate::{Action, Outcome, Payload, Root, Step, Then};

impl WorkflowChecker<'_> {
    /// Every way to end, with the proof that those which say `stopped` have changed nothing.
    pub(super) fn ends(&mut self) -> Vec<End> {
        let workflow = self.workflow;
        let mut ends = Vec::new();
        for (index, step) in workflow.steps.iter().enumerate() {
            if !self.flow.is_reached(index) {
                continue;
            }
            let before = self.flow.changed(index);
            let changes = self.callees.get(index).is_some_and(Callee::changes);
            let succeeded = if changes { Changed::Always } else { before };
            let all_succeed = self.ends_of(
                step,
                (&step.on_success, Ended::Succeeded),
                &mut ends,
                |_| succeeded,
            );
            if !all_succeed && index + 1 == workflow.steps.len() {
                ends.push(end(step, Ended::Completed, None, succeeded));
            }
            let failing = self.failing(index);
            let tables = self.tables;
            let failed = |action: &Action| {
                let refused = only_refusals(&failing, &action.criteria, tables);
                match before {
                    Changed::Never if changes && !refused => Changed::Maybe,
                    other => other,
                }
            };
            let all_fail = self.ends_of(step, (&step.on_failure, Ended::Failed), &mut ends, failed);
            if !all_fail {
                let changed = if changes && before == Changed::Never {
                    Changed::Maybe
                } else {
                    before
                };
                ends.push(end(step, Ended::Broken, None, changed));
            }
        }
        self.present(&mut ends);
        ends
    }

    /// The ends among actions; says whether one of the actions is always taken.
    fn ends_of(
        &mut self,
        step: &Step,
        (actions, by): (&[Action], fn(String) -> Ended),
        ends: &mut Vec<End>,
        changed: impl Fn(&Action) -> Changed,
    ) -> bool {
        for action in actions {
            if action.then == Then::End {
                let by = by(action.name.clone());
                let end = end(step, by, action.outcome, changed(action));
                if end.outcome == Some(Outcome::Stopped) && end.changed != Changed::Never {
                    let problem = format!(
                        "the end `{}` says that nothing was changed, but an operation that changes something may have run by then",
                        action.name
                    );
                    let fix = "let its criteria admit only statuses of 4xx, or write `incomplete` or `unknown`";
                    self.step_fault(step, &action.place, (problem, fix.to_owned()));
                }
                ends.push(end);
            }
            if action.criteria.is_empty() && !matches!(action.then, Then::Retry { .. }) {
                return true;
            }
        }
        false
    }

    /// The outputs that are always there at each end.
    fn present(&self, ends: &mut [End]) {
        // Where an output comes from, unless it may be missing even so.
        let origins: Vec<(&String, Option<usize>)> = self
            .workflow
            .outputs
            .iter()
            .filter_map(|(name, value)| self.certain(value).map(|from| (name, from)))
            .collect();
        for end in ends {
            let Some(at) = self.positions.get(end.step.as_str()).copied() else {
                continue;
            };
            let succeeded = matches!(end.by, Ended::Completed | Ended::Succeeded(_));
            let there = |from: &Option<usize>| match from {
                None => true,
                Some(from) => {
                    (*from == at && succeeded) || self.flow.before(*from, at) == Before::Always
                }
            };
            let present = origins.iter().filter(|(_, from)| there(from));
            end.present = present.map(|(name, _)| (*name).clone()).collect();
        }
    }

    /// The step that an output comes from, `Some(None)` if from none; `None` if it may be missing even so.
    fn certain(&self, value: &Payload) -> Option<Option<usize>> {
        let Payload::Expression(expression) = value else {
            return matches!(value, Payload::Literal(_)).then_some(None);
        };
        match expression.root() {
            Root::Step { id, output } => {
                let (index, ty) = self.step_value(expression, id, output).ok()?;
                (!ty.optional).then_some(Some(index))
            }
            _ => {
                let typed = self.type_of(expression, &Spot::after_all());
                typed.is_ok_and(|it| !it.ty.optional).then_some(None)
            }
        }
    }
}

fn end(step: &Step, by: Ended, outcome: Option<Outcome>, changed: Changed) -> End {
    End {
        step: step.id.clone(),
        by,
        outcome,
        changed,
        present: Vec::new(),
    }
}
