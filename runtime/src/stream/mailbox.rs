//! What waits to be read by one subscription: a queue that never grows beyond its bounds and says what it lost.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::event::{Gap, GapReason, StreamError, Unread};

/// Something for a subscription.
#[derive(Debug)]
pub(super) enum Item {
    /// A message whose payload stands between two bytes of a text.
    Data(Utf8Bytes, usize, usize),
    Subscribed,
    Unread(Unread),
    Gap(Gap),
    End(StreamError),
}

#[derive(Debug)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    messages_max: usize,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    /// Of `items`, those that count against the bounds.
    messages: usize,
    bytes: usize,
    waker: Option<Waker>,
    /// Nobody reads any more.
    is_closed: bool,
}

impl Mailbox {
    pub(super) fn new(messages_max: usize, bytes_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            messages_max,
            bytes_max,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something into the queue, or notes its loss.
    pub(super) fn put(&self, item: Item) {
        let mut state = self.state();
        let size = size_of(&item);
        if let Some(bytes) = size {
            if state.messages >= self.messages_max || state.bytes + bytes > self.bytes_max {
                state.miss();
                return;
            }
            state.messages += 1;
            state.bytes += bytes;
        }
        match item {
            Item::Gap(gap) => state.disconnect(gap),
            item => state.items.push_back(item),
        }
        state.wake();
    }

    /// Takes all there is; waits if there is nothing.
    pub(super) fn take(&self, into: &mut VecDeque<Item>, context: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.items.is_empty() {
            state.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        std::mem::swap(&mut state.items, into);
        (state.messages, state.bytes) = (0, 0);
        Poll::Ready(())
    }

    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.items.clear();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }
}

impl State {
    fn miss(&mut self) {
        if let Some(Item::Gap(gap)) = self.items.back_mut()
            && let GapReason::Slow { missed } = &mut gap.reason
        {
            *missed = missed.saturating_add(1);
            return;
        }
        self.items.push_back(Item::Gap(Gap {
            reason: GapReason::Slow { missed: 1 },
            since: std::time::SystemTime::now(),
        }));
        self.wake();
    }

    /// Connections that come and go without a message between them are one gap, so that a server that is down costs no
    /// memory.
    fn disconnect(&mut self, gap: Gap) {
        let is_again = matches!(self.items.back(), Some(Item::Subscribed))
            && matches!(self.items.iter().rev().nth(1), Some(Item::Gap(_)));
        if is_again {
            self.items.pop_back();
        }
        let is_told = self.items.back().is_some_and(|last| {
            matches!(
                last,
                Item::Gap(Gap {
                    reason: GapReason::Disconnected { .. },
                    ..
                })
            )
        });
        if !is_told {
            self.items.push_back(Item::Gap(gap));
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// What an item counts against the bounds; `None` for what there are only few of.
fn size_of(item: &Item) -> Option<usize> {
    match item {
        Item::Data(text, ..) => Some(text.len()),
        Item::Unread(unread) => Some(unread.reason.len()),
        Item::Subscribed | Item::Gap(_) | Item::End(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Item {
        Item::Data(text.to_owned().into(), 0, text.len())
    }

    fn gap() -> Item {
        Item::Gap(Gap {
            reason: GapReason::Disconnected {
                cause: "test".to_owned(),
            },
            since: std::time::SystemTime::UNIX_EPOCH,
        })
    }

    fn reported(mailbox: &Mailbox) -> Vec<String> {
        let mut items = VecDeque::new();
        let context = Context::from_waker(Waker::noop());
        assert!(mailbox.take(&mut items, &context).is_ready());
        let name = |item| match item {
            Item::Data(text, ..) => text.to_string(),
            Item::Subscribed => "subscribed".to_owned(),
            Item::Gap(gap) => gap.reason.to_string(),
            other => format!("{other:?}"),
        };
        items.into_iter().map(name).collect()
    }

    #[test]
    fn what_does_not_fit_is_counted_where_it_is_missing() {
        let mailbox = Mailbox::new(2, 1_000);
        for text in ["1", "2", "3", "4"] {
            mailbox.put(data(text));
        }
        let missed = "2 messages came faster than they were read";
        assert_eq!(reported(&mailbox), ["1", "2", missed]);
        mailbox.put(data("5"));
        assert_eq!(reported(&mailbox), ["5"]);
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mailbox = Mailbox::new(1_000, 5);
        mailbox.put(data("1234"));
        mailbox.put(data("56"));
        mailbox.put(data("7"));
        let missed = "1 message came faster than it was read";
        assert_eq!(reported(&mailbox), ["1234", missed, "7"]);
    }

    #[test]
    fn a_server_that_comes_and_goes_is_one_gap() {
        let mailbox = Mailbox::new(10, 1_000);
        mailbox.put(data("1"));
        for _ in 0..100 {
            mailbox.put(gap());
            mailbox.put(Item::Subscribed);
        }
        assert_eq!(
            reported(&mailbox),
            ["1", "the connection ended: test", "subscribed"]
        );
        mailbox.put(gap());
        mailbox.put(Item::Subscribed);
        mailbox.put(data("2"));
        mailbox.put(gap());
        let ended = "the connection ended: test";
        assert_eq!(reported(&mailbox), [ended, "subscribed", "2", ended]);
    }
}
