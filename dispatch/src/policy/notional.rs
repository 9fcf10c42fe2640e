//! What an order is worth in the quote asset.

use bpx_runtime::Decimal;

use crate::policy::Policy;
use crate::terms::Terms;

/// The order's worth; none where a market order has no reference price, or a conditional one no plain quantity.
pub(super) fn notional(policy: &Policy, order: &Terms) -> Option<Decimal> {
    if let Some(quote) = order.quote_quantity {
        return Some(quote);
    }
    let reference = || policy.symbol.get(&order.symbol)?.reference_price;
    let price = order.price.or_else(reference)?;
    Some(times(price, order.quantity?))
}

/// The worth of all together; none as soon as one of them has none.
pub(super) fn total(policy: &Policy, orders: &[Terms]) -> Option<Decimal> {
    let mut worth = orders.iter().map(|order| notional(policy, order));
    worth.try_fold(Decimal::ZERO, |sum, one| Some(plus(sum, one?)))
}

/// A product beyond every decimal is the greatest one: no cap lets it pass.
fn times(a: Decimal, b: Decimal) -> Decimal {
    a.checked_mul(b).unwrap_or(Decimal::MAX)
}

/// A sum beyond every decimal is the greatest one.
pub(crate) fn plus(a: Decimal, b: Decimal) -> Decimal {
    a.checked_add(b).unwrap_or(Decimal::MAX)
}
