//! How the slow exchange matches: one trade after the other, the best order searched anew each time, and
//! a copy put back where an order had to fill wholly and did not.

use rust_decimal::Decimal;

use super::reference::{Holding, Reference, dec, floor};
use super::spec::Spec;
use crate::words::{ExpiryReason, OrderStatus, SelfTradePrevention, Side, TimeInForce};

/// Why matching stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Filled,
    Empty,
    TooFar,
    Reduced,
    SelfTrade,
}

/// What became of one encounter.
enum Met {
    On,
    Skip,
    Stop(Stop),
}

impl Reference {
    /// The resting order that trades next with an incoming one.
    pub(super) fn best(&self, spec: &Spec, skipped: &[usize]) -> Option<usize> {
        let meets = |n: &usize| {
            let other = &self.orders[*n];
            other.rests()
                && other.spec.is_perp == spec.is_perp
                && other.spec.side != spec.side
                && !skipped.contains(n)
        };
        (0..self.orders.len()).filter(meets).min_by_key(|n| {
            let order = &self.orders[*n];
            let price = order.spec.limit.unwrap();
            let rank = if spec.side == Side::Bid {
                price
            } else {
                -price
            };
            (rank, order.rested)
        })
    }

    /// Lets an order trade as far as it can, and a fill-or-kill order wholly or not at all.
    pub(super) fn match_whole(&mut self, n: usize) -> Stop {
        let before = self.clone();
        let stop = self.match_order(n);
        if self.orders[n].spec.time_in_force == TimeInForce::Fok && stop != Stop::Filled {
            *self = before;
        }
        stop
    }

    fn match_order(&mut self, n: usize) -> Stop {
        let spec = self.orders[n].spec.clone();
        if spec.reduce_only && self.closable(&spec).is_zero() {
            return Stop::Reduced;
        }
        let (mut skipped, mut first) = (Vec::new(), None);
        loop {
            let Some(maker) = self.best(&spec, &skipped) else {
                return Stop::Empty;
            };
            let price = self.orders[maker].spec.limit.unwrap();
            if !reaches(&spec, price) {
                return Stop::Empty;
            }
            if is_beyond(&spec, *first.get_or_insert(price), price) {
                return Stop::TooFar;
            }
            match self.meet(n, maker, price) {
                Met::On => {}
                Met::Skip => skipped.push(maker),
                Met::Stop(stop) => return stop,
            }
        }
    }

    fn meet(&mut self, n: usize, maker: usize, price: Decimal) -> Met {
        let spec = self.orders[n].spec.clone();
        let wanted = self.orders[n].wants(price);
        if wanted.is_zero() {
            let nothing = self.orders[n].executed.is_zero();
            return Met::Stop(if nothing { Stop::Empty } else { Stop::Filled });
        }
        if self.orders[maker].spec.account == spec.account {
            if spec.prevention != SelfTradePrevention::Taker {
                let reason = Some(ExpiryReason::SelfTradePrevention);
                self.close(maker, OrderStatus::Expired, reason);
            }
            let stays = spec.prevention == SelfTradePrevention::Maker;
            return if stays {
                Met::On
            } else {
                Met::Stop(Stop::SelfTrade)
            };
        }
        let mut size = wanted.min(self.orders[maker].left());
        for order in [n, maker] {
            if self.orders[order].spec.reduce_only {
                size = size.min(self.closable(&self.orders[order].spec));
            }
        }
        if size.is_zero() {
            return Met::Skip;
        }
        self.exchange(n, maker, price, size);
        if self.orders[n].wants(price).is_zero() {
            return Met::Stop(Stop::Filled);
        }
        if spec.reduce_only && self.closable(&spec).is_zero() {
            return Met::Stop(Stop::Reduced);
        }
        Met::On
    }

    fn exchange(&mut self, taker: usize, maker: usize, price: Decimal, size: Decimal) {
        for (n, rate) in [(taker, dec(5, 4)), (maker, dec(2, 4))] {
            let order = &mut self.orders[n];
            order.executed += size;
            order.value += size * price;
            order.status = OrderStatus::PartiallyFilled;
            let fee = floor(size * price * rate, 6);
            let account = order.spec.account as usize;
            let bought = if order.spec.side == Side::Bid {
                size
            } else {
                -size
            };
            if order.spec.is_perp {
                self.owned[account][1] += hold(&mut self.holdings[account], bought, price);
            } else {
                self.owned[account][0] += bought;
                self.owned[account][1] -= bought * price;
            }
            self.owned[account][1] -= fee;
            self.fees += fee;
        }
        self.tape
            .push((self.orders[maker].spec.account as usize, price));
        if self.orders[maker].left().is_zero() {
            self.close(maker, OrderStatus::Filled, None);
        }
    }
}

/// Adds to a position and gives the profit: first what closes it, then what opens it anew.
fn hold(holding: &mut Holding, bought: Decimal, price: Decimal) -> Decimal {
    let held = holding.quantity;
    if held.is_zero() || (held > Decimal::ZERO) == (bought > Decimal::ZERO) {
        holding.quantity += bought;
        holding.cost += bought * price;
        return Decimal::ZERO;
    }
    let part = bought.abs().min(held.abs());
    let mut freed = holding.cost;
    if part < held.abs() {
        freed = (holding.cost * part / held.abs()).round_dp(6);
    }
    let paid = if bought > Decimal::ZERO {
        part * price
    } else {
        -part * price
    };
    holding.cost -= freed;
    holding.quantity += if bought > Decimal::ZERO { part } else { -part };
    let rest = bought.abs() - part;
    if !rest.is_zero() {
        hold(
            holding,
            if bought > Decimal::ZERO { rest } else { -rest },
            price,
        );
    }
    -paid - freed
}

pub(super) fn reaches(spec: &Spec, price: Decimal) -> bool {
    match (spec.limit, spec.side) {
        (None, _) => true,
        (Some(limit), Side::Bid) => price <= limit,
        (Some(limit), Side::Ask) => price >= limit,
    }
}

/// Whether a price is further from the first one than a market order tolerates.
fn is_beyond(spec: &Spec, first: Decimal, price: Decimal) -> bool {
    let Some((is_ticks, tolerance)) = spec.slippage.filter(|_| spec.limit.is_none()) else {
        return false;
    };
    let distance = if is_ticks {
        tolerance * dec(1, 1)
    } else {
        first * tolerance / dec(100, 0)
    };
    (price - first).abs() > distance
}
