//! What waits to be sent on one connection.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;

use crate::stream::topic::Key;

/// One message, shared by all connections that get it.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) text: Utf8Bytes,
    /// The stream it is of; `None` for the answer to a client's message.
    pub(crate) key: Option<Key>,
}

/// Why a connection ends, where it is the exchange that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// More waits to be sent than may.
    Overflow,
    /// The exchange was reset.
    Reset,
}

/// A queue with a bound: a reader that is slower than the market loses its connection, not messages in
/// between.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    changed: Notify,
    overflowed: Notify,
    frames_max: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    frames: Vec<Frame>,
    end: Option<End>,
}

impl Outbox {
    pub(crate) fn new(frames_max: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            changed: Notify::new(),
            overflowed: Notify::new(),
            frames_max,
        }
    }

    /// Takes a message in; returns whether the connection still takes any.
    pub(crate) fn push(&self, frame: Frame) -> bool {
        let mut waiting = self.lock();
        if waiting.end.is_some() {
            return false;
        }
        if waiting.frames.len() >= self.frames_max {
            drop(waiting);
            self.end(End::Overflow);
            return false;
        }
        waiting.frames.push(frame);
        let is_first = waiting.frames.len() == 1;
        drop(waiting);
        if is_first {
            self.changed.notify_one();
        }
        true
    }

    /// Nothing more is taken in, and what waits is forgotten.
    pub(crate) fn end(&self, end: End) {
        let mut waiting = self.lock();
        waiting.frames = Vec::new();
        waiting.end.get_or_insert(end);
        drop(waiting);
        self.changed.notify_one();
        if end == End::Overflow {
            self.overflowed.notify_one();
        }
    }

    /// Waits until there is something to send, and gives all of it.
    pub(crate) async fn next(&self) -> Result<Vec<Frame>, End> {
        loop {
            {
                let mut waiting = self.lock();
                if let Some(end) = waiting.end {
                    return Err(end);
                }
                if !waiting.frames.is_empty() {
                    return Ok(std::mem::take(&mut waiting.frames));
                }
            }
            self.changed.notified().await;
        }
    }

    /// Returns once more waits than may.
    pub(crate) async fn overflowed(&self) {
        self.overflowed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Frame {
        Frame {
            text: text.into(),
            key: None,
        }
    }

    #[tokio::test]
    async fn what_waits_comes_at_once_and_in_order() {
        let outbox = Outbox::new(2);
        assert!(outbox.push(frame("1")) && outbox.push(frame("2")));
        let texts: Vec<_> = outbox.next().await.unwrap();
        let texts: Vec<_> = texts.iter().map(|frame| frame.text.as_str()).collect();
        assert_eq!(texts, ["1", "2"]);
        assert!(outbox.push(frame("3")));
    }

    #[tokio::test]
    async fn one_message_too_many_ends_the_connection_and_frees_the_rest() {
        let outbox = Outbox::new(2);
        assert!(outbox.push(frame("1")) && outbox.push(frame("2")));
        assert!(!outbox.push(frame("3")) && !outbox.push(frame("4")));
        outbox.overflowed().await;
        assert_eq!(outbox.next().await.unwrap_err(), End::Overflow);
        assert!(outbox.lock().frames.is_empty());
    }
}
