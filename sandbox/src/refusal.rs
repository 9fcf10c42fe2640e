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
    InvalidAsset,
    InvalidClientRequest,
    InvalidOrder,
    InvalidPrice,
    InvalidQuantity,
    InvalidRange,
    InvalidSignature,
    OrderPendingRelease,
    ResourceNotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
}

/// The JSON error body, also the tail of an `Err` row in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Coded {
    pub(crate) code: Code,
    pub(crate) message: String,
}

/// The venue's complaint about a word that is not in a closed list.
pub(crate) const NOT_LISTED: &str = "Expect a valid enumeration value.";

/// The venue's complaint about a symbol that is no market's.
pub(crate) const UNKNOWN_SYMBOL: &str = "failed to parse \"MarketSymbol\": Invalid market symbol";

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

    /// A body that names no market; the venue answers these in plain text.
    pub(crate) fn unknown_symbol(payload: &str) -> Self {
        let while_parsing = format!("{UNKNOWN_SYMBOL} (occurred while parsing \"{payload}\")");
        Self::Text(
            StatusCode::BAD_REQUEST,
            format!("parse request payload error: {while_parsing}"),
        )
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
    pub(crate) fn payload(name: &str, error: &serde_json::Error) -> Self {
        let problem = error.to_string();
        let problem = if problem.starts_with("unknown variant") {
            NOT_LISTED
        } else {
            &problem
        };
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
