//! The states of an order: which are open, which are closed.

use bpx_client::types::OrderStatus;

/// Whether more may happen to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It rests on the book, or waits for its trigger; it can be cancelled.
    Open,
    /// Nothing more can happen to it.
    Closed,
    /// The contract does not know the status.
    Unknown,
}

/// What a status says.
#[must_use]
pub fn of(status: &OrderStatus) -> State {
    match status {
        OrderStatus::New | OrderStatus::PartiallyFilled | OrderStatus::TriggerPending => {
            State::Open
        }
        OrderStatus::Filled
        | OrderStatus::Cancelled
        | OrderStatus::Expired
        | OrderStatus::TriggerFailed => State::Closed,
        _ => State::Unknown,
    }
}

/// What a status says that stands as text.
#[must_use]
pub fn of_text(status: &str) -> State {
    status.parse().map_or(State::Unknown, |status| of(&status))
}

#[cfg(test)]
mod tests {
    use bpx_runtime::WireEnum as _;

    use super::*;

    #[test]
    fn every_status_of_the_contract_is_open_or_closed() {
        for status in OrderStatus::KNOWN {
            assert_ne!(of_text(status), State::Unknown, "{status}");
        }
        let open: Vec<_> = OrderStatus::KNOWN
            .iter()
            .filter(|status| of_text(status) == State::Open)
            .collect();
        assert_eq!(open, [&"New", &"PartiallyFilled", &"TriggerPending"]);
        assert_eq!(of_text("PendingRelease"), State::Unknown);
    }
}
