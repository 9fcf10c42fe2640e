//! How the MCP face behaves.

use std::time::Duration;

use bpx_runtime::capability::Tool;

/// Which calls a person is asked about before they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Confirm {
    /// None. Whoever runs the gateway trusts what calls it, or asks elsewhere.
    Never,
    /// Calls of the tools whose hints say that they destroy something: cancellations. Orders are placed unasked.
    Destructive,
    /// Every call that changes the account.
    #[default]
    AllWrites,
}

impl Confirm {
    /// Every value, the laxest first.
    pub const ALL: [Self; 3] = [Self::Never, Self::Destructive, Self::AllWrites];

    /// `never`, `destructive` or `all-writes`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Destructive => "destructive",
            Self::AllWrites => "all-writes",
        }
    }

    /// Whether a person is asked before the tool is called.
    #[must_use]
    pub fn asks_about(self, tool: &Tool) -> bool {
        let changes = !tool.operation.effect.only_reads();
        match self {
            Self::Never => false,
            Self::Destructive => changes && tool.hints.destructive,
            Self::AllWrites => changes,
        }
    }
}

/// How the MCP face behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct McpSettings {
    /// Which calls a person is asked about. All that change the account, by default.
    pub confirm: Confirm,
    /// How long a person may take to answer. 120 s by default.
    pub confirm_lifetime: Duration,
    /// Whether clients of protocol versions before 2026-07-28 get a session. They can be asked only within one; without,
    /// the gateway keeps nothing of any client. Off by default.
    pub sessions: bool,
    /// Sessions at once; beyond that no client gets a new one. 64 by default.
    pub sessions_max: usize,
    /// Most bytes of a result. A longer list is cut after a whole row, and says so. 64 KiB by default.
    pub result_bytes_max: usize,
}

impl Default for McpSettings {
    fn default() -> Self {
        Self {
            confirm: Confirm::default(),
            confirm_lifetime: Duration::from_secs(120),
            sessions: false,
            sessions_max: 64,
            result_bytes_max: 64 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use bpx_client::capability::MCP;

    use super::*;

    fn asked(confirm: Confirm) -> Vec<&'static str> {
        let tools = MCP.iter().flat_map(|server| server.tools);
        tools
            .filter(|tool| confirm.asks_about(tool))
            .map(|tool| tool.operation.id)
            .collect()
    }

    #[test]
    fn a_person_is_asked_about_what_the_setting_names() {
        assert!(asked(Confirm::Never).is_empty());
        assert_eq!(
            asked(Confirm::Destructive),
            ["cancel_order", "cancel_open_orders"]
        );
        assert_eq!(
            asked(Confirm::AllWrites),
            [
                "execute_order",
                "cancel_order",
                "execute_order_batch",
                "cancel_open_orders"
            ]
        );
    }
}
