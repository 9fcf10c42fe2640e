//! The rules of a policy, each with its id.

use std::borrow::Cow;

use bpx_runtime::Decimal;

use super::operations::{MAX, NAMED, ONE_OF};
use super::{Market, Policy};
use crate::order::{Amount, Feature, Order, plus, times};

/// Why a rule did not pass.
pub(super) enum Failed {
    /// The policy says no.
    Breach {
        field: Cow<'static, str>,
        problem: String,
        fix: String,
    },
    /// There is a limit, but not what to compare with it.
    NoData {
        field: &'static str,
        missing: String,
    },
}

pub(super) type Checked = Result<(), Failed>;

/// A rule for one order.
pub(super) struct OrderRule {
    pub(super) id: &'static str,
    /// The arguments it looks at.
    pub(super) needs: &'static [&'static str],
    pub(super) check: fn(&Policy, &Order) -> Checked,
}

/// The ids of all rules of the policy.
pub const RULES: [&str; 20] = [
    "policy.symbol",
    "policy.order_type",
    "policy.side",
    "policy.borrow",
    "policy.lend",
    "policy.broker",
    "policy.quantity_min",
    "policy.quantity_max",
    "policy.step",
    "policy.tick",
    "policy.price_band",
    "policy.order_notional",
    "policy.balance",
    "policy.batch_orders",
    "policy.batch_notional",
    "policy.day_orders",
    "policy.day_notional",
    NAMED,
    MAX,
    ONE_OF,
];

pub(super) const ORDER_RULES: [OrderRule; 13] = [
    rule("policy.symbol", &["symbol"], symbol),
    rule("policy.order_type", &["orderType"], order_type),
    rule("policy.side", &["side"], side),
    rule("policy.borrow", &[], borrow),
    rule("policy.lend", &[], lend),
    rule("policy.broker", &[], broker),
    rule("policy.quantity_min", &["symbol", "quantity"], quantity_min),
    rule("policy.quantity_max", &["quantity"], quantity_max),
    rule("policy.step", &["symbol", "quantity"], step),
    rule("policy.tick", &["symbol", "price"], tick),
    rule("policy.price_band", &["symbol", "price"], price_band),
    rule(
        "policy.order_notional",
        &["price", "quantity"],
        order_notional,
    ),
    rule(
        "policy.balance",
        &["symbol", "side", "price", "quantity"],
        balance,
    ),
];

const fn rule(
    id: &'static str,
    needs: &'static [&'static str],
    check: fn(&Policy, &Order) -> Checked,
) -> OrderRule {
    OrderRule { id, needs, check }
}

fn symbol(policy: &Policy, order: &Order) -> Checked {
    one_of("symbol", &order.symbol, policy.symbols.as_deref())
}

fn order_type(policy: &Policy, order: &Order) -> Checked {
    let allowed = policy.order_types.as_deref();
    one_of("orderType", &order.order_type, allowed)
}

fn side(policy: &Policy, order: &Order) -> Checked {
    one_of("side", &order.side, policy.sides.as_deref())
}

fn borrow(policy: &Policy, order: &Order) -> Checked {
    feature(order, Feature::Borrow, policy.borrow, "borrows")
}

fn lend(policy: &Policy, order: &Order) -> Checked {
    feature(
        order,
        Feature::Lend,
        policy.lend,
        "lends or takes back what is lent",
    )
}

fn broker(policy: &Policy, order: &Order) -> Checked {
    feature(order, Feature::Broker, policy.broker, "names a broker")
}

fn feature(order: &Order, wanted: Feature, is_allowed: bool, does: &str) -> Checked {
    let asked = order
        .features
        .iter()
        .find(|(_, feature)| *feature == wanted);
    match asked {
        Some((field, _)) if !is_allowed => {
            let key = match wanted {
                Feature::Borrow => "borrow",
                Feature::Lend => "lend",
                Feature::Broker => "broker",
            };
            let name = field.rsplit('/').next().unwrap_or_default();
            breach(
                field.clone(),
                format!("the order {does}, which the policy does not allow"),
                format!(
                    "leave `{name}` out; only the operator can allow it, with `{key} = true` in the policy file"
                ),
            )
        }
        _ => Ok(()),
    }
}

fn quantity_min(policy: &Policy, order: &Order) -> Checked {
    let Some(min) = market(policy, order).quantity_min else {
        return Ok(());
    };
    let below = order.quantities.iter().find(|(_, given)| *given < min);
    below.map_or(Ok(()), |(field, given)| {
        breach(
            *field,
            format!("{given} is below the least, {min}"),
            format!("ask for at least {min}"),
        )
    })
}

fn quantity_max(policy: &Policy, order: &Order) -> Checked {
    let caps = [
        market(policy, order).quantity_max,
        policy.order.quantity_max,
    ];
    let cap = caps.into_iter().flatten().min();
    capped("quantity", order.exposure.quantity, cap)
}

fn step(policy: &Policy, order: &Order) -> Checked {
    multiples(&order.quantities, market(policy, order).step)
}

fn tick(policy: &Policy, order: &Order) -> Checked {
    multiples(&order.prices, market(policy, order).tick)
}

/// Every limit and trigger price lies within the band; an order without a limit price bounds how far from the best price
/// it trades.
fn price_band(policy: &Policy, order: &Order) -> Checked {
    let market = market(policy, order);
    let Some(percent) = market.price_band_percent else {
        return Ok(());
    };
    slippage(order, percent)?;
    let Some((field, _)) = order.prices.first() else {
        return Ok(());
    };
    let Some(reference) = market.reference_price else {
        return no_data(field, "the market has a price band and no reference price");
    };
    let width = times(reference, percent) / Decimal::ONE_HUNDRED;
    let (low, high) = (reference - width.min(reference), plus(reference, width));
    let outside = order.prices.iter();
    let outside = outside
        .clone()
        .find(|(_, price)| !(low..=high).contains(price));
    outside.map_or(Ok(()), |(field, price)| {
        breach(
            *field,
            format!("{price} is outside {low} to {high}, {percent} % around {reference}"),
            "correct the price; only the operator can change the reference price, in the policy file",
        )
    })
}

fn slippage(order: &Order, percent: Decimal) -> Checked {
    let fix =
        || format!("set a slippage tolerance of at most {percent} percent, or give a limit price");
    match order.exposure.slippage_percent {
        None => Ok(()),
        Some(Ok(tolerated)) if tolerated <= percent => Ok(()),
        Some(Ok(tolerated)) => breach(
            "slippageTolerance",
            format!(
                "the order may trade {tolerated} % from the best price, the price band is {percent} %"
            ),
            fix(),
        ),
        Some(Err(why)) => breach(
            "slippageTolerance",
            format!("the market has a price band of {percent} %, and {why}"),
            fix(),
        ),
    }
}

fn order_notional(policy: &Policy, order: &Order) -> Checked {
    capped("", order.exposure.worth, policy.order.notional_max)
}

/// Spot only: what a perpetual needs is margin, which no balance tells.
fn balance(policy: &Policy, order: &Order) -> Checked {
    if policy.balance.is_empty() {
        return Ok(());
    }
    let mut assets = order.symbol.split('_');
    let (Some(base), Some(quote), None) = (assets.next(), assets.next(), assets.next()) else {
        return no_data(
            "symbol",
            "the market is not a spot market, and its margin is not known",
        );
    };
    let (asset, needed) = match order.side.as_str() {
        "Ask" => (base, order.exposure.quantity),
        _ => (quote, order.exposure.entry),
    };
    match (needed, policy.balance.get(asset)) {
        (Ok(needed), Some(held)) if needed <= *held => Ok(()),
        (Ok(needed), Some(held)) => breach(
            "",
            format!("{needed} {asset} are needed, {held} are held"),
            "ask for less; the operator keeps the balance in the policy file up to date",
        ),
        (_, None) => no_data(
            "symbol",
            &format!("the balance of {asset} is not in the policy file"),
        ),
        (Err(why), _) => no_data("quantity", why),
    }
}

pub(super) fn batch_orders(policy: &Policy, orders: &[Order]) -> Checked {
    match policy.batch.orders_max {
        Some(max) if orders.len() > max as usize => breach(
            "orders",
            format!(
                "{} orders are more than a batch may hold, {max}",
                orders.len()
            ),
            "split the batch",
        ),
        _ => Ok(()),
    }
}

fn market<'a>(policy: &'a Policy, order: &Order) -> &'a Market {
    policy.market(&order.symbol)
}

fn one_of(field: &'static str, given: &str, allowed: Option<&[String]>) -> Checked {
    match allowed {
        Some(allowed) if !allowed.iter().any(|one| one == given) => breach(
            field,
            format!("{given:?} is not allowed"),
            format!("use one of: {}", allowed.join(", ")),
        ),
        _ => Ok(()),
    }
}

/// An amount against a cap; an amount without a bound cannot be compared.
pub(super) fn capped(field: &'static str, amount: Amount, cap: Option<Decimal>) -> Checked {
    let Some(max) = cap else {
        return Ok(());
    };
    match amount {
        Err(why) => no_data(field, why),
        Ok(given) if given <= max => Ok(()),
        Ok(given) => breach(
            field,
            format!("{} is above the cap, {max}", given.normalize()),
            format!(
                "ask for at most {max}; only the operator can raise the cap, in the policy file"
            ),
        ),
    }
}

/// Whether each number is a whole multiple; the first that is not is reported.
fn multiples(given: &[(&'static str, Decimal)], of: Option<Decimal>) -> Checked {
    let Some(of) = of else { return Ok(()) };
    given
        .iter()
        .try_for_each(|(field, given)| multiple(field, *given, of))
}

fn multiple(field: &'static str, given: Decimal, of: Decimal) -> Checked {
    match given.checked_rem(of) {
        Some(rest) if rest.is_zero() => Ok(()),
        Some(rest) => breach(
            field,
            format!("{given} is not a multiple of {of}"),
            format!(
                "use {} or {}",
                (given - rest).normalize(),
                plus(given - rest, of).normalize()
            ),
        ),
        None => no_data(field, "the number cannot be divided"),
    }
}

fn breach(
    field: impl Into<Cow<'static, str>>,
    problem: impl Into<String>,
    fix: impl Into<String>,
) -> Checked {
    Err(Failed::Breach {
        field: field.into(),
        problem: problem.into(),
        fix: fix.into(),
    })
}

pub(super) fn no_data(field: &'static str, missing: &str) -> Checked {
    Err(Failed::NoData {
        field,
        missing: missing.to_owned(),
    })
}
