//! The way in: run, resume.

use std::collections::VecDeque;
use std::path::PathBuf;

use bpx_arazzo::CheckedWorkflow;
use bpx_dispatch::Dispatch;
use bpx_runtime::Options;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::engine::{End, Engine, Facts, Fault, now_ms};
use crate::event::{Event, Observer, What};
use crate::inputs::{Ready, ready};
use crate::next::Named;
use crate::outcome::Already;
use crate::record::{Begin, Certainty, Line, Record, digest};
use crate::route::{ANY, Services};
use crate::{Error, Library, Outcome, Report, next};

/// Runs checked workflows.
#[derive(Debug, Clone)]
pub struct Runner {
    pub(crate) dispatch: Dispatch,
    pub(crate) base_url: String,
    pub(crate) services: Services,
    pub(crate) state: PathBuf,
}

impl Runner {
    /// A runner over `dispatch`, which is connected to `base_url`; it records each run in the folder `state`, which should
    /// be dispatch's.
    pub fn new(dispatch: Dispatch, base_url: impl Into<String>, state: impl Into<PathBuf>) -> Self {
        Self {
            dispatch,
            base_url: base_url.into().trim_end_matches('/').to_owned(),
            services: Services::default(),
            state: state.into(),
        }
    }

    /// Sends the operations of a source description that are none of the exchange's to this base URL, unsigned; without
    /// a source, those of every source that is not named.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub fn with_service(
        mut self,
        source: Option<&str>,
        base_url: &str,
        options: Options,
    ) -> Result<Self, Error> {
        self.services
            .add(source.unwrap_or(ANY), base_url, options)?;
        Ok(self)
    }

    /// Runs a workflow from its beginning. `document` is how to find the document again, for whoever resumes.
    ///
    /// # Errors
    /// [`Error`]: nothing has been sent.
    pub async fn run(
        &self,
        library: &Library,
        document: &str,
        workflow: Option<&str>,
        inputs: Map<String, Value>,
        observer: &dyn Observer,
    ) -> Result<Report, Error> {
        let workflow = library.workflow(workflow)?;
        self.services.check(library)?;
        let Ready { values, notes } = ready(workflow, inputs)?;
        let run = Uuid::now_v7().simple().to_string();
        let (secret, kept): (Map<_, _>, Map<_, _>) = values
            .clone()
            .into_iter()
            .partition(|(name, _)| workflow.is_secret(name));
        let begin = Begin {
            at_ms: now_ms(),
            document: document.to_owned(),
            sha256: library.checked.sha256.clone(),
            workflow: workflow.id.clone(),
            order: order(workflow, &values),
            inputs: kept,
            secret_inputs: secret.keys().cloned().collect(),
            account: self.dispatch.account().to_owned(),
            journal: self.dispatch.journal_digest().map(str::to_owned),
        };
        let record = Record::begin(&self.state, &run, begin)?;
        let engine = self.engine(run, record, VecDeque::new(), &secret, observer);
        let asked = Asked {
            library,
            workflow,
            document,
            inputs: values,
            notes,
        };
        Ok(engine.finish(asked).await)
    }

    /// Goes on with a run that broke off or ended unknown. Requests up to the last that changes something are taken from
    /// the record, the last one is asked for and not repeated; what was only read after it is read anew. A run that has
    /// ended otherwise is not touched: its report is given again. `secrets` are the inputs that are not recorded.
    ///
    /// # Errors
    /// [`Error`]: nothing has been sent.
    pub async fn resume(
        &self,
        library: &Library,
        run: &str,
        secrets: Map<String, Value>,
        observer: &dyn Observer,
    ) -> Result<Report, Error> {
        self.services.check(library)?;
        let (record, past) = Record::resume(&self.state, run)?;
        if let Some(report) = past.end.clone().filter(|it| it.outcome != Outcome::Unknown) {
            return Ok(report);
        }
        if past.begin.sha256 != library.checked.sha256 {
            return Err(Error::OtherDocument {
                run: run.to_owned(),
                file: library.file.clone(),
                sha256: past.begin.sha256,
            });
        }
        self.is_where_it_began(run, &past.begin)?;
        let workflow = library.workflow(Some(&past.begin.workflow))?;
        self.may_go_on(run, workflow).await?;
        let replayed = past.replayed();
        let Begin {
            document,
            inputs: mut values,
            ..
        } = past.begin;
        values.extend(secrets.clone());
        let requests = past.requests.into_iter().take(replayed).collect();
        let engine = self.engine(run.to_owned(), record, requests, &secrets, observer);
        let asked = Asked {
            library,
            workflow,
            document: &document,
            inputs: values,
            notes: Vec::new(),
        };
        Ok(engine.finish(asked).await)
    }

    /// Elsewhere nobody knows of the run's order, or of what was sent.
    fn is_where_it_began(&self, run: &str, begin: &Begin) -> Result<(), Error> {
        let run = run.to_owned();
        if begin.account != self.dispatch.account() {
            let account = begin.account.clone();
            return Err(Error::OtherAccount { run, account });
        }
        if begin.journal.as_deref() != self.dispatch.journal_digest() {
            return Err(Error::OtherJournal { run });
        }
        Ok(())
    }

    /// A run that is continued without being allowed to trade would end half-way for that alone.
    async fn may_go_on(&self, run: &str, workflow: &CheckedWorkflow) -> Result<(), Error> {
        match self.dispatch.status().await.trading_off {
            Some(why) if workflow.changes => Err(Error::TradingOff {
                run: run.to_owned(),
                why,
            }),
            _ => Ok(()),
        }
    }

    fn engine<'a>(
        &'a self,
        run: String,
        record: Record,
        past: VecDeque<(crate::record::Intent, Option<crate::record::Answer>)>,
        secrets: &Map<String, Value>,
        observer: &'a dyn Observer,
    ) -> Engine<'a> {
        let secrets = secrets
            .values()
            .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
        Engine {
            runner: self,
            observer,
            run,
            record,
            // What was recorded as about to be sent had passed.
            facts: Facts {
                preflight_done: !past.is_empty(),
                ..Facts::default()
            },
            past,
            next: 0,
            step_runs: 0,
            notes: Vec::new(),
            secrets: secrets.filter(|it| !it.is_empty()).collect(),
        }
    }
}

/// What a run is over.
struct Asked<'a> {
    library: &'a Library,
    workflow: &'a CheckedWorkflow,
    document: &'a str,
    inputs: Map<String, Value>,
    notes: Vec<String>,
}

impl Asked<'_> {
    /// What to do after the run.
    fn next(&self, outcome: Outcome, run: &str, facts: &Facts) -> String {
        let shown = self.inputs.clone().into_iter();
        let shown = shown
            .filter(|(name, _)| !self.workflow.is_secret(name))
            .collect();
        let has_several = self.library.checked.workflows.len() > 1;
        let named = Named {
            run,
            document: self.document,
            workflow: has_several.then_some(self.workflow.id.as_str()),
        };
        next::command(outcome, &named, &shown, facts)
    }
}

/// What two runs may not work on at a time: an order, or else the same inputs.
fn order(workflow: &CheckedWorkflow, values: &Map<String, Value>) -> String {
    match values.get("orderId").and_then(Value::as_str) {
        Some(id) => format!("order {id}"),
        None => format!(
            "{} with inputs {}",
            workflow.id,
            digest(&Value::Object(values.clone()).to_string())
        ),
    }
}

impl Engine<'_> {
    /// Runs to the end, whatever it is, and records it.
    async fn finish(mut self, asked: Asked<'_>) -> Report {
        let Asked {
            library, workflow, ..
        } = asked;
        let ended = self.workflow(library, workflow, asked.inputs.clone()).await;
        let (outcome, why, outputs) = self.judge(ended);
        let mut report = Report {
            next: asked.next(outcome, &self.run, &self.facts),
            run: self.run.clone(),
            workflow: workflow.id.clone(),
            outcome,
            why: self.redacted_text(why),
            outputs: self.shown(outputs),
            notes: asked.notes,
        };
        report.notes.append(&mut self.notes);
        let line = Line::End {
            report: Box::new(report.clone()),
        };
        if let Err(error) = self.record.write(&line, true) {
            report.notes.push(error.to_string());
        }
        let finished = What::Finished {
            outcome: outcome.text().to_owned(),
            why: report.why.clone(),
        };
        self.observer.saw(&Event {
            at_ms: now_ms(),
            workflow: workflow.id.clone(),
            step: String::new(),
            what: finished,
        });
        report
    }

    fn judge(&self, ended: Result<End, Fault>) -> (Outcome, String, Map<String, Value>) {
        match ended {
            Ok(end) => (self.outcome(&end), self.why(&end), end.outputs),
            Err(fault) => (self.broken(), fault.to_string(), Map::new()),
        }
    }

    /// What the document says; where it says nothing, what was done.
    fn outcome(&self, end: &End) -> Outcome {
        match end.declared {
            Some(bpx_arazzo::Outcome::Done) => Outcome::Done,
            Some(bpx_arazzo::Outcome::AlreadyDone) => {
                Outcome::AlreadyDone(Already::of(self.last_status().as_deref()))
            }
            Some(bpx_arazzo::Outcome::Stopped) => Outcome::Stopped,
            Some(bpx_arazzo::Outcome::Incomplete) => Outcome::Incomplete,
            Some(bpx_arazzo::Outcome::Unknown) if self.knows() => self.broken(),
            Some(bpx_arazzo::Outcome::Unknown) => Outcome::Unknown,
            None if end.well && self.facts.open.is_empty() => Outcome::Done,
            None => self.broken(),
        }
    }

    /// A document can go by the status alone, which may leave open what dispatch knows: that nothing was changed, or that
    /// the last change was not made.
    fn knows(&self) -> bool {
        let last = self.facts.last_write.as_ref();
        let is_refused = last.is_some_and(|(.., it)| it.certainty == Certainty::Rejected);
        self.facts.open.is_empty() && (is_refused || !self.facts.changed)
    }

    fn broken(&self) -> Outcome {
        if !self.facts.open.is_empty() {
            return Outcome::Unknown;
        }
        if self.facts.changed {
            Outcome::Incomplete
        } else {
            Outcome::Stopped
        }
    }

    fn why(&self, end: &End) -> String {
        let by = end
            .action
            .as_ref()
            .map(|it| format!(": {it}"))
            .unwrap_or_default();
        let said = self.facts.last.as_ref().and_then(|answer| {
            let refusal = answer.status.is_none_or(|it| it >= 400);
            let message = || {
                answer
                    .response
                    .as_ref()?
                    .get("message")?
                    .as_str()
                    .map(str::to_owned)
            };
            answer
                .remark
                .clone()
                .or_else(|| message().filter(|_| refusal))
        });
        let said = said.map(|it| format!(" ({it})")).unwrap_or_default();
        format!("step `{}`{by}{said}", end.step)
    }

    /// The status of the order in the last answer, which may be a list of one.
    fn last_status(&self) -> Option<String> {
        let body = self.facts.last.as_ref()?.response.as_ref()?;
        let row = body.get(0).unwrap_or(body);
        row.get("status")?.as_str().map(str::to_owned)
    }
}
