//! `bpx workflow`: run, check, resume and draw Arazzo workflows.

mod beside;
mod check;
mod exchange;
mod graph;
mod live;
mod planned;
mod run;
mod survey;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bpx_contract::{Diagnostic, Diagnostics};
use bpx_workflow::{Catalog, Error, Library, Outcome, SourceFiles};
use clap::{Args, Subcommand};

use self::check::Check;
use self::graph::Graph;
use self::run::{Resume, Run};
use crate::failure::{Category, Failure, Fault};
use crate::output::{self, plain};

/// Run, check, resume and draw Arazzo workflows.
#[derive(Debug, Args)]
pub(crate) struct Workflow {
    #[command(subcommand)]
    command: WorkflowCommand,
}

#[derive(Debug, Subcommand)]
enum WorkflowCommand {
    /// Check documents against the contract: names, types, expressions; sends nothing
    Check(Check),
    /// Print a workflow as a Mermaid flowchart
    Graph(Graph),
    /// Continue a run that broke off or ended unknown; sends nothing that was sent before
    Resume(Resume),
    /// Run a workflow step by step; each request is signed and settled on its own
    Run(Run),
}

impl Workflow {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            WorkflowCommand::Check(check) => check.run(),
            WorkflowCommand::Graph(graph) => graph.run(),
            WorkflowCommand::Resume(resume) => resume.run(),
            WorkflowCommand::Run(run) => run.run(),
        }
    }
}

/// The files of a document's sources.
#[derive(Debug, Args)]
struct Files {
    /// OpenAPI document for the document's OpenAPI sources; several are taken as one [default: the file at the source's URL,
    /// else the order API]
    #[arg(long, value_name = "FILE")]
    openapi: Vec<PathBuf>,
    /// File of one source description; one of a document that is a source itself is named OUTER.NAME
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    source: Vec<(String, String)>,
}

impl Files {
    /// The document of this name or path.
    fn open(&self, document: &str) -> Result<Library, Failure> {
        let catalog = catalog();
        if let Some(library) = Library::built_in(document, &catalog)? {
            return Ok(library);
        }
        let named: BTreeMap<_, _> = self
            .source
            .iter()
            .map(|(name, file)| (name.clone(), PathBuf::from(file)))
            .collect();
        let files = SourceFiles {
            openapi: self.openapi.first().cloned(),
            further: self.openapi.iter().skip(1).cloned().collect(),
            named,
        };
        Ok(Library::open(Path::new(document), &files, &catalog)?)
    }
}

impl Files {
    /// The flags that name the same files again.
    fn flags(&self) -> Vec<(&'static str, String)> {
        let openapi = self.openapi.iter();
        let openapi = openapi.map(|file| ("--openapi", file.display().to_string()));
        let sources = self.source.iter().map(|pair| ("--source", joined(pair)));
        openapi.chain(sources).collect()
    }
}

/// Shows what a document only may mean; `strict` makes it a failure.
fn warn(library: &Library, strict: bool) -> Result<usize, Failure> {
    let warnings: Vec<Diagnostic> = library.warnings().cloned().collect();
    if strict && !warnings.is_empty() {
        return Err(Diagnostics(warnings).into());
    }
    for Diagnostic {
        place,
        problem,
        fix,
    } in &warnings
    {
        let lines = [
            format!("warning: {}", plain(problem)),
            format!("     at: {}", plain(&place.to_string())),
            format!("    fix: {}", plain(fix)),
        ];
        output::remark(&lines.join("\n"))?;
    }
    Ok(warnings.len())
}

/// The API and the workflows that are part of this program.
fn catalog() -> Catalog {
    Catalog {
        api: bpx_venue::api().clone(),
        workflows: &bpx_venue::WORKFLOWS,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let category = match &error {
            Error::Locked { .. } | Error::Unfinished { .. } | Error::Record { .. } => {
                Category::WorkflowRecord
            }
            Error::Inputs { .. } => Category::InvalidArguments,
            _ => Category::InvalidInput,
        };
        let faults = match error {
            Error::Document(diagnostics) => return diagnostics.into(),
            Error::Dispatch(refused) => return refused.into(),
            Error::Inputs { workflow, faults } => faults
                .into_iter()
                .map(|fault| Fault {
                    problem: fault.problem,
                    location: Some(format!("inputs of `{workflow}`{}", at(&fault.pointer))),
                    fix: fault.fix,
                })
                .collect(),
            error => vec![Fault {
                problem: error.problem(),
                location: error.location(),
                fix: error.fix(),
            }],
        };
        Self::with_faults(category, faults)
    }
}

/// A JSON pointer after the name of what it points into; nothing for the whole.
fn at(pointer: &str) -> String {
    match pointer.is_empty() {
        true => String::new(),
        false => format!(", {pointer}"),
    }
}

fn joined((name, value): &(String, String)) -> String {
    format!("{name}={value}")
}

/// `k=v`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The exit codes, for the help of commands that run a workflow.
fn exit_codes() -> String {
    let ends = Outcome::EXIT_CODES
        .iter()
        .map(|(code, text)| format!("  {code:<3} {text}\n"));
    let ends: String = ends.collect();
    format!(
        "Exit codes:\n{ends}  1   failed here: nothing was sent\n  2   wrong usage, document or inputs: nothing was sent\n  130 interrupted: it names the run and how it goes on"
    )
}
