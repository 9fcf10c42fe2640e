//! `bpx workflow check`.

use clap::Args;

use super::Files;
use crate::failure::{Category, Failure};
use crate::output::{self, plain};

const EXAMPLES: &str = "\
Examples:
  bpx workflow check cancel-replace-order
  bpx workflow check flow.arazzo.yaml --openapi contract.yaml

Every fault is reported with its location and a fix. What is allowed and still worth knowing is a note.

Exit codes: 0 nothing is wrong, 1 something is.";

/// Check documents against the contract.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Documents, or names of built-in workflows
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    sources: Files,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut wrong = 0;
        for file in &self.files {
            match self.sources.open(file) {
                Ok(library) => {
                    for note in library.notes() {
                        output::remark(&format!("note: {}", plain(&note)))?;
                    }
                    let workflows = &library.checked().workflows;
                    let steps = workflows.iter().map(|it| it.steps.len()).sum();
                    output::text(&format!(
                        "{file}: {}, {}, nothing is wrong\n",
                        counted(workflows.len(), "workflow"),
                        counted(steps, "step")
                    ))?;
                }
                Err(failure) => {
                    wrong += 1;
                    failure.print(false);
                }
            }
        }
        if wrong > 0 {
            Err(Failure::reported(Category::Findings))
        } else {
            Ok(())
        }
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
