//! What a handler must know of the faults chosen for its request.

use std::time::Duration;

use axum::http::Extensions;
use chrono::{DateTime, TimeDelta, Utc};

use crate::fault::kind::Fault;

/// Travels with the request from the fault layer to its handler; without faults it is all zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Influence {
    /// How far the exchange's clock is ahead.
    pub(crate) skew_ms: i64,
    /// How far history trails behind.
    pub(crate) history_lag_ms: u64,
    /// A cancellation is accepted with 202 and settles this much later.
    pub(crate) settle_ms: Option<u64>,
}

impl Influence {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_default()
    }

    /// The same with one more fault; what needs no handler changes nothing.
    pub(crate) fn with(self, fault: &Fault) -> Self {
        match *fault {
            Fault::HistoryLag { lag_ms } => Self {
                history_lag_ms: lag_ms,
                ..self
            },
            Fault::Settle { delay_ms } => Self {
                settle_ms: Some(delay_ms),
                ..self
            },
            _ => self,
        }
    }

    /// The exchange's time for this request.
    pub(crate) fn now(self) -> DateTime<Utc> {
        skewed(Utc::now(), self.skew_ms)
    }

    /// Whether history shows yet what changed then; both times are of one clock.
    pub(crate) fn shows(self, changed_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let lag_ms = i64::try_from(self.history_lag_ms).unwrap_or(i64::MAX);
        lag_ms == 0 || (now - changed_at).num_milliseconds() >= lag_ms
    }

    pub(crate) fn settle_delay(self) -> Option<Duration> {
        self.settle_ms.map(Duration::from_millis)
    }
}

/// A skew that leaves the calendar leaves the clock as it is.
pub(crate) fn skewed(now: DateTime<Utc>, skew_ms: i64) -> DateTime<Utc> {
    let skew = TimeDelta::try_milliseconds(skew_ms);
    skew.and_then(|skew| now.checked_add_signed(skew))
        .unwrap_or(now)
}
