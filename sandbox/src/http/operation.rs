//! The signed operations: where each is found and which instruction signs it.

use axum::http::Method;
use axum::routing::MethodFilter;

macro_rules! operations {
    ($($variant:ident $name:literal $method:ident $path:literal $instruction:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Operation {
            $($variant,)+
        }

        impl Operation {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The document's name of the operation.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Method, path, instruction.
            pub(crate) fn row(self) -> (Method, &'static str, &'static str) {
                match self { $(Self::$variant => (Method::$method, $path, $instruction),)+ }
            }

            pub(crate) fn method_filter(self) -> MethodFilter {
                match self { $(Self::$variant => MethodFilter::$method,)+ }
            }
        }
    };
}

operations! {
    GetOrder "get_order" GET "/api/v1/order" "orderQuery";
    ExecuteOrder "execute_order" POST "/api/v1/order" "orderExecute";
    CancelOrder "cancel_order" DELETE "/api/v1/order" "orderCancel";
    GetOpenOrders "get_open_orders" GET "/api/v1/orders" "orderQueryAll";
    ExecuteOrderBatch "execute_order_batch" POST "/api/v1/orders" "orderExecute";
    CancelOpenOrders "cancel_open_orders" DELETE "/api/v1/orders" "orderCancelAll";
    GetFills "get_fills" GET "/wapi/v1/history/fills" "fillHistoryQueryAll";
    GetOrderHistory "get_order_history" GET "/wapi/v1/history/orders" "orderHistoryQueryAll";
    GetAccount "get_account" GET "/api/v1/account" "accountQuery";
    UpdateAccount "update_account" PATCH "/api/v1/account" "accountUpdate";
    GetMaxOrderQuantity "get_max_order_quantity" GET "/api/v1/account/limits/order" "maxOrderQuantity";
    GetBalances "get_balances" GET "/api/v1/capital" "balanceQuery";
    GetCollateral "get_collateral" GET "/api/v1/capital/collateral" "collateralQuery";
    GetPositions "get_positions" GET "/api/v1/position" "positionQuery";
    GetBorrowLendPositions "get_borrow_lend_positions" GET "/api/v1/borrowLend/positions" "borrowLendPositionQuery";
    GetMaxBorrowQuantity "get_max_borrow_quantity" GET "/api/v1/account/limits/borrow" "maxBorrowQuantity";
    GetMaxWithdrawalQuantity "get_max_withdrawal_quantity" GET "/api/v1/account/limits/withdrawal" "maxWithdrawalQuantity";
    GetDeposits "get_deposits" GET "/wapi/v1/capital/deposits" "depositQueryAll";
    GetWithdrawals "get_withdrawals" GET "/wapi/v1/capital/withdrawals" "withdrawalQueryAll";
    GetFundingPayments "get_funding_payments" GET "/wapi/v1/history/funding" "fundingHistoryQueryAll";
    GetSettlementHistory "get_settlement_history" GET "/wapi/v1/history/settlement" "settlementHistoryQueryAll";
    GetDustHistory "get_dust_history" GET "/wapi/v1/history/dust" "dustHistoryQueryAll";
    GetBorrowLendHistory "get_borrow_lend_history" GET "/wapi/v1/history/borrowLend" "borrowHistoryQueryAll";
    GetBorrowPositionHistory "get_borrow_position_history" GET "/wapi/v1/history/borrowLend/positions" "borrowPositionHistoryQueryAll";
    GetInterestHistory "get_interest_history" GET "/wapi/v1/history/interest" "interestHistoryQueryAll";
    GetPnlHistory "get_pnl_history" GET "/wapi/v1/history/pnl" "pnlHistoryQueryAll";
    GetPositionHistory "get_position_history" GET "/wapi/v1/history/position" "positionHistoryQueryAll";
    GetQuoteFills "get_quote_fills" GET "/wapi/v1/history/quote/fill" "quoteFillHistoryQueryAll";
    GetQuoteHistory "get_quote_history" GET "/wapi/v1/history/quote" "quoteHistoryQueryAll";
    GetRfqFills "get_rfq_fills" GET "/wapi/v1/history/rfq/fill" "rfqFillHistoryQueryAll";
    GetRfqHistory "get_rfq_history" GET "/wapi/v1/history/rfq" "rfqHistoryQueryAll";
    GetStrategyHistory "get_strategy_history" GET "/wapi/v1/history/strategies" "strategyHistoryQueryAll";
    GetOpenStrategies "get_open_strategies" GET "/api/v1/strategies" "strategyQueryAll";
    GetRfqs "get_rfqs" GET "/api/v1/rfqs" "rfqQuery";
}

impl Operation {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|operation| operation.name() == name)
    }

    pub(crate) fn at(method: &Method, path: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|operation| {
            let (own_method, own_path, _) = operation.row();
            own_method == *method && own_path == path
        })
    }

    /// These operations also take a browser login, which this exchange does not offer.
    pub(crate) fn takes_login(self) -> bool {
        self.row().1.starts_with("/wapi/")
    }

    /// The schema's name in the answer to a body that does not fit; `None` where there is no body.
    pub(crate) fn payload(self) -> Option<&'static str> {
        match self {
            Self::ExecuteOrder | Self::ExecuteOrderBatch => Some("OrderExecutePayload"),
            Self::CancelOrder => Some("OrderCancelPayload"),
            Self::CancelOpenOrders => Some("OrderCancelAllPayload"),
            Self::UpdateAccount => Some("UpdateAccountSettingsPayload"),
            _ => None,
        }
    }
}
