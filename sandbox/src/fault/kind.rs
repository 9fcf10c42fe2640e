//! The faults there are.

use crate::fault::stream::StreamFault;
use crate::http::Operation;

/// Something that goes wrong with one request, or with one message of a stream. Its text form, as in the header `X-Sandbox-Fault`, is
/// given behind each; it is read with `parse` and written with `to_string`.
///
/// ```
/// use bpx_sandbox::Fault;
///
/// let fault: Fault = "delay-after:250".parse()?;
/// assert_eq!(fault, Fault::DelayAfter { delay_ms: 250 });
/// assert_eq!(fault.to_string(), "delay-after:250");
/// # Ok::<(), bpx_sandbox::SandboxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A cancellation is answered with 202 and settles later: `settle:MS`. Both DELETE operations.
    Settle {
        /// How much later, in milliseconds.
        delay_ms: u64,
    },
    /// History does not show yet what changed less than this ago: `history-lag:MS`. Both history
    /// operations.
    HistoryLag {
        /// How far history trails, in milliseconds.
        lag_ms: u64,
    },
    /// The exchange's clock and its `Date` header are off: `clock-skew:MS`, negative for slow.
    ClockSkew {
        /// How far the clock is ahead, in milliseconds.
        skew_ms: i64,
    },
    /// The request reaches the exchange late: `delay-before:MS`.
    DelayBefore {
        /// How late, in milliseconds.
        delay_ms: u64,
    },
    /// The request is acted on at once, the answer comes late: `delay-after:MS`.
    DelayAfter {
        /// How late, in milliseconds.
        delay_ms: u64,
    },
    /// The connection is reset and nothing was done: `drop-before`.
    DropBefore,
    /// The request is acted on, then the connection is reset without an answer: `drop-after`.
    DropAfter,
    /// 429 `TOO_MANY_REQUESTS`, nothing was done: `429`, or `429:SECONDS` with a `Retry-After`.
    TooManyRequests {
        /// The value of `Retry-After`, in seconds; `None` sends none, as the venue does.
        retry_after_s: Option<u64>,
    },
    /// 503 `MAINTENANCE`, nothing was done: `maintenance`.
    Maintenance,
    /// 503 with the venue's text for an unknown outcome: `503-before`, or `503-after` having acted.
    Unavailable {
        /// Whether the request was acted on.
        acted: bool,
    },
    /// Any other error of the venue: `error:CODE`, `error:CODE:STATUS`, `error-after:CODE` having acted.
    Error {
        /// The venue's code, for example `TIMEOUT`.
        code: String,
        /// The HTTP status, 400 to 599.
        status: u16,
        /// Whether the request was acted on.
        acted: bool,
    },
    /// 502 with an HTML page, as from a proxy in front of the venue; nothing was done: `html`.
    Html,
    /// The answer promises more bytes than are sent before the connection closes: `truncated`.
    Truncated,
    /// The answer is complete HTTP, its JSON ends half-way: `cut-json`.
    CutJson,
    /// The answer holds an enum value that no document knows: `unknown-enum`.
    UnknownEnum,
    /// The answer's objects have a field that no document knows: `unknown-field`.
    UnknownField,
    /// The answer is whole, then the connection closes without having said so: `hang-up`.
    HangUp,
    /// Something happens to a message of a stream, not to a request.
    Stream(StreamFault),
}

/// Where in the life of a request a fault does its part; the order is the order of effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The request is held back.
    Hold,
    /// The request is answered, or dropped, in place of its handler.
    Refuse,
    /// The handler acts differently.
    Act,
    /// What was done stays, its answer is lost.
    Lose,
    /// The answer is changed or held back.
    Answer,
    /// The connection ends after the answer.
    Line,
}

impl Fault {
    pub(crate) fn stage(&self) -> Stage {
        match self {
            Self::DelayBefore { .. } => Stage::Hold,
            Self::DropBefore
            | Self::TooManyRequests { .. }
            | Self::Maintenance
            | Self::Html
            | Self::Unavailable { acted: false }
            | Self::Error { acted: false, .. } => Stage::Refuse,
            Self::Settle { .. } | Self::HistoryLag { .. } | Self::ClockSkew { .. } => Stage::Act,
            Self::DropAfter
            | Self::Unavailable { acted: true }
            | Self::Error { acted: true, .. } => Stage::Lose,
            Self::DelayAfter { .. }
            | Self::Truncated
            | Self::CutJson
            | Self::UnknownEnum
            | Self::UnknownField => Stage::Answer,
            Self::HangUp | Self::Stream(_) => Stage::Line,
        }
    }

    /// The only operations it can happen to; `None` is all requests.
    pub(crate) fn only(&self) -> Option<&'static [Operation]> {
        match self {
            Self::Settle { .. } => Some(&[Operation::CancelOrder, Operation::CancelOpenOrders]),
            Self::HistoryLag { .. } => Some(&[Operation::GetFills, Operation::GetOrderHistory]),
            _ => None,
        }
    }

    /// Whether it can happen to a request.
    pub(crate) fn suits(&self, operation: Option<Operation>) -> bool {
        !matches!(self, Self::Stream(_))
            && self
                .only()
                .is_none_or(|only| operation.is_some_and(|operation| only.contains(&operation)))
    }

    /// Whether it can happen to a message of a stream.
    pub(crate) fn suits_stream(&self, channel: &str) -> bool {
        match self {
            Self::Stream(fault) => fault.only().is_none_or(|only| only == channel),
            _ => false,
        }
    }
}
