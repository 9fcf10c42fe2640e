//! Settings of the MCP server.

use std::time::Duration;

use bpx_capability::exposed::Tool;

/// Which calls need a person's consent before they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Confirm {
    /// None: the operator trusts the callers, or asks elsewhere.
    Never,
    /// Calls of tools with the destructive hint.
    Destructive,
    /// Every call that changes the account.
    #[default]
    AllWrites,
}

impl Confirm {
    /// Every value, the least strict first.
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

    /// Whether calls of the tool need consent.
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

/// Settings of the MCP server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct McpSettings {
    /// Which calls need a person's consent. By default all that change the account.
    pub confirm: Confirm,
    /// How long a person may take to respond, and how long an approval that nobody waits for can be used. 120 s by
    /// default.
    pub confirm_lifetime: Duration,
    /// How long a call waits for a person's approval outside the client, where the client asks nobody. Zero: it does not
    /// wait. 50 s by default, since many clients wait 60 s for a response.
    pub approval_wait: Duration,
    /// Whether clients of protocol versions before 2026-07-28 get a session when they ask for one. They can be asked for
    /// consent only within one. On by default; without sessions the gateway keeps no state of any client.
    pub sessions: bool,
    /// Maximum number of sessions of each token. 64 by default.
    pub sessions_max: usize,
    /// Maximum size of a result in bytes, text and structured content together. A longer list is cut after a whole
    /// item, and the result says where to continue. 60,000 by default, some 20,000 tokens.
    pub result_bytes_max: usize,
}

impl Default for McpSettings {
    fn default() -> Self {
        Self {
            confirm: Confirm::default(),
            confirm_lifetime: Duration::from_secs(120),
            approval_wait: Duration::from_secs(50),
            sessions: true,
            sessions_max: 64,
            result_bytes_max: 60_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(confirm: Confirm) -> Vec<&'static str> {
        let tools = bpx_venue::exposed().tools();
        tools
            .filter(|tool| confirm.asks_about(tool))
            .map(|tool| tool.operation.id.as_str())
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
