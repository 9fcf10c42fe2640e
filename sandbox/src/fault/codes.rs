//! The venue's error codes and the statuses they come with.

/// The 35 documented codes, and the one that later documents announce. A status that is not documented
/// is the nearest that is.
const CODES: [(&str, u16); 36] = [
    ("ACCOUNT_DEACTIVATED", 400),
    ("ACCOUNT_LIQUIDATING", 400),
    ("BORROW_LIMIT", 400),
    ("BORROW_REQUIRES_LEND_REDEEM", 400),
    ("FORBIDDEN", 403),
    ("INSUFFICIENT_FUNDS", 400),
    ("INSUFFICIENT_MARGIN", 400),
    ("INSUFFICIENT_SUPPLY", 400),
    ("INVALID_ASSET", 400),
    ("INVALID_CLIENT_REQUEST", 400),
    ("INVALID_MARKET", 400),
    ("INVALID_ORDER", 400),
    ("INVALID_POSITION_ID", 400),
    ("INVALID_PRICE", 400),
    ("INVALID_QUANTITY", 400),
    ("INVALID_RANGE", 400),
    ("INVALID_SIGNATURE", 400),
    ("INVALID_SOURCE", 400),
    ("INVALID_SYMBOL", 400),
    ("INVALID_TWO_FACTOR_CODE", 400),
    ("LEND_LIMIT", 400),
    ("LEND_REQUIRES_BORROW_REPAY", 400),
    ("MAINTENANCE", 503),
    ("MAX_LEVERAGE_REACHED", 400),
    ("NOT_IMPLEMENTED", 400),
    ("ORDER_LIMIT", 400),
    ("ORDER_PENDING_RELEASE", 400),
    ("POSITION_LIMIT", 400),
    ("PRECONDITION_FAILED", 400),
    ("RESOURCE_NOT_FOUND", 404),
    ("SERVER_ERROR", 500),
    ("TIMEOUT", 500),
    ("TOO_EARLY", 400),
    ("TOO_MANY_REQUESTS", 429),
    ("TRADING_PAUSED", 503),
    ("UNAUTHORIZED", 401),
];

/// The status a code comes with unless another is asked for; `None` for a code nobody knows.
pub(crate) fn status(code: &str) -> Option<u16> {
    let row = CODES.iter().find(|(known, _)| *known == code);
    row.map(|(_, status)| *status)
}

/// A message made of the code: `Insufficient funds`. The venue's own texts are not all known.
pub(crate) fn message(code: &str) -> String {
    let words = code.to_ascii_lowercase().replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_in_order_with_an_error_status() {
        assert!(CODES.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(CODES.iter().all(|(_, status)| (400..600).contains(status)));
        assert_eq!(status("MAINTENANCE"), Some(503));
        assert_eq!(status("maintenance"), None);
    }

    #[test]
    fn a_message_is_the_code_in_words() {
        assert_eq!(message("INSUFFICIENT_FUNDS"), "Insufficient funds");
        assert_eq!(message(""), "");
    }
}
