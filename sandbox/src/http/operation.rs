//! The signed operations, eight on orders and the balance query: where each is found and which
//! instruction signs it.

use axum::http::Method;
use axum::routing::MethodFilter;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    GetOrder,
    ExecuteOrder,
    CancelOrder,
    GetOpenOrders,
    ExecuteOrderBatch,
    CancelOpenOrders,
    GetFills,
    GetOrderHistory,
    GetBalances,
}

impl Operation {
    pub(crate) const ALL: [Self; 9] = [
        Self::GetOrder,
        Self::ExecuteOrder,
        Self::CancelOrder,
        Self::GetOpenOrders,
        Self::ExecuteOrderBatch,
        Self::CancelOpenOrders,
        Self::GetFills,
        Self::GetOrderHistory,
        Self::GetBalances,
    ];

    /// The contract's name of the operation.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetOrder => "get_order",
            Self::ExecuteOrder => "execute_order",
            Self::CancelOrder => "cancel_order",
            Self::GetOpenOrders => "get_open_orders",
            Self::ExecuteOrderBatch => "execute_order_batch",
            Self::CancelOpenOrders => "cancel_open_orders",
            Self::GetFills => "get_fills",
            Self::GetOrderHistory => "get_order_history",
            Self::GetBalances => "get_balances",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|operation| operation.name() == name)
    }

    pub(crate) fn at(method: &Method, path: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|operation| {
            let (own_method, own_path, _) = operation.row();
            own_method == *method && own_path == path
        })
    }

    /// Method, path, instruction.
    pub(crate) fn row(self) -> (Method, &'static str, &'static str) {
        match self {
            Self::GetOrder => (Method::GET, "/api/v1/order", "orderQuery"),
            Self::ExecuteOrder => (Method::POST, "/api/v1/order", "orderExecute"),
            Self::CancelOrder => (Method::DELETE, "/api/v1/order", "orderCancel"),
            Self::GetOpenOrders => (Method::GET, "/api/v1/orders", "orderQueryAll"),
            Self::ExecuteOrderBatch => (Method::POST, "/api/v1/orders", "orderExecute"),
            Self::CancelOpenOrders => (Method::DELETE, "/api/v1/orders", "orderCancelAll"),
            Self::GetFills => (Method::GET, "/wapi/v1/history/fills", "fillHistoryQueryAll"),
            Self::GetOrderHistory => (
                Method::GET,
                "/wapi/v1/history/orders",
                "orderHistoryQueryAll",
            ),
            Self::GetBalances => (Method::GET, "/api/v1/capital", "balanceQuery"),
        }
    }

    pub(crate) fn method_filter(self) -> MethodFilter {
        match self {
            Self::ExecuteOrder | Self::ExecuteOrderBatch => MethodFilter::POST,
            Self::CancelOrder | Self::CancelOpenOrders => MethodFilter::DELETE,
            Self::GetOrder
            | Self::GetOpenOrders
            | Self::GetFills
            | Self::GetOrderHistory
            | Self::GetBalances => MethodFilter::GET,
        }
    }

    /// The history operations also take a browser login, which this exchange does not offer.
    pub(crate) fn takes_login(self) -> bool {
        matches!(self, Self::GetFills | Self::GetOrderHistory)
    }

    /// The schema's name in the answer to a body that does not fit; `None` where there is no body.
    pub(crate) fn payload(self) -> Option<&'static str> {
        match self {
            Self::ExecuteOrder | Self::ExecuteOrderBatch => Some("OrderExecutePayload"),
            Self::CancelOrder => Some("OrderCancelPayload"),
            Self::CancelOpenOrders => Some("OrderCancelAllPayload"),
            _ => None,
        }
    }
}
