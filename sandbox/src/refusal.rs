//! A request that is answered with no: the venue's codes, texts and statuses.

use std::fmt;

use axum::http::StatusCode;
use serde::Serialize;

/// The venue's error codes this exchange gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Code {
    InsufficientFunds,
    InsufficientMargin,
    InvalidClientRequest,
    InvalidOrder,
    InvalidPrice,
    InvalidQuantity,
    InvalidSignature,
    OrderPendingRelease,
    ResourceNotFound,
    ServerError,
    Unauthorized,
}

/// The JSON error body, also the tail of an `Err` row in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Coded {
    pub(crate) code: Code,
    pub(crate) message: String,
}

/// A refusal before it is an HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Json(StatusCode, Coded),
    Text(StatusCode, String),
}

impl Refusal {
    pub(crate) fn coded(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Json(status, Coded { code, message })
    }

    /// 400 with a code of the caller's choice.
    pub(crate) fn bad(code: Code, message: impl Into<String>) -> Self {
        Self::coded(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 `INVALID_CLIENT_REQUEST`, the venue's general complaint.
    pub(crate) fn client(message: impl Into<String>) -> Self {
        Self::bad(Code::InvalidClientRequest, message)
    }

    pub(crate) fn unknown_symbol() -> Self {
        Self::client("Invalid market symbol")
    }

    /// A mistake of this exchange, not of the caller.
    pub(crate) fn lost() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::coded(status, Code::ServerError, "Order lost")
    }

    /// A query parameter or header that cannot be read; the venue answers these in plain text.
    pub(crate) fn parameter(name: &str, problem: impl fmt::Display) -> Self {
        Self::Text(
            StatusCode::BAD_REQUEST,
            format!("failed to parse parameter `{name}`: {problem}"),
        )
    }

    /// A body that cannot be read; the venue answers these in plain text.
    pub(crate) fn payload(name: &str, problem: impl fmt::Display) -> Self {
        let message = format!("parse request payload error: failed to parse \"{name}\": {problem}");
        Self::Text(StatusCode::BAD_REQUEST, message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(_, coded) => f.write_str(&coded.message),
            Self::Text(_, message) => f.write_str(message),
        }
    }
}
