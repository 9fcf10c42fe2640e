//! What happens to the account by itself: as the venue's stream tells it, kept in the journal, for any number of readers.
//!
//! An event also ends the wait of whatever is being settled, so that the exchange is asked at once. It decides nothing:
//! what became of a call is concluded from answers alone, never from an event, and never from silence.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};
use serde_json::json;
use tokio::sync::watch;

use crate::happening::{GAP, Happened, Happening, Happenings};
use crate::inner::Inner;
use crate::{Dispatch, Refused};

/// How long until a stream that ended, or a journal that failed, is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// How many events are read at once.
const PAGE: i64 = 200;

impl Dispatch {
    /// Listens to what happens to the account from here on, until this is closed; false if the venue tells nothing by
    /// itself. One process of an account does it at a time.
    ///
    /// # Errors
    /// [`Refused::Journal`].
    pub async fn listen(&self) -> Result<bool, Refused> {
        let inner = &self.inner;
        let Some(happenings) = inner.venue.happenings(inner.remote.connection()) else {
            return Ok(false);
        };
        let last = inner.journal.last_event().await;
        let last = last.map_err(Refused::journal("reading the last event"))?;
        inner.news.send_replace(last);
        let listening = listen(Arc::clone(inner), happenings, last);
        let closing = inner.closing.clone();
        inner.recovery.spawn(async move {
            closing.run_until_cancelled(listening).await;
        });
        Ok(true)
    }

    /// What happened after an event, and what happens from now on. Without a number it begins now.
    ///
    /// It ends when this is closed. Where the journal no longer has what came after the number, the first event is a
    /// `gap`.
    pub fn happened(&self, after: Option<i64>) -> impl Stream<Item = Happened> + Send + use<> {
        let news = self.inner.news.subscribe();
        let after = after.unwrap_or(*news.borrow());
        let reader = Reader {
            inner: Arc::clone(&self.inner),
            news,
            after,
            is_first: true,
        };
        stream::unfold(reader, Reader::next).flat_map(stream::iter)
    }

    /// The latest events, oldest first, at most so many.
    ///
    /// # Errors
    /// [`Refused::Journal`].
    pub async fn latest(&self, count: i64) -> Result<Vec<Happened>, Refused> {
        let last = *self.inner.news.borrow();
        let events = self
            .inner
            .journal
            .events_after(last.saturating_sub(count), count);
        events.await.map_err(Refused::journal("reading events"))
    }
}

/// One who reads what happened.
struct Reader {
    inner: Arc<Inner>,
    news: watch::Receiver<i64>,
    after: i64,
    is_first: bool,
}

impl Reader {
    /// The next events, once there are any.
    async fn next(mut self) -> Option<(Vec<Happened>, Self)> {
        if std::mem::take(&mut self.is_first)
            && let Some(gap) = self.forgotten().await
        {
            return Some((vec![gap], self));
        }
        let closing = self.inner.closing.clone();
        loop {
            let read = self.inner.journal.events_after(self.after, PAGE).await;
            let events = read.unwrap_or_else(|error| {
                tracing::warn!(%error, "events cannot be read");
                Vec::new()
            });
            if let Some(last) = events.last() {
                self.after = last.number;
                return Some((events, self));
            }
            // A failed reading is tried again with the next event.
            closing
                .run_until_cancelled(self.news.changed())
                .await?
                .ok()?;
        }
    }

    /// A gap, where events between the number and the oldest are gone, or the number is none of this journal.
    async fn forgotten(&mut self) -> Option<Happened> {
        let first = self.inner.journal.first_event().await.ok()?;
        let last = *self.news.borrow();
        if self.after > last {
            self.after = last;
        } else if self.after >= first - 1 {
            return None;
        } else {
            self.after = first - 1;
        }
        let reason = json!({"reason": "the journal has no events right after the one you named"});
        Some(Happened {
            number: self.after,
            at_ms: self.inner.now_ms(),
            name: GAP.to_owned(),
            data: reason.to_string(),
        })
    }
}

/// Writes down what happens, for as long as it goes on.
async fn listen(inner: Arc<Inner>, mut happenings: Happenings, mut number: i64) {
    loop {
        while let Some(event) = happenings.next().await {
            number = write(&inner, number, &event).await;
        }
        tokio::time::sleep(AGAIN).await;
        match inner.venue.happenings(inner.remote.connection()) {
            Some(again) => happenings = again,
            None => return,
        }
    }
}

/// Writes one down, however often that has to be tried; the next number is another's if two processes listen.
async fn write(inner: &Inner, last: i64, event: &Happening) -> i64 {
    let mut number = last + 1;
    while let Err(error) = inner.journal.add_event(number, inner.now_ms(), event).await {
        tracing::warn!(%error, "an event cannot be written");
        tokio::time::sleep(AGAIN).await;
        number = inner.journal.last_event().await.unwrap_or(last) + 1;
    }
    inner.news.send_replace(number);
    number
}
