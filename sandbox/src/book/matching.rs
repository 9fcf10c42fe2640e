//! Matching as a pure function: what an incoming order would do to the resting ones.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::order::Order;
use crate::book::terms::{Size, Slippage, Terms};
use crate::market::Market;
use crate::words::{ExpiryReason, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce};

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
    /// The next price is further from the best one than tolerated.
    TooFar,
    /// There is nothing left for a reduce-only order to reduce.
    Reduced,
    SelfTrade,
}

/// What is to be done to the book, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Trade(Trade),
    /// A resting order expires, because it would have traded with its own account.
    ExpireMaker(u64),
}

/// An incoming order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taker<'a> {
    pub(crate) account: AccountId,
    pub(crate) terms: &'a Terms,
    /// The most it may trade, where it may only reduce a position.
    pub(crate) quantity_max: Option<Decimal>,
}

/// The state of a walk along the resting orders.
struct Walk<'a> {
    taker: Taker<'a>,
    wanted: Size,
    quantity_max: Option<Decimal>,
    /// The worst price within the slippage tolerance; known once the best price is.
    worst: Option<Decimal>,
    /// What each account's resting orders have traded so far.
    traded: BTreeMap<AccountId, Decimal>,
    plan: Plan,
}

impl Plan {
    /// Nothing happens but the end.
    pub(crate) fn nothing(end: End) -> Self {
        Self {
            steps: Vec::new(),
            end,
        }
    }

    /// Walks the opposite side, best price first. `reducible` gives what a resting reduce-only order's
    /// account has left to reduce.
    pub(crate) fn new<'a>(
        taker: Taker<'_>,
        opposite: impl Iterator<Item = &'a Order>,
        reducible: impl Fn(&Order) -> Decimal,
    ) -> Self {
        let mut walk = Walk {
            taker,
            wanted: taker.terms.size,
            quantity_max: taker.quantity_max,
            worst: None,
            traded: BTreeMap::new(),
            plan: Self::nothing(End::Left),
        };
        for maker in opposite {
            if walk.meet(maker, &reducible).is_none() || walk.plan.end != End::Left {
                break;
            }
        }
        walk.plan.kill_unless_whole(taker.terms.time_in_force)
    }

    pub(crate) fn trades(&self) -> impl Iterator<Item = Trade> {
        self.steps.iter().filter_map(|step| match step {
            Step::Trade(trade) => Some(*trade),
            Step::ExpireMaker(_) => None,
        })
    }

    /// The base quantity of all trades.
    pub(crate) fn quantity(&self) -> Decimal {
        self.trades().map(|trade| trade.quantity).sum()
    }

    /// The quote amount of all trades.
    pub(crate) fn value(&self) -> Decimal {
        self.trades()
            .map(|trade| trade.price * trade.quantity)
            .sum()
    }

    /// A fill-or-kill order that cannot fill whole leaves the book as it was.
    fn kill_unless_whole(mut self, time_in_force: TimeInForce) -> Self {
        if time_in_force == TimeInForce::Fok && self.end != End::Filled {
            self.steps.clear();
        }
        self
    }
}

impl Walk<'_> {
    /// Deals with one resting order; `None` when no further one can be dealt with either.
    fn meet(&mut self, maker: &Order, reducible: impl Fn(&Order) -> Decimal) -> Option<()> {
        let terms = self.taker.terms;
        let price = maker.terms.limit.filter(|price| terms.accepts(*price))?;
        if self.is_too_far(price) {
            self.plan.end = End::TooFar;
            return None;
        }
        let wanted = affordable(&terms.market, self.wanted, price);
        if wanted.is_zero() {
            let has_traded = self.plan.trades().next().is_some();
            self.plan.end = if has_traded { End::Filled } else { End::Left };
            return None;
        }
        if maker.account == self.taker.account {
            self.prevent(maker.id);
            return Some(());
        }
        let offered = self.offered(maker, reducible);
        let wanted = self.quantity_max.map_or(wanted, |max| max.min(wanted));
        self.trade(maker, price, wanted.min(offered));
        Some(())
    }

    fn is_too_far(&mut self, price: Decimal) -> bool {
        let terms = self.taker.terms;
        let slippage = terms.extras.as_ref().and_then(|extras| extras.slippage);
        let Some(slippage) = slippage.filter(|_| terms.limit.is_none()) else {
            return false;
        };
        let worst = *self
            .worst
            .get_or_insert_with(|| worst_price(&terms.market, terms.side, price, slippage));
        !terms.side.is_no_worse(price, worst)
    }

    fn prevent(&mut self, maker: u64) {
        let prevention = self.taker.terms.self_trade_prevention;
        if prevention != SelfTradePrevention::Taker {
            self.plan.steps.push(Step::ExpireMaker(maker));
        }
        if prevention != SelfTradePrevention::Maker {
            self.plan.end = End::SelfTrade;
        }
    }

    /// What a resting order can trade: a reduce-only one no more than its account has left to reduce.
    fn offered(&self, maker: &Order, reducible: impl Fn(&Order) -> Decimal) -> Decimal {
        let remaining = maker.remaining();
        if !maker.terms.is_reduce_only() {
            return remaining;
        }
        let traded = self.traded.get(&maker.account).copied().unwrap_or_default();
        let left = (reducible(maker) - traded).max(Decimal::ZERO);
        remaining.min(left)
    }

    fn trade(&mut self, maker: &Order, price: Decimal, quantity: Decimal) {
        if quantity.is_zero() {
            return;
        }
        self.plan.steps.push(Step::Trade(Trade {
            maker: maker.id,
            price,
            quantity,
        }));
        if self.taker.terms.market.is_perp() {
            *self.traded.entry(maker.account).or_default() += quantity;
        }
        match &mut self.wanted {
            Size::Base(base) => *base -= quantity,
            Size::Quote(quote) => *quote -= price * quantity,
            Size::AtTrigger => {}
        }
        if let Some(max) = &mut self.quantity_max {
            *max -= quantity;
        }
        let is_done = affordable(&self.taker.terms.market, self.wanted, price).is_zero();
        if is_done {
            self.plan.end = End::Filled;
        } else if self.quantity_max.is_some_and(|max| max.is_zero()) {
            self.plan.end = End::Reduced;
        }
    }
}

impl End {
    /// Why the rest of an order expires; `None` when it is filled or rests.
    pub(crate) fn expiry(self, terms: &Terms) -> Option<ExpiryReason> {
        match (self, terms.time_in_force) {
            (Self::Filled, _) => None,
            (Self::SelfTrade, _) => Some(ExpiryReason::SelfTradePrevention),
            (Self::Reduced, _) => Some(ExpiryReason::ReduceOnlyNotReduced),
            (_, TimeInForce::Fok) => Some(ExpiryReason::FillOrKill),
            (Self::TooFar, _) => Some(ExpiryReason::PriceImpact),
            (Self::Left, _) if terms.limit.is_none() => Some(ExpiryReason::InsufficientLiquidity),
            (Self::Left, TimeInForce::Ioc) => Some(ExpiryReason::ImmediateOrCancel),
            (Self::Left, TimeInForce::Gtc) => None,
        }
    }
}

/// The base quantity still wanted at a price. Quote amounts are rounded down to the step: never spend
/// more.
fn affordable(market: &Market, wanted: Size, price: Decimal) -> Decimal {
    match wanted {
        Size::Base(base) => base,
        Size::Quote(quote) => market.step_down(quote.checked_div(price).unwrap_or_default()),
        Size::AtTrigger => Decimal::ZERO,
    }
}

fn worst_price(market: &Market, side: Side, best: Decimal, slippage: Slippage) -> Decimal {
    let distance = match slippage.kind {
        SlippageToleranceType::TickSize => slippage.tolerance * market.filters.tick_size,
        SlippageToleranceType::Percent => best * slippage.tolerance / Decimal::ONE_HUNDRED,
    };
    best + side.signed(distance)
}
