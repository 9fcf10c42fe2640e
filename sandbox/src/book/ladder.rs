//! The resting orders of one market in price-time priority.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::limits::PRICE_DECIMALS;
use crate::words::Side;

/// Where an order stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) price: Decimal,
    pub(crate) arrival: u64,
    pub(crate) id: u64,
}

/// Both sides of one market.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    bids: Rungs,
    asks: Rungs,
    /// How often it changed.
    pub(crate) updates: u64,
}

/// One side. Lower ranks trade first, and earlier arrivals within a rank.
#[derive(Debug, Default)]
struct Rungs {
    /// Order ids by rank and arrival.
    queue: BTreeMap<(i64, u64), u64>,
    levels: BTreeMap<i64, Level>,
}

/// What all resting orders of one side at one price offer together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) orders: usize,
}

impl Ladder {
    /// Resting order ids of one side, best price first.
    pub(crate) fn best_first(&self, side: Side) -> impl Iterator<Item = u64> {
        self.side(side).queue.values().copied()
    }

    /// The prices of one side, best first.
    pub(crate) fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        self.side(side).levels.values().copied()
    }

    /// What is offered at a price.
    pub(crate) fn quantity(&self, side: Side, price: Decimal) -> Decimal {
        let level = self.side(side).levels.get(&rank(side, price));
        level.map(|level| level.quantity).unwrap_or_default()
    }

    /// Puts an order behind all others of its price.
    pub(crate) fn insert(&mut self, side: Side, place: Place, quantity: Decimal) {
        self.updates += 1;
        let rank = rank(side, place.price);
        let rungs = self.side_mut(side);
        rungs.queue.insert((rank, place.arrival), place.id);
        let level = rungs.levels.entry(rank).or_default();
        level.price = place.price;
        level.quantity += quantity;
        level.orders += 1;
    }

    /// Takes out an order that still offers so much.
    pub(crate) fn remove(&mut self, side: Side, place: Place, quantity: Decimal) {
        self.updates += 1;
        let rank = rank(side, place.price);
        let rungs = self.side_mut(side);
        rungs.queue.remove(&(rank, place.arrival));
        if let Some(level) = rungs.levels.get_mut(&rank) {
            level.quantity -= quantity;
            level.orders = level.orders.saturating_sub(1);
            if level.orders == 0 {
                rungs.levels.remove(&rank);
            }
        }
    }

    /// Less is offered at a price.
    pub(crate) fn trade(&mut self, side: Side, price: Decimal, quantity: Decimal) {
        self.updates += 1;
        let levels = &mut self.side_mut(side).levels;
        if let Some(level) = levels.get_mut(&rank(side, price)) {
            level.quantity -= quantity;
        }
    }

    fn side(&self, side: Side) -> &Rungs {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Rungs {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }
}

/// A price as a count of the finest ticks, negative for bids: an integer compares faster than a decimal.
fn rank(side: Side, price: Decimal) -> i64 {
    let mut fine = price;
    fine.rescale(PRICE_DECIMALS);
    // Prices within the size limit fit.
    let count = i64::try_from(fine.mantissa()).unwrap_or(i64::MAX);
    match side {
        Side::Bid => -count,
        Side::Ask => count,
    }
}
