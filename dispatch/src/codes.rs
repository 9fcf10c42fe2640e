//! What a refusal of the exchange says about a call that changes something: the error codes as a table.

/// What a refusal says about a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// It was not carried out.
    No,
    /// It was not carried out, because of the pace or the state of the exchange: true under any status.
    NotNow,
    /// There is no such open order; for a cancellation, it may be closed already.
    NotFound,
    /// It may have been carried out.
    Perhaps,
}

/// Every code of the contract, by what it says. A code that is not here may mean anything.
pub(crate) const CODES: &[(Says, &[&str])] = &[
    (
        Says::No,
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
        Says::NotNow,
        &[
            "MAINTENANCE",
            "NOT_IMPLEMENTED",
            "TOO_EARLY",
            "TOO_MANY_REQUESTS",
            "TRADING_PAUSED",
        ],
    ),
    (Says::NotFound, &["RESOURCE_NOT_FOUND"]),
    (Says::Perhaps, &["SERVER_ERROR", "TIMEOUT"]),
];

/// What a refusal with this status and code says.
///
/// A status of 500 and above puts a plain no in doubt: whatever failed may have failed after the work was done. Without
/// a code the status alone decides: below 500 it is a no, but for 408.
pub(crate) fn says(status: u16, code: Option<&str>) -> Says {
    let by_status = match status {
        408 | 500.. if status != 501 => Says::Perhaps,
        404 => Says::NotFound,
        _ => Says::No,
    };
    let Some(code) = code else {
        return by_status;
    };
    let row = CODES.iter().find(|(_, codes)| codes.contains(&code));
    match row.map(|(says, _)| *says) {
        None | Some(Says::Perhaps) => Says::Perhaps,
        Some(Says::NotNow) => Says::NotNow,
        Some(_) if by_status == Says::Perhaps => Says::Perhaps,
        Some(says) => says,
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
    fn a_plain_no_under_a_server_error_is_in_doubt_and_maintenance_never_is() {
        assert_eq!(says(400, Some("INSUFFICIENT_FUNDS")), Says::No);
        assert_eq!(says(500, Some("INSUFFICIENT_FUNDS")), Says::Perhaps);
        assert_eq!(says(503, Some("MAINTENANCE")), Says::NotNow);
        assert_eq!(says(400, Some("TIMEOUT")), Says::Perhaps);
        assert_eq!(says(400, Some("ORDER_PENDING_RELEASE")), Says::Perhaps);
        assert_eq!(says(400, Some("RESOURCE_NOT_FOUND")), Says::NotFound);
    }

    #[test]
    fn without_a_code_the_status_decides() {
        let no = [301, 400, 401, 403, 413, 429, 501];
        assert!(no.into_iter().all(|status| says(status, None) == Says::No));
        let perhaps = [408, 500, 502, 503, 504];
        assert!(
            perhaps
                .into_iter()
                .all(|status| says(status, None) == Says::Perhaps)
        );
        assert_eq!(says(404, None), Says::NotFound);
    }
}
