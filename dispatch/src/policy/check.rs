//! The policy's checks, one row each.

use bpx_runtime::Decimal;

use super::notional::{notional, total};
use super::{Market, Policy};
use crate::finding::{Finding, Note};
use crate::terms::Terms;

/// What came of the checks.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
    /// What the call counts for against the caps of the day.
    pub(crate) notional: Option<Decimal>,
}

/// Why a check did not pass.
enum Failed {
    /// The policy says no.
    Breach {
        field: &'static str,
        problem: String,
        fix: String,
    },
    /// There is a limit, but not what to compare with it.
    NoData {
        field: &'static str,
        missing: String,
    },
}

type Checked = Result<(), Failed>;

/// A rule for one order.
struct OrderRule {
    id: &'static str,
    /// The arguments it looks at.
    needs: &'static [&'static str],
    check: fn(&Policy, &Terms) -> Checked,
}

/// The ids of all rules of the policy.
pub const RULES: [&str; 14] = [
    "policy.symbol",
    "policy.order_type",
    "policy.side",
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
];

const ORDER_RULES: [OrderRule; 10] = [
    rule("policy.symbol", &["symbol"], symbol),
    rule("policy.order_type", &["orderType"], order_type),
    rule("policy.side", &["side"], side),
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
    check: fn(&Policy, &Terms) -> Checked,
) -> OrderRule {
    OrderRule { id, needs, check }
}

/// Checks all orders of one call; it passes whole or not at all.
pub(crate) fn check(policy: &Policy, orders: &[Terms], is_batch: bool) -> Verdict {
    let mut verdict = Verdict {
        notional: total(policy, orders),
        ..Verdict::default()
    };
    for order in orders {
        for rule in &ORDER_RULES {
            verdict.add(policy, rule.id, &order.pointer, (rule.check)(policy, order));
        }
    }
    if is_batch {
        verdict.add(
            policy,
            "policy.batch_orders",
            "",
            batch_orders(policy, orders),
        );
        let worth = batch_notional(policy, verdict.notional);
        verdict.add(policy, "policy.batch_notional", "", worth);
    }
    if policy.day.notional_max.is_some() && verdict.notional.is_none() && !orders.is_empty() {
        let missing = "its worth, since a reference price or a plain quantity is missing; it counts as 0 for the day";
        let failed = no_data("orders", missing);
        verdict.add(policy, "policy.day_notional", "", failed);
    }
    verdict
}

/// What the rules say of an order of which only some arguments are known; the others are not looked at.
pub(crate) fn check_known(
    policy: &Policy,
    order: &Terms,
    is_known: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut verdict = Verdict::default();
    for rule in &ORDER_RULES {
        if rule.needs.iter().all(|name| is_known(name)) {
            verdict.add(policy, rule.id, &order.pointer, (rule.check)(policy, order));
        }
    }
    verdict.findings
}

impl Verdict {
    fn add(&mut self, policy: &Policy, rule: &'static str, place: &str, checked: Checked) {
        let at = |field: &str| match (place, field) {
            (place, "") => place.to_owned(),
            (place, field) => format!("{place}/{field}"),
        };
        match checked {
            Ok(()) => {}
            Err(Failed::Breach {
                field,
                problem,
                fix,
            }) => {
                self.findings
                    .push(Finding::new(rule, at(field), problem, fix));
            }
            Err(Failed::NoData { field, missing }) if policy.require_data => {
                self.findings.push(Finding::new(
                    rule,
                    at(field),
                    format!("cannot be checked: {missing}"),
                    "complete the policy file, or take `require_data` out of it",
                ));
            }
            Err(Failed::NoData { field, missing }) => {
                self.notes.push(Note::new(
                    rule,
                    at(field),
                    format!("not checked: {missing}"),
                ));
            }
        }
    }
}

fn symbol(policy: &Policy, order: &Terms) -> Checked {
    one_of("symbol", &order.symbol, policy.symbols.as_deref())
}

fn order_type(policy: &Policy, order: &Terms) -> Checked {
    one_of(
        "orderType",
        &order.order_type,
        policy.order_types.as_deref(),
    )
}

fn side(policy: &Policy, order: &Terms) -> Checked {
    one_of("side", &order.side, policy.sides.as_deref())
}

fn quantity_min(policy: &Policy, order: &Terms) -> Checked {
    let (Some(min), Some(quantity)) = (market(policy, order).quantity_min, order.quantity) else {
        return Ok(());
    };
    if quantity >= min {
        return Ok(());
    }
    breach(
        "quantity",
        format!("{quantity} is below the least, {min}"),
        format!("ask for at least {min}"),
    )
}

fn quantity_max(policy: &Policy, order: &Terms) -> Checked {
    let caps = [
        market(policy, order).quantity_max,
        policy.order.quantity_max,
    ];
    let Some(max) = caps.into_iter().flatten().min() else {
        return Ok(());
    };
    let reference = market(policy, order).reference_price;
    let bought = order
        .quote_quantity
        .zip(reference)
        .and_then(|(quote, price)| quote.checked_div(price));
    match order.quantity.or(bought) {
        None => no_data(
            "quantity",
            "the order is sized in the quote asset or as a share, and there is no reference price",
        ),
        Some(quantity) => at_most("quantity", quantity, max),
    }
}

fn step(policy: &Policy, order: &Terms) -> Checked {
    multiple("quantity", order.quantity, market(policy, order).step)
}

fn tick(policy: &Policy, order: &Terms) -> Checked {
    multiple("price", order.price, market(policy, order).tick)
}

fn price_band(policy: &Policy, order: &Terms) -> Checked {
    let market = market(policy, order);
    let (Some(percent), Some(price)) = (market.price_band_percent, order.price) else {
        return Ok(());
    };
    let Some(reference) = market.reference_price else {
        return no_data(
            "price",
            "the market has a price band and no reference price",
        );
    };
    let width = reference.checked_mul(percent).unwrap_or(Decimal::MAX) / Decimal::ONE_HUNDRED;
    let (low, high) = (
        reference - width.min(reference),
        super::notional::plus(reference, width),
    );
    if (low..=high).contains(&price) {
        return Ok(());
    }
    breach(
        "price",
        format!("{price} is outside {low} to {high}, {percent} % around {reference}"),
        "correct the price, or the reference price in the policy file",
    )
}

fn order_notional(policy: &Policy, order: &Terms) -> Checked {
    let Some(max) = policy.order.notional_max else {
        return Ok(());
    };
    match notional(policy, order) {
        None => no_data(
            "",
            "a market order without a reference price has no worth beforehand",
        ),
        Some(worth) => at_most("", worth, max),
    }
}

/// Spot only: what a perpetual needs is margin, which no balance tells.
fn balance(policy: &Policy, order: &Terms) -> Checked {
    if policy.balance.is_empty() {
        return Ok(());
    }
    let mut assets = order.symbol.split('_');
    let (Some(base), Some(quote), None) = (assets.next(), assets.next(), assets.next()) else {
        return no_data(
            "symbol",
            "the market is no spot market, and its margin is not known",
        );
    };
    let (asset, needed) = match order.side.as_str() {
        "Ask" => (base, order.quantity),
        _ => (quote, notional(policy, order)),
    };
    match (needed, policy.balance.get(asset)) {
        (Some(needed), Some(held)) if needed <= *held => Ok(()),
        (Some(needed), Some(held)) => breach(
            "",
            format!("{needed} {asset} are needed, {held} are held"),
            "ask for less, or bring the balance in the policy file up to date",
        ),
        (_, None) => no_data(
            "symbol",
            &format!("the balance of {asset} is not in the policy file"),
        ),
        (None, _) => no_data(
            "quantity",
            &format!("how much {asset} it needs is not known beforehand"),
        ),
    }
}

fn batch_orders(policy: &Policy, orders: &[Terms]) -> Checked {
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

fn batch_notional(policy: &Policy, worth: Option<Decimal>) -> Checked {
    match (policy.batch.notional_max, worth) {
        (None, _) => Ok(()),
        (Some(_), None) => no_data("orders", "one of the orders has no worth beforehand"),
        (Some(max), Some(worth)) => at_most("orders", worth, max),
    }
}

fn market<'a>(policy: &'a Policy, order: &Terms) -> &'a Market {
    const NOTHING: &Market = &Market {
        reference_price: None,
        price_band_percent: None,
        tick: None,
        step: None,
        quantity_min: None,
        quantity_max: None,
    };
    policy.symbol.get(&order.symbol).unwrap_or(NOTHING)
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

fn at_most(field: &'static str, given: Decimal, max: Decimal) -> Checked {
    if given <= max {
        return Ok(());
    }
    let given = given.normalize();
    breach(
        field,
        format!("{given} is above the cap, {max}"),
        format!("ask for at most {max}, or raise the cap in the policy file"),
    )
}

fn multiple(field: &'static str, given: Option<Decimal>, of: Option<Decimal>) -> Checked {
    let (Some(given), Some(of)) = (given, of) else {
        return Ok(());
    };
    match given.checked_rem(of) {
        Some(rest) if rest.is_zero() => Ok(()),
        Some(rest) => breach(
            field,
            format!("{given} is no multiple of {of}"),
            format!(
                "use {} or {}",
                (given - rest).normalize(),
                super::notional::plus(given - rest, of).normalize()
            ),
        ),
        None => no_data(field, "the number cannot be divided"),
    }
}

fn breach(field: &'static str, problem: impl Into<String>, fix: impl Into<String>) -> Checked {
    Err(Failed::Breach {
        field,
        problem: problem.into(),
        fix: fix.into(),
    })
}

fn no_data(field: &'static str, missing: &str) -> Checked {
    Err(Failed::NoData {
        field,
        missing: missing.to_owned(),
    })
}
