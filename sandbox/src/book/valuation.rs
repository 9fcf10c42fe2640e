//! What positions, assets and accounts are worth, and how much more an account could order.

use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::ledger::Position;
use crate::book::{Book, funds};
use crate::limits::{SIZE_LIMIT, VALUE_LIMIT};
use crate::market::{Market, Markets};
use crate::words::Side;

/// What a position is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) position: Position,
    pub(crate) mark: Decimal,
    /// The quantity, were the open orders of its worse side filled.
    pub(crate) worst_quantity: Decimal,
}

impl Held {
    /// The position's number: the account's, then that of the market with three digits.
    pub(crate) fn id(&self, account: u32, market: &Market) -> u64 {
        u64::from(account) * 1000 + market.index as u64
    }

    pub(crate) fn unrealized(&self) -> Decimal {
        self.position.quantity * self.mark - self.position.cost
    }

    pub(crate) fn exposure(&self) -> Decimal {
        (self.worst_quantity * self.mark).abs()
    }

    pub(crate) fn entry_price(&self) -> Decimal {
        self.each(self.position.cost)
    }

    pub(crate) fn break_even_price(&self) -> Decimal {
        self.each(self.position.cost - self.position.realized)
    }

    fn each(&self, amount: Decimal) -> Decimal {
        amount
            .checked_div(self.position.quantity)
            .unwrap_or_default()
    }
}

impl Book {
    pub(crate) fn held(&self, account: AccountId, market: &Market) -> Held {
        let worst = market
            .is_perp()
            .then(|| self.worst_quantity(account, market));
        Held {
            position: self.position(account, market),
            mark: self.mark(market).unwrap_or_default(),
            worst_quantity: worst.unwrap_or_default(),
        }
    }

    /// The price positions are valued at: the mark price where it was set, else the last price, else the
    /// middle of the book. `None` where there is no price at all.
    pub(crate) fn mark(&self, market: &Market) -> Option<Decimal> {
        let prices = self.prices(market);
        let middle =
            || Some((self.best(market, Side::Bid)? + self.best(market, Side::Ask)?) / Decimal::TWO);
        prices.mark.or(prices.last).or_else(middle)
    }

    fn best(&self, market: &Market, side: Side) -> Option<Decimal> {
        let levels = self.levels(market, side, 1);
        levels.first().map(|level| level.price)
    }

    /// The price of the index behind a perpetual: the one that was set, else the mark price.
    pub(crate) fn index(&self, market: &Market) -> Option<Decimal> {
        self.prices(market).index.or_else(|| self.mark(market))
    }

    /// What one unit of an asset is worth: 1 for an asset that markets are quoted in, else the price of
    /// its first market, spot before perpetual. Zero where there is none.
    pub(crate) fn asset_price(&self, markets: &Markets, asset: usize) -> Decimal {
        if markets.iter().any(|market| market.quote_asset == asset) {
            return Decimal::ONE;
        }
        let priced = |is_perp| {
            let mut of_asset = markets
                .iter()
                .filter(|market| market.base_asset == asset && market.is_perp() == is_perp);
            of_asset.find_map(|market| self.mark(market))
        };
        priced(false).or_else(|| priced(true)).unwrap_or_default()
    }

    /// The sum of all long positions.
    pub(crate) fn open_interest(&self, market: &Market) -> Decimal {
        let quantities = self.ledger.positions(market);
        quantities
            .map(|position| position.quantity.max(Decimal::ZERO))
            .sum()
    }

    /// A position's quantity if all open orders of its worse side filled: the greatest it could become.
    pub(crate) fn worst_quantity(&self, account: AccountId, market: &Market) -> Decimal {
        let held = self.position(account, market).quantity;
        let open = |side: Side| -> Decimal {
            let orders = self.open_orders_on(account, market);
            let adding = orders.filter(|order| {
                order.terms.side == side && order.is_resting() && !order.terms.is_reduce_only()
            });
            adding.map(|order| order.remaining()).sum()
        };
        let (long, short) = (held + open(Side::Bid), held - open(Side::Ask));
        if long.abs() >= short.abs() {
            long
        } else {
            short
        }
    }

    /// The greatest quantity of a limit order that the account can pay for; without a price, at the best
    /// price of the other side, else at the mark price. Zero where there is no price.
    pub(crate) fn max_quantity(
        &self,
        account: AccountId,
        market: &Market,
        side: Side,
        price: Option<Decimal>,
        reduces: bool,
    ) -> Decimal {
        if reduces {
            return self.ledger.reducible(account, market, side);
        }
        let best = || self.best(market, side.opposite());
        let Some(price) = price.or_else(best).or_else(|| self.mark(market)) else {
            return Decimal::ZERO;
        };
        let size_max = market.filters.max_quantity.unwrap_or(SIZE_LIMIT);
        let value_max = VALUE_LIMIT.checked_div(price).unwrap_or(size_max);
        let is_affordable = |quantity: Decimal| {
            let (asset, needed) = funds::lock_at(market, side, price, quantity);
            quantity * price < VALUE_LIMIT
                && quantity < SIZE_LIMIT
                && needed <= self.balance(account, asset).available
        };
        let most = most_steps(market, size_max.min(value_max), is_affordable);
        if most < market.filters.min_quantity {
            return Decimal::ZERO;
        }
        most
    }
}

/// The most whole steps, up to a quantity, of which a condition holds that holds for all smaller ones.
fn most_steps(market: &Market, max: Decimal, holds: impl Fn(Decimal) -> bool) -> Decimal {
    let step = market.filters.step_size;
    let (mut good, mut bad) = (Decimal::ZERO, (max / step).floor() + Decimal::ONE);
    while bad - good > Decimal::ONE {
        let middle = ((good + bad) / Decimal::TWO).floor();
        if holds(middle * step) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    (good * step).normalize()
}
