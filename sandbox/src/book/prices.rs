//! A market's reference prices and what was traded.

use rust_decimal::Decimal;

use crate::words::TriggerBy;

/// The prices that triggers look at; `None` until one is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prices {
    pub(crate) mark: Option<Decimal>,
    pub(crate) index: Option<Decimal>,
    /// The last traded price, or what was set since.
    pub(crate) last: Option<Decimal>,
}

/// What was traded since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traded {
    pub(crate) first: Option<Decimal>,
    pub(crate) last: Option<Decimal>,
    pub(crate) high: Option<Decimal>,
    pub(crate) low: Option<Decimal>,
    pub(crate) volume: Decimal,
    pub(crate) quote_volume: Decimal,
    pub(crate) trades: u64,
}

impl Prices {
    pub(crate) fn get(&self, by: TriggerBy) -> Option<Decimal> {
        match by {
            TriggerBy::Mark => self.mark,
            TriggerBy::Last => self.last,
            TriggerBy::Index => self.index,
        }
    }

    pub(crate) fn set(&mut self, by: TriggerBy, price: Decimal) {
        let slot = match by {
            TriggerBy::Mark => &mut self.mark,
            TriggerBy::Last => &mut self.last,
            TriggerBy::Index => &mut self.index,
        };
        *slot = Some(price);
    }
}

impl Traded {
    pub(crate) fn add(&mut self, price: Decimal, quantity: Decimal) {
        self.first = self.first.or(Some(price));
        self.last = Some(price);
        self.high = Some(self.high.map_or(price, |high| high.max(price)));
        self.low = Some(self.low.map_or(price, |low| low.min(price)));
        self.volume += quantity;
        self.quote_volume += price * quantity;
        self.trades += 1;
    }
}
