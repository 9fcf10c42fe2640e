//! `bpx workflow`: run, check, resume and draw Arazzo workflows.

mod check;
mod graph;
mod live;
mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bpx_workflow::{Error, Library, Outcome, SourceFiles};
use clap::{Args, Subcommand};

use self::check::Check;
use self::graph::Graph;
use self::run::{Resume, Run};
use crate::failure::Failure;

/// Run, check, resume and draw Arazzo workflows.
#[derive(Debug, Args)]
pub(crate) struct Workflow {
    #[command(subcommand)]
    command: WorkflowCommand,
}

#[derive(Debug, Subcommand)]
enum WorkflowCommand {
    /// Hold documents against the contract: names, types, expressions; sends nothing
    Check(Check),
    /// Print a workflow as a Mermaid flowchart
    Graph(Graph),
    /// Go on with a run that broke off or ended unknown, by asking and not by repeating
    Resume(Resume),
    /// Run a workflow, step by step, each request signed and settled by itself
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

/// Which files a document's sources are.
#[derive(Debug, Args)]
struct Files {
    /// Stands for the OpenAPI sources of the document [default: the file at the source's URL, else the exchange's contract]
    #[arg(long, value_name = "FILE")]
    openapi: Option<PathBuf>,
    /// Stands for one source description
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    source: Vec<(String, String)>,
}

impl Files {
    /// The document of this name or path.
    fn open(&self, document: &str) -> Result<Library, Failure> {
        if let Some(library) = Library::built_in(document).map_err(failure)? {
            return Ok(library);
        }
        let named: BTreeMap<_, _> = self
            .source
            .iter()
            .map(|(name, file)| (name.clone(), PathBuf::from(file)))
            .collect();
        let files = SourceFiles {
            openapi: self.openapi.clone(),
            named,
        };
        Library::open(Path::new(document), &files).map_err(failure)
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

fn joined((name, value): &(String, String)) -> String {
    format!("{name}={value}")
}

/// `k=v`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Dispatch(refused) => refused.into(),
        Error::Locked { .. } | Error::Unfinished { .. } | Error::Record { .. } => {
            Failure::Failed(error.to_string())
        }
        // Diagnostics say "error:", "at:" and "fix:" by themselves.
        Error::Document(faults) => {
            Failure::BadInput(faults.to_string().trim_start_matches("error: ").to_owned())
        }
        _ => Failure::BadInput(error.to_string()),
    }
}

/// The exit codes, for the help of whatever runs a workflow.
fn exit_codes() -> String {
    let ends = Outcome::EXIT_CODES
        .iter()
        .map(|(code, text)| format!("  {code:<3} {text}\n"));
    let ends: String = ends.collect();
    format!(
        "Exit codes:\n{ends}  1   failed here: nothing was sent\n  2   wrong usage, document or inputs: nothing was sent"
    )
}
