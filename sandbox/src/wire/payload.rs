//! Request bodies, typed. Whatever these refuse is refused before the book is asked.

use serde::Deserialize;

use crate::amount::Amount;
use crate::refusal::Refusal;
use crate::words::{
    CancelOrderType, OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce,
    TriggerBy,
};

/// One order to execute. Lending, borrowing and broker fields are read for their type only.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(
    dead_code,
    reason = "some fields are only type-checked: this exchange lends nothing and knows no brokers"
)]
pub(crate) struct OrderExecutePayload {
    pub(crate) auto_lend: Option<bool>,
    pub(crate) auto_lend_redeem: Option<bool>,
    pub(crate) auto_borrow: Option<bool>,
    pub(crate) auto_borrow_repay: Option<bool>,
    pub(crate) broker_id: Option<u16>,
    pub(crate) client_id: Option<u32>,
    pub(crate) order_type: OrderType,
    pub(crate) post_only: Option<bool>,
    pub(crate) price: Option<Amount>,
    pub(crate) quantity: Option<Amount>,
    pub(crate) quote_quantity: Option<Amount>,
    pub(crate) reduce_only: Option<bool>,
    pub(crate) self_trade_prevention: Option<SelfTradePrevention>,
    pub(crate) side: Side,
    pub(crate) slippage_tolerance: Option<Amount>,
    pub(crate) slippage_tolerance_type: Option<SlippageToleranceType>,
    pub(crate) stop_loss_limit_price: Option<Amount>,
    pub(crate) stop_loss_trigger_by: Option<TriggerBy>,
    pub(crate) stop_loss_trigger_price: Option<String>,
    pub(crate) symbol: String,
    pub(crate) take_profit_limit_price: Option<Amount>,
    pub(crate) take_profit_trigger_by: Option<TriggerBy>,
    pub(crate) take_profit_trigger_price: Option<String>,
    pub(crate) time_in_force: Option<TimeInForce>,
    pub(crate) trigger_by: Option<TriggerBy>,
    pub(crate) trigger_price: Option<String>,
    pub(crate) trigger_quantity: Option<String>,
}

impl OrderExecutePayload {
    /// The required fields alone.
    pub(crate) fn new(symbol: &str, side: Side, order_type: OrderType) -> Self {
        Self {
            auto_lend: None,
            auto_lend_redeem: None,
            auto_borrow: None,
            auto_borrow_repay: None,
            broker_id: None,
            client_id: None,
            order_type,
            post_only: None,
            price: None,
            quantity: None,
            quote_quantity: None,
            reduce_only: None,
            self_trade_prevention: None,
            side,
            slippage_tolerance: None,
            slippage_tolerance_type: None,
            stop_loss_limit_price: None,
            stop_loss_trigger_by: None,
            stop_loss_trigger_price: None,
            symbol: symbol.to_owned(),
            take_profit_limit_price: None,
            take_profit_trigger_by: None,
            take_profit_trigger_price: None,
            time_in_force: None,
            trigger_by: None,
            trigger_price: None,
            trigger_quantity: None,
        }
    }
}

/// One order to cancel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderCancelPayload {
    pub(crate) client_id: Option<u32>,
    pub(crate) order_id: Option<String>,
    pub(crate) symbol: String,
}

/// The open orders of one market to cancel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderCancelAllPayload {
    pub(crate) order_type: Option<CancelOrderType>,
    pub(crate) symbol: String,
}

/// Reads a body; `name` is the schema's name in the answer to a body that does not fit.
pub(crate) fn read<'a, T: Deserialize<'a>>(name: &str, body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::payload(name, &error))
}
