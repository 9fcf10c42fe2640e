//! The runner: runs workflows, and resumes runs.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use bpx_arazzo::{CheckedWorkflow, STEP_RUNS_MAX};
use bpx_dispatch::Dispatch;
use bpx_runtime::reqwest::Url;
use bpx_runtime::{Options, fill_path, plain_text};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::digest::request_digest;
use crate::engine::{Engine, now_ms};
use crate::event::{Event, EventKind, Observer};
use crate::facts::Facts;
use crate::inputs::{Ready, ready};
use crate::next::Named;
use crate::record::{Begin, Intent, Line, Record, RequestOutcome, Version};
use crate::route::Router;
use crate::services::Services;
use crate::{Error, Library, Outcome, Report, next};

/// Runs checked workflows.
#[derive(Debug, Clone)]
pub struct Runner {
    dispatch: Option<Dispatch>,
    services: Services,
    step_runs_max: u32,
    pub(crate) state: PathBuf,
}

impl Runner {
    /// A runner over `dispatch`; it records each run in dispatch's state folder.
    #[must_use]
    pub fn new(dispatch: Dispatch) -> Self {
        Self {
            state: dispatch.state().to_owned(),
            dispatch: Some(dispatch),
            services: Services::default(),
            step_runs_max: STEP_RUNS_MAX,
        }
    }

    /// A runner of documents of which nothing goes through dispatch ([`Services::leave_any_to`]); it records each run in
    /// the folder `state`.
    #[must_use]
    pub fn of_services(services: Services, state: impl Into<PathBuf>) -> Self {
        Self {
            dispatch: None,
            services,
            step_runs_max: STEP_RUNS_MAX,
            state: state.into(),
        }
    }

    /// Sets the services beside dispatch.
    #[must_use]
    pub fn with_services(self, services: Services) -> Self {
        Self { services, ..self }
    }

    /// Sets how many steps a run may take, repeated ones included; [`STEP_RUNS_MAX`] unless set.
    #[must_use]
    pub fn with_step_runs_max(self, step_runs_max: u32) -> Self {
        Self {
            step_runs_max,
            ..self
        }
    }

    /// Adds a service, as [`Services::with_service`] does.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub fn with_service(
        mut self,
        source: Option<&str>,
        base_url: &str,
        options: Options,
    ) -> Result<Self, Error> {
        let services = self.services;
        self.services = services.with_service(source, base_url, options)?;
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
        let router = self.router(library)?;
        let Ready { values, notes } = ready(workflow, inputs, router.venue())?;
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
            subject: subject(&router, workflow, &values),
            inputs: kept,
            secret_inputs: secret.keys().cloned().collect(),
            account: router.account().to_owned(),
            journal: router.journal_digest().map(str::to_owned),
        };
        let record = Record::begin(&self.state, &run, begin)?;
        let secrets = workflow.secrets(&values);
        let engine = self.engine(&router, (run, record, VecDeque::new()), &secrets, observer);
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
        let router = self.router(library)?;
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
        is_where_it_began(&router, run, &past.begin)?;
        let workflow = library.workflow(Some(&past.begin.workflow))?;
        may_go_on(&router, run, workflow).await?;
        let replayed = past.replayed();
        let Begin {
            document,
            inputs: mut values,
            ..
        } = past.begin;
        values.extend(secrets.clone());
        let requests = past.requests.into_iter().take(replayed).collect();
        let resumed = (run.to_owned(), record, requests);
        let secrets = workflow.secrets(&secrets);
        let engine = self.engine(&router, resumed, &secrets, observer);
        let asked = Asked {
            library,
            workflow,
            document: &document,
            inputs: values,
            notes: Vec::new(),
        };
        Ok(engine.finish(asked).await)
    }

    fn router(&self, library: &Library) -> Result<Router, Error> {
        Router::of(self.dispatch.as_ref(), &self.services, library)
    }

    fn engine<'a>(
        &self,
        router: &'a Router,
        (run, record, past): (String, Record, VecDeque<(Intent, Option<RequestOutcome>)>),
        secrets: &[&Value],
        observer: &'a dyn Observer,
    ) -> Engine<'a> {
        observer.on_run(&run);
        let credentials = router.services.credentials.secrets().map(Value::from);
        let secrets = secrets.iter().flat_map(|it| leaves(it));
        let secrets = secrets.cloned().chain(credentials);
        let secrets = secrets.flat_map(|it| spellings(&it));
        Engine {
            router,
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
            step_runs_max: self.step_runs_max,
            completed: BTreeMap::new(),
            notes: Vec::new(),
            secrets: secrets.filter(|it| !it.is_empty()).collect(),
        }
    }
}

/// What two runs may not work on at a time: what the venue says the inputs are about, or else the same inputs.
fn subject(router: &Router, workflow: &CheckedWorkflow, values: &Map<String, Value>) -> String {
    let subject = router.venue().subject(values);
    subject.unwrap_or_else(|| {
        let digest = request_digest(&workflow.id, &Value::Object(values.clone()));
        format!("{} with inputs {digest}", workflow.id)
    })
}

/// Another account or journal does not know what the run sent.
fn is_where_it_began(router: &Router, run: &str, begin: &Begin) -> Result<(), Error> {
    let run = run.to_owned();
    if begin.account != router.account() {
        let account = begin.account.clone();
        return Err(Error::OtherAccount { run, account });
    }
    if begin.journal.as_deref() != router.journal_digest() {
        return Err(Error::OtherJournal { run });
    }
    Ok(())
}

/// A run that is continued without being allowed to trade would end half-way for that alone.
async fn may_go_on(router: &Router, run: &str, workflow: &CheckedWorkflow) -> Result<(), Error> {
    let Some(dispatch) = &router.dispatch else {
        return Ok(());
    };
    match dispatch.status().await.trading_off {
        Some(why) if workflow.changes => Err(Error::TradingOff {
            run: run.to_owned(),
            why,
        }),
        _ => Ok(()),
    }
}

/// A value without parts, or the parts of one.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        // These stand in every text.
        Value::Null | Value::Bool(_) => Vec::new(),
        scalar => vec![scalar],
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
            trades: engine.router.dispatch.is_some(),
        };
        next::command(outcome, &named, &engine.facts, engine.router.venue())
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
}
