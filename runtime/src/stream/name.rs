//! How a document speaks of its streams.

/// The requests of a document by which its streams are subscribed to.
///
/// A request is `{"method": SUBSCRIBE, "params": [NAME, …]}`, for private streams with `"signature": [API key,
/// signature, Unix time in ms, window in ms]`; a message is `{"stream": NAME, "data": …}`, a refusal `{"error":
/// {"code": …, "message": …}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// The method that subscribes.
    pub subscribe: &'static str,
    /// The method that ends a subscription.
    pub unsubscribe: &'static str,
    /// What is signed to subscribe to private streams.
    pub instruction: &'static str,
}

/// The name of a stream, with whether it is private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamName {
    pub(super) text: String,
    pub(super) is_signed: bool,
}

impl StreamName {
    /// A stream for everyone.
    #[must_use]
    pub fn public(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_signed: false,
        }
    }

    /// A stream of the account that signs.
    #[must_use]
    pub fn signed(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_signed: true,
        }
    }
}
