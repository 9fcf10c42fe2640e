//! The operation table.

use bpx_signing::{Payload, SignedOperation};

/// The eight order operations.
pub(crate) const OPERATIONS: &[SignedOperation] = &[
    row(
        "get_order",
        "GET",
        "/api/v1/order",
        "orderQuery",
        Payload::Query,
    ),
    row(
        "execute_order",
        "POST",
        "/api/v1/order",
        "orderExecute",
        Payload::Object,
    ),
    row(
        "cancel_order",
        "DELETE",
        "/api/v1/order",
        "orderCancel",
        Payload::Object,
    ),
    row(
        "execute_order_batch",
        "POST",
        "/api/v1/orders",
        "orderExecute",
        Payload::Batch,
    ),
    row(
        "get_open_orders",
        "GET",
        "/api/v1/orders",
        "orderQueryAll",
        Payload::Query,
    ),
    row(
        "cancel_open_orders",
        "DELETE",
        "/api/v1/orders",
        "orderCancelAll",
        Payload::Object,
    ),
    row(
        "get_fills",
        "GET",
        "/wapi/v1/history/fills",
        "fillHistoryQueryAll",
        Payload::Query,
    ),
    row(
        "get_order_history",
        "GET",
        "/wapi/v1/history/orders",
        "orderHistoryQueryAll",
        Payload::Query,
    ),
];

const fn row(
    id: &'static str,
    method: &'static str,
    path: &'static str,
    instruction: &'static str,
    payload: Payload,
) -> SignedOperation {
    SignedOperation {
        id,
        method,
        path,
        instruction,
        payload,
    }
}
