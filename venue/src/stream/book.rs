//! The order book of one market, kept from its stream.

use std::collections::BTreeMap;
use std::time::Duration;

use bpx_client::Client;
use bpx_client::streams::Streams;
use bpx_client::types::DepthUpdate;
use bpx_runtime::http::Method;
use bpx_runtime::stream::{Event, GapReason, StreamError, Subscription};
use bpx_runtime::{As, Connection, Decimal, Error, decode};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use super::read_again_after;

/// How long to wait between two snapshots, at least.
const SEED_AGAIN: Duration = Duration::from_millis(100);

/// Prices and quantities of one market.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
    last_update_id: i64,
}

/// An update that does not follow the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("updates {expected} to {} are missing", found - 1)]
pub struct MissedUpdates {
    /// The identifier that had to come.
    pub expected: i64,
    /// The one that came.
    pub found: i64,
}

/// What a reader of a book gets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BookEvent {
    /// The book was read whole, and is right from here on.
    Seeded,
    /// An update was applied.
    Changed,
    /// The book is no longer right, until it is read again.
    Stale {
        /// Why.
        reason: String,
    },
}

/// The book of one market and its changes: read whole after each connection and each missing update, and never shown while
/// it may be wrong.
#[must_use = "it tells nothing unless it is read"]
#[derive(Debug)]
pub struct BookUpdates {
    client: Client,
    symbol: String,
    subscription: Subscription<DepthUpdate>,
    book: Option<Book>,
    is_subscribed: bool,
    seed_at: Instant,
    /// How often in a row the book could not be read, and why the last time.
    failures: u32,
    failed: Option<String>,
}

/// The response to `GET /api/v1/depth`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    #[serde(with = "As::<Vec<(Decimal, Decimal)>>")]
    asks: Vec<(Decimal, Decimal)>,
    #[serde(with = "As::<Vec<(Decimal, Decimal)>>")]
    bids: Vec<(Decimal, Decimal)>,
    last_update_id: String,
}

impl Book {
    /// The bids, best first: price and quantity.
    pub fn bids(&self) -> impl ExactSizeIterator<Item = (Decimal, Decimal)> {
        self.bids
            .iter()
            .rev()
            .map(|(price, quantity)| (*price, *quantity))
    }

    /// The asks, best first: price and quantity.
    pub fn asks(&self) -> impl ExactSizeIterator<Item = (Decimal, Decimal)> {
        self.asks
            .iter()
            .map(|(price, quantity)| (*price, *quantity))
    }

    /// The last update that is in it.
    #[must_use]
    pub fn last_update_id(&self) -> i64 {
        self.last_update_id
    }

    /// Applies an update; one that is in it already changes nothing. False for such a one.
    ///
    /// # Errors
    /// Updates before this one are missing; nothing was changed.
    pub fn apply(&mut self, update: &DepthUpdate) -> Result<bool, MissedUpdates> {
        let expected = self.last_update_id.saturating_add(1);
        if update.first_update_id > expected {
            let found = update.first_update_id;
            return Err(MissedUpdates { expected, found });
        }
        if update.last_update_id < expected {
            return Ok(false);
        }
        for (side, levels) in [
            (&mut self.bids, &update.bids),
            (&mut self.asks, &update.asks),
        ] {
            for (price, quantity) in levels {
                set(side, *price, *quantity);
            }
        }
        self.last_update_id = update.last_update_id;
        Ok(true)
    }
}

fn set(side: &mut BTreeMap<Decimal, Decimal>, price: Decimal, quantity: Decimal) {
    if quantity.is_zero() {
        side.remove(&price);
    } else {
        side.insert(price, quantity);
    }
}

impl From<Snapshot> for Option<Book> {
    fn from(snapshot: Snapshot) -> Self {
        Some(Book {
            bids: snapshot.bids.into_iter().collect(),
            asks: snapshot.asks.into_iter().collect(),
            last_update_id: snapshot.last_update_id.parse().ok()?,
        })
    }
}

impl BookUpdates {
    /// Subscribes, on a connection of streams of this client.
    pub fn new(client: &Client, streams: &Streams, symbol: &str) -> Self {
        Self {
            client: client.clone(),
            symbol: symbol.to_owned(),
            subscription: streams.depth(symbol),
            book: None,
            is_subscribed: false,
            seed_at: Instant::now(),
            failures: 0,
            failed: None,
        }
    }

    /// The book, while it is right.
    #[must_use]
    pub fn book(&self) -> Option<&Book> {
        self.book.as_ref()
    }

    /// The next event; none after an error. Nothing is lost when it is not waited for to the end.
    ///
    /// # Errors
    /// Why the subscription has ended.
    pub async fn next(&mut self) -> Option<Result<BookEvent, StreamError>> {
        loop {
            let is_to_seed = self.is_subscribed && self.book.is_none();
            // What is in a snapshot need not be read first: a message that is older than it changes nothing.
            let event = tokio::select! {
                () = sleep_until(self.seed_at), if is_to_seed => {
                    if let Some(event) = self.seeded().await {
                        return Some(Ok(event));
                    }
                    continue;
                }
                // A refusal may come after the server has read the subscription.
                event = self.subscription.next() => event?,
            };
            match event {
                Ok(event) => {
                    if let Some(event) = self.take(event) {
                        return Some(Ok(event));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Reads the book whole. What fails as it did before is not reported again.
    async fn seeded(&mut self) -> Option<BookEvent> {
        let Err(reason) = self.seed().await else {
            (self.failures, self.failed) = (0, None);
            return Some(BookEvent::Seeded);
        };
        self.seed_at = Instant::now() + read_again_after(self.failures);
        self.failures += 1;
        let before = self.failed.replace(reason.clone());
        (before.as_ref() != Some(&reason)).then_some(BookEvent::Stale { reason })
    }

    fn take(&mut self, event: Event<DepthUpdate>) -> Option<BookEvent> {
        let reason = match event {
            Event::Subscribed => {
                self.is_subscribed = true;
                return None;
            }
            Event::Message(update) => match self.book.as_mut()?.apply(&update) {
                Ok(is_new) => return is_new.then_some(BookEvent::Changed),
                Err(missed) => missed.to_string(),
            },
            Event::Unread(unread) => unread.reason,
            Event::Gap(gap) => {
                self.is_subscribed &= !matches!(gap.reason, GapReason::Disconnected { .. });
                gap.reason.to_string()
            }
            _ => return None,
        };
        // Told once: a book that was not right before is not lost again.
        self.book.take().map(|_| BookEvent::Stale { reason })
    }

    /// Reads the book whole.
    async fn seed(&mut self) -> Result<(), String> {
        let connection: &Connection = self.client.as_ref();
        let request = connection.request(Method::GET, "/api/v1/depth");
        let request = request.query("symbol", &self.symbol).build();
        let answer = connection
            .call_public::<Snapshot, ()>(
                request.map_err(|error| error.to_string())?,
                "get_depth",
                decode::json,
            )
            .await
            .map_err(|error: Error| format!("the book cannot be read: {error}"))?;
        let book: Option<Book> = answer.into_inner().into();
        self.seed_at = Instant::now() + SEED_AGAIN;
        self.book = Some(book.ok_or("the book has no number for its last update")?);
        Ok(())
    }
}
