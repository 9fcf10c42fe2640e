//! The runner: runs workflows, and resumes runs.

use std::collections::VecDeque;
use std::path::PathBuf;

use bpx_arazzo::CheckedWorkflow;
use bpx_dispatch::Dispatch;
use bpx_runtime::reqwest::Url;
use bpx_runtime::{Options, fill_path, plain_text};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::digest::request_digest;
use crate::engine::{End, Engine, Fault, now_ms};
use crate::event::{Event, EventKind, Observer};
use crate::facts::Facts;
use crate::inputs::{Ready, ready};
use crate::next::Named;
use crate::record::{Begin, Certainty, Intent, Line, Record, RequestOutcome, Version};
use crate::route::{ANY, Router, Services};
use crate::{Error, Library, Outcome, Report, next};

/// Runs checked workflows.
#[derive(Debug, Clone)]
pub struct Runner {
    router: Router,
    pub(crate) state: PathBuf,
}

impl Runner {
    /// A runner over `dispatch`; it records each run in dispatch's state folder.
    #[must_use]
    pub fn new(dispatch: Dispatch) -> Self {
        Self {
            state: dispatch.state().to_owned(),
            router: Router {
                dispatch,
                services: Services::default(),
            },
        }
    }

    /// Sends the operations of a source description to this base URL, unsigned. Without a source, those of every source
    /// that has no base URL of its own, but for the operations of dispatch's API.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub fn with_service(
        mut self,
        source: Option<&str>,
        base_url: &str,
        options: Options,
    ) -> Result<Self, Error> {
        self.router
            .services
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
        self.router.check(library)?;
        let Ready { values, notes } = ready(workflow, inputs, self.router.dispatch.venue())?;
        let run = Uuid::now_v7().simple().to_string();
        let (secret, kept): (Map<_, _>, Map<_, _>) = values
            .clone()
            .into_iter()
            .partition(|(name, _)| workflow.is_secret(name));
        let begin = Begin {
            version: Version::default(),
            at_ms: now_ms(),
            document: document.to_owned(),
            sha256: library.checked.sha256.clone(),
            workflow: workflow.id.clone(),
            subject: self.subject(workflow, &values),
            inputs: kept,
            secret_inputs: secret.keys().cloned().collect(),
            account: self.router.dispatch.account().to_owned(),
            journal: self.router.dispatch.journal_digest().map(str::to_owned),
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
        self.router.check(library)?;
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

    /// What two runs may not work on at a time: what the venue says the inputs are about, or else the same inputs.
    fn subject(&self, workflow: &CheckedWorkflow, values: &Map<String, Value>) -> String {
        let subject = self.router.dispatch.venue().subject(values);
        subject.unwrap_or_else(|| {
            let digest = request_digest(&workflow.id, &Value::Object(values.clone()));
            format!("{} with inputs {digest}", workflow.id)
        })
    }

    /// Another account or journal does not know what the run sent.
    fn is_where_it_began(&self, run: &str, begin: &Begin) -> Result<(), Error> {
        let run = run.to_owned();
        if begin.account != self.router.dispatch.account() {
            let account = begin.account.clone();
            return Err(Error::OtherAccount { run, account });
        }
        if begin.journal.as_deref() != self.router.dispatch.journal_digest() {
            return Err(Error::OtherJournal { run });
        }
        Ok(())
    }

    /// A run that is continued without being allowed to trade would end half-way for that alone.
    async fn may_go_on(&self, run: &str, workflow: &CheckedWorkflow) -> Result<(), Error> {
        match self.router.dispatch.status().await.trading_off {
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
        past: VecDeque<(Intent, Option<RequestOutcome>)>,
        secrets: &Map<String, Value>,
        observer: &'a dyn Observer,
    ) -> Engine<'a> {
        observer.on_run(&run);
        let secrets = secrets.values().flat_map(spellings);
        Engine {
            router: &self.router,
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

/// A secret as it stands in bodies, queries, paths and headers.
fn spellings(secret: &Value) -> [String; 3] {
    let text = plain_text(secret);
    let in_path = fill_path("{secret}", |_| Some(text.clone()));
    let in_query = Url::parse_with_params("http://query", [("", &text)]);
    let in_query = in_query
        .ok()
        .and_then(|url| url.query()?.strip_prefix('=').map(str::to_owned));
    [text, in_path, in_query.unwrap_or_default()]
}

/// What was asked for.
struct Asked<'a> {
    library: &'a Library,
    workflow: &'a CheckedWorkflow,
    document: &'a str,
    inputs: Map<String, Value>,
    notes: Vec<String>,
}

impl Asked<'_> {
    /// What to do after the run.
    fn next(&self, outcome: Outcome, engine: &Engine<'_>) -> String {
        let shown = self.inputs.clone().into_iter();
        let shown = shown.filter(|(name, _)| !self.workflow.is_secret(name));
        let has_several = self.library.checked.workflows.len() > 1;
        let named = Named {
            run: &engine.run,
            document: self.document,
            workflow: has_several.then_some(self.workflow.id.as_str()),
            inputs: &shown.collect(),
        };
        next::command(
            outcome,
            &named,
            &engine.facts,
            engine.router.dispatch.venue(),
        )
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
            next: asked.next(outcome, &self),
            final_state: self.final_state(outcome),
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
        let finished = EventKind::Finished {
            outcome: report.outcome_text(),
            why: report.why.clone(),
        };
        self.observer.on_event(&Event {
            at_ms: now_ms(),
            workflow: workflow.id.clone(),
            step: String::new(),
            kind: finished,
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
            Some(bpx_arazzo::Outcome::AlreadyDone) => Outcome::AlreadyDone,
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
        let is_refused = last.is_some_and(|it| it.certainty == Certainty::Rejected);
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
        let said = self.facts.last.as_ref().and_then(RequestOutcome::said);
        let said = said.map(|it| format!(" ({it})")).unwrap_or_default();
        format!("step `{}`{by}{said}", end.step)
    }

    /// Of a run that had nothing left to do: the final state that the last response shows.
    fn final_state(&self, outcome: Outcome) -> Option<String> {
        let response = self.facts.last.as_ref()?.response.as_ref()?;
        let venue = self.router.dispatch.venue();
        (outcome == Outcome::AlreadyDone).then(|| venue.final_state(response))?
    }
}
