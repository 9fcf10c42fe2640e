//! Sees messages as they come and go, for recordings.

use std::fmt;

/// A message, as it went over the wire, without secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TappedMessage<'a> {
    /// Text that the server sent.
    Received(&'a str),
    /// Bytes that the server sent.
    ReceivedBytes(&'a [u8]),
    /// A request of this client; a signature in it says `redacted`.
    Sent(&'a str),
}

/// Sees the messages of a connection, beside the subscriptions. It is called on the task that reads the connection, so it
/// must not wait.
pub trait MessageTap: fmt::Debug + Send + Sync {
    /// Takes one message.
    fn saw_message(&self, message: TappedMessage<'_>);
}
