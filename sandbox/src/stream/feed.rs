//! The way from the book to the hub: news in the order in which the book changed, and who listens from
//! which of them on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::book::journal::{Batch, PositionNews};
use crate::stream::outbox::Outbox;
use crate::stream::topic::Key;

/// How many changes of the book may wait to be sent.
const NEWS_MAX: usize = 100_000;

#[derive(Debug)]
pub(crate) enum News {
    Changed(Box<Batch>),
    Join(Join),
    /// A connection listens to these no longer.
    Leave(Arc<Outbox>, Vec<Key>),
    /// The book was replaced: no connection goes on.
    Reset,
}

/// A connection that listens to more streams from now on.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) outbox: Arc<Outbox>,
    /// The streams and their names.
    pub(crate) streams: Vec<(Key, String)>,
    /// The positions as they were when it joined, for each stream of them.
    pub(crate) positions: Vec<(Key, PositionNews)>,
}

/// Both ends; the hub takes the one for itself.
#[derive(Debug)]
pub(crate) struct Feed {
    sender: Sender<News>,
    receiver: Mutex<Option<Receiver<News>>>,
    has_lost: AtomicBool,
}

impl Feed {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = channel(NEWS_MAX);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            has_lost: AtomicBool::new(false),
        }
    }

    /// Called under the book's lock, so that the order is the book's. Never waits.
    pub(crate) fn send(&self, news: News) {
        if self.sender.try_send(news).is_err() {
            self.has_lost.store(true, Ordering::Relaxed);
        }
    }

    /// For what is found out later, too, where it is not reported now.
    pub(crate) fn send_if_room(&self, news: News) {
        let _ = self.sender.try_send(news);
    }

    /// Whether news were lost since the last time, because too many waited.
    pub(crate) fn has_lost(&self) -> bool {
        self.has_lost.swap(false, Ordering::Relaxed)
    }

    /// Where the news come out; once.
    pub(crate) fn take_receiver(&self) -> Option<Receiver<News>> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.take()
    }
}
