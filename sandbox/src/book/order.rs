//! One order and one fill, as the exchange remembers them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::account::AccountId;
use crate::book::ladder::Place;
use crate::book::terms::{Extras, Size, Terms};
use crate::market::Market;
use crate::words::{ExpiryReason, OrderStatus, Side};

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) account: AccountId,
    /// Its place in the queue of its price; 0 until it rests. Not the id: a triggered order rests later
    /// than it was placed.
    pub(crate) arrival: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) terms: Terms,
    pub(crate) status: OrderStatus,
    pub(crate) expiry_reason: Option<ExpiryReason>,
    pub(crate) executed_quantity: Decimal,
    pub(crate) executed_quote: Decimal,
    /// What is set aside for it, in the asset that [`crate::book::funds::lock`] names.
    pub(crate) locked: Decimal,
    /// When it was placed, filled or closed last, by the true clock.
    pub(crate) changed_at: DateTime<Utc>,
}

impl Order {
    pub(crate) fn new(
        id: u64,
        account: AccountId,
        terms: Terms,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            account,
            arrival: 0,
            created_at,
            terms,
            status: OrderStatus::New,
            expiry_reason: None,
            executed_quantity: Decimal::ZERO,
            executed_quote: Decimal::ZERO,
            locked: Decimal::ZERO,
            changed_at: Utc::now(),
        }
    }

    /// What a resting order still offers, in the base asset. Orders sized otherwise never rest.
    pub(crate) fn remaining(&self) -> Decimal {
        match self.terms.size {
            Size::Base(quantity) => quantity - self.executed_quantity,
            Size::Quote(_) | Size::AtTrigger => Decimal::ZERO,
        }
    }

    /// The base quantity as live operations show it: zero for an order that its trigger has not sized yet.
    pub(crate) fn live_quantity(&self) -> Option<Decimal> {
        match self.terms.size {
            Size::Base(quantity) => Some(quantity),
            Size::Quote(_) => None,
            Size::AtTrigger => Some(Decimal::ZERO),
        }
    }

    /// The quote quantity as asked. A market order of a base quantity has the amount it took, rounded up
    /// to the decimals of a price.
    pub(crate) fn quote_quantity(&self) -> Option<Decimal> {
        let decimals = self.terms.market.filters.tick_size.scale();
        let round_up = RoundingStrategy::AwayFromZero;
        let taken = || {
            self.executed_quote
                .round_dp_with_strategy(decimals, round_up)
        };
        let is_sized = self.terms.limit.is_none() && self.terms.size.base().is_some();
        let asked = self.terms.quote_quantity();
        asked.or_else(|| is_sized.then(taken))
    }

    /// The same as the history shows it: a limit order has its value.
    pub(crate) fn history_quote(&self) -> Option<Decimal> {
        let value = || Some(self.terms.limit? * self.terms.size.base()?);
        self.quote_quantity().or_else(value)
    }

    pub(crate) fn is_open(&self) -> bool {
        use OrderStatus::{New, PartiallyFilled, PendingRelease, TriggerPending};
        matches!(
            self.status,
            New | PartiallyFilled | TriggerPending | PendingRelease
        )
    }

    /// Whether it stands in the book.
    pub(crate) fn is_resting(&self) -> bool {
        self.arrival != 0 && self.is_open()
    }

    /// Its place in the queue; an order that does not rest has none.
    pub(crate) fn place(&self) -> Option<Place> {
        let price = self.terms.limit.filter(|_| self.is_resting())?;
        Some(Place {
            price,
            arrival: self.arrival,
            id: self.id,
        })
    }

    pub(crate) fn is_pending_trigger(&self) -> bool {
        self.status == OrderStatus::TriggerPending
    }

    pub(crate) fn extras(&self) -> Option<&Extras> {
        self.terms.extras.as_deref()
    }
}

/// One side of a trade.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) trade_id: u64,
    pub(crate) order_id: u64,
    pub(crate) client_id: Option<u32>,
    pub(crate) market: Arc<Market>,
    pub(crate) side: Side,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) fee: Decimal,
    pub(crate) is_maker: bool,
    pub(crate) at: DateTime<Utc>,
}
