//! What an order may cost, and whether its account can pay.

use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::ledger::{Ledger, round_up};
use crate::book::matching::Plan;
use crate::book::obstacle::Obstacle;
use crate::book::terms::{Size, Terms};
use crate::market::{INITIAL_MARGIN, Market, TAKER_FEE, fee};
use crate::words::Side;

/// What is set aside for a resting order: the asset and how much of it.
///
/// A spot bid sets aside its value and the taker's fee, a spot ask its quantity. On a perpetual it is the
/// initial margin of its value and the taker's fee; nothing for a reduce-only order.
pub(crate) fn lock(terms: &Terms, remaining: Decimal) -> (usize, Decimal) {
    let market = &terms.market;
    if market.is_perp() && terms.is_reduce_only() {
        return (market.quote_asset, Decimal::ZERO);
    }
    lock_at(
        market,
        terms.side,
        terms.limit.unwrap_or_default(),
        remaining,
    )
}

/// What an order that does not only reduce sets aside at a price.
pub(crate) fn lock_at(
    market: &Market,
    side: Side,
    price: Decimal,
    quantity: Decimal,
) -> (usize, Decimal) {
    let value = price * quantity;
    let fee = round_up(value * TAKER_FEE);
    match (market.is_perp(), side) {
        (true, _) => (market.quote_asset, round_up(value * INITIAL_MARGIN) + fee),
        (false, Side::Bid) => (market.quote_asset, value + fee),
        (false, Side::Ask) => (market.base_asset, quantity),
    }
}

/// Whether the account can pay for an order that would do what is planned.
pub(crate) fn check(
    ledger: &Ledger,
    account: AccountId,
    terms: &Terms,
    plan: &Plan,
) -> Result<(), Obstacle> {
    if account == AccountId::MARKET_MAKER {
        return Ok(());
    }
    let (asset, needed) = match (terms.size, terms.limit) {
        (Size::Base(quantity), Some(_)) => lock(terms, quantity),
        _ => market_order(ledger, account, terms, plan),
    };
    let missing = if terms.market.is_perp() {
        Obstacle::Margin
    } else {
        Obstacle::Funds
    };
    let available = ledger.balance(account, asset).available;
    // What sets nothing aside is let through even by an account in debt: it may be the way out.
    if needed <= Decimal::ZERO || needed <= available {
        Ok(())
    } else {
        Err(missing)
    }
}

fn market_order(
    ledger: &Ledger,
    account: AccountId,
    terms: &Terms,
    plan: &Plan,
) -> (usize, Decimal) {
    let market = &terms.market;
    if market.is_perp() {
        return (
            market.quote_asset,
            more_margin(ledger, account, terms, plan),
        );
    }
    match (terms.side, terms.size) {
        (Side::Ask, Size::Base(quantity)) => (market.base_asset, quantity),
        (Side::Ask, _) => (market.base_asset, plan.quantity()),
        (Side::Bid, Size::Quote(quote)) => {
            (market.quote_asset, quote + round_up(quote * TAKER_FEE))
        }
        (Side::Bid, _) => {
            let value = plan.value();
            (market.quote_asset, value + round_up(value * TAKER_FEE))
        }
    }
}

/// What the planned trades would take from the quote balance: more margin and fees, less profit.
/// Nothing where they only make the position smaller.
fn more_margin(ledger: &Ledger, account: AccountId, terms: &Terms, plan: &Plan) -> Decimal {
    let reducible = ledger.reducible(account, &terms.market, terms.side);
    if plan.quantity() <= reducible {
        return Decimal::ZERO;
    }
    let mut position = ledger.position(account, &terms.market);
    let (mut fees, mut realized) = (Decimal::ZERO, Decimal::ZERO);
    for trade in plan.trades() {
        realized += position.trade(terms.side, trade.price, trade.quantity);
        fees += fee(trade.price * trade.quantity, false);
    }
    position.margin_needed() - position.margin + fees - realized
}
