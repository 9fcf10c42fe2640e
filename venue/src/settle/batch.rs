//! Which orders of a batch were placed.

use bpx_dispatch::settle::{Resolved, Sent};
use bpx_dispatch::{Closing, Order, Outcome, Source, Witness};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::place::{Fate, NEXT_PLACE, not_placed};
use super::{Look, placed};

/// A row of the response that stands as it is: the JSON, and the order's identifier if it was placed.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) raw: Box<RawValue>,
    pub(super) placed: Option<String>,
    pub(super) is_closed: bool,
}

impl Look<'_> {
    /// Looks for each order that `answered` leaves open, by its position in the batch.
    pub(super) async fn settle_batch(
        &self,
        sent: &Sent<'_>,
        answered: &[Option<Answered>],
    ) -> Resolved {
        let orders = placed(sent);
        let mut polling = self.settler.polling();
        let mut rows = Vec::with_capacity(orders.len());
        let mut missing = Vec::new();
        let mut source = Source::Response;
        for (index, order) in orders.iter().enumerate() {
            if let Some(Some(answered)) = answered.get(index) {
                rows.push(answered.clone());
                continue;
            }
            match self.fate(order, sent, &mut polling).await {
                Fate::Unknown(seen) => missing.push(format!("{}: {seen}", order.pointer)),
                Fate::NotPlaced => rows.push(refused(&sent.why)),
                Fate::Placed {
                    id,
                    is_closed,
                    body,
                    source: found,
                } => {
                    source = found;
                    rows.push(Answered {
                        raw: accepted(&body),
                        placed: Some(id),
                        is_closed,
                    });
                }
            }
        }
        if !missing.is_empty() {
            let why = sent.still_open(&missing.join("; "));
            return Outcome::unknown(why, NEXT_PLACE).into();
        }
        if answered.is_empty() && rows.iter().all(|row| row.placed.is_none()) {
            let outcome = Outcome::rejected(Witness::Evidence, "NOT_PLACED", not_placed(&sent.why));
            return Resolved {
                outcome,
                closing: closing(&orders, &rows),
            };
        }
        done(&orders, &rows, source)
    }
}

/// The outcome of a batch whose rows are all known.
pub(super) fn done(orders: &[Order], rows: &[Answered], source: Source) -> Resolved {
    let raw: Vec<_> = rows.iter().map(|row| row.raw.get()).collect();
    let body = RawValue::from_string(format!("[{}]", raw.join(",")));
    let ids = rows.iter().filter_map(|row| row.placed.clone()).collect();
    let outcome = match body {
        Ok(body) => Outcome::done(body, source, ids),
        Err(error) => Outcome::unknown(error.to_string(), NEXT_PLACE),
    };
    Resolved {
        outcome,
        closing: closing(orders, rows),
    }
}

pub(super) fn closing(orders: &[Order], rows: &[Answered]) -> Closing {
    let mut closing = Closing::default();
    for (order, row) in orders.iter().zip(rows) {
        let Some(client_id) = order.client_id else {
            continue;
        };
        if let Some(id) = &row.placed {
            closing.placed.push((client_id, id.clone()));
        }
        if row.is_closed {
            closing.closed.push(client_id);
        }
    }
    closing
}

fn refused(why: &str) -> Answered {
    let row = json!({"operation": "Err", "code": "NOT_PLACED", "message": not_placed(why)});
    Answered {
        raw: raw(&row),
        placed: None,
        is_closed: true,
    }
}

/// An order as a row of a batch's response.
fn accepted(order: &RawValue) -> Box<RawValue> {
    let mut row: Map<String, Value> = serde_json::from_str(order.get()).unwrap_or_default();
    row.insert("operation".to_owned(), json!("Ok"));
    raw(&Value::Object(row))
}

fn raw(value: &Value) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
