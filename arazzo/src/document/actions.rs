//! Success and failure actions.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::reader::{Reader, extensions};
use super::structure::refers;
use super::{Action, Destination, Outcome, Then};
use crate::near::name_one_of;
use bpx_contract::Cursor;

const OUTCOME: &str = "x-bpx-outcome";

/// Retries per step and run: more would only hide a fault.
pub(crate) const RETRIES_MAX: u64 = 1000;
/// A wait between two tries.
pub(crate) const WAIT_SECONDS_MAX: f64 = 86_400.0;

impl<'a> Reader<'a> {
    pub(super) fn actions(&mut self, at: &Cursor<'a>, key: &str, failure: bool) -> Vec<Action> {
        let kind = if failure {
            "failureActions"
        } else {
            "successActions"
        };
        let mut taken = BTreeSet::new();
        let mut read = Vec::new();
        for at in at.items(key) {
            let definition = if refers(&at) {
                self.component(&at, kind)
            } else {
                Some(at.clone())
            };
            let Some(action) = definition.and_then(|it| self.action(&it, failure)) else {
                continue;
            };
            if !taken.insert(action.name.clone()) {
                let problem = format!("the action `{}` is used twice", action.name);
                self.fault(&at, problem, "rename one of the two");
            }
            read.push(action);
        }
        read
    }

    fn action(&mut self, at: &Cursor<'a>, failure: bool) -> Option<Action> {
        let kinds: &[&str] = if failure {
            &["end", "goto", "retry"]
        } else {
            &["end", "goto"]
        };
        let kind = at.str("type").unwrap_or_default();
        let destination = self.destination(at);
        let then = match kind {
            "end" => Some(Then::End),
            "goto" => destination.clone().map(Then::Goto),
            "retry" if failure => Some(self.retry(at, destination.clone())),
            _ => {
                let fix = name_one_of(kind, kinds.iter().copied());
                self.fault(at, format!("there is no action type `{kind}` here"), fix);
                return None;
            }
        };
        let unused = |key: &&str| at.value.get(*key).is_some();
        if kind != "retry"
            && let Some(key) = ["retryAfter", "retryLimit"].iter().find(|key| unused(key))
        {
            self.fault(
                at,
                format!("`{key}` says nothing on an action of type `{kind}`"),
                "remove it",
            );
        }
        if kind == "end" && destination.is_some() {
            self.fault(
                at,
                "an end leads nowhere",
                "remove the destination, or write `type: goto`",
            );
        }
        let Some(then) = then else {
            self.fault(
                at,
                "this `goto` names no destination",
                "add `stepId` or `workflowId`",
            );
            return None;
        };
        Some(Action {
            name: at.text("name"),
            criteria: self.criteria(at, "criteria"),
            parameters: self.action_parameters(at, &then),
            outcome: self.outcome(at, &then),
            then,
            extensions: extensions(at),
            place: at.place(),
        })
    }

    fn destination(&mut self, at: &Cursor<'_>) -> Option<Destination> {
        match (at.get("stepId"), at.get("workflowId")) {
            (Some(step), None) => step
                .value
                .as_str()
                .map(|it| Destination::Step(it.to_owned())),
            (None, Some(workflow)) => self.workflow_ref(&workflow).map(Destination::Workflow),
            (Some(step), Some(_)) => {
                let fix = "remove all but one";
                self.fault(
                    at,
                    "an action leads to a step or to a workflow, not to both",
                    fix,
                );
                step.value
                    .as_str()
                    .map(|it| Destination::Step(it.to_owned()))
            }
            (None, None) => None,
        }
    }

    fn retry(&mut self, at: &Cursor<'_>, first: Option<Destination>) -> Then {
        let limit = at
            .value
            .get("retryLimit")
            .and_then(Value::as_u64)
            .unwrap_or(1);
        if limit > RETRIES_MAX {
            let problem = format!("`retryLimit` is more than {RETRIES_MAX}");
            self.fault(at, problem, "lower it, and let the wait grow instead");
        }
        let seconds = at.value.get("retryAfter").and_then(Value::as_f64);
        if seconds.is_some_and(|it| it > WAIT_SECONDS_MAX) {
            self.fault(
                at,
                "`retryAfter` is more than a day",
                "lower it; it counts seconds",
            );
        }
        Then::Retry {
            after: seconds.and_then(|it| Duration::try_from_secs_f64(it).ok()),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            first,
        }
    }

    fn action_parameters(&mut self, at: &Cursor<'a>, then: &Then) -> Vec<super::Parameter> {
        let read = self.parameters(at, "parameters");
        let to_workflow = matches!(
            then,
            Then::Goto(Destination::Workflow(_))
                | Then::Retry {
                    first: Some(Destination::Workflow(_)),
                    ..
                }
        );
        if !read.is_empty() && !to_workflow {
            let fix = "remove them, or name a `workflowId`";
            self.fault(
                at,
                "parameters of an action are inputs of the workflow it leads to",
                fix,
            );
        }
        read
    }

    fn outcome(&mut self, at: &Cursor<'_>, then: &Then) -> Option<Outcome> {
        let stated = at.get(OUTCOME)?;
        let text = stated.value.as_str().unwrap_or_default();
        let known = Outcome::ALL.into_iter().find(|(_, name)| *name == text);
        if known.is_none() {
            let fix = name_one_of(text, Outcome::ALL.map(|(_, name)| name));
            self.fault(&stated, format!("there is no outcome `{text}`"), fix);
        } else if *then != Then::End {
            let fix = "remove it, or write `type: end`";
            self.fault(&stated, "only an end has an outcome", fix);
        }
        known.map(|(outcome, _)| outcome)
    }
}
