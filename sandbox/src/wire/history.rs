//! Orders and fills as the history operations send them: flat, time as zone-less UTC text.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::amount::Amount;
use crate::book::order::{Fill, Order};
use crate::wire::live::Absent;
use crate::words::{
    ExpiryReason, OrderStatus, OrderType, SelfTradePrevention, Side, SlippageToleranceType,
    TimeInForce, TriggerBy,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryOrder<'a> {
    client_id: Option<u32>,
    created_at: String,
    executed_quantity: Amount,
    executed_quote_quantity: Amount,
    expiry_reason: Option<ExpiryReason>,
    id: String,
    order_type: OrderType,
    post_only: bool,
    price: Option<Amount>,
    quantity: Option<Amount>,
    quote_quantity: Option<Amount>,
    self_trade_prevention: SelfTradePrevention,
    side: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    slippage_tolerance: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slippage_tolerance_type: Option<SlippageToleranceType>,
    status: OrderStatus,
    stop_loss_limit_price: Option<Amount>,
    stop_loss_trigger_by: Option<TriggerBy>,
    stop_loss_trigger_price: Option<&'a str>,
    strategy_id: Absent,
    symbol: &'a str,
    system_order_type: Absent,
    take_profit_limit_price: Option<Amount>,
    take_profit_trigger_by: Option<TriggerBy>,
    take_profit_trigger_price: Option<&'a str>,
    time_in_force: TimeInForce,
    trigger_by: Option<TriggerBy>,
    trigger_price: Option<&'a str>,
    trigger_quantity: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryFill<'a> {
    client_id: Option<String>,
    fee: Amount,
    fee_symbol: &'a str,
    is_maker: bool,
    order_id: String,
    price: Amount,
    quantity: Amount,
    side: Side,
    symbol: &'a str,
    system_order_type: Absent,
    timestamp: String,
    trade_id: u64,
}

pub(crate) fn zoneless(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

impl<'a> From<&'a Order> for HistoryOrder<'a> {
    fn from(order: &'a Order) -> Self {
        let terms = &order.terms;
        let extras = order.extras();
        let trigger = terms.trigger();
        let slippage = extras.and_then(|extras| extras.slippage);
        let loss = extras.and_then(|extras| extras.stop_loss.as_ref());
        let profit = extras.and_then(|extras| extras.take_profit.as_ref());
        Self {
            client_id: terms.client_id,
            created_at: zoneless(order.created_at),
            executed_quantity: Amount(order.executed_quantity),
            executed_quote_quantity: Amount(order.executed_quote),
            expiry_reason: order.expiry_reason,
            id: order.id.to_string(),
            order_type: terms.order_type(),
            post_only: terms.post_only,
            price: terms.limit.map(Amount),
            quantity: terms.size.base().map(Amount),
            quote_quantity: order.history_quote().map(Amount),
            self_trade_prevention: terms.self_trade_prevention,
            side: terms.side,
            slippage_tolerance: slippage.map(|slippage| Amount(slippage.tolerance)),
            slippage_tolerance_type: slippage.map(|slippage| slippage.kind),
            status: order.status,
            stop_loss_limit_price: loss.and_then(|exit| exit.limit).map(Amount),
            stop_loss_trigger_by: loss.and_then(|exit| exit.by),
            stop_loss_trigger_price: loss.map(|exit| exit.price_text.as_str()),
            strategy_id: None,
            symbol: &terms.market.symbol,
            system_order_type: None,
            take_profit_limit_price: profit.and_then(|exit| exit.limit).map(Amount),
            take_profit_trigger_by: profit.and_then(|exit| exit.by),
            take_profit_trigger_price: profit.map(|exit| exit.price_text.as_str()),
            time_in_force: terms.time_in_force,
            trigger_by: trigger.and_then(|trigger| trigger.by),
            trigger_price: trigger.map(|trigger| trigger.price_text.as_str()),
            trigger_quantity: trigger.map(|trigger| trigger.quantity_text.as_str()),
        }
    }
}

impl<'a> From<&'a Fill> for HistoryFill<'a> {
    fn from(fill: &'a Fill) -> Self {
        Self {
            client_id: fill.client_id.map(|id| id.to_string()),
            fee: Amount(fill.fee),
            fee_symbol: &fill.market.quote,
            is_maker: fill.is_maker,
            order_id: fill.order_id.to_string(),
            price: Amount(fill.price),
            quantity: Amount(fill.quantity),
            side: fill.side,
            symbol: &fill.market.symbol,
            system_order_type: None,
            timestamp: zoneless(fill.at),
            trade_id: fill.trade_id,
        }
    }
}
