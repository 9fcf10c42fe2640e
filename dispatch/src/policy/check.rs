//! Applies the rules of a policy to the orders of a call.

use super::Policy;
use super::rules::{Checked, Failed, ORDER_RULES, batch_orders, capped, no_data};
use crate::finding::{Finding, Note};
use crate::order::{Amount, Order, total};

/// What came of the rules.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
    /// What the call counts for against the caps of the day.
    pub(crate) worth: Amount,
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
