//! What an order asks for, checked against everything but the state of the book.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::amount::{self, Amount};
use crate::book::filter;
use crate::market::Market;
use crate::refusal::{Code, Refusal};
use crate::wire::payload::OrderExecutePayload;
use crate::words::{
    OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce, TriggerBy,
};

/// How much an order wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Base(Decimal),
    Quote(Decimal),
    /// Its trigger quantity decides, once it is triggered.
    AtTrigger,
}

/// A checked order. What few orders have stands in [`Extras`], so that a plain one stays small.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) market: Arc<Market>,
    pub(crate) side: Side,
    /// `None` for market orders.
    pub(crate) limit: Option<Decimal>,
    pub(crate) size: Size,
    pub(crate) client_id: Option<u32>,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) self_trade_prevention: SelfTradePrevention,
    pub(crate) post_only: bool,
    pub(crate) reduce_only: Option<bool>,
    pub(crate) extras: Option<Box<Extras>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    /// The quote quantity as asked; limit orders do not heed it.
    pub(crate) quote_quantity: Option<Decimal>,
    pub(crate) slippage: Option<Slippage>,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) triggered_at: Option<DateTime<Utc>>,
    pub(crate) stop_loss: Option<Exit>,
    pub(crate) take_profit: Option<Exit>,
    /// The order whose stop-loss or take-profit this is.
    pub(crate) parent: Option<u64>,
    /// The other one of a stop-loss and a take-profit: when one is triggered, the other is cancelled.
    pub(crate) sibling: Option<u64>,
}

/// How far from the best price a market order may trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slippage {
    pub(crate) tolerance: Decimal,
    pub(crate) kind: SlippageToleranceType,
}

/// What an order waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trigger {
    /// As sent; prices and quantities of triggers are texts on the wire.
    pub(crate) price_text: String,
    pub(crate) price: Decimal,
    pub(crate) by: Option<TriggerBy>,
    pub(crate) quantity_text: String,
    pub(crate) quantity: TriggerQuantity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerQuantity {
    Base(Decimal),
    /// In percent of the position, or of the balance on a spot market.
    Percent(Decimal),
}

/// A stop-loss or take-profit that an order asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) price_text: String,
    pub(crate) price: Decimal,
    pub(crate) limit: Option<Decimal>,
    pub(crate) by: Option<TriggerBy>,
}

impl Size {
    pub(crate) fn base(self) -> Option<Decimal> {
        match self {
            Self::Base(quantity) => Some(quantity),
            Self::Quote(_) | Self::AtTrigger => None,
        }
    }
}

impl TriggerQuantity {
    pub(crate) fn base(self) -> Option<Decimal> {
        match self {
            Self::Base(quantity) => Some(quantity),
            Self::Percent(_) => None,
        }
    }
}

impl Terms {
    pub(crate) fn check(
        market: &Arc<Market>,
        asked: &OrderExecutePayload,
    ) -> Result<Self, Refusal> {
        check_post_only(asked)?;
        let trigger = trigger(market, asked)?;
        let size = size(market, asked, trigger.is_some())?;
        let limit = limit_price(market, asked)?;
        let triggered = trigger.as_ref().map(|trigger| trigger.quantity);
        for quantity in [size.base(), triggered.and_then(TriggerQuantity::base)] {
            filter::check_value(limit.unwrap_or_default(), quantity.unwrap_or_default())?;
        }
        let extras = Extras {
            quote_quantity: ignored_quote(asked),
            slippage: slippage(asked)?,
            trigger,
            stop_loss: stop_loss(market, asked)?,
            take_profit: take_profit(market, asked)?,
            ..Extras::default()
        };
        Ok(Self {
            market: Arc::clone(market),
            side: asked.side,
            limit,
            size,
            client_id: asked.client_id,
            time_in_force: asked.time_in_force.unwrap_or_default(),
            self_trade_prevention: asked.self_trade_prevention.unwrap_or_default(),
            post_only: asked.post_only.unwrap_or(false),
            reduce_only: asked.reduce_only,
            extras: extras.boxed(),
        })
    }

    pub(crate) fn order_type(&self) -> OrderType {
        match self.limit {
            Some(_) => OrderType::Limit,
            None => OrderType::Market,
        }
    }

    pub(crate) fn is_reduce_only(&self) -> bool {
        self.reduce_only == Some(true)
    }

    pub(crate) fn trigger(&self) -> Option<&Trigger> {
        self.extras.as_ref()?.trigger.as_ref()
    }

    /// The quote quantity as asked, or as its trigger gave it.
    pub(crate) fn quote_quantity(&self) -> Option<Decimal> {
        match self.size {
            Size::Quote(quote) => Some(quote),
            _ => self.extras.as_ref()?.quote_quantity,
        }
    }

    /// Whether this order may trade at a resting price.
    pub(crate) fn accepts(&self, price: Decimal) -> bool {
        self.limit
            .is_none_or(|limit| self.side.is_no_worse(price, limit))
    }

    /// The extras, made where there are none.
    pub(crate) fn extras_mut(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }
}

impl Extras {
    fn boxed(self) -> Option<Box<Self>> {
        let is_plain = self.quote_quantity.is_none()
            && self.slippage.is_none()
            && self.trigger.is_none()
            && self.stop_loss.is_none()
            && self.take_profit.is_none();
        (!is_plain).then(|| Box::new(self))
    }
}

/// The quote quantity of an order that its quantity decides.
fn ignored_quote(asked: &OrderExecutePayload) -> Option<Decimal> {
    let Amount(quote) = asked.quote_quantity?;
    asked.quantity.map(|_| quote)
}

fn check_post_only(asked: &OrderExecutePayload) -> Result<(), Refusal> {
    let rests = asked.order_type == OrderType::Limit
        && asked.time_in_force.unwrap_or_default() == TimeInForce::Gtc;
    if asked.post_only == Some(true) && !rests {
        return Err(Refusal::client("Post only orders must be GTC limit orders"));
    }
    Ok(())
}

fn trigger(market: &Market, asked: &OrderExecutePayload) -> Result<Option<Trigger>, Refusal> {
    let (price_text, quantity_text) = match (&asked.trigger_price, &asked.trigger_quantity) {
        (None, None) => return Ok(None),
        (Some(price), Some(quantity)) => (price.clone(), quantity.clone()),
        _ => {
            return Err(Refusal::client(
                "Must specify both `triggerPrice` and `triggerQuantity` or neither",
            ));
        }
    };
    Ok(Some(Trigger {
        price: trigger_price(market, &price_text)?,
        quantity: trigger_quantity(market, &quantity_text)?,
        by: asked.trigger_by,
        price_text,
        quantity_text,
    }))
}

fn trigger_price(market: &Market, text: &str) -> Result<Decimal, Refusal> {
    let price = amount::parse(text)
        .ok_or_else(|| Refusal::bad(Code::InvalidPrice, "Invalid trigger price"))?;
    filter::check_price(&market.filters, price)?;
    Ok(price)
}

/// A trigger quantity is a quantity or a share such as `80%`.
fn trigger_quantity(market: &Market, text: &str) -> Result<TriggerQuantity, Refusal> {
    let invalid = || Refusal::bad(Code::InvalidQuantity, "Invalid trigger quantity");
    let Some(share) = text.strip_suffix('%') else {
        let quantity = amount::parse(text).ok_or_else(invalid)?;
        filter::check_quantity(&market.filters, quantity)?;
        return Ok(TriggerQuantity::Base(quantity));
    };
    let percent = amount::parse(share).ok_or_else(invalid)?;
    if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED || percent.scale() > 8 {
        return Err(invalid());
    }
    Ok(TriggerQuantity::Percent(percent))
}

fn stop_loss(market: &Market, asked: &OrderExecutePayload) -> Result<Option<Exit>, Refusal> {
    exit(
        market,
        asked.stop_loss_trigger_price.as_ref(),
        asked.stop_loss_limit_price,
        asked.stop_loss_trigger_by,
    )
}

fn take_profit(market: &Market, asked: &OrderExecutePayload) -> Result<Option<Exit>, Refusal> {
    exit(
        market,
        asked.take_profit_trigger_price.as_ref(),
        asked.take_profit_limit_price,
        asked.take_profit_trigger_by,
    )
}

fn exit(
    market: &Market,
    price_text: Option<&String>,
    limit: Option<Amount>,
    by: Option<TriggerBy>,
) -> Result<Option<Exit>, Refusal> {
    let limit = limit.map(|Amount(limit)| limit);
    if let Some(limit) = limit {
        filter::check_price(&market.filters, limit)?;
    }
    let Some(price_text) = price_text.cloned() else {
        return match (limit, by) {
            (None, None) => Ok(None),
            _ => Err(Refusal::client(
                "A stop loss or take profit must specify its trigger price",
            )),
        };
    };
    Ok(Some(Exit {
        price: trigger_price(market, &price_text)?,
        price_text,
        limit,
        by,
    }))
}

fn slippage(asked: &OrderExecutePayload) -> Result<Option<Slippage>, Refusal> {
    match (asked.slippage_tolerance, asked.slippage_tolerance_type) {
        (None, None) => Ok(None),
        (Some(Amount(tolerance)), Some(kind)) => {
            filter::check_tolerance(tolerance)?;
            Ok(Some(Slippage { tolerance, kind }))
        }
        _ => Err(Refusal::client(
            "Must specify both `slippageTolerance` and `slippageToleranceType` or neither",
        )),
    }
}

fn limit_price(market: &Market, asked: &OrderExecutePayload) -> Result<Option<Decimal>, Refusal> {
    if asked.order_type == OrderType::Market {
        return Ok(None);
    }
    let Amount(price) = asked
        .price
        .ok_or_else(|| Refusal::client("Limit orders must specify a `price`"))?;
    filter::check_price(&market.filters, price)?;
    Ok(Some(price))
}

fn size(
    market: &Market,
    asked: &OrderExecutePayload,
    is_conditional: bool,
) -> Result<Size, Refusal> {
    let quantity = asked.quantity.map(|Amount(quantity)| quantity);
    let quote = asked.quote_quantity.map(|Amount(quote)| quote);
    if let Some(quantity) = quantity {
        filter::check_quantity(&market.filters, quantity)?;
    }
    if let Some(quote) = quote {
        filter::check_quote_quantity(quote)?;
    }
    match (asked.order_type, quantity, quote) {
        _ if is_conditional => Ok(Size::AtTrigger),
        (OrderType::Limit, Some(quantity), _) | (OrderType::Market, Some(quantity), None) => {
            Ok(Size::Base(quantity))
        }
        (OrderType::Market, None, Some(quote)) => Ok(Size::Quote(quote)),
        (OrderType::Market, ..) => Err(Refusal::client(
            "Market orders must specify either a `quantity` or a `quoteQuantity`",
        )),
        (OrderType::Limit, None, _) => {
            Err(Refusal::client("Limit orders must specify a `quantity`"))
        }
    }
}
