//! `bpx workflow run` and `bpx workflow resume`.

use std::fs;
use std::path::PathBuf;

use bpx_client::signer;
use bpx_dispatch::Dispatch;
use bpx_runtime::Options;
use bpx_runtime::serde_json::{self, Map, Value};
use bpx_workflow::{
    Error, Library, Outcome, Rehearsed, Report, Runner, begun, dry_run, inputs_from_texts,
    shell_word,
};
use clap::Args;
use tokio::runtime::Runtime;

use super::live::Live;
use super::{Files, exit_codes, failure, joined, pair};
use crate::access::{Access, ENVIRONMENT, Patience, base_url};
use crate::commands::sign::key_from_environment;
use crate::failure::Failure;
use crate::output::{self, plain};

const RUN_EXAMPLES: &str = "\
Examples:
  bpx workflow run cancel-replace-order --input symbol=SOL_USDC --input orderId=28 --input newPrice=21 \\
      --input newQuantity=3 --input partialFill=total --allow-trading
  bpx workflow run flow.arazzo.yaml --input symbol=SOL_USDC --dry-run

Steps are shown on stderr as they happen, the report at the end on stdout. Keys, signatures and times among the inputs
are set aside: each request is signed by itself.";

const RESUME_EXAMPLES: &str = "\
Examples:
  bpx workflow resume 01a1f8029235746dacbca12b31d3114b --allow-trading

What the run has sent is asked for and not sent again. A run that has ended is reported again. It goes on with the key,
the exchange, the state folder and the journal it was begun with.";

/// What a report may say comes next, and whether it needs the document's files.
const NEXT: [(&str, bool); 6] = [
    ("bpx workflow run", true),
    ("bpx workflow resume", true),
    ("bpx execute-order", false),
    ("bpx cancel-order", false),
    ("bpx get-order-history", false),
    ("bpx get-open-orders", false),
];

/// Which files are written at the end.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
struct Reports {
    /// Write everything that happened, as JSON
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Write the steps as JUnit test cases
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the requests and answers as an HTTP archive, without headers
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
}

/// What is run, and over what.
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
    /// Where a source's operations are served that are none of the exchange's; unsigned
    #[arg(long, value_name = "NAME=URL", value_parser = pair)]
    service: Vec<(String, String)>,
    /// An input; a secret one may stand in a file as NAME=@FILE
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
}

/// Run a workflow.
#[derive(Debug, Args)]
#[command(after_help = format!("{RUN_EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit_codes()))]
pub(super) struct Run {
    /// The name of a workflow that comes along, or a document
    #[arg(value_name = "NAME|FILE")]
    document: String,
    /// Which of its workflows, if it has several
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    /// Print requests and signing strings, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    reports: Reports,
}

/// Go on with a run.
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
        let workflow = library.workflow(workflow).map_err(failure)?;
        let mut texts = Vec::new();
        for (name, text) in &self.input {
            let text = match text.strip_prefix('@') {
                Some(file) => fs::read_to_string(file).map_err(|error| {
                    Failure::BadInput(format!("--input {name}: cannot read {file} ({error}); give a readable file after the @"))
                })?,
                None => text.clone(),
            };
            texts.push((name.as_str(), text.trim_end_matches('\n').to_owned()));
        }
        let texts = texts.iter().map(|(name, text)| (*name, text.as_str()));
        inputs_from_texts(workflow, texts).map_err(failure)
    }

    async fn dispatch(&self) -> Result<Dispatch, Failure> {
        let settings = self.access.settings(self.allow_trading)?;
        Ok(Dispatch::open(settings.with_bounds(self.patience.bounds())).await?)
    }

    fn runner(&self, dispatch: &Dispatch) -> Result<Runner, Failure> {
        let base_url = base_url(self.access.base_url.as_deref())?;
        let mut runner = Runner::new(dispatch.clone(), base_url, self.access.state.folder()?);
        for (source, url) in &self.service {
            runner = runner
                .with_service(Some(source), url, Options::default())
                .map_err(failure)?;
        }
        Ok(runner)
    }

    /// Runs to an end, and leaves nothing of it under way.
    fn report(
        &self,
        run: impl AsyncFnOnce(Runner) -> Result<Report, Error>,
    ) -> Result<Report, Failure> {
        Runtime::new()?.block_on(async {
            let dispatch = self.dispatch().await?;
            let report = run(self.runner(&dispatch)?).await;
            dispatch.close().await;
            report.map_err(failure)
        })
    }
}

impl Over {
    /// The report with what comes next as it has to be typed after this command: with the flags that were given here.
    fn typed(&self, mut report: Report) -> Report {
        let access = self.access.flags();
        let services = self.service.iter();
        let services = services.map(|pair| ("--service", joined(pair)));
        let files = self.sources.flags().into_iter().chain(services);
        let workflow: Vec<_> = files.chain(access.clone()).collect();
        for (command, needs_files) in NEXT {
            let flags = if needs_files { &workflow } else { &access };
            let flags = flags.iter();
            let flags: String = flags
                .map(|(flag, value)| format!(" {flag} {}", shell_word(value)))
                .collect();
            report.next = report.next.replace(command, &format!("{command}{flags}"));
        }
        report
    }
}

impl Run {
    pub(super) fn run(self) -> Result<(), Failure> {
        let library = self.over.sources.open(&self.document)?;
        let workflow = self.workflow.as_deref();
        let inputs = self.over.inputs(&library, workflow)?;
        if self.dry_run {
            let base_url = base_url(self.over.access.base_url.as_deref())?;
            let signer = signer(key_from_environment()?);
            let (steps, notes) =
                dry_run(&library, workflow, inputs, &base_url, &signer).map_err(failure)?;
            return rehearsal(&steps, &notes, self.reports.json);
        }
        let live = Live::default();
        let report = self.over.report(async |runner| {
            runner
                .run(&library, &self.document, workflow, inputs, &live)
                .await
        })?;
        ended(&self.over.typed(report), &live, &self.reports)
    }
}

impl Resume {
    pub(super) fn run(self) -> Result<(), Failure> {
        let state = self.over.access.state.folder()?;
        let (document, workflow, _) = begun(&state, &self.run).map_err(failure)?;
        let library = self.over.sources.open(&document)?;
        let secrets = self.over.inputs(&library, Some(&workflow))?;
        let live = Live::default();
        let report = self
            .over
            .report(async |runner| runner.resume(&library, &self.run, secrets, &live).await)?;
        ended(&self.over.typed(report), &live, &self.reports)
    }
}

fn rehearsal(steps: &[Rehearsed], notes: &[String], json: bool) -> Result<(), Failure> {
    for note in notes {
        output::remark(&format!("note: {}", plain(note)))?;
    }
    if json {
        return output::json(&steps);
    }
    let mut text = String::new();
    for step in steps {
        let lines = [
            Some(format!("{}: {}", step.step, step.call)),
            Some(format!("  {} {}", step.method, step.target)),
            step.body.as_ref().map(|body| format!("  body    {body}")),
            step.signing_string
                .as_ref()
                .map(|it| format!("  signed  {it}")),
            step.remark.as_ref().map(|it| format!("  note    {it}")),
        ];
        lines.into_iter().flatten().for_each(|line| {
            text.push_str(&plain(&line));
            text.push('\n');
        });
    }
    Ok(output::text(&format!("{text}Nothing was sent.\n"))?)
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
    show(report, reports.json)?;
    if let Some(problem) = unwritten {
        output::remark(&problem)?;
    }
    match report.outcome {
        Outcome::Done => Ok(()),
        outcome => Err(Failure::Said(outcome.exit_code())),
    }
}

fn show(report: &Report, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(report);
    }
    let mut lines = vec![
        format!("run      {}", report.run),
        format!("outcome  {}", report.outcome.text()),
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
