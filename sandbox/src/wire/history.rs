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
    slippage_tolerance: Option<Amount>,
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

fn zoneless(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

impl<'a> From<&'a Order> for HistoryOrder<'a> {
    fn from(order: &'a Order) -> Self {
        let asked = &order.terms.asked;
        Self {
            client_id: asked.client_id,
            created_at: zoneless(order.created_at),
            executed_quantity: Amount(order.executed_quantity),
            executed_quote_quantity: Amount(order.executed_quote),
            expiry_reason: order.expiry_reason,
            id: order.id.to_string(),
            order_type: asked.order_type,
            post_only: order.terms.is_post_only(),
            price: order.terms.limit.map(Amount),
            quantity: asked.quantity,
            quote_quantity: asked.quote_quantity,
            self_trade_prevention: order.terms.self_trade_prevention(),
            side: asked.side,
            slippage_tolerance: asked.slippage_tolerance,
            slippage_tolerance_type: asked.slippage_tolerance_type,
            status: order.status,
            stop_loss_limit_price: asked.stop_loss_limit_price,
            stop_loss_trigger_by: asked.stop_loss_trigger_by,
            stop_loss_trigger_price: asked.stop_loss_trigger_price.as_deref(),
            strategy_id: None,
            symbol: &order.terms.market.symbol,
            system_order_type: None,
            take_profit_limit_price: asked.take_profit_limit_price,
            take_profit_trigger_by: asked.take_profit_trigger_by,
            take_profit_trigger_price: asked.take_profit_trigger_price.as_deref(),
            time_in_force: order.terms.time_in_force(),
            trigger_by: asked.trigger_by,
            trigger_price: asked.trigger_price.as_deref(),
            trigger_quantity: asked.trigger_quantity.as_deref(),
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
