//! What a refusal of the exchange says about a call that changes something: the error codes as a table.

use bpx_dispatch::{Refusal, Rejected, by_status};

/// What an error code says about a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    /// The call was not carried out, unless the status puts that in doubt.
    Definite,
    /// The call was not carried out, because of the pace or the state of the exchange: true under any status.
    NotNow,
    /// There is no such open order; for a cancellation, it may be closed already.
    NotFound,
    /// The call may have been carried out.
    Ambiguous,
}

/// Every code of the contract. Of a code that is not here, the status decides.
const CODES: &[(Code, &[&str])] = &[
    (
        Code::Definite,
        &[
            "ACCOUNT_DEACTIVATED",
            "ACCOUNT_LIQUIDATING",
            "BORROW_LIMIT",
            "BORROW_REQUIRES_LEND_REDEEM",
            "FORBIDDEN",
            "INSUFFICIENT_FUNDS",
            "INSUFFICIENT_MARGIN",
            "INSUFFICIENT_SUPPLY",
            "INVALID_ASSET",
            "INVALID_CLIENT_REQUEST",
            "INVALID_MARKET",
            "INVALID_ORDER",
            "INVALID_POSITION_ID",
            "INVALID_PRICE",
            "INVALID_QUANTITY",
            "INVALID_RANGE",
            "INVALID_SIGNATURE",
            "INVALID_SOURCE",
            "INVALID_SYMBOL",
            "INVALID_TWO_FACTOR_CODE",
            "LEND_LIMIT",
            "LEND_REQUIRES_BORROW_REPAY",
            "MAX_LEVERAGE_REACHED",
            "ORDER_LIMIT",
            "POSITION_LIMIT",
            "PRECONDITION_FAILED",
            "UNAUTHORIZED",
        ],
    ),
    (
        Code::NotNow,
        &[
            "MAINTENANCE",
            "NOT_IMPLEMENTED",
            "TOO_EARLY",
            "TOO_MANY_REQUESTS",
            "TRADING_PAUSED",
        ],
    ),
    (Code::NotFound, &["RESOURCE_NOT_FOUND"]),
    (Code::Ambiguous, &["SERVER_ERROR", "TIMEOUT"]),
];

/// What a refusal in a response says.
pub(crate) fn of_response(rejected: &Rejected) -> Refusal {
    let code = rejected.code.as_deref();
    let refusal = |status| of(status, code);
    rejected.status.map_or(Refusal::Definite, refusal)
}

/// What a refusal with this status and code says.
///
/// A status of 500 and above puts a definite refusal in doubt: whatever failed may have failed after the work was done.
/// Without a code the status alone decides.
#[must_use]
pub fn of(status: u16, code: Option<&str>) -> Refusal {
    let by_status = by_status(status);
    let Some(code) = code else {
        return by_status;
    };
    let row = CODES.iter().find(|(_, codes)| codes.contains(&code));
    match row.map(|(meaning, _)| *meaning) {
        // A code that nobody knows yet: a 4xx says that the request was not carried out, whatever the reason.
        None if (400..500).contains(&status) => by_status,
        None | Some(Code::Ambiguous) => Refusal::Ambiguous,
        Some(Code::NotNow) => Refusal::Definite,
        Some(_) if by_status == Refusal::Ambiguous => Refusal::Ambiguous,
        Some(Code::NotFound) => Refusal::NotFound,
        Some(Code::Definite) => Refusal::Definite,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bpx_client::types::ApiErrorCode;
    use bpx_runtime::WireEnum as _;

    use super::*;

    #[test]
    fn every_code_of_the_contract_has_a_row_and_no_other() {
        let contract: BTreeSet<_> = ApiErrorCode::KNOWN.iter().copied().collect();
        let rows: Vec<_> = CODES
            .iter()
            .flat_map(|(_, codes)| codes.iter().copied())
            .collect();
        assert_eq!(rows.len(), 35);
        assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), contract);
    }

    #[test]
    fn a_definite_refusal_under_a_server_error_is_in_doubt_and_maintenance_never_is() {
        assert_eq!(of(400, Some("INSUFFICIENT_FUNDS")), Refusal::Definite);
        assert_eq!(of(500, Some("INSUFFICIENT_FUNDS")), Refusal::Ambiguous);
        assert_eq!(of(503, Some("MAINTENANCE")), Refusal::Definite);
        assert_eq!(of(400, Some("TIMEOUT")), Refusal::Ambiguous);
        let unknown = Some("ORDER_PENDING_RELEASE");
        let of_unknown = [400, 403, 404, 408, 200, 500].map(|status| of(status, unknown));
        let definite = [Refusal::Definite, Refusal::Definite, Refusal::NotFound];
        assert_eq!(of_unknown[..3], definite);
        assert_eq!(of_unknown[3..], [Refusal::Ambiguous; 3]);
        assert_eq!(of(400, Some("RESOURCE_NOT_FOUND")), Refusal::NotFound);
    }

    #[test]
    fn without_a_code_the_status_decides() {
        let definite = [301, 400, 401, 403, 413, 429, 501];
        assert!(
            definite
                .into_iter()
                .all(|status| of(status, None) == Refusal::Definite)
        );
        let ambiguous = [408, 500, 502, 503, 504];
        assert!(
            ambiguous
                .into_iter()
                .all(|status| of(status, None) == Refusal::Ambiguous)
        );
        assert_eq!(of(404, None), Refusal::NotFound);
    }
}
