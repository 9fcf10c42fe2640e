//! What happens after a step.

use std::time::{Duration, SystemTime};

use bpx_arazzo::{Action, CheckedStep, Destination, Exchange, Then};
use tokio::time::sleep;

use super::{End, Engine, Fault, Frame};
use crate::event::EventKind;

/// A retry waits at most this long, whatever `Retry-After` says.
const RETRY_WAIT_MAX: Duration = Duration::from_secs(600);

/// Where a workflow goes after a step.
pub(crate) enum Next {
    /// To the step at this position.
    Step(usize),
    /// Nowhere.
    End(Box<End>),
}

impl Engine<'_> {
    /// The first action whose criteria hold is taken, and a retry only as often as it may be.
    pub(super) async fn decide(
        &mut self,
        frame: &mut Frame<'_>,
        at: usize,
        checked: &CheckedStep,
        succeeded: bool,
    ) -> Result<Next, Fault> {
        let step = &checked.step;
        let actions = if succeeded {
            &step.on_success
        } else {
            &step.on_failure
        };
        let taken = actions.iter().filter(|it| it.is_taken(&frame.scope));
        let taken: Vec<_> = taken.collect();
        for action in taken {
            if let Then::Retry {
                after,
                limit,
                first,
            } = &action.then
            {
                let used = frame.retries.entry((at, action.name.clone())).or_default();
                if *used >= *limit {
                    continue;
                }
                *used += 1;
                self.say(frame, &step.id, action, "retry");
                self.wait(frame, &step.id, *after).await;
                if let Some(first) = first {
                    self.run_first(frame, action, first).await?;
                }
                return Ok(Next::Step(at));
            }
            frame.retries.retain(|(position, _), _| *position != at);
            return self.leave(frame, &step.id, action, succeeded).await;
        }
        frame.retries.retain(|(position, _), _| *position != at);
        if succeeded {
            return Ok(Next::Step(at + 1));
        }
        Ok(self.end(frame, &step.id, None, false))
    }

    async fn leave(
        &mut self,
        frame: &mut Frame<'_>,
        step: &str,
        action: &Action,
        succeeded: bool,
    ) -> Result<Next, Fault> {
        match &action.then {
            Then::Goto(Destination::Step(target)) => {
                self.say(frame, step, action, &format!("go to {target}"));
                let position = frame.workflow.position(target);
                position
                    .map(Next::Step)
                    .ok_or_else(|| Fault(format!("there is no step `{target}`")))
            }
            Then::Goto(Destination::Workflow(target)) => {
                self.say(
                    frame,
                    step,
                    action,
                    &format!("go to workflow {}", target.id),
                );
                let found = frame.library.find(target);
                let (library, callee) =
                    found.ok_or_else(|| Fault(format!("`{}` is missing", target.id)))?;
                let inputs = frame.inputs_for(callee, &parameters(action))?;
                let end = self.workflow(library, callee, inputs).await?;
                Ok(Next::End(Box::new(end)))
            }
            Then::End | Then::Retry { .. } => {
                self.say(frame, step, action, "end");
                Ok(self.end(frame, step, Some(action), succeeded))
            }
        }
    }

    fn end(&self, frame: &Frame<'_>, step: &str, action: Option<&Action>, well: bool) -> Next {
        Next::End(Box::new(End {
            step: step.to_owned(),
            action: action.map(|it| it.name.clone()),
            well,
            declared: action.and_then(|it| it.outcome),
            outputs: frame.outputs(),
            exchange: frame.scope.exchange.clone(),
        }))
    }

    /// What a retry runs before the step; control comes back whatever it ends with.
    async fn run_first(
        &mut self,
        frame: &mut Frame<'_>,
        action: &Action,
        first: &Destination,
    ) -> Result<(), Fault> {
        match first {
            Destination::Step(target) => {
                let workflow = frame.workflow;
                let step = workflow
                    .position(target)
                    .and_then(|at| workflow.steps.get(at));
                let step = step.ok_or_else(|| Fault(format!("there is no step `{target}`")))?;
                self.step(frame, step).await?;
            }
            Destination::Workflow(target) => {
                let found = frame.library.find(target);
                let (library, callee) =
                    found.ok_or_else(|| Fault(format!("`{}` is missing", target.id)))?;
                let inputs = frame.inputs_for(callee, &parameters(action))?;
                let end = self.workflow(library, callee, inputs).await?;
                frame.scope.outputs = end.outputs;
            }
        }
        Ok(())
    }

    /// `Retry-After` overrules the document. What is only gone through again waits for nothing.
    async fn wait(&self, frame: &Frame<'_>, step: &str, after: Option<Duration>) {
        let asked = frame.scope.exchange.as_ref().and_then(retry_after);
        let wait = asked.or(after).unwrap_or_default().min(RETRY_WAIT_MAX);
        if wait.is_zero() || !self.past.is_empty() {
            return;
        }
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.tell(frame, step, EventKind::RetryWaiting { wait_ms });
        sleep(wait).await;
    }

    fn say(&self, frame: &Frame<'_>, step: &str, action: &Action, then: &str) {
        let action = action.name.clone();
        self.tell(
            frame,
            step,
            EventKind::ActionTaken {
                action,
                then: then.to_owned(),
            },
        );
    }
}

fn parameters(action: &Action) -> Vec<(String, bpx_arazzo::Payload)> {
    action
        .parameters
        .iter()
        .map(|it| (it.name.clone(), it.value.clone()))
        .collect()
}

/// Seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(exchange: &Exchange) -> Option<Duration> {
    let headers = exchange.response.headers.iter();
    let (_, text) = headers
        .clone()
        .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(SystemTime::now()).unwrap_or_default())
}
