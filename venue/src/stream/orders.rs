//! Order updates without loss: what a stream missed is read from the venue's lists.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use bpx_client::Client;
use bpx_client::streams::Streams;
use bpx_client::types::OrderUpdate;
use bpx_runtime::stream::{Event, GapReason, StreamError, Subscription};
use tokio::time::{Instant, sleep_until};

use super::event::OrderEvent;
use super::lists::{Lists, Wanted};
use super::read_again_after;
use super::seen::Seen;

/// How far before the gap the lists are read: a list may be behind, and clocks differ.
const OVERLAP_MS: i64 = 60_000;
/// How far before the subscription the lists are read at most, since clocks differ: what happened before is not missing.
const OVERLAP_FIRST_MS: i64 = 5_000;

/// The updates of an account's orders, of one market or all: each once, in the order of the stream, and after each gap of
/// the stream what the lists tell of it.
///
/// After a connection was made, and after each loss, the open orders, the order history and the fills are read and compared
/// with what was reported. The first reading reports the orders that are open. What happened more than some seconds before the
/// subscription is not reported. Dropping it ends the subscription.
#[must_use = "it tells nothing unless it is read"]
#[derive(Debug)]
pub struct OrderUpdates {
    client: Client,
    symbol: Option<String>,
    subscription: Subscription<OrderUpdate>,
    seen: Seen,
    ready: VecDeque<OrderEvent>,
    began_ms: i64,
    /// When the stream began to miss something that was not read since, in Unix milliseconds.
    missing_since_ms: Option<i64>,
    /// Whether the stream is in use, so that what happens after a reading comes over it.
    is_subscribed: bool,
    read_at: Instant,
    /// How often in a row the lists did not tell all.
    failures: u32,
}

impl OrderUpdates {
    /// Subscribes, on a connection of streams of this client.
    pub fn new(client: &Client, streams: &Streams, symbol: Option<&str>) -> Self {
        let began_ms = now_ms();
        Self {
            began_ms,
            client: client.clone(),
            symbol: symbol.map(str::to_owned),
            subscription: streams.order_updates(symbol),
            seen: Seen::default(),
            ready: VecDeque::new(),
            missing_since_ms: Some(began_ms),
            is_subscribed: false,
            read_at: Instant::now(),
            failures: 0,
        }
    }

    /// The next event; none after an error. Nothing is lost when it is not waited for to the end.
    ///
    /// # Errors
    /// Why the subscription has ended.
    pub async fn next(&mut self) -> Option<Result<OrderEvent, StreamError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            let is_to_read = self.is_subscribed && self.missing_since_ms.is_some();
            let event = tokio::select! {
                () = sleep_until(self.read_at), if is_to_read => {
                    self.recover().await;
                    continue;
                }
                event = self.subscription.next() => event?,
            };
            match event {
                Ok(event) => self.take(event),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn take(&mut self, event: Event<OrderUpdate>) {
        match event {
            Event::Subscribed => self.is_subscribed = true,
            Event::Message(update) => self.tell(update, false),
            // The lists show it, if they show anything.
            Event::Unread(_) => self.miss(now_ms()),
            Event::Gap(gap) => {
                let is_lost = matches!(gap.reason, GapReason::Disconnected { .. });
                self.is_subscribed &= !is_lost;
                self.miss(unix_ms(gap.since));
            }
            _ => {}
        }
    }

    fn miss(&mut self, since_ms: i64) {
        self.missing_since_ms = Some(
            self.missing_since_ms
                .map_or(since_ms, |ms| ms.min(since_ms)),
        );
    }

    fn tell(&mut self, update: OrderUpdate, recovered: bool) {
        if self.seen.take(&update) {
            let update = Box::new(update);
            self.ready
                .push_back(OrderEvent::Update { update, recovered });
        }
    }

    /// Reads the lists, and tells what the stream did not.
    async fn recover(&mut self) {
        let Some(since_ms) = self.missing_since_ms else {
            return;
        };
        let first_ms = self.began_ms.saturating_sub(OVERLAP_FIRST_MS);
        let wanted = Wanted {
            client: &self.client,
            symbol: self.symbol.as_deref(),
            from_ms: since_ms.saturating_sub(OVERLAP_MS).max(first_ms).max(0),
            seen: &self.seen,
        };
        let Lists {
            events,
            gaps,
            closed,
        } = wanted.read().await;
        self.missing_since_ms = None;
        events
            .into_iter()
            .for_each(|update| self.tell(update, true));
        closed.iter().for_each(|order_id| self.seen.close(order_id));
        let is_retried = gaps.iter().any(|gap| gap.is_retried);
        if self.failures == 0 {
            self.ready.extend(gaps.into_iter().map(OrderEvent::Gap));
        }
        if !is_retried {
            self.failures = 0;
        }
        self.read_at = Instant::now() + read_again_after(self.failures);
        if is_retried {
            self.failures += 1;
            self.miss(since_ms);
        }
    }
}

fn now_ms() -> i64 {
    unix_ms(SystemTime::now())
}

fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
