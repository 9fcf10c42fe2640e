//! `bpx diff`: what a new document means for callers of the old one.

mod text;

use std::path::PathBuf;

use bpx_conformance::diff::{NAMES, Verdict, diff, json, replay};
use bpx_conformance::{Contract, RunOptions};
use bpx_recording::sources;
use clap::Args;

use super::check::bad_input;
use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx diff old.yaml new.yaml
  bpx diff openapi/backpack-order.openapi.yaml venue.yaml --replay recordings/
  bpx diff old.yaml new.yaml --json

OLD and NEW are OpenAPI 3.0 or 3.1 documents, YAML or JSON. Each change has a verdict on the wire, seen from callers that
stay as they are: breaking, risky (the documents cannot tell), undecided (neither a proof nor a counterexample), safe; and
what Rust callers see of a client that is generated anew. With --replay, recorded exchanges are held against both.

Exit codes: 0 nothing breaks, 1 something breaks, 2 could not compare.";

/// Say what a new version of an OpenAPI document means, on the wire and for Rust callers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// OpenAPI document that callers were written against
    old: PathBuf,
    /// OpenAPI document that is to come
    new: PathBuf,
    /// Recordings to hold against both: files, folders, patterns
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
        let old = Contract::read_openapi(&self.old).map_err(bad_input)?;
        let new = Contract::read_openapi(&self.new).map_err(bad_input)?;
        let names = self.names()?;
        let found = diff(&old, &new, Some((&names.0, &names.1))).map_err(bad_input)?;
        let replayed = match self.replay.is_empty() {
            true => None,
            false => {
                let files = sources(&self.replay).map_err(bad_input)?;
                let options = RunOptions::default();
                Some(replay(&old, &new, files, &options).map_err(bad_input)?)
            }
        };
        if let Some(replayed) = replayed.as_ref().filter(|it| it.exchanges == 0) {
            return Err(Failure::BadInput(format!(
                "nothing was replayed, {} entries cannot be read; name recordings that hold exchanges",
                replayed.unread
            )));
        }
        let shown = match self.json {
            true => json(&old, &new, &found, replayed.as_ref()).map_err(bad_input)?,
            false => text::render(&found, replayed.as_ref()),
        };
        output::text(&shown)?;
        let breaking = match found.count(Verdict::Breaking) {
            0 => return Ok(()),
            1 => "1 change breaks".to_owned(),
            count => format!("{count} changes break"),
        };
        let advice = "see what they use of it before the new one is served";
        Err(Failure::Failed(format!(
            "{breaking} callers of the old document; {advice}"
        )))
    }

    fn names(&self) -> Result<(String, String), Failure> {
        let Some(path) = &self.names else {
            return Ok((NAMES.0.to_owned(), NAMES.1.to_owned()));
        };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::BadInput(format!("{file}: {error}; name a table of Rust names"))
        })?;
        Ok((file, text))
    }
}
