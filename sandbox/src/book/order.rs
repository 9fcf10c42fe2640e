//! One order and one fill, as the exchange remembers them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::terms::Terms;
use crate::market::Market;
use crate::words::{ExpiryReason, OrderStatus, Side};

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) account: AccountId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) terms: Terms,
    pub(crate) status: OrderStatus,
    pub(crate) expiry_reason: Option<ExpiryReason>,
    pub(crate) executed_quantity: Decimal,
    pub(crate) executed_quote: Decimal,
    /// When it was placed, filled or closed last, by the true clock.
    pub(crate) changed_at: DateTime<Utc>,
}

impl Order {
    /// What a resting order still offers, in the base asset. Orders sized in quote never rest.
    pub(crate) fn remaining(&self) -> Decimal {
        self.terms
            .base_quantity()
            .map_or(Decimal::ZERO, |quantity| quantity - self.executed_quantity)
    }

    pub(crate) fn is_open(&self) -> bool {
        use OrderStatus::{New, PartiallyFilled, TriggerPending};
        matches!(self.status, New | PartiallyFilled | TriggerPending)
    }

    pub(crate) fn is_pending_trigger(&self) -> bool {
        self.status == OrderStatus::TriggerPending
    }

    pub(crate) fn expire(&mut self, reason: ExpiryReason) {
        self.status = OrderStatus::Expired;
        self.expiry_reason = Some(reason);
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
