//! Matching as a pure function: what an incoming order would do to the resting ones.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::account::AccountId;
use crate::book::order::Order;
use crate::book::terms::{Size, Terms};
use crate::market::QUANTITY_DECIMALS;
use crate::words::{ExpiryReason, SelfTradePrevention, TimeInForce};

/// One trade against a resting order, at the resting order's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trade {
    pub(crate) maker: u64,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
}

/// How an incoming order leaves the matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Filled,
    /// Something is left; only a limit order that is good till cancelled rests it.
    Left,
    SelfTrade,
}

/// What is to be done to the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) trades: Vec<Trade>,
    /// Resting orders that expire because they would have traded with their own account.
    pub(crate) expired_makers: Vec<u64>,
    pub(crate) end: End,
}

impl Plan {
    /// Walks the opposite side, best price first.
    pub(crate) fn new<'a>(
        terms: &Terms,
        account: AccountId,
        opposite: impl Iterator<Item = &'a Order>,
    ) -> Self {
        let mut plan = Self {
            trades: Vec::new(),
            expired_makers: Vec::new(),
            end: End::Left,
        };
        let mut wanted = terms.size;
        for maker in opposite {
            let Some(price) = maker.terms.limit.filter(|price| terms.accepts(*price)) else {
                break;
            };
            if maker.account == account {
                plan.prevent(terms.self_trade_prevention(), maker.id);
            } else {
                plan.take(&mut wanted, maker, price);
            }
            if plan.end != End::Left {
                break;
            }
        }
        plan.kill_unless_whole(terms.time_in_force())
    }

    fn prevent(&mut self, prevention: SelfTradePrevention, maker: u64) {
        if prevention != SelfTradePrevention::Taker {
            self.expired_makers.push(maker);
        }
        if prevention != SelfTradePrevention::Maker {
            self.end = End::SelfTrade;
        }
    }

    fn take(&mut self, wanted: &mut Size, maker: &Order, price: Decimal) {
        let quantity = affordable(*wanted, price).min(maker.remaining());
        if quantity.is_zero() {
            return;
        }
        self.trades.push(Trade {
            maker: maker.id,
            price,
            quantity,
        });
        match wanted {
            Size::Base(base) => *base -= quantity,
            Size::Quote(quote) => *quote -= price * quantity,
        }
        if affordable(*wanted, price).is_zero() {
            self.end = End::Filled;
        }
    }

    /// A fill-or-kill order that cannot fill whole leaves the book as it was.
    fn kill_unless_whole(mut self, time_in_force: TimeInForce) -> Self {
        if time_in_force == TimeInForce::Fok && self.end != End::Filled {
            self.trades.clear();
            self.expired_makers.clear();
        }
        self
    }
}

impl End {
    /// Why the rest of an order expires; `None` when it is filled or rests.
    pub(crate) fn expiry(self, terms: &Terms) -> Option<ExpiryReason> {
        match self {
            Self::Filled => None,
            Self::SelfTrade => Some(ExpiryReason::SelfTradePrevention),
            Self::Left => match terms.time_in_force() {
                TimeInForce::Fok => Some(ExpiryReason::FillOrKill),
                _ if terms.limit.is_none() => Some(ExpiryReason::InsufficientLiquidity),
                TimeInForce::Ioc => Some(ExpiryReason::ImmediateOrCancel),
                TimeInForce::Gtc => None,
            },
        }
    }
}

/// The base quantity still wanted at a price. Quote amounts are rounded down: never spend more.
fn affordable(wanted: Size, price: Decimal) -> Decimal {
    match wanted {
        Size::Base(base) => base,
        Size::Quote(quote) => quote
            .checked_div(price)
            .unwrap_or_default()
            .round_dp_with_strategy(QUANTITY_DECIMALS, RoundingStrategy::ToZero),
    }
}
