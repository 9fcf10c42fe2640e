//! The resting orders of one market in price-time priority.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::words::Side;

/// Both sides. An entry is (rank, order id): lower ranks trade first, and since ids count up, equal
/// ranks trade in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    bids: BTreeSet<(Decimal, u64)>,
    asks: BTreeSet<(Decimal, u64)>,
}

impl Ladder {
    /// Resting order ids of one side, best price first.
    pub(crate) fn best_first(&self, side: Side) -> impl Iterator<Item = u64> {
        let entries = match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        };
        entries.iter().map(|(_, id)| *id)
    }

    pub(crate) fn insert(&mut self, side: Side, price: Decimal, id: u64) {
        self.side(side).insert((rank(side, price), id));
    }

    pub(crate) fn remove(&mut self, side: Side, price: Decimal, id: u64) {
        self.side(side).remove(&(rank(side, price), id));
    }

    fn side(&mut self, side: Side) -> &mut BTreeSet<(Decimal, u64)> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }
}

fn rank(side: Side, price: Decimal) -> Decimal {
    match side {
        Side::Bid => -price,
        Side::Ask => price,
    }
}
