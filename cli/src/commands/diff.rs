//! `bpx diff`: compares two OpenAPI documents, from the point of view of callers of the old one.

mod text;

use std::path::{Path, PathBuf};

use bpx_conformance::{Contract, Replay, RunOptions, replay};
use bpx_contract::{Api, Diagnostics, Document};
use bpx_evolve::{Report, Verdict, diff, openapi_api};
use bpx_recording::sources;
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx diff old.yaml new.yaml
  bpx diff openapi/backpack-order.openapi.yaml venue.yaml --replay recordings/
  bpx diff old.yaml new.yaml --json

OLD and NEW are OpenAPI 3.0 or 3.1 documents, YAML or JSON. Each change has a verdict for callers that stay as they are:
breaking, risky (the documents do not decide it), undecided (neither a proof nor a counterexample), safe; and its effect on
Rust callers once the client is generated again. With --replay, recorded interactions are checked against both documents.

Exit codes: 0 nothing breaks, 1 something breaks, 2 could not compare.";

/// Compare two versions of an OpenAPI document, for existing callers and for Rust callers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// OpenAPI document that callers were written for
    old: PathBuf,
    /// OpenAPI document that replaces it
    new: PathBuf,
    /// Recordings to check against both: files, folders, patterns
    #[arg(long, value_name = "FILE", num_args = 1..)]
    replay: Vec<String>,
    /// Table of Rust names [default: that of the client of this program]
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let old = read(&self.old)?;
        let new = read(&self.new)?;
        let names = self.names()?;
        let found = diff(&old, &new, Some((&names.0, &names.1)))?;
        let replay = match self.replay.is_empty() {
            true => None,
            false => Some(self.replayed(&old, &new)?),
        };
        let shown = match self.json {
            false => text::render(&found, replay.as_ref()),
            true => {
                let report = Report::new(&old, &new, &found);
                serde_json::to_string_pretty(&Shown { report, replay })? + "\n"
            }
        };
        output::text(&shown)?;
        let breaking = match found.count(Verdict::Breaking) {
            0 => return Ok(()),
            1 => "1 change breaks".to_owned(),
            count => format!("{count} changes break"),
        };
        Err(Failure::failed(
            format!("{breaking} callers of the old document"),
            "check what they use before the new one is served",
        ))
    }

    /// The recordings checked against both documents.
    fn replayed(&self, old: &Api, new: &Api) -> Result<Replay, Failure> {
        let contract = |api: &Api| Contract::openapi(api.document().clone());
        let files = sources(&self.replay)?;
        let (old, new) = (contract(old)?, contract(new)?);
        let found = replay(&old, &new, files, &RunOptions::default())?;
        if found.exchanges == 0 {
            return Err(Failure::bad_input(
                format!(
                    "nothing was replayed, {} entries cannot be read",
                    found.unread
                ),
                "name recordings that hold exchanges",
            ));
        }
        Ok(found)
    }

    fn names(&self) -> Result<(String, String), Failure> {
        let Some(path) = &self.names else {
            let (file, text) = bpx_venue::NAMES;
            return Ok((file.to_owned(), text.to_owned()));
        };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::bad_input(format!("{file}: {error}"), "name a table of Rust names")
        })?;
        Ok((file, text))
    }
}

/// The JSON report.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<Replay>,
}

fn read(path: &Path) -> Result<Api, Diagnostics> {
    openapi_api(Document::read(path)?)
}
