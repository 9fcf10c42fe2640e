//! `bpx workflow run` and `bpx workflow resume`.

use std::fs;
use std::path::PathBuf;

use bpx_contract::Api;
use bpx_dispatch::{AnyVenue, Dispatch, Remote};
use bpx_runtime::Options;
use bpx_venue::Backpack;
use bpx_workflow::{
    Error, Library, Outcome, Report, Runner, STEP_RUNS_MAX, Target, begun, dry_run,
    inputs_from_texts, shell_word,
};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use super::beside::{Beside, text_of};
use super::live::Live;
use super::planned::planned;
use super::{Files, exchange, exit_codes, pair, warn};
use crate::access::{Access, ENVIRONMENT, Patience, base_url};
use crate::failure::{Category, Failure};
use crate::interrupt::{self, Interrupted, Progress};
use crate::output::{self, plain};

const RUN_EXAMPLES: &str = "\
Examples:
  bpx workflow run cancel-replace-order --input symbol=SOL_USDC --input orderId=28 --input newPrice=21 \\
      --input newQuantity=3 --input partialFill=total --allow-trading
  bpx workflow run flow.arazzo.yaml --input symbol=SOL_USDC --dry-run
  bpx workflow run shop.arazzo.yaml --service api=http://127.0.0.1:8080 --auth token=@token.txt --input pet=@pet.json

Steps are shown on stderr as they happen, the report at the end on stdout. Keys, signatures and times among the inputs
are not used: each request is signed when it is sent. A key and an exchange are asked for only where a step goes there.";

const RESUME_EXAMPLES: &str = "\
Examples:
  bpx workflow resume 01a1f8029235746dacbca12b31d3114b --allow-trading

What the run has sent is not sent again: bpx asks the exchange for its outcome. A run that has ended is reported again. A
run can be resumed only with the key, the exchange, the state folder and the journal that it was begun with.";

/// The commands that a report may name as next, and whether they need the document's files.
const NEXT: [(&str, bool); 6] = [
    ("bpx workflow run", true),
    ("bpx workflow resume", true),
    ("bpx execute-order", false),
    ("bpx cancel-order", false),
    ("bpx get-order-history", false),
    ("bpx get-open-orders", false),
];

/// The files that are written at the end.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
struct Reports {
    /// Write everything that happened, as JSON
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Write the steps as JUnit test cases
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write requests and responses as an HTTP archive, without headers
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
}

/// The flags that run and resume share.
#[derive(Debug, Args)]
struct Over {
    #[command(flatten)]
    sources: Files,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    patience: Patience,
    /// Allow this run to change the account
    #[arg(long)]
    allow_trading: bool,
    #[command(flatten)]
    beside: Beside,
    /// How many steps the run may take, repeated ones included
    #[arg(long, value_name = "STEPS", default_value_t = STEP_RUNS_MAX)]
    max_steps: u32,
    /// An input; a list or an object as JSON. NAME=@FILE takes it from a file
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
}

/// Run a workflow.
#[derive(Debug, Args)]
#[command(after_help = format!("{RUN_EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit_codes()))]
pub(super) struct Run {
    /// The name of a built-in workflow, or a document
    #[arg(value_name = "NAME|FILE")]
    document: String,
    /// Which of its workflows, if it has several
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    /// Print requests and signing strings, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Take warnings of the check for faults
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    reports: Reports,
}

/// Continue a run.
#[derive(Debug, Args)]
#[command(after_help = format!("{RESUME_EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit_codes()))]
pub(super) struct Resume {
    /// The run, as its report names it
    #[arg(value_name = "ID")]
    run: String,
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    reports: Reports,
}

impl Over {
    fn inputs(
        &self,
        library: &Library,
        workflow: Option<&str>,
    ) -> Result<Map<String, Value>, Failure> {
        let workflow = library.workflow(workflow)?;
        let mut texts = Vec::new();
        for (name, text) in &self.input {
            let text = text_of(&format!("--input {name}"), text)?;
            texts.push((name.as_str(), text));
        }
        let texts = texts.iter().map(|(name, text)| (*name, text.as_str()));
        Ok(inputs_from_texts(workflow, texts)?)
    }

    async fn dispatch(&self, api: &Api, progress: Progress) -> Result<Dispatch, Failure> {
        let settings = self.access.settings(api, self.allow_trading)?;
        let settings = settings.with_bounds(self.patience.bounds());
        Ok(Dispatch::open(settings.with_checkpoint(progress)).await?)
    }

    /// A runner, and dispatch if something goes through it.
    async fn runner(
        &self,
        library: &Library,
        progress: Progress,
    ) -> Result<(Runner, Option<Dispatch>), Failure> {
        let services = self.beside.services(library)?;
        let api = exchange::of(library);
        let (runner, dispatch) = match services.leave_any_to(&api, library) {
            true => {
                let dispatch = self.dispatch(&api, progress).await?;
                let runner = Runner::new(dispatch.clone()).with_services(services);
                (runner, Some(dispatch))
            }
            false => {
                let state = self.access.state.folder()?;
                (Runner::of_services(services, state), None)
            }
        };
        Ok((runner.with_step_runs_max(self.max_steps), dispatch))
    }

    /// Runs to the end, closes dispatch, and reports.
    fn report(
        &self,
        library: &Library,
        (reports, live): (&Reports, &Live),
        run: impl AsyncFnOnce(Runner) -> Result<Report, Error>,
    ) -> Result<(), Failure> {
        let progress = Progress::default();
        let work = async {
            let (runner, dispatch) = self.runner(library, progress.clone()).await?;
            let report = run(runner).await?;
            Ok::<_, Failure>((dispatch, report))
        };
        let ended = interrupt::work(work, async |done| {
            let (dispatch, report) = done?;
            if let Some(dispatch) = dispatch {
                dispatch.close().await;
            }
            ended(&self.typed(report), live, reports)
        })?;
        ended.unwrap_or_else(|| Err(self.interrupted(&progress, live, reports.json)))
    }

    fn interrupted(&self, progress: &Progress, live: &Live, json: bool) -> Failure {
        let interrupted = progress.stop();
        let Some(run) = live.run() else {
            return interrupted.failure("");
        };
        let flag = if self.allow_trading {
            " --allow-trading"
        } else {
            ""
        };
        let next = self.with_flags(&format!("bpx workflow resume {run}{flag}"));
        let fix = format!("`{next}` goes on, and sends nothing that was sent before");
        let failure = interrupted.failure_of_run(run, &fix);
        match json {
            true => {
                let report = Broken { run, interrupted };
                failure.print_with(&report).unwrap_or_else(|it| it)
            }
            false => failure,
        }
    }
}

/// A run that was interrupted.
#[derive(Serialize)]
struct Broken<'a> {
    run: &'a str,
    #[serde(flatten)]
    interrupted: Interrupted,
}

impl Over {
    /// The report, with the flags that were given here in the commands that it names as next.
    fn typed(&self, mut report: Report) -> Report {
        report.next = self.with_flags(&report.next);
        report
    }

    fn with_flags(&self, next: &str) -> String {
        let mut next = next.to_owned();
        let access = self.access.flags();
        let files = self.sources.flags().into_iter().chain(self.beside.flags());
        let workflow: Vec<_> = files.chain(access.clone()).collect();
        for (command, needs_files) in NEXT {
            let flags = if needs_files { &workflow } else { &access };
            let flags = flags.iter();
            let flags: String = flags
                .map(|(flag, value)| format!(" {flag} {}", shell_word(value)))
                .collect();
            next = next.replace(command, &format!("{command}{flags}"));
        }
        next
    }
}

impl Run {
    pub(super) fn run(self) -> Result<(), Failure> {
        let library = self.over.sources.open(&self.document)?;
        warn(&library, self.strict)?;
        let workflow = self.workflow.as_deref();
        let inputs = self.over.inputs(&library, workflow)?;
        if self.dry_run {
            return self.dry_run(&library, inputs);
        }
        let live = Live::default();
        let shown = (&self.reports, &live);
        self.over.report(&library, shown, async |runner| {
            runner
                .run(&library, &self.document, workflow, inputs, &live)
                .await
        })
    }
}

impl Run {
    /// Prints the requests as they would be sent.
    fn dry_run(&self, library: &Library, inputs: Map<String, Value>) -> Result<(), Failure> {
        let api = &exchange::of(library);
        let services = self.over.beside.services(library)?;
        let remote = match services.leave_any_to(api, library) {
            true => Some(self.remote(api)?),
            false => None,
        };
        let target = Target {
            api,
            venue: if remote.is_some() {
                &Backpack
            } else {
                &AnyVenue
            },
            remote: remote.as_ref(),
            services: &services,
        };
        let (requests, notes) = dry_run(library, self.workflow.as_deref(), inputs, &target)?;
        planned(&requests, &notes, self.reports.json)
    }

    fn remote(&self, api: &Api) -> Result<Remote, Failure> {
        let access = &self.over.access;
        let base_url = base_url(access.base_url.as_deref())?;
        let signer = access.signer(api)?;
        Ok(Remote::new(
            api,
            &base_url,
            signer.as_ref(),
            Options::default(),
        )?)
    }
}

impl Resume {
    pub(super) fn run(self) -> Result<(), Failure> {
        let state = self.over.access.state.folder()?;
        let (document, workflow, _) = begun(&state, &self.run)?;
        let library = self.over.sources.open(&document)?;
        let secrets = self.over.inputs(&library, Some(&workflow))?;
        let live = Live::default();
        let shown = (&self.reports, &live);
        self.over.report(&library, shown, async |runner| {
            runner.resume(&library, &self.run, secrets, &live).await
        })
    }
}

/// Writes the files, prints the report, and gives the exit code.
fn ended(report: &Report, live: &Live, reports: &Reports) -> Result<(), Failure> {
    let events = live.events();
    let pretty = |value: Value| serde_json::to_string_pretty(&value);
    let files = [
        (
            &reports.trace,
            pretty(bpx_workflow::trace(report, &events))?,
        ),
        (&reports.junit, bpx_workflow::junit(report, &events)),
        (&reports.har, pretty(bpx_workflow::har(&events))?),
    ];
    let mut unwritten = None;
    for (path, text) in files {
        if let Some(path) = path
            && let Err(error) = fs::write(path, text)
        {
            unwritten = Some(format!("{} was not written: {error}", path.display()));
        }
    }
    let failure = failure(report);
    let ended = match (failure, reports.json) {
        (None, true) => output::json(report),
        (Some(failure), true) => Err(failure.print_with(report)?),
        (None, false) => show(report),
        (Some(failure), false) => show(report).and(Err(failure.exit_only())),
    };
    if let Some(problem) = unwritten {
        output::remark(&problem)?;
    }
    ended
}

/// The failure of a command whose run did not end as it should.
fn failure(report: &Report) -> Option<Failure> {
    let category = match report.outcome {
        Outcome::Done => return None,
        Outcome::AlreadyDone => Category::WorkflowAlreadyDone,
        Outcome::Stopped => Category::WorkflowStopped,
        Outcome::Incomplete => Category::WorkflowIncomplete,
        Outcome::Unknown => Category::WorkflowUnknown,
    };
    let problem = format!("{}: {}", report.outcome_text(), report.why);
    Some(Failure::new(category, problem, report.next.as_str()))
}

fn show(report: &Report) -> Result<(), Failure> {
    let mut lines = vec![
        format!("run      {}", report.run),
        format!("outcome  {}", report.outcome_text()),
        format!("why      {}", report.why),
    ];
    lines.extend(
        report
            .outputs
            .iter()
            .map(|(name, value)| format!("output   {name} = {value}")),
    );
    lines.extend(report.notes.iter().map(|note| format!("note     {note}")));
    lines.push(format!("next     {}", report.next));
    let lines: String = lines
        .iter()
        .map(|line| format!("{}\n", plain(line)))
        .collect();
    Ok(output::text(&lines)?)
}
