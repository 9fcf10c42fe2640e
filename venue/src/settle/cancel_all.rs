//! Whether the open orders of a market are gone.

use std::collections::BTreeMap;

use bpx_client::types::{CancelOrderType, OrderStatus};
use bpx_dispatch::settle::{Resolved, Sent, millis};
use bpx_dispatch::{Closing, Outcome, Source};
use bpx_runtime::WireEnum as _;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Look;
use super::cancel::unsettled;
use super::rows::{PAGE_ROWS, Row};

impl Look<'_> {
    /// Asks until no order is open that was when the request left. The result lists the orders that were still open
    /// when first asked and ended as cancelled; what was gone by then is in the history.
    pub(super) async fn settle_cancel_all(&self, sent: &Sent<'_>) -> Resolved {
        let symbol = sent
            .arguments
            .get("symbol")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut seen_open = BTreeMap::new();
        let mut polling = self.settler.polling();
        loop {
            let asked_ms = self.settler.now_ms();
            let seen = match self.still_open(symbol, sent, &mut seen_open).await {
                Ok(0) => match self.cancelled(symbol, &seen_open).await {
                    Ok(closed) => return gone(&closed),
                    Err(seen) => seen,
                },
                Ok(count) => {
                    let seen = format!("{count} of the orders are still open");
                    if self.is_over(sent, asked_ms) {
                        return unsettled(sent, seen).into();
                    }
                    seen
                }
                Err(seen) => seen,
            };
            if !polling.again().await {
                return unsettled(sent, seen).into();
            }
        }
    }

    /// How many orders are open that were when the request left; it collects them.
    async fn still_open(
        &self,
        symbol: &str,
        sent: &Sent<'_>,
        seen_open: &mut BTreeMap<String, Row>,
    ) -> Result<usize, String> {
        let kind = sent.arguments.get("orderType").and_then(Value::as_str);
        let latest_ms = sent
            .sent_ms
            .saturating_add(millis(self.settler.bounds().clock_skew_max));
        let meant = |row: &Row| {
            let is_conditional = row.status == OrderStatus::TriggerPending;
            kind.is_none_or(|kind| {
                is_conditional == (kind == CancelOrderType::ConditionalOrder.as_str())
            }) && row.created_ms().is_none_or(|at| at <= latest_ms)
        };
        let open = self.open_orders(symbol).await?;
        let open: Vec<_> = open.into_iter().filter(meant).collect();
        let count = open.len();
        seen_open.extend(open.into_iter().map(|row| (row.id.clone(), row)));
        Ok(count)
    }

    /// How each of them ended, once the history shows it of all.
    async fn cancelled(
        &self,
        symbol: &str,
        seen_open: &BTreeMap<String, Row>,
    ) -> Result<Vec<Row>, String> {
        if seen_open.is_empty() {
            return Ok(Vec::new());
        }
        let oldest_ms = seen_open
            .values()
            .filter_map(Row::created_ms)
            .min()
            .unwrap_or(i64::MIN);
        let past = self
            .past_orders(symbol, oldest_ms.saturating_sub(1), PAGE_ROWS)
            .await?;
        let closed = past
            .into_iter()
            .filter(|row| row.is_closed() && seen_open.contains_key(&row.id));
        let closed: BTreeMap<_, _> = closed.map(|row| (row.id.clone(), row)).collect();
        if closed.len() < seen_open.len() {
            return Err("no order is open any more, and the history does not show yet how all of them ended".to_owned());
        }
        Ok(closed.into_values().collect())
    }
}

fn gone(closed: &[Row]) -> Resolved {
    let cancelled: Vec<_> = closed
        .iter()
        .filter(|row| row.status == OrderStatus::Cancelled)
        .collect();
    let raw: Vec<_> = cancelled
        .iter()
        .map(|row| row.as_live().get().to_owned())
        .collect();
    let ids = cancelled.iter().map(|row| row.id.clone()).collect();
    let body = RawValue::from_string(format!("[{}]", raw.join(",")));
    let body = body.unwrap_or_else(|_| RawValue::NULL.to_owned());
    Resolved {
        outcome: Outcome::done(body, Source::History, ids),
        closing: Closing {
            closed_orders: closed.iter().map(|row| row.id.clone()).collect(),
            ..Closing::default()
        },
    }
}
