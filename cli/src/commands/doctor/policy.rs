//! What the policy file allows, and which checks lack their data.

use bpx_dispatch::Policy;

use super::Check;
use crate::access::Access;

const NAME: &str = "policy";
const DATA: &str = "policy-data";

/// The checks of the policy file, if one is named.
pub(super) fn checks(access: &Access) -> Vec<Check> {
    match access.policy() {
        Ok(Some(policy)) => vec![Check::ok(NAME, allows(&policy)), data(&policy)],
        Ok(None) => vec![Check::warn(
            NAME,
            "none: with --allow-trading every order is allowed, and nothing is capped",
            "write one and give it with --policy",
        )],
        Err(failure) => vec![Check::failure(NAME, &failure)],
    }
}

/// What the policy allows, in the order of the file.
fn allows(policy: &Policy) -> String {
    if !policy.trading {
        return "forbids whatever changes the account, since `trading` is not true".to_owned();
    }
    let lists = [
        ("symbols", &policy.symbols),
        ("order types", &policy.order_types),
        ("sides", &policy.sides),
    ]
    .map(|(what, list)| {
        let allowed = list
            .as_ref()
            .map_or_else(|| "all".to_owned(), |list| list.join(" "));
        format!("{what} {allowed}")
    });
    let amounts = [
        ("an order's quantity", policy.order.quantity_max),
        ("an order's worth", policy.order.notional_max),
        ("a batch's worth", policy.batch.notional_max),
        ("a day's worth", policy.day.notional_max),
    ];
    let numbers = [
        ("orders in a batch", policy.batch.orders_max),
        ("orders in a day", policy.day.orders_max),
    ];
    let amounts = amounts.map(|(what, cap)| (what, cap.map(|cap| cap.to_string())));
    let numbers = numbers.map(|(what, cap)| (what, cap.map(|cap| cap.to_string())));
    let caps: Vec<_> = amounts
        .into_iter()
        .chain(numbers)
        .map(|(what, cap)| match cap {
            Some(cap) => format!("{what} at most {cap}"),
            None => format!("{what} not capped"),
        })
        .collect();
    format!("trading allowed: {}; {}", lists.join(", "), caps.join(", "))
}

/// The checks that would lack their data.
fn data(policy: &Policy) -> Check {
    let missing = missing(policy);
    if missing.is_empty() {
        return Check::ok(DATA, "no check lacks its data");
    }
    let then = if policy.require_data {
        "such orders are refused, since `require_data` is set"
    } else {
        "such orders pass with a note"
    };
    Check::warn(
        DATA,
        format!("{}; {then}", missing.join("; ")),
        "complete [symbol.NAME] in the policy file",
    )
}

fn missing(policy: &Policy) -> Vec<String> {
    let mut missing = Vec::new();
    let listed = policy.symbols.iter().flatten();
    let unknown: Vec<_> = listed
        .filter(|symbol| !policy.symbol.contains_key(*symbol))
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        missing.push(format!("nothing is known of {}", unknown.join(" ")));
    }
    let caps = [
        policy.order.notional_max,
        policy.batch.notional_max,
        policy.day.notional_max,
    ];
    let needs_worth = caps.iter().any(Option::is_some);
    for (symbol, market) in &policy.symbol {
        if market.reference_price.is_some() {
            continue;
        }
        if market.price_band_percent.is_some() {
            missing.push(format!("{symbol} has a price band and no reference price"));
        } else if needs_worth {
            missing.push(format!(
                "{symbol} has no reference price, so market orders have no worth"
            ));
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn policy(text: &str) -> Policy {
        Policy::parse(text, "test").unwrap()
    }

    #[test]
    fn a_policy_without_trading_forbids_all_of_it() {
        assert!(allows(&policy("")).starts_with("forbids"));
    }

    #[test]
    fn lists_and_caps_are_reported_and_so_is_what_is_not_capped() {
        let file = "trading = true\nsymbols = [\"SOL_USDC\"]\n[day]\norders_max = 20\n[order]\nnotional_max = \"5.50\"";
        let text = allows(&policy(file));
        for part in [
            "symbols SOL_USDC, order types all",
            "an order's worth at most 5.50",
            "orders in a day at most 20",
            "a day's worth not capped",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn missing_data_is_reported_with_its_consequence() {
        let text = "symbols = [\"A_B\", \"C_D\"]\nrequire_data = true\n[order]\nnotional_max = \"1\"\n[symbol.C_D]\nprice_band_percent = \"5\"";
        let check = data(&policy(text));
        assert_eq!(check.status, Status::Warn);
        for part in [
            "nothing is known of A_B",
            "C_D has a price band",
            "are refused",
        ] {
            assert!(check.found.contains(part), "{}", check.found);
        }
        let full = "[order]\nnotional_max = \"1\"\n[symbol.C_D]\nreference_price = \"5\"";
        assert_eq!(data(&policy(full)).status, Status::Ok);
    }
}
