//! `bpx check`: checks recordings against a contract.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bpx_conformance::render::{headline, number};
use bpx_conformance::report::Report;
use bpx_conformance::{
    Baseline, Contract, Error, Format, Ignore, RunOptions, Settings, Severity, Shown, View, Watch,
    check, render,
};
use bpx_contract::Document;
use bpx_recording::{STDIN, Shard, sources};
use clap::{Args, ValueEnum};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::sandbox::Stop;
use crate::failure::{Category, Failure};
use crate::output;
use crate::progress::{self, Read};

const EXAMPLES: &str = "\
Examples:
  bpx check recordings/
  bpx check day.ndjson.zst 'browser/*.har' --format html --output report.html
  bpx check orders.ndjson --schema schemas/order.schema.json
  bpx check *.ndjson --baseline accepted.toml --format sarif --output bpx.sarif
  bpx check big.ndjson --shard 0/8 --partial part-0.json
  bpx check day.ndjson --ignore status=5XX --ignore rule=header-missing,path=/api/v1/status
  bpx check proxy.ndjson --watch
  bpx check streams.ndjson browser.har --asyncapi asyncapi/backpack-streams.asyncapi.yaml

Reads HAR 1.2, NDJSON (plain, .gz, .zst, '-' for standard input), lists of JSON, cassettes of VCR, vcrpy, Betamax and nock,
WireMock mappings, Hoverfly simulations and access logs; the format is recognised by content. Each interaction is validated, or
skipped with a reason. So is each message of a WebSocket connection: those of a HAR, lines of 'bpx watch --record', and messages as
they came, one a line: {\"stream\":\"NAME\",\"data\":{}}. A baseline is TOML: [[accepted]] tables with
`fingerprint` and `reason`; a row that matches nothing any more fails. --rules names TOML too: a table [severity] of
`rule = \"error\"`, \"warning\" or \"note\", and [[ignored]] tables with the keys of --ignore.

Exit codes: 0 no findings but notes and accepted ones (with --partial: checked), 1 findings, 2 could not check, or neither a
response nor a message was validated.";

/// How many faults of recordings are named where nothing was validated.
const REASONS_MAX: usize = 3;
/// How often the progress is shown anew.
const TICK: Duration = Duration::from_millis(250);

/// Check recordings against the contract: faults, coverage, drift.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Recordings: files, folders, patterns, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    shown: ShownArgs,
    /// Check one part of the work only: i of n, i from 0
    #[arg(long, value_name = "I/N", requires = "partial")]
    shard: Option<Shard>,
    /// Write what was counted for 'bpx report merge', instead of a report
    #[arg(long, value_name = "OUT", conflicts_with_all = ["format", "json", "output", "baseline"])]
    partial: Option<PathBuf>,
    /// Another host of the API; requests to hosts that are not its own are skipped where they belong to no operation
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// Take every host for the API's
    #[arg(long, conflicts_with = "host")]
    any_host: bool,
    /// What standard input is called in the report
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    stdin_name: String,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Severities of your own, and what to ignore
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Leave out findings of a rule, or interactions where no rule is named: rule, operation, path, host, status
    #[arg(long, value_name = "KEY=VALUE,...")]
    ignore: Vec<Ignore>,
    /// Follow a recording that is being written, one interaction a line, until Ctrl-C; new findings go to standard error
    #[arg(long, conflicts_with_all = ["partial", "shard", "threads", "stdin_name"])]
    watch: bool,
}

/// What a report is shown against, and how.
#[derive(Debug, Args)]
pub(crate) struct ShownArgs {
    /// OpenAPI document [default: the contract this program was built from]
    #[arg(long, value_name = "FILE", conflicts_with = "schema")]
    openapi: Option<PathBuf>,
    /// AsyncAPI document for messages of streams [default: this program's, unless --openapi names another API]
    #[arg(long, value_name = "FILE", conflicts_with = "schema")]
    asyncapi: Option<PathBuf>,
    /// JSON Schema; each line of a recording is then one document of its type
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Path that recorded URLs begin with, as behind a gateway
    #[arg(long, value_name = "PATH")]
    base_path: Option<String>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
    /// Print JSON, as --format json does
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write the report to a file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Findings that are accepted, with reasons
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// List by operation what was seen and what never was
    #[arg(long)]
    coverage: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Human,
    Json,
    Junit,
    Sarif,
    Github,
    Html,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Human => Self::Human,
            Form::Json => Self::Json,
            Form::Junit => Self::Junit,
            Form::Sarif => Self::Sarif,
            Form::Github => Self::Github,
            Form::Html => Self::Html,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Contract(diagnostics) => diagnostics.into(),
            Error::Recording(error) => error.into(),
            error => Self::bad_input(
                error.to_string(),
                "correct the command line, or the file that is named",
            ),
        }
    }
}

impl Check {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut contract = self.shown.contract()?;
        for host in &self.host {
            contract = contract.with_host(host);
        }
        if self.any_host {
            contract = contract.with_any_host();
        }
        let mut options = RunOptions::default();
        let settings = match &self.rules {
            Some(path) => Settings::read(path)?,
            None => Settings::default(),
        };
        options.settings = settings.ignoring(self.ignore);
        options.threads = self.threads.unwrap_or(options.threads);
        options.read.shard = self.shard.unwrap_or(Shard::WHOLE);
        options.read.stdin_name = self.stdin_name;
        let report = match (self.watch, &*self.files) {
            (false, files) => checked(&contract, sources(files)?, &options)?,
            (true, [file]) => Runtime::new()?.block_on(watched(&contract, file, &options))?,
            (true, _) => {
                let fix = "name one recording with --watch";
                return Err(Failure::bad_input("several recordings", fix));
            }
        };
        match &self.partial {
            Some(path) => Ok(report.write(path)?),
            None => self.shown.show(&contract, &report),
        }
    }
}

fn checked(
    contract: &Contract,
    files: Vec<String>,
    options: &RunOptions,
) -> Result<Report, Failure> {
    let progress = Arc::clone(&options.read.progress);
    let shown = progress::read(total_bytes(&files), move || Read {
        bytes: progress.done_bytes.load(Ordering::Relaxed),
        interactions: progress.interactions.load(Ordering::Relaxed),
    });
    let report = check(contract, files, options);
    shown.end();
    Ok(report?)
}

/// `None` where standard input takes part, whose length nobody knows.
fn total_bytes(files: &[String]) -> Option<u64> {
    let sizes = files.iter().map(|file| match file.as_str() {
        STDIN => None,
        file => std::fs::metadata(file).ok().map(|it| it.len()),
    });
    sizes.sum()
}

async fn watched(contract: &Contract, file: &str, options: &RunOptions) -> Result<Report, Failure> {
    let mut stop = Stop::listen()?;
    let mut watch = Watch::open(contract, file, options)?;
    loop {
        let (new, has_more) = watch.poll()?;
        for finding in new {
            let line = headline(&finding.subject, &options.settings);
            output::remark(line.trim_end())?;
        }
        let pause = if has_more { Duration::ZERO } else { TICK };
        tokio::select! {
            asked = stop.asked() => break asked?,
            () = tokio::time::sleep(pause) => {}
        }
    }
    Ok(watch.finish())
}

impl ShownArgs {
    pub(crate) fn contract(&self) -> Result<Contract, Failure> {
        let contract = match (&self.openapi, &self.schema) {
            (Some(openapi), _) => Contract::read_openapi(openapi),
            (None, Some(schema)) => Contract::read_schema(schema),
            (None, None) => Contract::from_api(bpx_venue::api().clone()),
        }?;
        let contract = match (&self.asyncapi, &self.openapi, &self.schema) {
            (Some(asyncapi), ..) => contract.with_asyncapi(Document::read(asyncapi)?)?,
            (None, None, None) => contract.with_asyncapi(bpx_venue::streams().clone())?,
            _ => contract,
        };
        Ok(match &self.base_path {
            Some(path) => contract.with_base_path(path),
            None => contract,
        })
    }

    /// Writes the report; findings make it a failure.
    pub(crate) fn show(&self, contract: &Contract, report: &Report) -> Result<(), Failure> {
        let baseline = match &self.baseline {
            Some(path) => Baseline::read(path)?,
            None => Baseline::default(),
        };
        let mut view = View::new(contract, report, &baseline)?;
        view.lists_coverage = self.coverage;
        let form = if self.json { Form::Json } else { self.format };
        let text = render(&view, form.into())?;
        match &self.output {
            Some(path) => std::fs::write(path, text).map_err(|error| {
                let problem = format!("{}: {error}", path.display());
                Failure::bad_input(problem, "name a file that can be written")
            })?,
            None => return printed(&text, form, verdict(&view)),
        }
        verdict(&view)
    }
}

/// Prints the report. With JSON, a failure that is not about findings is part of the same object.
fn printed(text: &str, form: Form, verdict: Result<(), Failure>) -> Result<(), Failure> {
    match verdict {
        Err(failure) if matches!(form, Form::Json) && failure.category() != Category::Findings => {
            let report: Value = serde_json::from_str(text)?;
            Err(failure.print_with(&report)?)
        }
        verdict => {
            output::text(text)?;
            verdict
        }
    }
}

/// A check that validated nothing must not pass, and does not fail by what the recordings themselves are like.
fn verdict(view: &View<'_>) -> Result<(), Failure> {
    let is_of_input = |it: &Shown| it.finding.subject.part == "input";
    let mut failing = view.findings.iter().filter(|it| it.fails());
    // What is accepted says why nothing was validated.
    let is_explained = view.accepted() > 0 || !view.stale.is_empty();
    let tally = &view.tally;
    let is_read = tally.exchanges.count > 0 || tally.messages.seen.count > 0;
    let is_judged =
        tally.validated > 0 || tally.messages.validated > 0 || !failing.all(is_of_input);
    if !is_read || !is_judged && !is_explained {
        return Err(nothing_validated(view));
    }
    if !view.fails() {
        return Ok(());
    }
    let errors = number(view.count(Severity::Error), "error");
    let warnings = number(view.count(Severity::Warning), "warning");
    let stale = number(view.stale.len() as u64, "stale baseline row");
    Err(Failure::new(
        Category::Findings,
        format!("the recordings do not fit the contract: {errors}, {warnings}, {stale}"),
        "correct what the report names, or accept findings in a baseline",
    ))
}

/// Why nothing was validated, in one line.
fn nothing_validated(view: &View<'_>) -> Failure {
    let tally = &view.tally;
    let skipped = tally.skipped.iter().chain(&tally.messages.skipped);
    let skipped = skipped.map(|(reason, count)| format!("{count} {}", reason.as_str()));
    let faults = view.findings.iter().filter(|it| it.fails());
    let faults = faults
        .take(REASONS_MAX)
        .map(|it| match it.finding.places.first() {
            Some(place) => format!("{}: {}", place.file, it.finding.subject.detail),
            None => it.finding.subject.detail.clone(),
        });
    let reasons: Vec<_> = skipped.chain(faults).collect();
    let reasons = match reasons.is_empty() {
        true => "the recordings hold no interactions".to_owned(),
        false => reasons.join("; "),
    };
    let (what, fix) = match (tally.exchanges.count, tally.messages.seen.count) {
        (0, 0) => (
            "response",
            "name recordings that hold interactions, in a format that is read",
        ),
        (_, 0) => (
            "response",
            "record responses with their status, headers and body",
        ),
        _ => (
            "response and no message",
            "name the AsyncAPI document of the streams: --asyncapi FILE",
        ),
    };
    Failure::bad_input(format!("no {what} was validated: {reasons}"), fix)
}
