//! The conditional orders of one market that wait for a reference price.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::words::TriggerBy;

/// Which way the reference price must go to reach the trigger price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Rising,
    Falling,
}

/// All of one market, apart for each reference price.
#[derive(Debug, Default)]
pub(crate) struct Triggers(BTreeMap<TriggerBy, Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    rising: BTreeSet<(Decimal, u64)>,
    falling: BTreeSet<(Decimal, u64)>,
    /// Placed before there was a reference price: the first one decides the direction.
    undecided: BTreeSet<(Decimal, u64)>,
}

impl Direction {
    /// From where the reference price stands to the trigger price.
    pub(crate) fn towards(trigger: Decimal, reference: Decimal) -> Self {
        if trigger >= reference {
            Self::Rising
        } else {
            Self::Falling
        }
    }
}

impl Triggers {
    pub(crate) fn insert(
        &mut self,
        by: TriggerBy,
        direction: Option<Direction>,
        price: Decimal,
        id: u64,
    ) {
        let waiting = self.0.entry(by).or_default();
        let set = match direction {
            Some(Direction::Rising) => &mut waiting.rising,
            Some(Direction::Falling) => &mut waiting.falling,
            None => &mut waiting.undecided,
        };
        set.insert((price, id));
    }

    pub(crate) fn remove(&mut self, by: TriggerBy, price: Decimal, id: u64) {
        if let Some(waiting) = self.0.get_mut(&by) {
            for set in [
                &mut waiting.rising,
                &mut waiting.falling,
                &mut waiting.undecided,
            ] {
                set.remove(&(price, id));
            }
        }
    }

    /// Takes out the orders that a reference price triggers, oldest first.
    pub(crate) fn reach(&mut self, by: TriggerBy, reference: Decimal) -> Vec<u64> {
        let Some(waiting) = self.0.get_mut(&by) else {
            return Vec::new();
        };
        for (price, id) in std::mem::take(&mut waiting.undecided) {
            let set = match Direction::towards(price, reference) {
                Direction::Rising => &mut waiting.rising,
                Direction::Falling => &mut waiting.falling,
            };
            set.insert((price, id));
        }
        let later = waiting.rising.split_off(&(reference, u64::MAX));
        let risen = std::mem::replace(&mut waiting.rising, later);
        let fallen = waiting.falling.split_off(&(reference, 0));
        let mut ids: Vec<_> = risen.into_iter().chain(fallen).map(|(_, id)| id).collect();
        ids.sort_unstable();
        ids
    }
}
