//! A call in plain words, for the person who is asked to consent to it: every argument, and what its orders come to.

use std::fmt::Write as _;

use bpx_contract::api::{Location, Operation};
use bpx_dispatch::order::times;
use bpx_dispatch::text::shown;
use bpx_dispatch::{Arguments, Order, Policy};
use serde_json::Value;

use crate::exposure::decimal;
use crate::operations::{EXECUTE_ORDER_BATCH, is};
use crate::orders;

/// Arguments of a body whose values are secret.
pub(crate) const SECRET: [&str; 1] = ["twoFactorToken"];

/// What a person looks for first; everything else follows in the order of the arguments.
const FIRST: [&str; 6] = [
    "symbol",
    "side",
    "orderType",
    "quantity",
    "quoteQuantity",
    "price",
];

/// One line per argument, and one per order for what it comes to, as the policy counts it.
pub(crate) fn of(operation: &Operation, arguments: &Arguments, policy: &Policy) -> String {
    let mut text = String::new();
    let orders = orders::orders(operation, arguments, policy);
    let stated = orders::stated(operation, arguments);
    if !is(operation, &EXECUTE_ORDER_BATCH) {
        lines(&mut text, operation, arguments.iter(), "");
        for order in &orders {
            let _ = writeln!(text, "comes to: {}", comes_to(order, arguments));
        }
        return text;
    }
    for (number, (order, (_, stated))) in (1..).zip(orders.iter().zip(stated)) {
        let _ = writeln!(text, "order {number}:");
        lines(&mut text, operation, stated.iter(), "  ");
        let _ = writeln!(text, "  comes to: {}", comes_to(order, stated));
    }
    let rest = arguments.iter().filter(|(name, _)| *name != "orders");
    lines(&mut text, operation, rest, "");
    text
}

fn lines<'a>(
    text: &mut String,
    operation: &Operation,
    arguments: impl Iterator<Item = (&'a String, &'a Value)>,
    indent: &str,
) {
    let position = |name: &str| FIRST.iter().position(|first| *first == name);
    let mut arguments: Vec<_> = arguments.collect();
    arguments.sort_by_key(|(name, _)| position(name).unwrap_or(FIRST.len()));
    for (name, value) in arguments {
        let value = plain(operation, name, value);
        let _ = writeln!(text, "{indent}{}: {value}", shown(name));
    }
}

fn plain(operation: &Operation, name: &str, value: &Value) -> String {
    let argument = operation.argument(name);
    let is_header = argument.is_some_and(|argument| argument.location == Location::Header);
    if is_header || SECRET.contains(&name) {
        // One of them is a broker's key.
        return "given".to_owned();
    }
    match value {
        Value::String(text) if name == "side" && text == "Bid" => "Bid, which buys".to_owned(),
        Value::String(text) if name == "side" && text == "Ask" => "Ask, which sells".to_owned(),
        Value::String(text) => shown(text),
        other => shown(&other.to_string()),
    }
}

/// What the policy counts, in the market's quote asset.
fn comes_to(order: &Order, stated: &Arguments) -> String {
    let asset = order
        .symbol
        .split('_')
        .nth(1)
        .map(shown)
        .unwrap_or_default();
    let amount = |amount: bpx_runtime::Decimal| {
        format!("{} {asset}", amount.normalize())
            .trim_end()
            .to_owned()
    };
    match (order.exposure.entry, order.exposure.worth) {
        (Ok(entry), Ok(worth)) if entry == worth => amount(entry),
        (Ok(entry), Ok(worth)) => format!(
            "{}; with its stop loss and take profit at most {}",
            amount(entry),
            amount(worth)
        ),
        _ => match at_least(order, stated) {
            Some(least) => format!(
                "at least {}, the rest is not known before it trades",
                amount(least)
            ),
            None => "not known before it trades".to_owned(),
        },
    }
}

/// What a limit order that sells brings in at its limit price; the book may pay more.
fn at_least(order: &Order, stated: &Arguments) -> Option<bpx_runtime::Decimal> {
    if order.order_type != "Limit" || order.side != "Ask" {
        return None;
    }
    Some(times(
        decimal(stated, "price")?,
        order.exposure.quantity.ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::EXECUTE_ORDER;

    fn summary(operation: &Operation, arguments: Value) -> String {
        of(
            operation,
            arguments.as_object().unwrap(),
            &Policy::default(),
        )
    }

    #[test]
    fn an_order_is_shown_with_all_its_terms_and_what_it_comes_to() {
        let order = json!({
            "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20.50",
            "quantity": "1.5", "clientId": 7, "X-BROKER-KEY": "secret",
        });
        let text = summary(&EXECUTE_ORDER, order);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..5],
            [
                "symbol: SOL_USDC",
                "side: Bid, which buys",
                "orderType: Limit",
                "quantity: 1.5",
                "price: 20.50",
            ]
        );
        assert!(lines.contains(&"clientId: 7"));
        assert!(lines.contains(&"X-BROKER-KEY: given"));
        assert!(lines.contains(&"comes to: 30.75 USDC"));
    }

    #[test]
    fn a_market_order_says_what_is_not_known() {
        let order = json!({"symbol": "SOL_USDC", "side": "Ask", "orderType": "Market"});
        let mut known = order.clone();
        known["quoteQuantity"] = "100".into();
        let unknown = summary(&EXECUTE_ORDER, order);
        assert!(unknown.contains("comes to: not known before it trades"));
        assert!(summary(&EXECUTE_ORDER, known).contains("comes to: 100 USDC"));
    }

    #[test]
    fn every_order_of_a_batch_is_shown() {
        let order = json!({"symbol": "SOL_USDC", "side": "Bid", "quantity": "2", "price": "10"});
        let orders = json!({"orders": [order, order], "X-BROKER-ID": 3});
        let text = summary(&EXECUTE_ORDER_BATCH, orders);
        assert_eq!(text.matches("comes to: 20 USDC").count(), 2, "{text}");
        assert!(text.contains("order 2:") && text.contains("X-BROKER-ID: given"));
    }

    #[test]
    fn what_is_shown_is_what_the_policy_counts() {
        let policy = "[symbol.SOL_USDC]\nreference_price = \"150\"";
        let policy = Policy::parse(policy, "policy.toml").unwrap();
        let comes_to = |order: Value, policy: &Policy| {
            let text = of(&EXECUTE_ORDER, order.as_object().unwrap(), policy);
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("comes to: "));
            line.unwrap().to_owned()
        };
        let market = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Market", "price": "0.01", "quantity": "1000"});
        assert_eq!(
            comes_to(market.clone(), &Policy::default()),
            "not known before it trades"
        );
        assert_eq!(comes_to(market, &policy), "150000 USDC");
        let sale = json!({"symbol": "SOL_USDC", "side": "Ask", "orderType": "Limit", "price": "0.01", "quantity": "1000"});
        let least = "at least 10 USDC, the rest is not known before it trades";
        assert_eq!(comes_to(sale.clone(), &Policy::default()), least);
        assert_eq!(comes_to(sale, &policy), "150000 USDC");
        let exits = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "150", "quantity": "1",
                           "stopLossTriggerPrice": "149", "takeProfitTriggerPrice": "160"});
        assert_eq!(
            comes_to(exits, &policy),
            "150 USDC; with its stop loss and take profit at most 460 USDC"
        );
    }

    #[test]
    fn no_value_can_write_a_line_of_its_own() {
        let order = json!({"symbol": "SOL\nquantity: 0.001\u{202e}", "quantity": "900"});
        let text = summary(&EXECUTE_ORDER, order);
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("quantity"))
                .count(),
            1
        );
    }
}
