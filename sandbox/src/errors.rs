//! Why a sandbox could not start.

use std::net::SocketAddr;

/// Everything that can go wrong outside a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The listening address could not be bound.
    #[error("cannot listen on {address}: {source}; choose a free port, or port 0 for any")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A configured secret is not a key.
    #[error(
        "an account's api_secret is not a key; give standard padded base64 of exactly 32 bytes, or leave it out"
    )]
    Secret,
    /// The operating system gave no random bytes for a key.
    #[error("no random bytes for a fresh key: {0}; give each account an api_secret instead")]
    Random(getrandom::Error),
    /// Something in the configuration cannot be.
    #[error("{place} {problem}; {fix}")]
    Config {
        /// Where: a key, a market, an account, a line.
        place: String,
        /// What is wrong there.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// A reference price was refused.
    #[error("a reference price of {symbol} was refused: {reason}; correct the symbol or the price")]
    ReferencePrice {
        /// The symbol given.
        symbol: String,
        /// What is wrong with it or the price.
        reason: String,
    },
    /// A resting order of the market maker was refused.
    #[error("liquidity on {symbol} was refused: {reason}; correct the symbol, price or quantity")]
    Liquidity {
        /// The symbol of the refused order.
        symbol: String,
        /// The exchange's own refusal.
        reason: String,
    },
    /// A fault or its rule could not be read, or could never happen.
    #[error("fault `{fault}` is refused: {reason}")]
    Fault {
        /// The fault as given.
        fault: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },
    /// More faults were armed than anybody could mean.
    #[error("{max} faults are armed already; clear them, or let one rule happen several times")]
    TooManyFaults {
        /// How many may be armed at once.
        max: usize,
    },
}
