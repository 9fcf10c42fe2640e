//! The eight operations of the order API.

use std::sync::{Arc, LazyLock};

use bpx_contract::api::Operation;

use crate::api;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $id:literal;)+) => {
        $($(#[$doc])* pub static $name: LazyLock<Arc<Operation>> = LazyLock::new(|| operation($id));)+

        #[cfg(test)]
        const IDS: &[&str] = &[$($id),+];
    };
}

operations! {
    /// Cancels all open orders of one market.
    CANCEL_OPEN_ORDERS = "cancel_open_orders";
    /// Cancels one open order.
    CANCEL_ORDER = "cancel_order";
    /// Places one order.
    EXECUTE_ORDER = "execute_order";
    /// Places several orders.
    EXECUTE_ORDER_BATCH = "execute_order_batch";
    /// Lists fills.
    GET_FILLS = "get_fills";
    /// Lists the open orders.
    GET_OPEN_ORDERS = "get_open_orders";
    /// Finds one open order.
    GET_ORDER = "get_order";
    /// Lists past orders.
    GET_ORDER_HISTORY = "get_order_history";
}

#[allow(
    clippy::expect_used,
    reason = "the contract is part of the program, and a test looks each operation up"
)]
fn operation(id: &str) -> Arc<Operation> {
    let found = api().operation(id);
    Arc::clone(found.expect("the embedded contract has the operation"))
}

/// Whether the operation is this one, in whichever document.
pub(crate) fn is(operation: &Operation, this: &Operation) -> bool {
    operation.id == this.id && (operation.method, &operation.path) == (this.method, &this.path)
}

/// Whether the operation is one of the eight, in whichever document.
pub(crate) fn is_known(operation: &Operation) -> bool {
    let known = api().operation(&operation.id);
    known.is_some_and(|known| is(operation, known))
}

/// Whether the operation takes assets off the exchange, which nobody can bring back.
pub(crate) fn is_withdrawal(operation: &Operation) -> bool {
    let signing = operation.signing.as_ref();
    !operation.effect.only_reads()
        && (operation.path == WITHDRAWALS || signing.is_some_and(|it| it.instruction == WITHDRAW))
}

const WITHDRAWALS: &str = "/wapi/v1/capital/withdrawals";
const WITHDRAW: &str = "withdraw";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_contract_has_a_name_here() {
        let ids: Vec<_> = api().operations().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, IDS);
        for id in IDS {
            assert_eq!(operation(id).id, *id);
        }
    }
}
