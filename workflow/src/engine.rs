//! Runs one workflow after the other: steps, criteria, actions, outputs, as the specification says.

mod actions;
mod preflight;
mod request;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

use bpx_arazzo::{Call, CheckedStep, CheckedWorkflow, Exchange, Interface, Payload, Scope};
use serde_json::{Map, Value};

use self::actions::Next;
use crate::event::{Event, EventKind, Observer};
use crate::facts::{Facts, Failed};
use crate::record::{Intent, Record, RequestOutcome};
use crate::route::Router;
use crate::{Error, Library, inputs};

/// Why a run cannot go on, for its report.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

type Running<'f, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'f>>;

/// How a workflow ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct End {
    pub(crate) step: String,
    /// The action, if one ended it.
    pub(crate) action: Option<String>,
    pub(crate) well: bool,
    /// What the document says that the end means.
    pub(crate) declared: Option<bpx_arazzo::Outcome>,
    pub(crate) outputs: Map<String, Value>,
    pub(crate) exchange: Option<Exchange>,
}

/// One run.
pub(crate) struct Engine<'a> {
    pub(crate) router: &'a Router,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) run: String,
    pub(crate) record: Record,
    /// Recorded requests of an earlier process that are still to be replayed.
    pub(crate) past: VecDeque<(Intent, Option<RequestOutcome>)>,
    /// The number of the next request.
    pub(crate) next: u64,
    pub(crate) step_runs: u32,
    pub(crate) step_runs_max: u32,
    /// Workflows that have been completed, by document and id.
    pub(crate) completed: BTreeMap<(String, String), Interface>,
    pub(crate) facts: Facts,
    pub(crate) notes: Vec<String>,
    /// Values that must not be written or shown, in every spelling.
    pub(crate) secrets: Vec<String>,
}

/// What one workflow knows while it runs.
pub(crate) struct Frame<'a> {
    pub(crate) library: &'a Library,
    pub(crate) workflow: &'a CheckedWorkflow,
    pub(crate) scope: Scope,
    succeeded: BTreeSet<String>,
    /// Retries so far, by position of the step and name of the action.
    retries: BTreeMap<(usize, String), u32>,
}

impl<'a> Frame<'a> {
    fn new(
        library: &'a Library,
        workflow: &'a CheckedWorkflow,
        inputs: Map<String, Value>,
    ) -> Self {
        let description = &library.checked.description;
        let sources = description.sources.iter().map(|it| {
            let fields = [("name", &it.name), ("url", &it.url)];
            let mut fields: Map<_, _> = fields
                .into_iter()
                .map(|(key, text)| (key.to_owned(), text.as_str().into()))
                .collect();
            fields.insert("type".to_owned(), it.kind.as_str().into());
            (it.name.clone(), fields)
        });
        let scope = Scope {
            self_uri: description.self_uri.clone(),
            inputs,
            sources: sources.collect(),
            ..Scope::default()
        };
        Self {
            library,
            workflow,
            scope,
            succeeded: BTreeSet::new(),
            retries: BTreeMap::new(),
        }
    }

    fn outputs(&self) -> Map<String, Value> {
        let outputs = self.workflow.outputs.iter();
        let known =
            outputs.filter_map(|it| Some((it.name.clone(), it.value.evaluate(&self.scope).ok()??)));
        known.collect()
    }

    /// Inputs for a workflow: what is given, then inputs of the same name, then defaults.
    pub(crate) fn inputs_for(
        &self,
        callee: &CheckedWorkflow,
        given: &[(String, Payload)],
    ) -> Result<Map<String, Value>, Fault> {
        let mut values = Map::new();
        for field in callee.inputs.fields() {
            if let Some(value) = self.scope.inputs.get(&field.name) {
                values.insert(field.name.clone(), value.clone());
            }
        }
        for (name, payload) in given {
            let value = payload
                .evaluate(&self.scope)
                .map_err(|error| Fault(error.to_string()))?;
            if let Some(value) = value {
                values.insert(name.clone(), value);
            }
        }
        inputs::with_defaults(callee, &mut values);
        Ok(values)
    }
}

impl<'a> Engine<'a> {
    /// Runs a workflow, and before it those it depends on.
    pub(crate) fn workflow<'f>(
        &'f mut self,
        library: &'f Library,
        workflow: &'f CheckedWorkflow,
        inputs: Map<String, Value>,
    ) -> Running<'f, End> {
        Box::pin(async move {
            let faults = inputs::invalid(workflow, &inputs);
            if !faults.is_empty() {
                return Err(Error::Inputs {
                    workflow: workflow.id.clone(),
                    faults,
                }
                .into());
            }
            let mut frame = Frame::new(library, workflow, inputs);
            for needed in &workflow.depends_on {
                let found = library.find(needed);
                let (library, callee) =
                    found.ok_or_else(|| Fault(format!("`{}` is missing", needed.id)))?;
                let key = (library.file.clone(), callee.id.clone());
                // It must have been completed, not be run again (1.0.1, Workflow Object).
                if !self.completed.contains_key(&key) {
                    let inputs = frame.inputs_for(callee, &[])?;
                    let end = self.workflow(library, callee, inputs).await?;
                    if !end.well {
                        return Ok(End {
                            outputs: Map::new(),
                            ..end
                        });
                    }
                }
                let interface = self.completed.get(&key).cloned().unwrap_or_default();
                frame.scope.workflows.insert(needed.id.clone(), interface);
            }
            let end = self.steps(&mut frame).await?;
            if end.well {
                let interface = Interface {
                    inputs: std::mem::take(&mut frame.scope.inputs),
                    outputs: end.outputs.clone(),
                };
                let key = (library.file.clone(), workflow.id.clone());
                self.completed.insert(key, interface);
            }
            Ok(end)
        })
    }

    async fn steps(&mut self, frame: &mut Frame<'_>) -> Result<End, Fault> {
        let mut at = 0;
        let mut last = String::new();
        loop {
            let workflow = frame.workflow;
            let Some(step) = workflow.steps.get(at) else {
                let end = End {
                    step: last,
                    well: true,
                    outputs: frame.outputs(),
                    ..End::default()
                };
                return Ok(End {
                    exchange: frame.scope.exchange.clone(),
                    ..end
                });
            };
            let succeeded = self.step(frame, step).await?;
            last.clone_from(&step.step.id);
            match self.decide(frame, at, step, succeeded).await? {
                Next::Step(next) => at = next,
                Next::End(end) => return Ok(*end),
            }
        }
    }

    /// One step: its call, its criteria, its outputs.
    pub(crate) async fn step(
        &mut self,
        frame: &mut Frame<'_>,
        checked: &CheckedStep,
    ) -> Result<bool, Fault> {
        self.step_runs += 1;
        let most = self.step_runs_max;
        if self.step_runs > most {
            return Err(Fault(format!(
                "the run has taken {most} steps; look at the loop in the workflow, or allow more (--max-steps)"
            )));
        }
        let step = &checked.step;
        if let Some(needed) = step
            .depends_on
            .iter()
            .find(|it| !frame.succeeded.contains(it.as_str()))
        {
            return Err(Fault(format!(
                "step `{}` needs step `{needed}`, which has not succeeded",
                step.id
            )));
        }
        let call = match &checked.call {
            Call::Operation { operation, .. } => operation.clone(),
            Call::Workflow { workflow, .. } => workflow.id.clone(),
        };
        self.tell(frame, &step.id, EventKind::StepBegan { call });
        frame.scope.outputs = Map::new();
        let called_well = self.call(frame, checked).await?;
        let succeeded = called_well && step.succeeds(&frame.scope);
        if succeeded {
            self.keep_outputs(frame, checked);
        }
        let failed = if succeeded {
            Vec::new()
        } else {
            unmet(checked, &frame.scope)
        };
        let outputs = frame
            .scope
            .steps
            .get(&step.id)
            .filter(|_| succeeded)
            .cloned()
            .unwrap_or_default();
        if !succeeded && matches!(checked.call, Call::Operation { .. }) {
            self.facts.failure = Some(Failed {
                workflow: frame.workflow.id.clone(),
                step: step.id.clone(),
                unmet: failed.clone(),
            });
        }
        self.tell(
            frame,
            &step.id,
            EventKind::StepEnded {
                succeeded,
                outputs: self.shown(outputs),
                failed,
            },
        );
        Ok(succeeded)
    }

    /// The request or the workflow of a step; whether a called workflow ended well.
    async fn call(&mut self, frame: &mut Frame<'_>, checked: &CheckedStep) -> Result<bool, Fault> {
        Ok(match &checked.call {
            Call::Operation { .. } => {
                let outcome = self.request(frame, checked).await?;
                frame.scope.exchange = Some(outcome.exchange());
                true
            }
            Call::Workflow { workflow, inputs } => {
                let found = frame.library.find(workflow);
                let (library, callee) =
                    found.ok_or_else(|| Fault(format!("`{}` is missing", workflow.id)))?;
                let inputs = frame.inputs_for(callee, inputs)?;
                let end = self.workflow(library, callee, inputs.clone()).await?;
                frame.scope.exchange = end.exchange;
                frame.scope.outputs = end.outputs.clone();
                let interface = Interface {
                    inputs,
                    outputs: end.outputs,
                };
                frame.scope.workflows.insert(workflow.id.clone(), interface);
                end.well
            }
        })
    }

    fn keep_outputs(&mut self, frame: &mut Frame<'_>, checked: &CheckedStep) {
        let mut kept = Map::new();
        for output in &checked.outputs {
            match output.value.evaluate(&frame.scope) {
                Ok(Some(value)) => drop(kept.insert(output.name.clone(), value)),
                Ok(None) => {}
                Err(error) => self
                    .notes
                    .push(format!("output `{}` is left out: {error}", output.name)),
            }
        }
        frame.scope.outputs.clone_from(&kept);
        frame.scope.steps.insert(checked.step.id.clone(), kept);
        frame.succeeded.insert(checked.step.id.clone());
    }

    pub(crate) fn tell(&self, frame: &Frame<'_>, step: &str, kind: EventKind) {
        let event = Event {
            at_ms: now_ms(),
            workflow: frame.workflow.id.clone(),
            step: step.to_owned(),
            kind,
        };
        self.observer.on_event(&event);
    }

    pub(crate) fn shown(&self, values: Map<String, Value>) -> Map<String, Value> {
        match self.redacted(Value::Object(values)) {
            Value::Object(values) => values,
            _ => Map::new(),
        }
    }

    /// A value without the secrets that the run was given.
    pub(crate) fn redacted(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.redacted_text(text).into(),
            Value::Array(items) => items.into_iter().map(|it| self.redacted(it)).collect(),
            Value::Object(members) => {
                let members = members
                    .into_iter()
                    .map(|(key, it)| (key, self.redacted(it)));
                Value::Object(members.collect())
            }
            Value::Number(number) if self.secrets.contains(&number.to_string()) => {
                "[redacted]".into()
            }
            other => other,
        }
    }

    pub(crate) fn redacted_text(&self, mut text: String) -> String {
        for secret in self
            .secrets
            .iter()
            .filter(|it| text.contains(it.as_str()))
            .cloned()
            .collect::<Vec<_>>()
        {
            text = text.replace(&secret, "[redacted]");
        }
        text
    }
}

fn unmet(checked: &CheckedStep, scope: &Scope) -> Vec<String> {
    let criteria = checked.step.success_criteria.iter();
    criteria
        .filter_map(|it| match it.holds(scope) {
            Ok(true) => None,
            Ok(false) => Some(it.text.clone()),
            Err(error) => Some(format!("{}: {error}", it.text)),
        })
        .collect()
}

/// Milliseconds since 1970, by this computer's clock.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
