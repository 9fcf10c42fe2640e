//! Server-sent events (HTML, 9.2) as a stream of values.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::StreamExt as _;
use reqwest::Response;
use serde::de::DeserializeOwned;
use sse_stream::{Sse, SseStream};

use crate::path;

/// What ends a stream by convention where the server does not close it.
const DONE: &str = "[DONE]";

/// The events of one response, as they arrive. Ends with the response, or with an event of the text `[DONE]`.
///
/// Comments and events without data are skipped. Dropping it closes the connection.
pub struct Events<T> {
    events: Option<Pin<Box<Raw>>>,
    event: PhantomData<fn() -> T>,
}

type Raw = dyn Stream<Item = Result<Sse, sse_stream::Error>> + Send;

/// Why there are no more events.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The connection broke off, or what came is not a stream of events.
    #[error("the stream of events broke off: {reason}")]
    Broken {
        /// What happened.
        reason: String,
    },
    /// An event is not what the contract documents; the stream goes on.
    #[error("an event cannot be read: {reason}")]
    Undecoded {
        /// The reason, with the path to the field where there is one.
        reason: String,
    },
}

impl<T> Events<T> {
    pub(crate) fn of(response: Response) -> Self {
        let stream = SseStream::from_bytes_stream(response.bytes_stream());
        Self {
            events: Some(Box::pin(stream)),
            event: PhantomData,
        }
    }
}

/// What an event holds: JSON of the documented type, or text.
pub trait Event: Sized {
    /// Reads the data of an event.
    ///
    /// # Errors
    /// The reason why the data is not what is documented.
    fn read(data: &str) -> Result<Self, String>;
}

impl<T: DeserializeOwned> Event for T {
    fn read(data: &str) -> Result<Self, String> {
        // Where no schema is documented the type is text, which is taken as it is.
        let text = || serde_json::Value::String(data.to_owned());
        match path::read(data.as_bytes()) {
            Ok(value) => Ok(value),
            Err(reason) => serde_json::from_value(text()).map_err(|_| reason),
        }
    }
}

impl<T: Event> Stream for Events<T> {
    type Item = Result<T, EventError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(events) = &mut self.events else {
            return Poll::Ready(None);
        };
        loop {
            match ready!(events.poll_next_unpin(context)) {
                Some(Ok(Sse {
                    data: Some(data), ..
                })) if data == DONE => break,
                Some(Ok(Sse {
                    data: Some(data), ..
                })) => {
                    let event = T::read(&data).map_err(|reason| EventError::Undecoded { reason });
                    return Poll::Ready(Some(event));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let reason = error.to_string();
                    self.events = None;
                    return Poll::Ready(Some(Err(EventError::Broken { reason })));
                }
                None => break,
            }
        }
        self.events = None;
        Poll::Ready(None)
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
