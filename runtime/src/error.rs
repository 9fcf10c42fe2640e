//! The one error of a call.

use std::borrow::Cow;
use std::fmt::Debug;

use bpx_signing::{ClockSkew, SigningError};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::request::RequestError;
use crate::text::root_cause;

/// Every way a call can end badly. `E` is the error body the contract documents for the operation.
///
/// The message is one line: the operation, what happened, and what to do where that is not plain. It repeats neither
/// the request's headers nor its body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E = ()> {
    /// The request breaks a rule that is checked here. Not sent.
    #[error("invalid request, nothing was sent: {0}")]
    InvalidRequest(String),
    /// The request could not be built from its parameters. Not sent.
    #[error("the request could not be built, nothing was sent: {0}")]
    Build(#[from] RequestError),
    /// The request could not be signed. Not sent.
    #[error("not signed, nothing was sent: {0}")]
    Signing(#[from] SigningError),
    /// The rate limit does not let the request leave in time. Not sent.
    #[error(
        "{operation}: nothing was sent: under the rate limit its turn would come in {wait_ms} ms; call less often, or raise Options::rate_wait_max"
    )]
    Throttled {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// How long the wait would have been, in milliseconds, rounded up.
        wait_ms: u64,
    },
    /// No connection could be made. Not sent.
    #[error(
        "{operation}: no connection to {base_url}, nothing was sent: {}; check the base URL and the network",
        root_cause(.source)
    )]
    NotSent {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// Where the connection was to go.
        base_url: String,
        /// The transport's error.
        source: reqwest::Error,
    },
    /// The server broke off after the request may have left, before the whole response had arrived.
    #[error(
        "{operation}: the server broke off after the request was sent: {}; a state-changing call may have been carried out, look before sending it again",
        root_cause(.source)
    )]
    Transport {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// The answer's status, if it came as far as that.
        status: Option<StatusCode>,
        /// The transport's error.
        source: reqwest::Error,
    },
    /// An error status with the documented JSON body.
    #[error("{operation}: {status}: {body:?}{}", aside(clock_skew.as_ref()))]
    Api {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// HTTP status, 4xx or 5xx.
        status: StatusCode,
        /// The documented body.
        body: Box<E>,
        /// Response headers.
        headers: Box<HeaderMap>,
        /// How far the server's clock and this computer's differ, if by more than the measurement can be wrong: a
        /// reason to refuse a request as expired.
        clock_skew: Option<ClockSkew>,
    },
    /// An error status whose body is empty or not the documented JSON, as proxies and gateways send.
    #[error(
        "{operation}: {status} without the documented error body ({}): {body_start:?}",
        content_type.as_deref().unwrap_or("no content type")
    )]
    Unexpected {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// HTTP status.
        status: StatusCode,
        /// Value of the `content-type` header.
        content_type: Option<String>,
        /// The first 512 bytes of the body; what is not UTF-8 is replaced.
        body_start: String,
        /// Response headers.
        headers: Box<HeaderMap>,
    },
    /// The answer sends the caller elsewhere (3xx). A signed request does not follow.
    #[error(
        "{operation}: {status}, a redirect to {}; redirects are not followed, set the base URL to where the API is",
        location.as_deref().unwrap_or("nowhere")
    )]
    Redirect {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// HTTP status, 3xx.
        status: StatusCode,
        /// Value of the `location` header, shortened.
        location: Option<String>,
    },
    /// A success status whose body is not what the contract documents.
    #[error(
        "{operation}: {status}, but the answer cannot be read: {reason}; it begins {body_start:?}"
    )]
    Undecoded {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// HTTP status, 2xx.
        status: StatusCode,
        /// What is wrong, with the path to the field.
        reason: String,
        /// The first 512 bytes of the body; what is not UTF-8 is replaced.
        body_start: String,
        /// Response headers.
        headers: Box<HeaderMap>,
    },
    /// The body is larger than the connection reads.
    #[error(
        "{operation}: {status}, but the body is larger than {body_bytes_max} bytes; ask for less, or raise Options::body_bytes_max"
    )]
    TooLarge {
        /// Operation that was called.
        operation: Cow<'static, str>,
        /// HTTP status.
        status: StatusCode,
        /// The limit, in bytes.
        body_bytes_max: u64,
    },
    /// A row of a list that is read row by row is not what the contract documents.
    #[error("a row of the list cannot be read: {reason}; it is {row}")]
    UnreadRow {
        /// The row, as it came.
        row: Box<Value>,
        /// What is wrong, with the path to the field.
        reason: String,
    },
    /// While a list was read page by page, so many of its rows came or went that the place in it was lost.
    #[error(
        "the list moved while it was read: the row before row {offset} is not found any more; read it again, over a shorter time or for one symbol"
    )]
    ListMoved {
        /// Rows from the start of the list up to the place that was lost.
        offset: u64,
    },
}

impl<E> Error<E> {
    /// The answer's HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::InvalidRequest(_)
            | Self::Build(_)
            | Self::Signing(_)
            | Self::Throttled { .. }
            | Self::NotSent { .. }
            | Self::UnreadRow { .. }
            | Self::ListMoved { .. } => None,
            Self::Transport { status, .. } => *status,
            Self::Api { status, .. }
            | Self::Unexpected { status, .. }
            | Self::Redirect { status, .. }
            | Self::Undecoded { status, .. }
            | Self::TooLarge { status, .. } => Some(*status),
        }
    }

    /// Whether the request may have left this computer; `false` is certain. A list that moved
    /// ([`Error::ListMoved`]) or has an odd row ([`Error::UnreadRow`]) was found out by requests that were answered.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        matches!(self, Self::Transport { .. }) || self.status().is_some()
    }

    /// Whether a state-changing call may have been carried out all the same, so that it has to be looked up before
    /// anything is sent again.
    ///
    /// `false` is a definite no: not sent, a redirect, 501, or a 4xx other than 408. The status alone decides; an
    /// API's error codes can tell more.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.was_sent() && !self.status().is_some_and(is_definite_no)
    }
}

/// ` (this computer's clock is 31.4 s behind the server's, give or take 0.5 s)`
fn aside(skew: Option<&ClockSkew>) -> String {
    let Some(skew) = skew else {
        return String::new();
    };
    let side = if skew.offset_ms < 0 {
        "ahead of"
    } else {
        "behind"
    };
    format!(
        " (this computer's clock is {} s {side} the server's, give or take {} s)",
        seconds(skew.offset_ms.unsigned_abs()),
        seconds(skew.uncertainty_ms.unsigned_abs())
    )
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1_000, ms % 1_000 / 100)
}

fn is_definite_no(status: StatusCode) -> bool {
    status.is_redirection()
        || status == StatusCode::NOT_IMPLEMENTED
        || status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT
}
