//! Whether an order was cancelled, or something else happened to it first.

use bpx_client::types::OrderStatus;
use bpx_dispatch::settle::{Resolved, Sent, millis};
use bpx_dispatch::{Closing, Outcome, Rejected, Source, Witness};
use serde_json::{Value, json};

use super::Look;
use super::rows::{PAGE_ROWS, Row};

pub(super) const NEXT_CANCEL: &str =
    "look at the order; cancelling again under a new key does no harm";

/// The order that is to go.
struct Target<'a> {
    symbol: &'a str,
    client_id: Option<&'a Value>,
    order_id: Option<String>,
}

impl<'a> Target<'a> {
    fn read(sent: &'a Sent<'_>) -> Self {
        let text = |name| sent.arguments.get(name).and_then(Value::as_str);
        Self {
            symbol: text("symbol").unwrap_or_default(),
            client_id: sent.arguments.get("clientId"),
            order_id: text("orderId").map(str::to_owned),
        }
    }

    fn key(&self) -> (&'static str, Value) {
        match (&self.order_id, self.client_id) {
            (Some(id), _) => ("orderId", json!(id)),
            (None, id) => ("clientId", id.cloned().unwrap_or_default()),
        }
    }

    fn number(&self) -> Option<u32> {
        let id = self.client_id.and_then(Value::as_u64)?;
        u32::try_from(id).ok()
    }
}

/// What one look at the order showed.
enum End {
    Closed(Row),
    /// It is open, which another look may change only as long as the request can still be executed.
    Open(String),
    /// It is not open, and how it ended is not shown yet.
    Hidden(String),
}

impl Look<'_> {
    pub(super) async fn settle_cancel(&self, sent: &Sent<'_>) -> Resolved {
        let mut target = self.target(sent).await;
        let mut polling = self.settler.polling();
        loop {
            let asked_ms = self.settler.now_ms();
            let seen = match self.end_of(&mut target, sent).await {
                Ok(End::Closed(row)) => return closed_before(&row),
                Ok(End::Open(seen)) if self.is_over(sent, asked_ms) => {
                    return unsettled(sent, seen).into();
                }
                Ok(End::Open(seen) | End::Hidden(seen)) | Err(seen) => seen,
            };
            if !polling.again().await {
                return unsettled(sent, seen).into();
            }
        }
    }

    /// Whether what was open at that time stays so: the request has expired, and the exchange did not say that it has
    /// taken it.
    pub(super) fn is_over(&self, sent: &Sent<'_>, asked_ms: i64) -> bool {
        !sent.accepted && asked_ms >= self.settler.absence_shows_ms(sent)
    }

    /// The order that is meant; the journal may know its identifier.
    async fn target<'a>(&self, sent: &'a Sent<'_>) -> Target<'a> {
        let mut target = Target::read(sent);
        if let (None, Some(number)) = (&target.order_id, target.number()) {
            target.order_id = self.settler.order_of(target.symbol, number).await;
        }
        target
    }

    async fn end_of(&self, target: &mut Target<'_>, sent: &Sent<'_>) -> Result<End, String> {
        if let Some(open) = self.open_order(target.symbol, target.key()).await? {
            let seen = format!("order {} is still open", open.id);
            // Of several orders with one number the newest is shown; one made since is not the one that was meant.
            if target.order_id.is_none() && open.created_ms().is_some_and(|at| at <= sent.sent_ms) {
                target.order_id = Some(open.id);
            }
            return Ok(End::Open(seen));
        }
        let row = match &target.order_id {
            Some(order_id) => self.past_order(target.symbol, order_id).await?,
            None => self.only_past(target, sent).await?,
        };
        let hidden = "the order is no longer open, and the history does not show yet how it ended";
        Ok(row
            .filter(Row::is_closed)
            .map_or_else(|| End::Hidden(hidden.to_owned()), End::Closed))
    }

    /// The order by its number, where nobody knows its identifier: the newest page of the history must have one such
    /// order only, and have had the time to show it.
    async fn only_past(&self, target: &Target<'_>, sent: &Sent<'_>) -> Result<Option<Row>, String> {
        let lag_ms = millis(self.settler.bounds().venue_lag_max);
        let is_shown = self.settler.now_ms() >= sent.sent_ms.saturating_add(lag_ms);
        let number = target.number();
        let past = self.past_orders(target.symbol, i64::MAX, PAGE_ROWS).await?;
        let mut own = past.into_iter().filter(|row| row.client_id == number);
        match (own.next(), own.next()) {
            (Some(_), Some(_)) => Err("several past orders have this clientId".to_owned()),
            (only, _) => Ok(only.filter(|_| is_shown)),
        }
    }

    /// How an order ended that could not be cancelled since it was not open; asked once.
    pub(super) async fn why_not_open(&self, sent: &Sent<'_>) -> Option<Resolved> {
        let target = self.target(sent).await;
        let order_id = target.order_id.as_deref()?;
        let row = self.past_order(target.symbol, order_id).await.ok()??;
        row.is_closed().then(|| too_late(&row))
    }
}

fn closed_before(row: &Row) -> Resolved {
    if row.status != OrderStatus::Cancelled {
        return too_late(row);
    }
    Resolved {
        outcome: Outcome::done(row.as_live(), Source::History, vec![row.id.clone()]),
        closing: closing(row),
    }
}

fn too_late(row: &Row) -> Resolved {
    let outcome = Outcome::Rejected(Rejected {
        by: Witness::Evidence,
        status: None,
        code: Some("ORDER_CLOSED".to_owned()),
        message: format!(
            "order {} is {} and no longer open; the cancellation did nothing",
            row.id, row.status
        ),
        retry_after: None,
        order: Some(row.as_live()),
    });
    Resolved {
        outcome,
        closing: closing(row),
    }
}

fn closing(row: &Row) -> Closing {
    Closing {
        closed_orders: vec![row.id.clone()],
        ..Closing::default()
    }
}

/// The outcome of a cancellation when the time is over.
pub(super) fn unsettled(sent: &Sent<'_>, seen: String) -> Outcome {
    if !sent.accepted {
        return Outcome::unknown(sent.still_open(&seen), NEXT_CANCEL);
    }
    Outcome::accepted(seen, NEXT_CANCEL)
}
