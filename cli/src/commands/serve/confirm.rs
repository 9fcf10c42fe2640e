//! Which MCP calls a person is asked about, and how.

use std::time::Duration;

use bpx_gateway::{Confirm, McpSettings};
use clap::Args;

/// Which MCP calls a person is asked about, and how.
#[derive(Debug, Args)]
pub(in crate::commands) struct ConfirmArgs {
    /// MCP calls that need a person's consent
    #[arg(long, value_name = "WHICH", value_parser = ["never", "destructive", "all-writes"], default_value = "all-writes")]
    confirm: String,
    /// How long a call waits for approval on the page /approve or by `bpx approve`, where its client asks nobody; 0 refuses it
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=3_600), default_value = "50")]
    approval_wait: u64,
}

impl ConfirmArgs {
    pub(in crate::commands) fn apply(&self, settings: &mut McpSettings) {
        let mut values = Confirm::ALL.into_iter();
        let found = values.find(|confirm| confirm.word() == self.confirm);
        settings.confirm = found.unwrap_or_default();
        settings.approval_wait = Duration::from_secs(self.approval_wait);
    }
}
