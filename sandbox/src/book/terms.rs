//! What an order asks for, checked before it reaches the book.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::amount::{self, Amount};
use crate::market::{Market, Markets, PRICE_DECIMALS, QUANTITY_DECIMALS, SIZE_LIMIT, VALUE_LIMIT};
use crate::refusal::{Code, Refusal};
use crate::wire::payload::OrderExecutePayload;
use crate::words::{MarketType, OrderType, SelfTradePrevention, Side, TimeInForce};

/// What every account owns of every asset.
const BALANCE: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// How much an order still wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Base(Decimal),
    Quote(Decimal),
}

/// A checked order.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) market: Arc<Market>,
    /// `None` for market orders.
    pub(crate) limit: Option<Decimal>,
    pub(crate) size: Size,
    pub(crate) is_conditional: bool,
    /// The request itself, echoed in answers.
    pub(crate) asked: OrderExecutePayload,
}

impl Terms {
    pub(crate) fn check(markets: &Markets, asked: OrderExecutePayload) -> Result<Self, Refusal> {
        let market = markets
            .find(&asked.symbol)
            .cloned()
            .ok_or_else(Refusal::unknown_symbol)?;
        check_post_only(&asked)?;
        check_trigger_texts(&asked)?;
        let is_conditional = asked.trigger_price.is_some();
        let limit = limit_price(&asked)?;
        let size = size(&asked, is_conditional)?;
        Ok(Self {
            market,
            limit,
            size,
            is_conditional,
            asked,
        })
    }

    pub(crate) fn side(&self) -> Side {
        self.asked.side
    }

    /// The quantity in the base asset: the one given, else the trigger quantity, zero where that is a
    /// share. `None` for an order sized in the quote asset.
    pub(crate) fn base_quantity(&self) -> Option<Decimal> {
        match self.size {
            Size::Base(quantity) => Some(quantity),
            Size::Quote(_) => None,
        }
    }

    pub(crate) fn is_post_only(&self) -> bool {
        self.asked.post_only.unwrap_or(false)
    }

    pub(crate) fn time_in_force(&self) -> TimeInForce {
        self.asked.time_in_force.unwrap_or_default()
    }

    pub(crate) fn self_trade_prevention(&self) -> SelfTradePrevention {
        self.asked.self_trade_prevention.unwrap_or_default()
    }

    /// Whether this order may trade at a resting price.
    pub(crate) fn accepts(&self, price: Decimal) -> bool {
        match (self.limit, self.side()) {
            (None, _) => true,
            (Some(limit), Side::Bid) => price <= limit,
            (Some(limit), Side::Ask) => price >= limit,
        }
    }

    /// Whether the account could pay for this order alone. Spot only: perpetuals would need margin,
    /// which is not computed here.
    pub(crate) fn check_funds(&self) -> Result<(), Refusal> {
        let needed = match (self.size, self.side(), self.limit) {
            (Size::Base(quantity), Side::Ask, _) => Some(quantity),
            (Size::Base(quantity), Side::Bid, Some(price)) => quantity.checked_mul(price),
            (Size::Quote(quote), Side::Bid, _) => Some(quote),
            _ => None,
        };
        let covered = needed.is_none_or(|needed| needed <= BALANCE);
        if covered || self.market.kind != MarketType::Spot {
            return Ok(());
        }
        Err(Refusal::bad(Code::InsufficientFunds, "Insufficient funds"))
    }
}

fn check_post_only(asked: &OrderExecutePayload) -> Result<(), Refusal> {
    let rests = asked.order_type == OrderType::Limit
        && asked.time_in_force.unwrap_or_default() == TimeInForce::Gtc;
    if asked.post_only == Some(true) && !rests {
        return Err(Refusal::client("Post only orders must be GTC limit orders"));
    }
    Ok(())
}

fn check_trigger_texts(asked: &OrderExecutePayload) -> Result<(), Refusal> {
    if asked.trigger_price.is_some() != asked.trigger_quantity.is_some() {
        return Err(Refusal::client(
            "Must specify both `triggerPrice` and `triggerQuantity` or neither",
        ));
    }
    let prices = [
        &asked.trigger_price,
        &asked.stop_loss_trigger_price,
        &asked.take_profit_trigger_price,
    ];
    for text in prices.into_iter().flatten() {
        let price = amount::parse(text)
            .ok_or_else(|| Refusal::bad(Code::InvalidPrice, "Invalid trigger price"))?;
        check_price(price)?;
    }
    for limit in [asked.stop_loss_limit_price, asked.take_profit_limit_price]
        .into_iter()
        .flatten()
    {
        check_price(limit.0)?;
    }
    asked
        .trigger_quantity
        .as_deref()
        .map_or(Ok(()), check_trigger_quantity)
}

/// A trigger quantity is a quantity or a share such as `80%`.
fn check_trigger_quantity(text: &str) -> Result<(), Refusal> {
    let share = text.strip_suffix('%');
    let invalid = || Refusal::bad(Code::InvalidQuantity, "Invalid trigger quantity");
    let value = amount::parse(share.unwrap_or(text)).ok_or_else(invalid)?;
    check_quantity(value)?;
    if share.is_some() && value > Decimal::ONE_HUNDRED {
        return Err(invalid());
    }
    Ok(())
}

fn limit_price(asked: &OrderExecutePayload) -> Result<Option<Decimal>, Refusal> {
    if asked.order_type == OrderType::Market {
        return Ok(None);
    }
    let Amount(price) = asked
        .price
        .ok_or_else(|| Refusal::client("Limit orders must specify a `price`"))?;
    check_price(price)?;
    Ok(Some(price))
}

fn size(asked: &OrderExecutePayload, is_conditional: bool) -> Result<Size, Refusal> {
    let quantity = asked.quantity.map(|Amount(quantity)| quantity);
    let quote = asked.quote_quantity.map(|Amount(quote)| quote);
    if let Some(quantity) = quantity {
        check_quantity(quantity)?;
    }
    if let Some(quote) = quote {
        check_quote_quantity(quote)?;
    }
    match (asked.order_type, quantity, quote) {
        (OrderType::Limit, Some(quantity), _) | (OrderType::Market, Some(quantity), None) => {
            Ok(Size::Base(quantity))
        }
        (OrderType::Market, None, Some(quote)) => Ok(Size::Quote(quote)),
        (OrderType::Market, Some(_), Some(_)) => Err(market_size()),
        // A trigger order is sized by its trigger quantity, which may be a share known only later.
        (_, None, None) if is_conditional => Ok(Size::Base(trigger_size(asked))),
        (OrderType::Market, None, None) => Err(market_size()),
        (OrderType::Limit, None, _) => {
            Err(Refusal::client("Limit orders must specify a `quantity`"))
        }
    }
}

fn market_size() -> Refusal {
    Refusal::client("Market orders must specify either a `quantity` or a `quoteQuantity`")
}

fn trigger_size(asked: &OrderExecutePayload) -> Decimal {
    asked
        .trigger_quantity
        .as_deref()
        .and_then(amount::parse)
        .unwrap_or_default()
}

fn check_price(price: Decimal) -> Result<(), Refusal> {
    if price.scale() > PRICE_DECIMALS {
        return Err(Refusal::client("Price decimal too long"));
    }
    if price <= Decimal::ZERO || price >= SIZE_LIMIT {
        return Err(Refusal::bad(Code::InvalidPrice, "Invalid price"));
    }
    Ok(())
}

fn check_quantity(quantity: Decimal) -> Result<(), Refusal> {
    check_size(quantity, QUANTITY_DECIMALS, SIZE_LIMIT)
}

fn check_quote_quantity(quantity: Decimal) -> Result<(), Refusal> {
    check_size(quantity, PRICE_DECIMALS, VALUE_LIMIT)
}

fn check_size(quantity: Decimal, decimals: u32, limit: Decimal) -> Result<(), Refusal> {
    if quantity.scale() > decimals {
        return Err(Refusal::client("Quantity decimal too long"));
    }
    if quantity <= Decimal::ZERO || quantity >= limit {
        return Err(Refusal::bad(Code::InvalidQuantity, "Invalid quantity"));
    }
    Ok(())
}
