//! What one subscription gives.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::UnboundedSender;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::driver::Command;
use super::envelope::{self, Envelope};
use super::event::{Event, StreamError, Unread};
use super::mailbox::{Item, Mailbox};
use crate::path;

/// The messages of one stream, as they come, and what is known about those that do not.
///
/// It ends after an error only. Dropping it ends the subscription.
#[must_use = "a subscription tells nothing unless it is read"]
pub struct Subscription<T> {
    name: String,
    mailbox: Arc<Mailbox>,
    commands: UnboundedSender<Command>,
    /// What was taken from the mailbox.
    items: VecDeque<Item>,
    is_over: bool,
    message: PhantomData<fn() -> T>,
}

impl<T> Subscription<T> {
    pub(super) fn new(
        name: String,
        mailbox: Arc<Mailbox>,
        commands: UnboundedSender<Command>,
    ) -> Self {
        Self {
            name,
            mailbox,
            commands,
            items: VecDeque::new(),
            is_over: false,
            message: PhantomData,
        }
    }

    /// The stream's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<T: DeserializeOwned> Subscription<T> {
    /// The next event; none after an error.
    ///
    /// # Errors
    /// Why the subscription has ended.
    pub async fn next(&mut self) -> Option<Result<Event<T>, StreamError>> {
        StreamExt::next(self).await
    }

    fn read(item: Item) -> Result<Event<T>, StreamError> {
        Ok(match item {
            Item::Data(text, start, end) => match message(&text, start, end) {
                Ok(message) => Event::Message(message),
                Err(reason) => Event::Unread(Unread { reason }),
            },
            Item::Subscribed => Event::Subscribed,
            Item::Unread(unread) => Event::Unread(unread),
            Item::Gap(gap) => Event::Gap(gap),
            Item::End(error) => return Err(error),
        })
    }
}

/// Reads the payload where it was found quickly, or where it is found thoroughly.
fn message<T: DeserializeOwned>(text: &Utf8Bytes, start: usize, end: usize) -> Result<T, String> {
    let quick = text.get(start..end).unwrap_or_default();
    if let Ok(message) = serde_json::from_str(quick) {
        return Ok(message);
    }
    match envelope::thoroughly(text)? {
        Envelope::Message { start, end, .. } => {
            path::read(text.get(start..end).unwrap_or_default().as_bytes())
        }
        Envelope::Refusal(_) => Err("it is a message and a refusal in one".to_owned()),
    }
}

impl<T: DeserializeOwned> Stream for Subscription<T> {
    type Item = Result<Event<T>, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.is_over {
            return Poll::Ready(None);
        }
        loop {
            if let Some(item) = this.items.pop_front() {
                let event = Self::read(item);
                this.is_over = event.is_err();
                return Poll::Ready(Some(event));
            }
            ready!(this.mailbox.take(&mut this.items, context));
        }
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.mailbox.close();
        // Without a driver there is nothing to end.
        let _ = self
            .commands
            .send(Command::Sweep(std::mem::take(&mut self.name)));
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
