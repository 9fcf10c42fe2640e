//! `bpx workflow check`.

use std::path::Path;

use clap::Args;

use super::survey::{self, Survey};
use super::{Files, warn};
use crate::failure::{Category, Failure};
use crate::output::{self, plain};

const EXAMPLES: &str = "\
Examples:
  bpx workflow check cancel-replace-order
  bpx workflow check flow.arazzo.yaml --openapi contract.yaml
  bpx workflow check documents/ --json

Every fault is reported with its location and a fix. What a contract does not bear out and a service may take all the same is
a warning; in a workflow that calls signed operations it is a fault. What is allowed and still worth knowing is a note.

Of a folder, every Arazzo document in it is checked, and a table says what became of each and how many have the same fault:
the first place of every refusal and of every cause. `--json` prints the same as one object, of files too.

Exit codes: 0 nothing is wrong, 1 something is, 2 a folder cannot be read or has no document.";

/// Check documents against the contract.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Documents, folders of documents, or names of built-in workflows
    #[arg(required = true, value_name = "FILE|FOLDER")]
    files: Vec<String>,
    /// Take warnings for faults
    #[arg(long)]
    strict: bool,
    /// One JSON object: each document with its faults and warnings, and the causes with counts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sources: Files,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.json || self.files.iter().any(|it| Path::new(it).is_dir()) {
            return self.survey();
        }
        let mut wrong = 0;
        for file in &self.files {
            if let Err(failure) = self.one(file) {
                wrong += 1;
                failure.print(false);
            }
        }
        if wrong > 0 {
            Err(Failure::reported(Category::Findings))
        } else {
            Ok(())
        }
    }

    fn survey(&self) -> Result<(), Failure> {
        let mut documents = Vec::new();
        for file in &self.files {
            match Path::new(file).is_dir() {
                true => documents.extend(survey::documents(Path::new(file))?),
                false => documents.push(file.clone()),
            }
        }
        let survey = Survey::of(&documents, &self.sources, self.strict);
        match self.json {
            true => output::json(&survey)?,
            false => output::text(&survey.table())?,
        }
        match survey.refused {
            0 => Ok(()),
            _ => Err(Failure::reported(Category::Findings)),
        }
    }

    fn one(&self, file: &str) -> Result<(), Failure> {
        let library = self.sources.open(file)?;
        for note in library.notes() {
            output::remark(&format!("note: {}", plain(&note)))?;
        }
        let warnings = warn(&library, self.strict)?;
        let workflows = &library.checked().workflows;
        let steps = workflows.iter().map(|it| it.steps.len()).sum();
        let found = match warnings {
            0 => "nothing is wrong".to_owned(),
            some => counted(some, "warning"),
        };
        Ok(output::text(&format!(
            "{file}: {}, {}, {found}\n",
            counted(workflows.len(), "workflow"),
            counted(steps, "step")
        ))?)
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
