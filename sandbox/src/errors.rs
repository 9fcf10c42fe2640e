//! Why a sandbox could not start, or refused what its caller asked for.

use std::fmt;
use std::net::SocketAddr;

/// Everything that can go wrong outside a request. Displayed as the problem and the fix, with a semicolon between them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The listening address could not be bound.
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A configured secret is not a key.
    Secret,
    /// The operating system gave no random bytes for a key.
    Random(getrandom::Error),
    /// Part of the configuration is not valid.
    Config {
        /// Where: a key, a market, an account, a line.
        place: String,
        /// What is wrong there.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// A reference price was refused.
    ReferencePrice {
        /// The symbol given.
        symbol: String,
        /// What is wrong with it or the price.
        reason: String,
    },
    /// A resting order of the market maker was refused.
    Liquidity {
        /// The symbol of the refused order.
        symbol: String,
        /// Why the exchange refused it.
        reason: String,
    },
    /// A fault or its rule could not be read, or could never happen.
    Fault {
        /// The fault as given.
        fault: String,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        fix: String,
    },
    /// The limit of armed faults is reached.
    TooManyFaults {
        /// How many may be armed at once.
        max: usize,
    },
}

impl SandboxError {
    /// What is wrong, and where.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::Listen { address, source } => format!("cannot listen on {address}: {source}"),
            Self::Secret => "an account's api_secret is not a key".to_owned(),
            Self::Random(error) => format!("no random bytes for a fresh key: {error}"),
            Self::Config { place, problem, .. } => format!("{place} {problem}"),
            Self::ReferencePrice { symbol, reason } => {
                format!("a reference price of {symbol} was refused: {reason}")
            }
            Self::Liquidity { symbol, reason } => {
                format!("liquidity on {symbol} was refused: {reason}")
            }
            Self::Fault { fault, problem, .. } => format!("fault `{fault}` is refused: {problem}"),
            Self::TooManyFaults { max } => format!("{max} faults are armed already"),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> &str {
        match self {
            Self::Listen { .. } => "choose a free port, or port 0 for any",
            Self::Secret => "give standard padded base64 of exactly 32 bytes, or leave it out",
            Self::Random(_) => "give each account an api_secret instead",
            Self::Config { fix, .. } | Self::Fault { fix, .. } => fix,
            Self::ReferencePrice { .. } => "correct the symbol or the price",
            Self::Liquidity { .. } => "correct the symbol, price or quantity",
            Self::TooManyFaults { .. } => "clear them, or let one rule happen several times",
        }
    }
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.fix())
    }
}
