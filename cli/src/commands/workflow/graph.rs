//! `bpx workflow graph`.

use clap::Args;

use super::Files;
use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx workflow graph cancel-replace-order
  bpx workflow graph flow.arazzo.yaml --workflow second > second.mmd

Exit codes: 0 printed, 2 the document is wrong or has no such workflow.";

/// Print a workflow as a Mermaid flowchart.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Graph {
    /// A document, or the name of a built-in workflow
    #[arg(value_name = "NAME|FILE")]
    document: String,
    /// Which of its workflows, if it has several
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    #[command(flatten)]
    sources: Files,
}

impl Graph {
    pub(super) fn run(self) -> Result<(), Failure> {
        let library = self.sources.open(&self.document)?;
        let workflow = library.workflow(self.workflow.as_deref())?;
        Ok(output::text(&bpx_workflow::graph(workflow))?)
    }
}
