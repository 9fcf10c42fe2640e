//! Settling: from what came of a request to an outcome, by asking the exchange where the answer leaves it open.
//!
//! # When an order counts as never placed
//!
//! All of these have to hold; else the outcome stays unknown.
//!
//! 1. The request can no longer be accepted: its latest possible signing time, its window and
//!    [`Bounds::clock_skew_max`] are over.
//! 2. [`Bounds::venue_lag_max`] after that, neither the order's `clientId` ([`get_order`]) nor the whole list of the
//!    market's open orders shows it.
//! 3. [`Bounds::venue_lag_max`] after that again, the market's order history, read back to a day and a half before the
//!    request, has no row with the `clientId` either, and no fill since the request carries it.
//!
//! Orders that another call of the journal placed do not count. An order with the `clientId` that nobody knows, and that
//! is of another kind or was made before the request, is a doubt, and the outcome stays unknown.
//!
//! A cancellation of which the exchange did not say that it has taken it, and whose order is still open by point 2,
//! stays unknown, since nobody knows how late the exchange may execute it; cancelling again does no harm.
//!
//! Open orders are asked before the history, since orders go that way. Two things are taken on trust: that the
//! exchange's lists trail by no more than [`Bounds::venue_lag_max`], and that the clock that signs is no further from
//! the exchange's than [`Bounds::clock_skew_max`].
//!
//! [`get_order`]: bpx_client::Client::get_order

mod answer;
mod batch;
mod cancel;
mod cancel_all;
mod place;
mod rows;

use std::time::Duration;

use bpx_client::table::{CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use bpx_runtime::Signer;
use bpx_runtime::table::Operation;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use crate::journal::{Closing, Journal};
use crate::outcome::Outcome;
use crate::venue::Venue;

pub(crate) use answer::nothing_placed;

const POLL_MIN: Duration = Duration::from_millis(50);
const POLL_MAX: Duration = Duration::from_secs(1);

/// How long settling may take, and what it may rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// How long one call is looked into after its answer left it open. 30 s by default.
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
pub(crate) struct Sent<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) arguments: &'a Map<String, Value>,
    /// No byte left before this, by the signer's clock.
    pub(crate) sent_ms: i64,
    /// It was signed before this, by the signer's clock.
    pub(crate) signed_before_ms: i64,
    /// Whether the exchange said 202.
    pub(crate) accepted: bool,
    /// What left it open.
    pub(crate) why: String,
}

/// An outcome, and what it means for the numbers of orders.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) outcome: Outcome,
    pub(crate) closing: Closing,
}

/// Between what left a call open and what was seen since.
const SINCE: &str = "; since then: ";

impl Sent<'_> {
    /// Why it is not known how the call ended.
    fn still_open(&self, seen: &str) -> String {
        format!("{}{SINCE}{seen}", self.why)
    }
}

/// What left a call open, without what earlier looks saw: each look begins anew.
pub(crate) fn cause(why: &str) -> &str {
    why.split_once(SINCE).map_or(why, |(cause, _)| cause)
}

impl From<Outcome> for Resolved {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            closing: Closing::default(),
        }
    }
}

/// Who looks into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settler<'a> {
    pub(crate) venue: &'a Venue,
    pub(crate) journal: &'a Journal,
    pub(crate) signer: &'a Signer,
    pub(crate) bounds: &'a Bounds,
}

impl Settler<'_> {
    /// Asks until it is known, or the time is over.
    pub(crate) async fn reconcile(&self, sent: &Sent<'_>) -> Resolved {
        match sent.operation.id {
            id if id == EXECUTE_ORDER.id => self.settle_place(sent).await,
            id if id == EXECUTE_ORDER_BATCH.id => self.settle_batch(sent, &[]).await,
            id if id == CANCEL_ORDER.id => self.settle_cancel(sent).await,
            id if id == CANCEL_OPEN_ORDERS.id => self.settle_cancel_all(sent).await,
            _ => Outcome::unknown(&sent.why, "find out by hand whether it was carried out").into(),
        }
    }

    /// Whether an order is open no longer, for certain.
    pub(crate) async fn is_closed(&self, symbol: &str, order_id: &str) -> bool {
        let key = ("orderId", Value::from(order_id));
        matches!(self.open_order(symbol, key).await, Ok(None))
    }

    fn now_ms(&self) -> i64 {
        now_ms(self.signer)
    }

    /// When the exchange can no longer accept the request, by the signer's clock.
    fn expired_ms(&self, sent: &Sent<'_>) -> i64 {
        let window = i64::try_from(self.signer.window_ms()).unwrap_or(i64::MAX);
        let after = window.saturating_add(millis(self.bounds.clock_skew_max));
        sent.signed_before_ms.saturating_add(after)
    }

    /// From when on not to see what the request did means that it did nothing, by the signer's clock.
    fn absence_shows_ms(&self, sent: &Sent<'_>) -> i64 {
        let lag_ms = millis(self.bounds.venue_lag_max);
        self.expired_ms(sent).saturating_add(lag_ms)
    }

    /// An order made before this was there before the request.
    fn earliest_ms(&self, sent: &Sent<'_>) -> i64 {
        sent.sent_ms
            .saturating_sub(millis(self.bounds.clock_skew_max))
    }
}

/// The rhythm of asking: quick at first, then slower, to an end.
#[derive(Debug)]
struct Polling {
    end: Instant,
    wait: Duration,
}

impl Polling {
    fn new(bounds: &Bounds) -> Self {
        Self {
            end: Instant::now() + bounds.settle_max,
            wait: POLL_MIN,
        }
    }

    /// Waits for the next turn; `false` once the time is over.
    async fn again(&mut self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(self.wait.min(left)).await;
        self.wait = (self.wait * 2).min(POLL_MAX);
        true
    }
}

/// The time that requests are signed with: the clock, and its correction.
pub(crate) fn now_ms(signer: &Signer) -> i64 {
    signer.clock_ms().saturating_add(signer.clock_offset_ms())
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
