//! The orders that a call would place, read from its arguments.

use bpx_contract::api::{Location, Operation};
use bpx_contract::pointer::escape;
use bpx_dispatch::{Arguments, Feature, Order, Policy};
use bpx_runtime::Decimal;
use serde_json::Value;

use crate::exposure::{self, decimal};
use crate::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, is};

/// The limit and trigger prices that the venue heeds, but for `price`, which counts on limit orders only.
const PRICES: [&str; 5] = [
    "triggerPrice",
    "stopLossTriggerPrice",
    "stopLossLimitPrice",
    "takeProfitTriggerPrice",
    "takeProfitLimitPrice",
];

/// Flags that ask for borrowing or lending.
const FLAGS: [(&str, Feature); 4] = [
    ("autoBorrow", Feature::Borrow),
    ("autoBorrowRepay", Feature::Borrow),
    ("autoLend", Feature::Lend),
    ("autoLendRedeem", Feature::Lend),
];

const BROKER: &str = "brokerId";

/// The orders that a call would place, in its order; none if it places none.
pub(crate) fn orders(operation: &Operation, arguments: &Arguments, policy: &Policy) -> Vec<Order> {
    let stated = stated(operation, arguments).into_iter();
    stated
        .map(|(pointer, order)| {
            let mut read = read(pointer, order, policy);
            read.features.extend(broker_headers(operation, arguments));
            read
        })
        .collect()
}

/// The objects that describe orders to place, each with its JSON pointer.
pub(crate) fn stated<'a>(
    operation: &Operation,
    arguments: &'a Arguments,
) -> Vec<(String, &'a Arguments)> {
    if is(operation, &EXECUTE_ORDER) {
        return vec![(String::new(), arguments)];
    }
    if !is(operation, &EXECUTE_ORDER_BATCH) {
        return Vec::new();
    }
    let orders = arguments.get("orders").and_then(Value::as_array);
    let objects = orders.into_iter().flatten().map(Value::as_object);
    objects
        .enumerate()
        .filter_map(|(index, order)| Some((format!("/orders/{index}"), order?)))
        .collect()
}

fn read(pointer: String, order: &Arguments, policy: &Policy) -> Order {
    let text = |name: &str| {
        let text = order.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let given = |name: &'static str| Some((name, decimal(order, name)?));
    let (symbol, order_type) = (text("symbol"), text("orderType"));
    let limit = (order_type != "Market").then(|| given("price")).flatten();
    let prices: Vec<(&str, Decimal)> = limit
        .into_iter()
        .chain(PRICES.into_iter().filter_map(given))
        .collect();
    Order {
        side: text("side"),
        client_id: client_id(order),
        quantities: ["quantity", "triggerQuantity"]
            .into_iter()
            .filter_map(given)
            .collect(),
        prices,
        features: features(&pointer, order),
        exposure: exposure::of(order, policy.market(&symbol)),
        symbol,
        order_type,
        pointer,
    }
}

pub(crate) fn client_id(order: &Arguments) -> Option<u32> {
    let id = order.get("clientId").and_then(Value::as_u64)?;
    u32::try_from(id).ok()
}

fn features(pointer: &str, order: &Arguments) -> Vec<(String, Feature)> {
    let asked = |name: &str| order.get(name) == Some(&Value::Bool(true));
    let flags = FLAGS.into_iter().filter(|(name, _)| asked(name));
    let broker = order.get(BROKER).map(|_| (BROKER, Feature::Broker));
    let all = flags.chain(broker);
    all.map(|(name, feature)| (format!("{pointer}/{name}"), feature))
        .collect()
}

/// The headers of these operations name a broker, and nothing else.
fn broker_headers(operation: &Operation, arguments: &Arguments) -> Vec<(String, Feature)> {
    let headers = operation.params.iter();
    let given =
        headers.filter(|it| it.location == Location::Header && arguments.contains_key(&it.name));
    given
        .map(|it| (format!("/{}", escape(&it.name)), Feature::Broker))
        .collect()
}

/// Writes the chosen client order ids into the orders, in the order of the call.
pub(crate) fn set_client_ids(operation: &Operation, arguments: &mut Arguments, ids: &[u32]) {
    let set = |order: &mut Arguments, id: u32| {
        order.insert("clientId".to_owned(), Value::from(id));
    };
    if is(operation, &EXECUTE_ORDER) {
        if let Some(id) = ids.first() {
            set(arguments, *id);
        }
        return;
    }
    let orders = arguments.get_mut("orders").and_then(Value::as_array_mut);
    let objects = orders
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut);
    for (order, id) in objects.zip(ids) {
        set(order, *id);
    }
}
