//! Rules that the contract states in prose, as a table: between arguments, and of symbols.

use std::collections::BTreeSet;

use bpx_contract::api::Operation;
use bpx_contract::pointer::escape;
use bpx_dispatch::{Finding, whole};
use bpx_runtime::Decimal;
use serde_json::{Map, Value};

use crate::operations::is_known;
use crate::orders;

/// How many orders a batch may hold. The exchange does not say; other clients assume the same.
const BATCH_ORDERS_MAX: usize = 20;
const LIMIT_MAX: i128 = 1_000;

type Object = Map<String, Value>;

/// One rule: where it holds, when it is broken, and what is reported then.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its id; it does not change between versions.
    pub id: &'static str,
    /// The operations whose arguments it is about.
    pub operations: &'static [&'static str],
    /// The argument a finding points to.
    pub field: &'static str,
    /// What is wrong when it is broken.
    pub problem: &'static str,
    /// What to do then.
    pub fix: &'static str,
    is_broken: fn(&Object) -> bool,
}

const ORDERS: &[&str] = &["execute_order", "execute_order_batch"];

const SYMBOL_PROBLEM: &str = "the parts of a symbol are joined by `_` on this exchange";
const SYMBOL_FIX: &str =
    "write it like `SOL_USDC`, or like `SOL_USDC_PERP` for the perpetual market";

/// Every rule that no schema can express.
pub const RULES: &[Rule] = &[
    Rule {
        id: "order.symbol",
        operations: ORDERS,
        field: "symbol",
        problem: SYMBOL_PROBLEM,
        fix: SYMBOL_FIX,
        is_broken: has_foreign_symbol,
    },
    Rule {
        id: "market.symbol",
        operations: &[
            "get_order",
            "cancel_order",
            "get_open_orders",
            "cancel_open_orders",
            "get_fills",
            "get_order_history",
            "get_ticker",
        ],
        field: "symbol",
        problem: SYMBOL_PROBLEM,
        fix: SYMBOL_FIX,
        is_broken: has_foreign_symbol,
    },
    Rule {
        id: "order.one_identifier",
        operations: &["get_order", "cancel_order"],
        field: "orderId",
        problem: "exactly one of `orderId` and `clientId` must name the order",
        fix: "give one of them",
        is_broken: |order| has(order, "orderId") == has(order, "clientId"),
    },
    Rule {
        id: "order.limit_price",
        operations: ORDERS,
        field: "price",
        problem: "a Limit order has no `price`",
        fix: "give it a price, or make it a Market order",
        is_broken: |order| is(order, "orderType", "Limit") && !has(order, "price"),
    },
    Rule {
        id: "order.market_price",
        operations: ORDERS,
        field: "price",
        problem: "the exchange ignores the `price` of a Market order, so what it comes to is not known before it trades",
        fix: "leave `price` out, or make it a Limit order",
        is_broken: |order| is(order, "orderType", "Market") && has(order, "price"),
    },
    Rule {
        id: "order.limit_quantity",
        operations: ORDERS,
        field: "quantity",
        problem: "a Limit order has no `quantity`",
        fix: "give it a quantity; a conditional order may have `triggerQuantity` instead",
        is_broken: |order| {
            is(order, "orderType", "Limit")
                && !has(order, "quantity")
                && !has(order, "triggerQuantity")
        },
    },
    Rule {
        id: "order.market_size",
        operations: ORDERS,
        field: "quantity",
        problem: "a Market order has exactly one of `quantity` and `quoteQuantity`",
        fix: "give one of them; a conditional order may have `triggerQuantity` instead",
        is_broken: |order| {
            let sizes = [has(order, "quantity"), has(order, "quoteQuantity")];
            let count = sizes.into_iter().filter(|given| *given).count();
            is(order, "orderType", "Market")
                && count != 1
                && !(count == 0 && has(order, "triggerQuantity"))
        },
    },
    Rule {
        id: "order.trigger_pair",
        operations: ORDERS,
        field: "triggerPrice",
        problem: "`triggerPrice` and `triggerQuantity` belong together",
        fix: "give both or neither",
        is_broken: |order| has(order, "triggerPrice") != has(order, "triggerQuantity"),
    },
    Rule {
        id: "order.post_only",
        operations: ORDERS,
        field: "postOnly",
        problem: "an order that may only rest cannot be IOC or FOK",
        fix: "leave `postOnly` or `timeInForce` out",
        is_broken: |order| {
            order.get("postOnly") == Some(&Value::Bool(true))
                && (is(order, "timeInForce", "IOC") || is(order, "timeInForce", "FOK"))
        },
    },
    Rule {
        id: "order.positive_price",
        operations: ORDERS,
        field: "price",
        problem: "the price is not above zero",
        fix: "give a price above zero",
        is_broken: |order| is_not_positive(order, "price"),
    },
    Rule {
        id: "order.positive_quantity",
        operations: ORDERS,
        field: "quantity",
        problem: "the quantity is not above zero",
        fix: "give a quantity above zero; `side` says whether it is bought or sold",
        is_broken: |order| is_not_positive(order, "quantity"),
    },
    Rule {
        id: "order.positive_quote_quantity",
        operations: ORDERS,
        field: "quoteQuantity",
        problem: "the quantity is not above zero",
        fix: "give a quantity above zero; `side` says whether it is spent or received",
        is_broken: |order| is_not_positive(order, "quoteQuantity"),
    },
    Rule {
        id: "order.positive_trigger_quantity",
        operations: ORDERS,
        field: "triggerQuantity",
        problem: "the quantity is not above zero",
        fix: "give a quantity above zero, or a share such as \"80%\"",
        is_broken: |order| is_not_positive(order, "triggerQuantity"),
    },
    Rule {
        id: "page.limit",
        operations: &["get_fills", "get_order_history"],
        field: "limit",
        problem: "a page has 1 to 1000 rows",
        fix: "use 1 to 1000, and `offset` for further pages",
        is_broken: |page| {
            let limit = page.get("limit").and_then(whole);
            limit.is_some_and(|limit| !(1..=LIMIT_MAX).contains(&limit))
        },
    },
    Rule {
        id: "batch.client_ids",
        operations: &["execute_order_batch"],
        field: "orders",
        problem: "two orders have the same `clientId`",
        fix: "give each order another, or none",
        is_broken: |batch| {
            let orders = batch.get("orders").and_then(Value::as_array);
            let orders = orders.into_iter().flatten();
            let mut ids = orders.filter_map(|order| order.get("clientId").and_then(whole));
            let mut seen = BTreeSet::new();
            ids.any(|id| !seen.insert(id))
        },
    },
    Rule {
        id: "batch.size",
        operations: &["execute_order_batch"],
        field: "orders",
        problem: "a batch holds 1 to 20 orders",
        fix: "send at least one order, and split what is more than 20",
        is_broken: |batch| {
            let orders = batch.get("orders").and_then(Value::as_array);
            orders.is_some_and(|orders| !(1..=BATCH_ORDERS_MAX).contains(&orders.len()))
        },
    },
];

/// What the arguments break. They fit the contract already.
pub(crate) fn check(operation: &Operation, arguments: &Object) -> Vec<Finding> {
    let objects = |rule: &Rule| match rule.operations {
        ORDERS => orders::stated(operation, arguments),
        _ => vec![(String::new(), arguments)],
    };
    let is_known = is_known(operation);
    let own = RULES
        .iter()
        .filter(|rule| is_known && rule.operations.contains(&operation.id.as_str()));
    let broken = own.flat_map(|rule| {
        let objects = objects(rule).into_iter();
        objects
            .filter(|(_, object)| (rule.is_broken)(object))
            .map(move |(pointer, _)| {
                let pointer = format!("{pointer}/{}", escape(rule.field));
                Finding::new(rule.id, pointer, rule.problem, rule.fix)
            })
    });
    broken.collect()
}

fn has(object: &Object, name: &str) -> bool {
    object.contains_key(name)
}

fn is(object: &Object, name: &str, word: &str) -> bool {
    object.get(name).and_then(Value::as_str) == Some(word)
}

/// Written as other exchanges do: `SOL-USDC`, `SOL/USDC`, `SOL/USDC:USDC`.
fn has_foreign_symbol(object: &Object) -> bool {
    let symbol = object.get("symbol").and_then(Value::as_str);
    symbol.is_some_and(|symbol| symbol.contains(['-', '/', ':']))
}

fn is_not_positive(object: &Object, name: &str) -> bool {
    let text = object.get(name).and_then(Value::as_str);
    let decimal = text.and_then(|text| Decimal::from_str_exact(text).ok());
    decimal.is_some_and(|decimal| decimal <= Decimal::ZERO)
}
