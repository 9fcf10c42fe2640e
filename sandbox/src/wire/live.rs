//! Orders as the live operations send them: tagged by `orderType`, time in milliseconds.

use serde::Serialize;

use crate::amount::Amount;
use crate::book::order::Order;
use crate::refusal::Coded;
use crate::words::{
    OrderStatus, OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce,
    TriggerBy,
};

/// A field this exchange never fills.
pub(crate) type Absent = Option<()>;

#[derive(Debug, Serialize)]
#[serde(tag = "orderType")]
pub(crate) enum LiveOrder<'a> {
    Market(MarketOrder<'a>),
    Limit(LimitOrder<'a>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarketOrder<'a> {
    #[serde(flatten)]
    shared: Shared<'a>,
    quantity: Option<Amount>,
    quote_quantity: Option<Amount>,
    slippage_tolerance: Option<Amount>,
    slippage_tolerance_type: Option<SlippageToleranceType>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LimitOrder<'a> {
    #[serde(flatten)]
    shared: Shared<'a>,
    post_only: bool,
    price: Amount,
    quantity: Amount,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shared<'a> {
    client_id: Option<u32>,
    created_at: i64,
    executed_quantity: Amount,
    executed_quote_quantity: Amount,
    id: String,
    reduce_only: Option<bool>,
    related_order_id: Absent,
    self_trade_prevention: SelfTradePrevention,
    side: Side,
    status: OrderStatus,
    stop_loss_limit_price: Option<Amount>,
    stop_loss_trigger_by: Option<TriggerBy>,
    stop_loss_trigger_price: Option<&'a str>,
    strategy_id: Absent,
    symbol: &'a str,
    take_profit_limit_price: Option<Amount>,
    take_profit_trigger_by: Option<TriggerBy>,
    take_profit_trigger_price: Option<&'a str>,
    time_in_force: TimeInForce,
    trigger_by: Option<TriggerBy>,
    trigger_price: Option<&'a str>,
    trigger_quantity: Option<&'a str>,
    triggered_at: Absent,
}

/// One row of a batch answer.
#[derive(Debug, Serialize)]
#[serde(tag = "operation")]
pub(crate) enum BatchRow<'a> {
    Ok(Box<LiveOrder<'a>>),
    Err(Coded),
}

impl<'a> From<&'a Order> for LiveOrder<'a> {
    fn from(order: &'a Order) -> Self {
        match order.terms.asked.order_type {
            OrderType::Market => Self::Market(MarketOrder::from(order)),
            OrderType::Limit => Self::Limit(LimitOrder::from(order)),
        }
    }
}

impl<'a> From<&'a Order> for MarketOrder<'a> {
    fn from(order: &'a Order) -> Self {
        let asked = &order.terms.asked;
        Self {
            shared: Shared::from(order),
            quantity: asked.quantity,
            quote_quantity: asked.quote_quantity,
            slippage_tolerance: asked.slippage_tolerance,
            slippage_tolerance_type: asked.slippage_tolerance_type,
        }
    }
}

impl<'a> From<&'a Order> for LimitOrder<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            shared: Shared::from(order),
            post_only: order.terms.is_post_only(),
            price: Amount(order.terms.limit.unwrap_or_default()),
            // Required even for a trigger order that was given none; what the venue sends there is not known.
            quantity: Amount(order.terms.base_quantity().unwrap_or_default()),
        }
    }
}

impl<'a> From<&'a Order> for Shared<'a> {
    fn from(order: &'a Order) -> Self {
        let asked = &order.terms.asked;
        Self {
            client_id: asked.client_id,
            created_at: order.created_at.timestamp_millis(),
            executed_quantity: Amount(order.executed_quantity),
            executed_quote_quantity: Amount(order.executed_quote),
            id: order.id.to_string(),
            reduce_only: asked.reduce_only,
            related_order_id: None,
            self_trade_prevention: order.terms.self_trade_prevention(),
            side: asked.side,
            status: order.status,
            stop_loss_limit_price: asked.stop_loss_limit_price,
            stop_loss_trigger_by: asked.stop_loss_trigger_by,
            stop_loss_trigger_price: asked.stop_loss_trigger_price.as_deref(),
            strategy_id: None,
            symbol: &order.terms.market.symbol,
            take_profit_limit_price: asked.take_profit_limit_price,
            take_profit_trigger_by: asked.take_profit_trigger_by,
            take_profit_trigger_price: asked.take_profit_trigger_price.as_deref(),
            time_in_force: order.terms.time_in_force(),
            trigger_by: asked.trigger_by,
            trigger_price: asked.trigger_price.as_deref(),
            trigger_quantity: asked.trigger_quantity.as_deref(),
            triggered_at: None,
        }
    }
}
