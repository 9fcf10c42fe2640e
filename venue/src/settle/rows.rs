//! Orders as the exchange shows them, read only as far as settling needs; and asking for them.

use bpx_client::types::OrderStatus;
use bpx_contract::api::Operation;
use bpx_dispatch::{Arguments, Order, Refusal, Reply, Success};
use bpx_runtime::{DateTime, Lenient, Notations, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::Look;
use crate::operations::{GET_FILLS, GET_OPEN_ORDERS, GET_ORDER, GET_ORDER_HISTORY};
use crate::refusal;
use crate::state::{self, State};

/// A page where the row that is looked for is probably among the newest, and one where all rows are to be seen.
pub(super) const FEW_ROWS: usize = 100;
pub(super) const PAGE_ROWS: usize = 1_000;
const PAGES_MAX: usize = 50;

/// One order, live or past.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) id: String,
    #[serde(default, deserialize_with = "value")]
    pub(super) client_id: Option<u32>,
    pub(super) status: OrderStatus,
    #[serde(default)]
    symbol: String,
    #[serde(default)]
    pub(super) side: String,
    #[serde(default)]
    pub(super) order_type: String,
    #[serde(default, deserialize_with = "value")]
    created_at: Option<DateTime<Utc>>,
    /// The order as it was shown.
    #[serde(skip, default = "nothing")]
    pub(super) raw: Box<RawValue>,
}

/// One fill.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fill {
    pub(super) order_id: String,
    #[serde(default, deserialize_with = "value")]
    pub(super) client_id: Option<u32>,
}

/// A value in any notation of the venue's.
fn value<'de, T: Notations, D: Deserializer<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    let lenient = Option::<Lenient<T>>::deserialize(reader)?;
    Ok(lenient.and_then(|it| it.value()))
}

fn nothing() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

impl Row {
    pub(super) fn read(raw: &RawValue) -> Option<Self> {
        let row: Self = serde_json::from_str(raw.get()).ok()?;
        Some(Self {
            raw: raw.to_owned(),
            ..row
        })
    }

    /// When it was made, in Unix milliseconds; the history's times are taken for UTC.
    pub(super) fn created_ms(&self) -> Option<i64> {
        Some(self.created_at?.timestamp_millis())
    }

    /// Whether it may be an order that was asked for: nothing that it says of itself is said otherwise there.
    pub(super) fn may_be(&self, order: &Order) -> bool {
        let is_same = |own: &str, asked: &str| own.is_empty() || own == asked;
        is_same(&self.symbol, &order.symbol)
            && is_same(&self.side, &order.side)
            && self.client_id.is_none_or(|id| Some(id) == order.client_id)
    }

    /// Whether it may be an order that these arguments of a cancellation name.
    pub(super) fn may_be_cancelled_by(&self, arguments: &Arguments) -> bool {
        let is_same = |name: &str, own: &Value| {
            arguments
                .get(name)
                .is_none_or(|asked| asked.is_null() || asked == own)
        };
        (self.symbol.is_empty() || is_same("symbol", &json!(self.symbol)))
            && is_same("orderId", &json!(self.id))
            && self
                .client_id
                .is_none_or(|id| is_same("clientId", &json!(id)))
    }

    /// Whether nothing more can happen to it.
    pub(super) fn is_closed(&self) -> bool {
        state::of(&self.status) == State::Closed
    }

    /// The order in the shape of a live one, for a row of the history.
    pub(super) fn as_live(&self) -> Box<RawValue> {
        let Ok(Value::Object(mut order)) = serde_json::from_str(self.raw.get()) else {
            return self.raw.clone();
        };
        if let Some(created_ms) = self.created_ms() {
            order.insert("createdAt".to_owned(), json!(created_ms));
        }
        let mut fill = |name: &str, value: Value| {
            let member = order.entry(name).or_insert(Value::Null);
            if member.is_null() {
                *member = value;
            }
        };
        fill("executedQuantity", json!("0"));
        fill("executedQuoteQuantity", json!("0"));
        if self.order_type == "Limit" {
            fill("postOnly", json!(false));
            fill("price", json!("0"));
            fill("quantity", json!("0"));
        }
        to_raw_value(&order).unwrap_or_else(|_| self.raw.clone())
    }
}

/// The rows of a list; none if it is not a list of orders.
pub(super) fn rows(body: &[u8]) -> Option<Vec<Row>> {
    let raw: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
    raw.into_iter().map(Row::read).collect()
}

/// Why asking gave nothing that could be relied on.
type Asked<T> = Result<T, String>;

impl Look<'_> {
    /// The open order of this number or identifier.
    pub(super) async fn open_order(&self, symbol: &str, key: (&str, Value)) -> Asked<Option<Row>> {
        let arguments = object(json!({"symbol": symbol, key.0: key.1}));
        match self.settler.ask(&GET_ORDER, &arguments).await {
            Reply::Success(Success { body, .. }) => {
                let raw: Option<&RawValue> = serde_json::from_slice(&body).ok();
                let row = raw.and_then(Row::read);
                row.map(Some).ok_or_else(|| unreadable(&GET_ORDER))
            }
            Reply::Refused(rejected) if refusal::of_response(&rejected) == Refusal::NotFound => {
                Ok(None)
            }
            other => Err(failed(&GET_ORDER, other)),
        }
    }

    /// All open orders of a market.
    pub(super) async fn open_orders(&self, symbol: &str) -> Asked<Vec<Row>> {
        let body = self
            .read(&GET_OPEN_ORDERS, json!({"symbol": symbol}))
            .await?;
        rows(&body).ok_or_else(|| unreadable(&GET_OPEN_ORDERS))
    }

    /// The history's row of one order.
    pub(super) async fn past_order(&self, symbol: &str, order_id: &str) -> Asked<Option<Row>> {
        let arguments =
            json!({"symbol": symbol, "orderId": order_id, "limit": 1, "sortDirection": "Desc"});
        let body = self.read(&GET_ORDER_HISTORY, arguments).await?;
        let rows = rows(&body).ok_or_else(|| unreadable(&GET_ORDER_HISTORY))?;
        Ok(rows.into_iter().find(|row| row.id == order_id))
    }

    /// The history of a market, newest first, back to `since_ms`: a first page of so many rows, then large ones.
    pub(super) async fn past_orders(
        &self,
        symbol: &str,
        since_ms: i64,
        first_rows: usize,
    ) -> Asked<Vec<Row>> {
        let mut all = Vec::new();
        let mut page_rows = first_rows;
        for _ in 0..PAGES_MAX {
            let arguments = json!({
                "symbol": symbol, "limit": page_rows, "offset": all.len(), "sortDirection": "Desc",
            });
            let body = self.read(&GET_ORDER_HISTORY, arguments).await?;
            let rows = rows(&body).ok_or_else(|| unreadable(&GET_ORDER_HISTORY))?;
            let is_last = rows.len() < page_rows;
            let is_back = rows
                .last()
                .and_then(Row::created_ms)
                .is_some_and(|at| at < since_ms);
            all.extend(rows);
            if is_last || is_back {
                return Ok(all);
            }
            page_rows = PAGE_ROWS;
        }
        Err("the order history is too long to be read back to the request".to_owned())
    }

    /// The fills of a market since then, oldest first; all of them, or an error.
    pub(super) async fn fills(&self, symbol: &str, since_ms: i64) -> Asked<Vec<Fill>> {
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let arguments = json!({
                "symbol": symbol, "from": since_ms, "limit": PAGE_ROWS, "offset": all.len(), "sortDirection": "Asc",
            });
            let body = self.read(&GET_FILLS, arguments).await?;
            let fills: Vec<Fill> =
                serde_json::from_slice(&body).map_err(|_| unreadable(&GET_FILLS))?;
            let is_last = fills.len() < PAGE_ROWS;
            all.extend(fills);
            if is_last {
                return Ok(all);
            }
        }
        Err("there are too many fills since the request".to_owned())
    }

    async fn read(&self, operation: &Operation, arguments: Value) -> Asked<bpx_runtime::Bytes> {
        match self.settler.ask(operation, &object(arguments)).await {
            Reply::Success(Success { body, .. }) => Ok(body),
            other => Err(failed(operation, other)),
        }
    }
}

fn object(value: Value) -> Arguments {
    match value {
        Value::Object(object) => object,
        _ => Arguments::new(),
    }
}

fn unreadable(operation: &Operation) -> String {
    format!("the response to {} cannot be read", operation.id)
}

fn failed(operation: &Operation, reply: Reply) -> String {
    let message = match reply {
        Reply::Success(_) => return unreadable(operation),
        Reply::Refused(rejected) => rejected.message,
        Reply::NotSent { message } | Reply::Broken { message } => message,
    };
    format!("{} failed: {message}", operation.id)
}

#[cfg(test)]
mod tests {
    use bpx_dispatch::Venue as _;

    use super::*;
    use crate::operations::EXECUTE_ORDER;

    fn row(more: Value) -> Row {
        let mut row = json!({ "id": "9", "status": "New" });
        let members = row.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        Row::read(&to_raw_value(&row).unwrap()).unwrap()
    }

    fn arguments(value: Value) -> Arguments {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_order_of_another_market_side_or_number_is_not_the_one_that_was_placed() {
        let asked = arguments(json!({
            "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1", "clientId": 7,
        }));
        let order = &crate::Backpack.orders(&EXECUTE_ORDER, &asked, &Default::default())[0];
        for own in [
            json!({ "symbol": "SOL_USDC", "side": "Bid", "clientId": 7 }),
            json!({ "symbol": "SOL_USDC", "side": "Bid", "clientId": null }),
            json!({}),
        ] {
            assert!(row(own.clone()).may_be(order), "{own}");
        }
        for another in [
            json!({ "symbol": "BTC_USDC" }),
            json!({ "side": "Ask" }),
            json!({ "clientId": 8 }),
        ] {
            assert!(!row(another.clone()).may_be(order), "{another}");
        }
    }

    #[test]
    fn a_cancellation_is_of_the_order_it_names() {
        let by_id = arguments(json!({ "symbol": "SOL_USDC", "orderId": "9" }));
        let by_number = arguments(json!({ "symbol": "SOL_USDC", "clientId": 7 }));
        let ours = row(json!({ "symbol": "SOL_USDC", "clientId": 7 }));
        assert!(ours.may_be_cancelled_by(&by_id) && ours.may_be_cancelled_by(&by_number));
        let another = arguments(json!({ "symbol": "SOL_USDC", "orderId": "8" }));
        assert!(!ours.may_be_cancelled_by(&another));
        assert!(!row(json!({ "clientId": 8 })).may_be_cancelled_by(&by_number));
        assert!(!row(json!({ "symbol": "BTC_USDC" })).may_be_cancelled_by(&by_id));
    }
}
