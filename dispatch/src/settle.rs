//! Settling: from what came of a request to an outcome, by asking the exchange where the response leaves it open.
//!
//! How an outcome is found out depends on the venue ([`Venue::settle`](crate::Venue::settle), [`Venue::reconcile`](crate::Venue::reconcile)). This module has what every
//! venue needs for it: a way to ask, the journal's knowledge of orders, the times that bound a proof, and the pace of
//! asking.

use std::sync::Arc;
use std::time::Duration;

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_runtime::Signer;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::call::Arguments;
use crate::journal::{Closing, Journal};
use crate::outcome::Outcome;
use crate::remote::Reply;
use crate::remotes::Remotes;

const POLL_MIN: Duration = Duration::from_millis(50);
const POLL_MAX: Duration = Duration::from_secs(1);
/// Events that come together are one reason to ask.
const NEWS_MIN: Duration = Duration::from_millis(10);

/// How long settling may take, and what it may rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// How long one call is looked into after its response left it open. 30 s by default.
    pub settle_max: Duration,
    /// How far the clock that signs and the exchange's may differ. 2 s by default.
    pub clock_skew_max: Duration,
    /// How far the exchange's lists may trail what it accepted. 2 s by default.
    pub venue_lag_max: Duration,
    /// How long a call waits for the outcome of the call under way that has its idempotency key. 10 s by default.
    pub in_flight_wait_max: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            settle_max: Duration::from_secs(30),
            clock_skew_max: Duration::from_secs(2),
            venue_lag_max: Duration::from_secs(2),
            in_flight_wait_max: Duration::from_secs(10),
        }
    }
}

/// A request that left, or may have.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sent<'a> {
    /// The intent's id in the journal.
    pub intent: &'a str,
    /// What was called.
    pub operation: &'a Operation,
    /// What was sent, with the client order ids that were chosen.
    pub arguments: &'a Arguments,
    /// No byte left before this, in Unix milliseconds by the signer's clock.
    pub sent_ms: i64,
    /// It was signed before this, in Unix milliseconds by the signer's clock.
    pub signed_before_ms: i64,
    /// Whether the exchange answered 202.
    pub accepted: bool,
    /// What left it open.
    pub why: String,
}

/// An outcome, and what it means for client order ids.
#[derive(Debug)]
pub struct Resolved {
    /// The outcome.
    pub outcome: Outcome,
    /// Which orders were placed, and which are closed.
    pub closing: Closing,
}

impl From<Outcome> for Resolved {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            closing: Closing::default(),
        }
    }
}

/// Separates what left a call open from what was seen since.
const SINCE: &str = "; since then: ";

impl Sent<'_> {
    /// Why it is not known how the call ended.
    #[must_use]
    pub fn still_open(&self, seen: &str) -> String {
        format!("{}{SINCE}{seen}", self.why)
    }
}

/// What left a call open, without what earlier looks saw: each look begins anew.
pub(crate) fn cause(why: &str) -> &str {
    why.split_once(SINCE).map_or(why, |(cause, _)| cause)
}

/// What a venue finds outcomes out with: it asks the exchange, and knows the journal's orders.
#[derive(Debug, Clone, Copy)]
pub struct Settler<'a> {
    pub(crate) api: &'a Api,
    pub(crate) remote: &'a Remotes,
    pub(crate) journal: &'a Journal,
    pub(crate) signer: Option<&'a Signer>,
    pub(crate) bounds: &'a Bounds,
    pub(crate) news: &'a watch::Sender<i64>,
}

impl Settler<'_> {
    /// The limits of settling.
    #[must_use]
    pub fn bounds(&self) -> &Bounds {
        self.bounds
    }

    /// An operation of the API.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Arc<Operation>> {
        self.api.operation(id)
    }

    /// Asks the exchange. For operations that only read.
    pub async fn ask(&self, operation: &Operation, arguments: &Arguments) -> Reply {
        if !operation.effect.only_reads() {
            return Reply::NotSent {
                message: format!("{} changes the account and is not for asking", operation.id),
            };
        }
        self.remote.send(operation, arguments).await
    }

    /// Whether another call of this journal placed the order under the same number. Two that look into one call at the
    /// same time may both find its order.
    pub async fn is_of_another(&self, order_id: &str, client_id: u32, sent: &Sent<'_>) -> bool {
        let placed_by = self.journal.placed_by(order_id, client_id).await;
        placed_by.is_ok_and(|by| !by.is_empty() && by.iter().all(|intent| intent != sent.intent))
    }

    /// The order that this journal knows by a client order id, the latest if there were several.
    pub async fn order_of(&self, symbol: &str, client_id: u32) -> Option<String> {
        self.journal
            .order_of(symbol, client_id)
            .await
            .ok()
            .flatten()
    }

    /// The time that requests are signed with, in Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        now_ms(self.signer)
    }

    /// When the exchange can no longer accept the request, by the signer's clock.
    #[must_use]
    pub fn expired_ms(&self, sent: &Sent<'_>) -> i64 {
        let window = self.signer.map_or(0, Signer::window_ms);
        let window = i64::try_from(window).unwrap_or(i64::MAX);
        let after = window.saturating_add(millis(self.bounds.clock_skew_max));
        sent.signed_before_ms.saturating_add(after)
    }

    /// From when on not to see what the request did means that it did nothing, by the signer's clock.
    #[must_use]
    pub fn absence_shows_ms(&self, sent: &Sent<'_>) -> i64 {
        let lag_ms = millis(self.bounds.venue_lag_max);
        self.expired_ms(sent).saturating_add(lag_ms)
    }

    /// An order made before this was there before the request.
    #[must_use]
    pub fn earliest_ms(&self, sent: &Sent<'_>) -> i64 {
        sent.sent_ms
            .saturating_sub(millis(self.bounds.clock_skew_max))
    }

    /// The pace of asking, within the time that settling may take.
    #[must_use]
    pub fn polling(&self) -> Polling {
        Polling {
            end: Instant::now() + self.bounds.settle_max,
            wait: POLL_MIN,
            news: self.news.subscribe(),
        }
    }
}

/// The pace of asking: quick at first, then slower, to an end.
#[derive(Debug)]
pub struct Polling {
    end: Instant,
    wait: Duration,
    news: watch::Receiver<i64>,
}

impl Polling {
    /// Waits for the next turn, or for something to happen to the account; `false` once the time is over.
    pub async fn again(&mut self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let turn = Instant::now() + self.wait.min(left);
        sleep(NEWS_MIN.min(left)).await;
        tokio::select! {
            () = sleep_until(turn) => self.wait = (self.wait * 2).min(POLL_MAX),
            // Without a stream nothing is ever sent.
            Ok(()) = self.news.changed() => {}
        }
        true
    }
}

/// The time that requests are signed with: the clock, and its correction.
pub(crate) fn now_ms(signer: Option<&Signer>) -> i64 {
    match signer {
        Some(signer) => signer.clock_ms().saturating_add(signer.clock_offset_ms()),
        None => bpx_runtime::Utc::now().timestamp_millis(),
    }
}

/// A duration in milliseconds.
#[must_use]
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_event_ends_the_wait_and_silence_does_not() {
        let news = watch::Sender::new(0);
        let mut polling = Polling {
            end: Instant::now() + Duration::from_secs(60),
            wait: POLL_MAX,
            news: news.subscribe(),
        };
        let began = Instant::now();
        news.send_replace(1);
        assert!(polling.again().await);
        assert!(began.elapsed() < POLL_MAX);
        let began = Instant::now();
        assert!(polling.again().await);
        assert!(began.elapsed() >= POLL_MAX);
    }
}
