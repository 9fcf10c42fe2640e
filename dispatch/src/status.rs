//! Whether calls would go through.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::timeout;

use crate::Dispatch;
use crate::journal::Failure;

/// How long the journal may take for its probe.
const PROBE_MAX: Duration = Duration::from_secs(3);

/// Whether calls would go through, for a readiness check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The account's name in the journal: the start of its public key's SHA-256, and the exchange.
    pub account: String,
    /// Why trading is off; none if it is on.
    pub trading_off: Option<&'static str>,
    /// Whether a policy is set.
    pub has_policy: bool,
    /// Why the kill switch is on; none if it is off.
    pub killed: Option<String>,
    /// Why the journal cannot be written; none if it can.
    pub journal_failure: Option<String>,
    /// Calls under way that change the account.
    pub in_flight: usize,
    /// Whether dispatch is closing.
    pub is_closed: bool,
}

impl Dispatch {
    /// Whether calls would go through. To find out, it writes to the journal, durably and more than one order would, and
    /// waits at most 3 s for that.
    pub async fn status(&self) -> Status {
        let inner = &self.inner;
        let probe = timeout(PROBE_MAX, inner.journal.probe(inner.now_ms())).await;
        let slow = |_| Err(Failure::Slow(PROBE_MAX.as_secs()));
        let probe = probe.unwrap_or_else(slow);
        Status {
            account: self.account().to_owned(),
            trading_off: self.trading_off(),
            has_policy: inner.policy().is_some(),
            killed: self.killed(),
            journal_failure: probe.err().map(|failure| failure.to_string()),
            in_flight: inner.writes.len(),
            is_closed: inner.is_closed.load(Ordering::Acquire),
        }
    }
}
