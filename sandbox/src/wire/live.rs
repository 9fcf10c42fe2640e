//! Orders as the live operations send them: tagged by `orderType`, time in milliseconds.

use serde::Serialize;

use crate::amount::Amount;
use crate::book::order::Order;
use crate::refusal::Coded;
use crate::words::{
    OrderStatus, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce, TriggerBy,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    slippage_tolerance: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
    related_order_id: Option<String>,
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
    triggered_at: Option<i64>,
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
        match order.terms.limit {
            None => Self::Market(MarketOrder::from(order)),
            Some(price) => Self::Limit(LimitOrder {
                shared: Shared::from(order),
                post_only: order.terms.post_only,
                price: Amount(price),
                quantity: Amount(order.terms.size.base().unwrap_or_default()),
            }),
        }
    }
}

impl<'a> From<&'a Order> for MarketOrder<'a> {
    fn from(order: &'a Order) -> Self {
        let slippage = order.extras().and_then(|extras| extras.slippage);
        Self {
            shared: Shared::from(order),
            quantity: order.live_quantity().map(Amount),
            quote_quantity: order.quote_quantity().map(Amount),
            slippage_tolerance: slippage.map(|slippage| Amount(slippage.tolerance)),
            slippage_tolerance_type: slippage.map(|slippage| slippage.kind),
        }
    }
}

impl<'a> From<&'a Order> for Shared<'a> {
    fn from(order: &'a Order) -> Self {
        let terms = &order.terms;
        let extras = order.extras();
        let trigger = terms.trigger();
        let loss = extras.and_then(|extras| extras.stop_loss.as_ref());
        let profit = extras.and_then(|extras| extras.take_profit.as_ref());
        let triggered_at = extras.and_then(|extras| extras.triggered_at);
        Self {
            client_id: terms.client_id,
            created_at: order.created_at.timestamp_millis(),
            executed_quantity: Amount(order.executed_quantity),
            executed_quote_quantity: Amount(order.executed_quote),
            id: order.id.to_string(),
            reduce_only: terms.reduce_only,
            related_order_id: extras
                .and_then(|extras| extras.parent)
                .map(|id| id.to_string()),
            self_trade_prevention: terms.self_trade_prevention,
            side: terms.side,
            status: order.status,
            stop_loss_limit_price: loss.and_then(|exit| exit.limit).map(Amount),
            stop_loss_trigger_by: loss.and_then(|exit| exit.by),
            stop_loss_trigger_price: loss.map(|exit| exit.price_text.as_str()),
            strategy_id: None,
            symbol: &terms.market.symbol,
            take_profit_limit_price: profit.and_then(|exit| exit.limit).map(Amount),
            take_profit_trigger_by: profit.and_then(|exit| exit.by),
            take_profit_trigger_price: profit.map(|exit| exit.price_text.as_str()),
            time_in_force: terms.time_in_force,
            trigger_by: trigger.and_then(|trigger| trigger.by),
            trigger_price: trigger.map(|trigger| trigger.price_text.as_str()),
            trigger_quantity: trigger.map(|trigger| trigger.quantity_text.as_str()),
            triggered_at: triggered_at.map(|at| at.timestamp_millis()),
        }
    }
}
