//! The orders a call would place, read from its arguments.

use bpx_client::table::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use bpx_runtime::Decimal;
use bpx_runtime::table::Operation;
use serde_json::{Map, Value};

/// One order as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Where it stands in the arguments.
    pub(crate) pointer: String,
    pub(crate) symbol: String,
    pub(crate) side: String,
    pub(crate) order_type: String,
    pub(crate) price: Option<Decimal>,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) quote_quantity: Option<Decimal>,
    pub(crate) client_id: Option<u32>,
}

impl Terms {
    pub(crate) fn read(pointer: String, order: &Map<String, Value>) -> Self {
        let text = |name| order.get(name).and_then(Value::as_str);
        let decimal = |name| text(name).and_then(|text| Decimal::from_str_exact(text).ok());
        let owned = |name| text(name).unwrap_or_default().to_owned();
        Self {
            symbol: owned("symbol"),
            side: owned("side"),
            order_type: owned("orderType"),
            price: decimal("price"),
            // Which of the two a conditional order trades is not documented; the caps take the greater.
            quantity: decimal("quantity").max(decimal("triggerQuantity")),
            quote_quantity: decimal("quoteQuantity"),
            client_id: order
                .get("clientId")
                .and_then(Value::as_u64)
                .and_then(|id| u32::try_from(id).ok()),
            pointer,
        }
    }
}

/// The orders a call would place, in its order; none if it places none.
pub(crate) fn orders(operation: &Operation, arguments: &Map<String, Value>) -> Vec<Terms> {
    placed(operation, arguments)
        .into_iter()
        .map(|(pointer, order)| Terms::read(pointer, order))
        .collect()
}

/// The objects that describe orders to place, each with its JSON pointer.
pub(crate) fn placed<'a>(
    operation: &Operation,
    arguments: &'a Map<String, Value>,
) -> Vec<(String, &'a Map<String, Value>)> {
    if operation.id == EXECUTE_ORDER.id {
        return vec![(String::new(), arguments)];
    }
    if operation.id != EXECUTE_ORDER_BATCH.id {
        return Vec::new();
    }
    let orders = arguments.get("orders").and_then(Value::as_array);
    let objects = orders.into_iter().flatten().map(Value::as_object);
    objects
        .enumerate()
        .filter_map(|(index, order)| Some((format!("/orders/{index}"), order?)))
        .collect()
}

/// Writes the chosen numbers into the orders, in the order of the call.
pub(crate) fn set_client_ids(
    operation: &str,
    arguments: &mut Map<String, Value>,
    client_ids: &[u32],
) {
    let set = |order: &mut Map<String, Value>, id: u32| {
        order.insert("clientId".to_owned(), Value::from(id));
    };
    if operation == EXECUTE_ORDER.id {
        if let Some(id) = client_ids.first() {
            set(arguments, *id);
        }
        return;
    }
    let orders = arguments.get_mut("orders").and_then(Value::as_array_mut);
    let objects = orders
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut);
    for (order, id) in objects.zip(client_ids) {
        set(order, *id);
    }
}
