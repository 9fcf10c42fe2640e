//! Which MCP calls a person is asked about.

use bpx_gateway::Confirm;
use clap::Args;

/// Which MCP calls a person is asked about.
#[derive(Debug, Args)]
pub(in crate::commands) struct ConfirmArgs {
    /// MCP calls that need a person's consent
    #[arg(long, value_name = "WHICH", value_parser = ["never", "destructive", "all-writes"], default_value = "all-writes")]
    confirm: String,
}

impl ConfirmArgs {
    pub(in crate::commands) fn value(&self) -> Confirm {
        let mut values = Confirm::ALL.into_iter();
        let found = values.find(|confirm| confirm.word() == self.confirm);
        found.unwrap_or_default()
    }
}
