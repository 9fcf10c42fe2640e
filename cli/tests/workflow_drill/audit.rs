//! What the exchange shows, compared with what was reported.

use serde_json::Value;
use tempfile::TempDir;

use crate::common::exchange::Exchange;
use crate::common::{json, stderr};
use crate::plan::{NEW_PRICE, SYMBOL};

/// Orders as the exchange shows them, once nothing goes wrong there any more.
pub(crate) struct Seen {
    order: Value,
    /// Whatever else the account has ever placed.
    others: Vec<Value>,
    /// How many are open, and whether the order is.
    open: usize,
    is_open: bool,
    /// Orders that were refused for want of funds: they came while the other one was live.
    too_soon: usize,
}

impl Seen {
    /// Looks with a state folder of its own, so that nothing of the run's is used or changed.
    pub(crate) fn look(exchange: &Exchange, id: &str) -> Self {
        let too_soon = exchange
            .sandbox
            .verified()
            .iter()
            .filter(|it| it.method == "POST" && it.status == 400)
            .count();
        let open = rows(
            exchange,
            &format!("get-open-orders --symbol {SYMBOL} --json"),
        );
        let past = rows(
            exchange,
            &format!("get-order-history --symbol {SYMBOL} --limit 100 --json"),
        );
        // The history lists open orders too, as they were placed; the list of open ones is newer.
        let is_listed = |row: &Value| open.iter().any(|it| it["id"] == row["id"]);
        let closed: Vec<_> = past.into_iter().filter(|row| !is_listed(row)).collect();
        let (own, others): (Vec<_>, Vec<_>) = open
            .iter()
            .chain(&closed)
            .cloned()
            .partition(|row| row["id"] == id);
        Self {
            order: own.into_iter().next().unwrap(),
            others,
            is_open: open.iter().any(|row| row["id"] == id),
            open: open.len(),
            too_soon,
        }
    }

    /// How two orders of the one intent were or are live.
    pub(crate) fn double(&self) -> Option<String> {
        let counts = (self.open, self.others.len(), self.too_soon);
        (self.open > 1 || self.others.len() > 1 || self.too_soon > 0).then(|| {
            format!("orders that are open, placed and refused for want of funds: {counts:?}")
        })
    }

    /// What the report says otherwise than the exchange.
    pub(crate) fn contradiction(&self, report: &Value, partial_fill: &str) -> Option<String> {
        let kind = &report["outcome"]["kind"];
        let status = self.order["status"].as_str().unwrap_or_default();
        let is_as_reported = match kind.as_str().unwrap_or_default() {
            "done" => {
                !self.is_open && status == "Cancelled" && self.is_replaced(report, partial_fill)
            }
            "already-done" => {
                !self.is_open && self.others.is_empty() && report["final_state"] == status
            }
            "stopped" => self.others.is_empty() && status != "Cancelled",
            "incomplete" => !self.is_open && status != "Filled" && self.others.iter().all(is_over),
            // A cancellation that never arrived: its order stays open, and nothing else was done.
            "unknown" => self.is_open && self.others.is_empty(),
            _ => false,
        };
        let orders = || format!("{} and {}", self.order, Value::from(self.others.clone()));
        (!is_as_reported).then(|| format!("{report} and at the exchange {}", orders()))
    }

    /// Whether there is the one replacement that was asked for.
    fn is_replaced(&self, report: &Value, partial_fill: &str) -> bool {
        let outputs = &report["outputs"];
        let quantity = match (partial_fill, self.order["executedQuantity"].as_str()) {
            ("total", Some("0.5")) => "2.5",
            _ => "3",
        };
        let [other] = self.others.as_slice() else {
            return false;
        };
        other["id"] == outputs["newOrderId"]
            && self.order["id"] == outputs["cancelledOrderId"]
            && self.order["executedQuantity"] == outputs["executedQuantity"]
            && (&other["price"], &other["quantity"]) == (&NEW_PRICE.into(), &quantity.into())
            && other["side"] == self.order["side"]
            && !is_over(other)
    }
}

/// Ended without having been placed, as far as its caller is concerned.
fn is_over(order: &Value) -> bool {
    matches!(order["status"].as_str(), Some("Expired" | "Cancelled"))
}

fn rows(exchange: &Exchange, line: &str) -> Vec<Value> {
    let message = tell(exchange, line);
    message["result"].as_array().unwrap().clone()
}

/// What a command tells that is none of the run's.
pub(crate) fn tell(exchange: &Exchange, line: &str) -> Value {
    let state = TempDir::new().unwrap();
    let arguments: Vec<_> = line.split(' ').collect();
    let mut command = exchange.command(&arguments);
    let output = command.env("BPX_STATE", state.path()).output().unwrap();
    assert!(output.status.success(), "{line}: {}", stderr(&output));
    json(&output)
}
