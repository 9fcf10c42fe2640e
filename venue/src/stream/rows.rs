//! Rows of the venue's lists, told as the stream would have told them.

use bpx_client::types::{Fill, OrderStatus, OrderUpdate};
use bpx_runtime::{DateTime, Notations as _, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::state::{self, State};

/// The members of a message about an order, and what its row calls them. The rows write numbers in more than one way.
const ORDER: [(&str, &str); 23] = [
    ("B", "triggerBy"),
    ("H", "strategyId"),
    ("I", "relatedOrderId"),
    ("P", "triggerPrice"),
    ("Q", "quoteQuantity"),
    ("R", "expiryReason"),
    ("S", "side"),
    ("V", "selfTradePrevention"),
    ("X", "status"),
    ("Y", "triggerQuantity"),
    ("Z", "executedQuoteQuantity"),
    ("a", "takeProfitTriggerPrice"),
    ("b", "stopLossTriggerPrice"),
    ("d", "takeProfitTriggerBy"),
    ("f", "timeInForce"),
    ("g", "stopLossTriggerBy"),
    ("i", "id"),
    ("j", "takeProfitLimitPrice"),
    ("k", "stopLossLimitPrice"),
    ("p", "price"),
    ("q", "quantity"),
    ("s", "symbol"),
    ("z", "executedQuantity"),
];

/// An order as a list shows it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) status: OrderStatus,
    /// When it was placed, in Unix microseconds; times without a zone are taken for UTC.
    pub(super) placed_us: Option<i64>,
    /// What the row says, by the names of the stream.
    message: Map<String, Value>,
}

impl Row {
    /// Reads an order; none if it lacks what every order has.
    pub(super) fn of(order: &impl Serialize) -> Option<Self> {
        let Value::Object(row) = serde_json::to_value(order).ok()? else {
            return None;
        };
        let text = |member: &str| row.get(member).and_then(Value::as_str);
        let placed = row.get("createdAt").and_then(DateTime::<Utc>::read);
        let mut message: Map<String, Value> = ORDER
            .iter()
            .filter_map(|(letter, member)| Some(((*letter).to_owned(), plain(row.get(*member)?)?)))
            .collect();
        let order_type = text("orderType").map(str::to_uppercase);
        let given = [
            ("o", order_type.map(Value::from)),
            (
                "c",
                row.get("clientId").and_then(u32::read).map(Value::from),
            ),
            ("y", row.get("postOnly").cloned()),
            ("r", row.get("reduceOnly").cloned()),
        ];
        for (letter, value) in given {
            if let Some(value) = value.filter(|value| !value.is_null()) {
                message.insert(letter.to_owned(), value);
            }
        }
        Some(Self {
            id: text("id")?.to_owned(),
            status: text("status")?.parse().ok()?,
            placed_us: placed.map(|time| time.timestamp_micros()),
            message,
        })
    }

    /// Whether nothing more can happen to the order.
    pub(super) fn is_closed(&self) -> bool {
        state::of(&self.status) == State::Closed
    }

    /// That it was placed, as the message about it.
    pub(super) fn placed(&self) -> Option<OrderUpdate> {
        self.reported(match self.status {
            OrderStatus::TriggerPending | OrderStatus::TriggerFailed => "triggerPlaced",
            _ => "orderAccepted",
        })
    }

    /// How it ended, as the message about it; none where fills alone ended it, and while it is open.
    pub(super) fn ended(&self) -> Option<OrderUpdate> {
        self.reported(match self.status {
            OrderStatus::Cancelled => "orderCancelled",
            OrderStatus::Expired => "orderExpired",
            OrderStatus::TriggerFailed => "triggerFailed",
            _ => return None,
        })
    }

    fn reported(&self, event: &str) -> Option<OrderUpdate> {
        let time = json!({"e": event, "E": self.placed_us?, "T": self.placed_us?});
        read(self.message.clone(), time)
    }
}

/// A fill, as the message about it; none if it has no trade or no time. The state is that of the order's row.
pub(super) fn of_fill(fill: &Fill, order: Option<&Row>) -> Option<OrderUpdate> {
    let time_us = fill.timestamp.value()?.timestamp_micros();
    let status = match order {
        Some(order) => &order.status,
        None => &OrderStatus::PartiallyFilled,
    };
    let Value::Object(row) = serde_json::to_value(fill).ok()? else {
        return None;
    };
    let amount = |member: &str| row.get(member).cloned();
    let message = order.map(|order| order.message.clone());
    read(
        message.unwrap_or_default(),
        json!({
            "e": "orderFill", "E": time_us, "T": time_us, "X": status,
            "s": fill.symbol, "i": fill.order_id, "S": fill.side, "t": fill.trade_id?,
            "l": amount("quantity"), "L": amount("price"), "n": amount("fee"),
            "N": fill.fee_symbol, "m": fill.is_maker,
        }),
    )
}

/// Numbers as the stream writes amounts: as text.
fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Number(number) => Some(number.to_string().into()),
        other => Some(other.clone()),
    }
}

fn read(mut message: Map<String, Value>, more: Value) -> Option<OrderUpdate> {
    if let Value::Object(more) = more {
        message.extend(more);
    }
    serde_json::from_value(Value::Object(message)).ok()
}
