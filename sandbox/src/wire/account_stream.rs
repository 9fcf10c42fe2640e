//! Orders, positions and balances as the private streams send them: members of one letter, times in
//! microseconds.
//!
//! Where the venue's document and recorded messages disagree, the recordings count: amounts of a position
//! are strings, its number is a number.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::amount::Amount;
use crate::book::journal::{BalanceNews, OrderEvent, OrderNews, PositionNews};
use crate::book::order::Fill;
use crate::market::INITIAL_MARGIN;
use crate::words::{ExpiryReason, OrderStatus, SelfTradePrevention, Side, TimeInForce, TriggerBy};

#[derive(Debug, Serialize)]
pub(crate) struct OrderUpdate<'a> {
    e: OrderEvent,
    #[serde(rename = "E")]
    event_time_us: i64,
    s: &'a str,
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    client_id: Option<u32>,
    #[serde(rename = "S")]
    side: Side,
    #[serde(rename = "o")]
    order_type: &'static str,
    #[serde(rename = "f")]
    time_in_force: TimeInForce,
    #[serde(rename = "q", skip_serializing_if = "Option::is_none")]
    quantity: Option<Amount>,
    #[serde(rename = "Q", skip_serializing_if = "Option::is_none")]
    quote_quantity: Option<Amount>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    price: Option<Amount>,
    #[serde(flatten)]
    conditions: Conditions<'a>,
    #[serde(rename = "X")]
    status: OrderStatus,
    #[serde(rename = "R", skip_serializing_if = "Option::is_none")]
    expiry_reason: Option<ExpiryReason>,
    #[serde(rename = "i")]
    id: String,
    /// Null where nothing was traded.
    #[serde(rename = "t")]
    trade_id: Option<u64>,
    #[serde(rename = "z")]
    executed_quantity: Amount,
    #[serde(rename = "Z")]
    executed_quote: Amount,
    #[serde(flatten)]
    traded: Option<Traded<'a>>,
    #[serde(rename = "V")]
    self_trade_prevention: SelfTradePrevention,
    #[serde(rename = "T")]
    engine_time_us: i64,
    #[serde(rename = "O")]
    origin: &'static str,
    #[serde(rename = "I", skip_serializing_if = "Option::is_none")]
    related_order_id: Option<String>,
    /// Limit orders alone have it.
    #[serde(rename = "y", skip_serializing_if = "Option::is_none")]
    post_only: Option<bool>,
    r: bool,
}

/// What an order waits for, and what is to follow it.
#[derive(Debug, Default, Serialize)]
struct Conditions<'a> {
    #[serde(rename = "P", skip_serializing_if = "Option::is_none")]
    trigger_price: Option<&'a str>,
    #[serde(rename = "B", skip_serializing_if = "Option::is_none")]
    trigger_by: Option<TriggerBy>,
    #[serde(rename = "Y", skip_serializing_if = "Option::is_none")]
    trigger_quantity: Option<&'a str>,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    take_profit_trigger_price: Option<&'a str>,
    #[serde(rename = "j", skip_serializing_if = "Option::is_none")]
    take_profit_limit_price: Option<Amount>,
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    take_profit_trigger_by: Option<TriggerBy>,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    stop_loss_trigger_price: Option<&'a str>,
    #[serde(rename = "k", skip_serializing_if = "Option::is_none")]
    stop_loss_limit_price: Option<Amount>,
    #[serde(rename = "g", skip_serializing_if = "Option::is_none")]
    stop_loss_trigger_by: Option<TriggerBy>,
}

/// What a fill adds.
#[derive(Debug, Serialize)]
struct Traded<'a> {
    l: Amount,
    #[serde(rename = "L")]
    price: Amount,
    m: bool,
    n: Amount,
    #[serde(rename = "N")]
    fee_symbol: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct PositionUpdate<'a> {
    /// Absent where the position is only shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<&'static str>,
    #[serde(rename = "E")]
    event_time_us: i64,
    s: &'a str,
    #[serde(rename = "b")]
    break_even_price: Amount,
    #[serde(rename = "B")]
    entry_price: Amount,
    #[serde(rename = "l")]
    liquidation_price: Amount,
    #[serde(rename = "f")]
    initial_margin: Amount,
    #[serde(rename = "M")]
    mark_price: Amount,
    #[serde(rename = "m")]
    maintenance_margin: Amount,
    #[serde(rename = "q")]
    quantity: Amount,
    #[serde(rename = "Q")]
    exposure_quantity: Amount,
    #[serde(rename = "n")]
    exposure_notional: Amount,
    #[serde(rename = "i")]
    id: u64,
    #[serde(rename = "p")]
    realized: Amount,
    #[serde(rename = "P")]
    unrealized: Amount,
    #[serde(rename = "T")]
    engine_time_us: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct BalanceUpdate<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time_us: i64,
    a: &'a str,
    #[serde(rename = "A")]
    available: Amount,
    #[serde(rename = "L")]
    locked: Amount,
    /// Nothing is staked here.
    #[serde(rename = "S")]
    staked: Amount,
}

impl<'a> OrderUpdate<'a> {
    pub(crate) fn new(news: &'a OrderNews, now: DateTime<Utc>) -> Self {
        let (order, terms) = (&news.order, &news.order.terms);
        let is_limit = terms.limit.is_some();
        let quote = order.quote_quantity().filter(|_| !is_limit);
        let parent = order.extras().and_then(|extras| extras.parent);
        Self {
            e: news.event,
            event_time_us: now.timestamp_micros(),
            s: &terms.market.symbol,
            client_id: terms.client_id,
            side: terms.side,
            order_type: if is_limit { "LIMIT" } else { "MARKET" },
            time_in_force: terms.time_in_force,
            quantity: terms.size.base().map(Amount),
            quote_quantity: quote.map(Amount),
            price: terms.limit.map(Amount),
            conditions: Conditions::new(news),
            status: order.status,
            expiry_reason: order
                .expiry_reason
                .filter(|_| news.event == OrderEvent::OrderExpired),
            id: order.id.to_string(),
            trade_id: news.fill.as_ref().map(|fill| fill.trade_id),
            executed_quantity: Amount(order.executed_quantity),
            executed_quote: Amount(order.executed_quote),
            traded: news.fill.as_ref().map(Traded::from),
            self_trade_prevention: terms.self_trade_prevention,
            engine_time_us: news.at.timestamp_micros(),
            origin: "USER",
            related_order_id: parent.map(|id| id.to_string()),
            post_only: is_limit.then_some(terms.post_only),
            r: terms.is_reduce_only(),
        }
    }
}

impl<'a> Conditions<'a> {
    fn new(news: &'a OrderNews) -> Self {
        let Some(extras) = news.order.extras() else {
            return Self::default();
        };
        let trigger = extras.trigger.as_ref();
        let (profit, loss) = (extras.take_profit.as_ref(), extras.stop_loss.as_ref());
        Self {
            trigger_price: trigger.map(|trigger| trigger.price_text.as_str()),
            trigger_by: trigger.and_then(|trigger| trigger.by),
            trigger_quantity: trigger.map(|trigger| trigger.quantity_text.as_str()),
            take_profit_trigger_price: profit.map(|exit| exit.price_text.as_str()),
            take_profit_limit_price: profit.and_then(|exit| exit.limit).map(Amount),
            take_profit_trigger_by: profit.and_then(|exit| exit.by),
            stop_loss_trigger_price: loss.map(|exit| exit.price_text.as_str()),
            stop_loss_limit_price: loss.and_then(|exit| exit.limit).map(Amount),
            stop_loss_trigger_by: loss.and_then(|exit| exit.by),
        }
    }
}

impl<'a> From<&'a Fill> for Traded<'a> {
    fn from(fill: &'a Fill) -> Self {
        Self {
            l: Amount(fill.quantity),
            price: Amount(fill.price),
            m: fill.is_maker,
            n: Amount(fill.fee),
            fee_symbol: &fill.market.quote,
        }
    }
}

impl<'a> PositionUpdate<'a> {
    pub(crate) fn new(news: &'a PositionNews, now: DateTime<Utc>) -> Self {
        let (held, market) = (&news.held, &news.market);
        let quantity = held.position.quantity;
        let event = |before: Decimal| {
            if quantity.is_zero() {
                "positionClosed"
            } else if before.is_zero() {
                "positionOpened"
            } else {
                "positionAdjusted"
            }
        };
        Self {
            e: news.before.map(event),
            event_time_us: now.timestamp_micros(),
            s: &market.symbol,
            break_even_price: Amount(held.break_even_price()),
            entry_price: Amount(held.entry_price()),
            liquidation_price: Amount(Decimal::ZERO),
            initial_margin: Amount(INITIAL_MARGIN),
            mark_price: Amount(held.mark),
            maintenance_margin: Amount(INITIAL_MARGIN),
            quantity: Amount(quantity),
            exposure_quantity: Amount(held.worst_quantity),
            exposure_notional: Amount(held.worst_quantity * held.mark),
            id: held.id(news.account.0, market),
            realized: Amount(held.position.realized),
            unrealized: Amount(held.unrealized()),
            engine_time_us: now.timestamp_micros(),
        }
    }
}

impl<'a> BalanceUpdate<'a> {
    pub(crate) fn new(news: &BalanceNews, asset: &'a str, now: DateTime<Utc>) -> Self {
        Self {
            e: "balanceUpdate",
            event_time_us: now.timestamp_micros(),
            a: asset,
            available: Amount(news.balance.available),
            locked: Amount(news.balance.locked),
            staked: Amount(Decimal::ZERO),
        }
    }
}
