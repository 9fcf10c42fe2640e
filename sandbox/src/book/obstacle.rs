//! Why an order cannot enter the book.

use crate::refusal::{Code, Refusal};
use crate::words::ExpiryReason;

/// A reason to keep an order out of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The order is post-only and would match at once.
    WouldTake,
    /// The account does not own enough of the asset it pays with.
    Funds,
    /// The account cannot set aside the margin.
    Margin,
}

impl Obstacle {
    /// The response to an order that was just sent.
    pub(crate) fn refusal(self) -> Refusal {
        let (code, message) = match self {
            Self::WouldTake => (Code::InvalidOrder, "Order would immediately match and take"),
            Self::Funds => (Code::InsufficientFunds, "Insufficient funds"),
            Self::Margin => (Code::InsufficientMargin, "Insufficient margin"),
        };
        Refusal::bad(code, message)
    }

    /// Why an order that was accepted earlier expires.
    pub(crate) fn expiry(self) -> ExpiryReason {
        match self {
            Self::WouldTake => ExpiryReason::PostOnlyTaker,
            Self::Funds => ExpiryReason::InsufficientFunds,
            Self::Margin => ExpiryReason::InsufficientMargin,
        }
    }
}
