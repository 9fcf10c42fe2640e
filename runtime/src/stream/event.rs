//! What a subscription tells.

use std::fmt;
use std::time::SystemTime;

/// One thing that a subscription tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<T> {
    /// The server has taken the subscription: from here on every message comes. Told first and again after each new
    /// connection. A message may come before it.
    Subscribed,
    /// A message, as documented.
    Message(T),
    /// A message that is not as documented. It is gone; the stream goes on.
    Unread(Unread),
    /// Messages are missing here, and the stream cannot say which.
    Gap(Gap),
}

/// A message that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unread {
    /// Why, with the path to the member where there is one; bounded, without values of the message.
    pub reason: String,
}

/// Where messages are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// When it began, by this computer's clock.
    pub since: SystemTime,
}

/// Why messages are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GapReason {
    /// The connection ended. [`Event::Subscribed`] tells when the next one is in use.
    Disconnected {
        /// What ended it; bounded.
        cause: String,
    },
    /// The messages were not read as fast as they came, and the queue was full.
    Slow {
        /// How many were thrown away.
        missed: u64,
    },
}

/// Why a subscription has ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The server refused the subscription.
    #[error("the server refuses to subscribe to {name}: {code} {message}")]
    Refused {
        /// The stream's name.
        name: String,
        /// The server's code.
        code: i64,
        /// The server's words; bounded.
        message: String,
    },
    /// No connection could be made, however often it was tried.
    #[error(
        "no connection to {url} after {attempts} attempts: {cause}; check the URL and the network"
    )]
    Unreachable {
        /// Where to.
        url: String,
        /// How often it was tried.
        attempts: u32,
        /// Why the last attempt failed; bounded.
        cause: String,
    },
    /// A private stream, and nothing to sign with.
    #[error("{name} needs a signature, and this client has no key; make it with a signer")]
    NoKey {
        /// The stream's name.
        name: String,
    },
    /// The subscription could not be signed.
    #[error("the subscription cannot be signed: {reason}")]
    Signing {
        /// Why.
        reason: String,
    },
    /// The URL of the stream cannot be used.
    #[error("the URL of the stream cannot be used: {reason}")]
    Url {
        /// Why.
        reason: String,
    },
    /// There is no Tokio runtime to drive the connection.
    #[error("a stream needs a Tokio runtime; subscribe within one")]
    NoRuntime,
}

impl<T> Event<T> {
    /// The message, if it is one.
    #[must_use]
    pub fn message(self) -> Option<T> {
        match self {
            Self::Message(message) => Some(message),
            Self::Subscribed | Self::Unread(_) | Self::Gap(_) => None,
        }
    }
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected { cause } => write!(f, "the connection ended: {cause}"),
            Self::Slow { missed: 1 } => f.write_str("1 message came faster than it was read"),
            Self::Slow { missed } => write!(f, "{missed} messages came faster than they were read"),
        }
    }
}
