//! The policy's rules, one row each.

use std::borrow::Cow;

use bpx_runtime::Decimal;

use super::{Market, Policy};
use crate::finding::{Finding, Note};
use crate::order::{Amount, Feature, Order, plus, times, total};

/// What came of the rules.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
    /// What the call counts for against the caps of the day.
    pub(crate) worth: Amount,
}

/// Why a rule did not pass.
enum Failed {
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

type Checked = Result<(), Failed>;

/// A rule for one order.
struct OrderRule {
    id: &'static str,
    /// The arguments it looks at.
    needs: &'static [&'static str],
    check: fn(&Policy, &Order) -> Checked,
}

/// The ids of all rules of the policy.
pub const RULES: [&str; 17] = [
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
];

const ORDER_RULES: [OrderRule; 13] = [
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

/// Checks all orders of one call; it passes whole or not at all.
pub(crate) fn check(policy: &Policy, orders: &[Order], is_batch: bool) -> Verdict {
    let mut verdict = Verdict {
        findings: Vec::new(),
        notes: Vec::new(),
        worth: total(orders),
    };
    for order in orders {
        for rule in &ORDER_RULES {
            verdict.add(policy, rule.id, &order.pointer, (rule.check)(policy, order));
        }
    }
    if is_batch {
        let count = batch_orders(policy, orders);
        verdict.add(policy, "policy.batch_orders", "", count);
        let worth = capped("orders", verdict.worth, policy.batch.notional_max);
        verdict.add(policy, "policy.batch_notional", "", worth);
    }
    if let (Some(_), Err(why)) = (policy.day.notional_max, verdict.worth) {
        let failed = no_data("orders", &format!("{why}; it counts as 0 for the day"));
        verdict.add(policy, "policy.day_notional", "", failed);
    }
    verdict
}

/// What the rules say of an order of which only some arguments are known; the others are not looked at.
pub(crate) fn check_known(
    policy: &Policy,
    order: &Order,
    is_known: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut verdict = Verdict {
        findings: Vec::new(),
        notes: Vec::new(),
        worth: order.exposure.worth,
    };
    for rule in &ORDER_RULES {
        if rule.needs.iter().all(|name| is_known(name)) {
            verdict.add(policy, rule.id, &order.pointer, (rule.check)(policy, order));
        }
    }
    verdict.findings
}

impl Verdict {
    fn add(&mut self, policy: &Policy, rule: &'static str, pointer: &str, checked: Checked) {
        let at = |field: &str| match field {
            "" => pointer.to_owned(),
            absolute if absolute.starts_with('/') => absolute.to_owned(),
            field => format!("{pointer}/{field}"),
        };
        match checked {
            Ok(()) => {}
            Err(Failed::Breach {
                field,
                problem,
                fix,
            }) => {
                let finding = Finding::new(rule, at(&field), problem, fix);
                self.findings.push(finding);
            }
            Err(Failed::NoData { field, missing }) if policy.require_data => {
                self.findings.push(Finding::new(
                    rule,
                    at(field),
                    format!("cannot be checked: {missing}"),
                    "change the order so that it has a bound, complete the policy file, or take `require_data` out of it",
                ));
            }
            Err(Failed::NoData { field, missing }) => {
                let text = format!("not checked: {missing}");
                self.notes.push(Note::new(rule, at(field), text));
            }
        }
    }
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
                format!("leave `{name}` out, or set `{key} = true` in the policy file"),
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
            "correct the price, or the reference price in the policy file",
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
            "ask for less, or bring the balance in the policy file up to date",
        ),
        (_, None) => no_data(
            "symbol",
            &format!("the balance of {asset} is not in the policy file"),
        ),
        (Err(why), _) => no_data("quantity", why),
    }
}

fn batch_orders(policy: &Policy, orders: &[Order]) -> Checked {
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
fn capped(field: &'static str, amount: Amount, cap: Option<Decimal>) -> Checked {
    let Some(max) = cap else {
        return Ok(());
    };
    match amount {
        Err(why) => no_data(field, why),
        Ok(given) if given <= max => Ok(()),
        Ok(given) => breach(
            field,
            format!("{} is above the cap, {max}", given.normalize()),
            format!("ask for at most {max}, or raise the cap in the policy file"),
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

fn no_data(field: &'static str, missing: &str) -> Checked {
    Err(Failed::NoData {
        field,
        missing: missing.to_owned(),
    })
}
