//! Arguments against the contract: the schema of each row is the oracle, the rules between fields come on top.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::LazyLock;

use bpx_contract::api::{Argument, Body, Kind, Operation};
use bpx_dispatch::{Finding, validate};
use bpx_venue::operations::{
    CANCEL_ORDER, EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS, GET_OPEN_ORDERS, GET_ORDER,
};
use bpx_venue::rules::RULES;
use bpx_venue::{Backpack, api};
use jsonschema::Validator;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use crate::support::{arguments, bid};

static ORACLES: LazyLock<Vec<Validator>> = LazyLock::new(|| {
    let operations = api().operations();
    operations
        .map(|operation| jsonschema::validator_for(operation.input_schema()).unwrap())
        .collect()
});

fn findings(operation: &Operation, given: Value) -> Vec<Finding> {
    validate(&Backpack, operation, &arguments(given))
}

/// What there is to find, as `rule pointer`.
fn found(operation: &Operation, given: Value) -> Vec<String> {
    let findings = findings(operation, given);
    findings
        .iter()
        .map(|finding| format!("{} {}", finding.rule, finding.pointer))
        .collect()
}

/// The one finding's fix.
fn fix(operation: &Operation, given: Value) -> String {
    let findings = findings(operation, given);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings[0].fix.clone()
}

/// Values that are right for some kinds and wrong for others.
fn odd_values() -> Vec<Value> {
    let texts = [
        "",
        "0",
        "1",
        "-1",
        "01",
        "1.",
        ".5",
        "1.50",
        "-0.5",
        "+1",
        "1e5",
        "1.5 ",
        "٣",
        "0.0",
        "00",
        "--1",
        "NaN",
        "9999999999999999999999999999",
        "99999999999999999999999999999",
        "0.123456789012345678901234567",
        "Bid",
        "bid",
        "Limit",
        "GTC",
        "PERP",
        "SOL_USDC",
        "null",
        "true",
    ];
    let numbers = [
        "0",
        "1",
        "-1",
        "1.0",
        "1.5",
        "-0.0",
        "1e3",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "4294967296.0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "1e300",
    ];
    let numbers = numbers
        .iter()
        .map(|text| serde_json::from_str(text).unwrap());
    let others = [
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!(["PERP", "SPOT"]),
        json!(["PERP", 1]),
    ];
    texts
        .iter()
        .map(|text| json!(text))
        .chain(numbers)
        .chain(others)
        .collect()
}

/// A value that fits the kind.
fn fitting(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!("text"),
        Kind::Decimal => json!("20.10"),
        Kind::Integer { .. } => json!(7),
        Kind::Boolean => json!(true),
        Kind::Enum { values, .. } => json!(values[0]),
        Kind::Many(kind) => json!([fitting(kind)]),
        Kind::Json => json!({}),
    }
}

/// One member: which one, and its value: fitting or odd.
type Member = (Index, Option<Index>);

fn object(declared: &[&Argument], members: &[Member]) -> Map<String, Value> {
    let odd = odd_values();
    let required = declared.iter().filter(|argument| argument.required);
    let mut object: Map<_, _> = required
        .map(|argument| (argument.name.clone(), fitting(&argument.kind)))
        .collect();
    for (which, value) in members {
        let argument = which.get(declared);
        let value = value.map_or_else(|| fitting(&argument.kind), |value| value.get(&odd).clone());
        object.insert(argument.name.clone(), value);
    }
    object
}

/// Something done to an object after it was made: a member is taken away, or one nobody declared is added.
fn disturb(object: &mut Map<String, Value>, how: u8, which: Index) {
    match how {
        0 if !object.is_empty() => {
            let name = which
                .get(&object.keys().cloned().collect::<Vec<_>>())
                .clone();
            object.remove(&name);
        }
        1 => {
            object.insert("simbol".to_owned(), json!("SOL_USDC"));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_row_accepts_and_refuses_exactly_what_its_schema_does(
        row in 0..api().operations().len(),
        members in vec((any::<Index>(), proptest::option::weighted(0.3, any::<Index>())), 0..6),
        items in vec(vec((any::<Index>(), proptest::option::weighted(0.2, any::<Index>())), 0..4), 0..3),
        odd_item in proptest::option::weighted(0.1, select(odd_values())),
        how in 0_u8..8,
        which in any::<Index>(),
    ) {
        let operation = api().operations().nth(row).unwrap();
        let declared: Vec<_> = operation.arguments().collect();
        let mut given = object(&declared, &members);
        if let Body::Array { argument, fields, .. } = &operation.body && given.get(&argument.name).is_some_and(Value::is_array) {
            let fields: Vec<_> = fields.iter().collect();
            let mut items: Vec<_> = items.iter().map(|members| object(&fields, members)).collect();
            if let Some(first) = items.first_mut() {
                disturb(first, how, which);
            }
            let items = items.into_iter().map(Value::Object).chain(odd_item);
            given.insert(argument.name.clone(), items.collect());
        } else {
            disturb(&mut given, how, which);
        }
        let is_valid = ORACLES[row].is_valid(&Value::Object(given.clone()));
        let findings = validate(&Backpack, operation, &given);
        let contract: Vec<_> = findings.iter().filter(|finding| finding.rule.starts_with("contract.")).collect();
        prop_assert_eq!(contract.is_empty(), is_valid, "{}: {:?}: {:?}", operation.id, given, contract);
        for finding in findings {
            let pointer = finding.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            prop_assert!(Value::Object(given.clone()).pointer(pointer).is_some(), "{:?}", finding);
            prop_assert!(!finding.problem.is_empty() && !finding.fix.is_empty());
        }
    }
}

#[test]
fn near_misses_are_named() {
    assert_eq!(
        fix(&GET_OPEN_ORDERS, json!({"simbol": "X"})),
        "did you mean `symbol`?"
    );
    assert_eq!(
        fix(&GET_OPEN_ORDERS, json!({"market_type": "PERP"})),
        "did you mean `marketType`?"
    );
    let mut order = bid("20");
    order["side"] = json!("bid");
    assert_eq!(
        fix(&EXECUTE_ORDER, order.clone()),
        "did you mean `Bid`? (Bid, Ask)"
    );
    order["side"] = json!("Buy");
    assert_eq!(fix(&EXECUTE_ORDER, order), "use one of: Bid, Ask");
    assert!(
        fix(&GET_OPEN_ORDERS, json!({"zzz": 1})).contains("the arguments are: marketType, symbol")
    );
}

#[test]
fn a_near_miss_stands_by_itself_too() {
    let order = |name: &str, value: &str| {
        let mut order = bid("20");
        order[name] = json!(value);
        order
    };
    for (operation, given, meant) in [
        (&*GET_OPEN_ORDERS, json!({"simbol": "X"}), Some("symbol")),
        (&*EXECUTE_ORDER, order("side", "bid"), Some("Bid")),
        (&*EXECUTE_ORDER, order("price", "1.5E2"), Some("150")),
        (&*EXECUTE_ORDER, order("side", "Buy"), None),
        (&*EXECUTE_ORDER, order("price", "twenty"), None),
        (&*GET_OPEN_ORDERS, json!({"zzz": 1}), None),
    ] {
        let found = findings(operation, given);
        assert_eq!(found[0].suggestion.as_deref(), meant, "{found:?}");
    }
}

#[test]
fn a_decimal_as_a_number_is_refused_with_the_text_to_write() {
    let mut order = bid("20");
    order["price"] = json!(20.1);
    assert!(fix(&EXECUTE_ORDER, order.clone()).ends_with("\"20.1\""));
    for (text, meant) in [("1e3", "1000"), (" 5 ", "5"), ("1.5E2", "150")] {
        order["price"] = json!(text);
        assert_eq!(
            fix(&EXECUTE_ORDER, order.clone()),
            format!("did you mean \"{meant}\"?")
        );
    }
    order["price"] = json!("twenty");
    assert!(fix(&EXECUTE_ORDER, order).contains("such as \"20.5\""));
}

#[test]
fn a_number_in_quotes_and_a_null_are_told_as_such() {
    let given = json!({"symbol": "X", "clientId": "7"});
    assert_eq!(fix(&GET_ORDER, given), "write it without quotes: 7");
    let given = json!({"symbol": null});
    assert_eq!(
        fix(&GET_OPEN_ORDERS, given),
        "leave it out, or give it a value"
    );
}

#[test]
fn everything_is_found_at_once() {
    let given = json!({"orders": [
        {"symbol": "X", "side": "bid", "orderType": "Limit", "price": 1},
        7,
        {"symbol": "X", "sid": "Bid"},
    ]});
    let expected = [
        "contract.type /orders/0/price",
        "contract.value /orders/0/side",
        "contract.type /orders/1",
        "contract.undeclared /orders/2/sid",
        "contract.missing /orders/2/orderType",
        "contract.missing /orders/2/side",
    ];
    // Findings of one object come in the order of its members, which is serde_json's affair.
    let found: BTreeSet<_> = found(&EXECUTE_ORDER_BATCH, given).into_iter().collect();
    assert_eq!(found, expected.map(str::to_owned).into());
}

/// The arguments of an order with some changed; null takes one away.
fn changed(change: Value) -> Value {
    let mut order = bid("20").as_object().unwrap().clone();
    order.extend(arguments(change));
    order.retain(|_, value| !value.is_null());
    Value::Object(order)
}

/// A market order with these sizes.
fn market(sizes: Value) -> Value {
    let mut order = changed(json!({"orderType": "Market", "price": null, "quantity": null}));
    order.as_object_mut().unwrap().extend(arguments(sizes));
    order
}

/// A call for each rule that breaks it and nothing else.
fn broken() -> Vec<(&'static Arc<Operation>, &'static str, Value)> {
    let order = |id, change| (&*EXECUTE_ORDER, id, changed(change));
    let market = |id, sizes| (&*EXECUTE_ORDER, id, market(sizes));
    let twins = json!({"orders": vec![changed(json!({"clientId": 7})); 2]});
    let orders = |count: usize| json!({"orders": vec![bid("20"); count]});
    vec![
        (&*GET_ORDER, "order.one_identifier", json!({"symbol": "X"})),
        (
            &*CANCEL_ORDER,
            "order.one_identifier",
            json!({"symbol": "X", "orderId": "1", "clientId": 0}),
        ),
        order("order.limit_price", json!({"price": null})),
        order("order.market_price", json!({"orderType": "Market"})),
        order("order.limit_quantity", json!({"quantity": null})),
        market("order.market_size", json!({})),
        market(
            "order.market_size",
            json!({"quantity": "1", "quoteQuantity": "1"}),
        ),
        order("order.trigger_pair", json!({"triggerPrice": "19"})),
        order(
            "order.post_only",
            json!({"postOnly": true, "timeInForce": "FOK"}),
        ),
        order("order.symbol", json!({"symbol": "SOL-USDC"})),
        (&*GET_FILLS, "market.symbol", json!({"symbol": "A/B"})),
        order("order.positive_price", json!({"price": "0.0"})),
        order("order.positive_quantity", json!({"quantity": "-1"})),
        market(
            "order.positive_quote_quantity",
            json!({"quoteQuantity": "-0"}),
        ),
        order(
            "order.positive_trigger_quantity",
            json!({"triggerPrice": "1", "triggerQuantity": "-1"}),
        ),
        (&*GET_FILLS, "page.limit", json!({"limit": 0})),
        (&*GET_FILLS, "page.limit", json!({"limit": 1001})),
        (&*EXECUTE_ORDER_BATCH, "batch.client_ids", twins),
        (&*EXECUTE_ORDER_BATCH, "batch.size", orders(0)),
        (&*EXECUTE_ORDER_BATCH, "batch.size", orders(21)),
    ]
}

#[test]
fn each_rule_between_fields_has_a_call_that_breaks_it_and_points_to_its_field() {
    let rows = broken();
    for rule in RULES {
        let own: Vec<_> = rows.iter().filter(|(_, id, _)| *id == rule.id).collect();
        assert!(!own.is_empty(), "{} has no row here", rule.id);
        for (operation, id, given) in own {
            assert_eq!(
                found(operation, given.clone()),
                [format!("{id} /{}", rule.field)],
                "{given}"
            );
        }
    }
    let second = json!({"orders": [bid("20"), changed(json!({"price": null}))]});
    assert_eq!(
        found(&EXECUTE_ORDER_BATCH, second),
        ["order.limit_price /orders/1/price"]
    );
}

#[test]
fn what_the_rules_leave_open_passes() {
    let conditional = json!({"triggerPrice": "19", "triggerQuantity": "80%", "quantity": null});
    let twenty = json!({"orders": vec![bid("20"); 20]});
    let page = json!({"limit": 1000, "marketType": ["SPOT", "PERP"], "from": -1});
    let fine = [
        (&*EXECUTE_ORDER, changed(conditional)),
        (
            &*EXECUTE_ORDER,
            changed(json!({"postOnly": true, "timeInForce": "GTC"})),
        ),
        (
            &*EXECUTE_ORDER,
            changed(json!({"orderType": "Market", "price": null})),
        ),
        (&*EXECUTE_ORDER_BATCH, twenty),
        (&*GET_FILLS, page),
        (&*CANCEL_ORDER, json!({"symbol": "X", "clientId": 0})),
    ];
    for (operation, given) in fine {
        assert_eq!(findings(operation, given.clone()), [], "{given}");
    }
}
