//! Callers and what they may do.

use bpx_contract::api::Operation;

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Operations that only read.
    Read,
    /// All operations.
    Trade,
}

impl Scope {
    /// Every scope, the narrowest first.
    pub const ALL: [Self; 2] = [Self::Read, Self::Trade];

    /// `read` or `trade`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Trade => "trade",
        }
    }

    /// The scope that an operation needs.
    #[must_use]
    pub fn needed(operation: &Operation) -> Self {
        match operation.effect.only_reads() {
            true => Self::Read,
            false => Self::Trade,
        }
    }

    /// Whether a token of this scope may call the operation.
    #[must_use]
    pub fn allows(self, operation: &Operation) -> bool {
        self >= Self::needed(operation)
    }
}

/// The protocols that the gateway serves, each on a port of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    Rest,
    Mcp,
}

impl Protocol {
    pub(crate) const ALL: [Self; 2] = [Self::Rest, Self::Mcp];

    /// `rest` or `mcp`: the value of the label and span field `face`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Mcp => "mcp",
        }
    }
}

/// Who made a request: the holder of one of the tokens, over one of the protocols. The guard puts it into the request's
/// extensions; over standard input there is one for all requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) protocol: Protocol,
    pub(crate) scope: Scope,
}

impl Caller {
    /// Its name in the journal, such as `rest:trade`.
    pub(crate) fn name(self) -> String {
        format!("{}:{}", self.protocol.word(), self.scope.word())
    }
}
