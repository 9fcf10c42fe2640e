//! `bpx report`: partial reports put together.

use std::path::PathBuf;

use bpx_conformance::report::Report;
use clap::{Args, Subcommand};

use super::check::ShownArgs;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  bpx report merge part-*.json
  bpx report merge part-0.json part-1.json --format html --output report.html
  bpx report merge part-0.json part-1.json --partial half.json

Parts may be merged in any order and in any groups: the result is the same to the byte. A part that comes twice counts
once. Parts of another contract or another version of this program are refused.

Exit codes: 0 no findings but notes and accepted ones (with --partial: merged), 1 findings, 2 could not merge.";

/// Work with partial reports.
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Put the parts of a sharded check together
    Merge(Merge),
}

/// Put the parts of a sharded check together.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Merge {
    /// What 'bpx check --partial' wrote
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    shown: ShownArgs,
    /// Write one part that stands for all, instead of a report
    #[arg(long, value_name = "OUT", conflicts_with_all = ["format", "json", "output", "baseline"])]
    partial: Option<PathBuf>,
}

impl ReportCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Action::Merge(merge) => merge.run(),
        }
    }
}

impl Merge {
    fn run(self) -> Result<(), Failure> {
        let mut merged: Option<Report> = None;
        for part in &self.parts {
            let part = Report::read(part)?;
            merged = Some(match merged {
                None => part,
                Some(mut sum) => {
                    sum.merge(part)?;
                    sum
                }
            });
        }
        let Some(report) = merged else {
            let fix = "name files that 'bpx check --partial' wrote";
            return Err(Failure::bad_input("no part is named", fix));
        };
        match &self.partial {
            Some(path) => Ok(report.write(path)?),
            None => self.shown.show(&self.shown.contract()?, &report),
        }
    }
}
