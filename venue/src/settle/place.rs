//! Whether an order was placed.

use bpx_dispatch::settle::{Polling, Resolved, Sent};
use bpx_dispatch::{Closing, Order, Outcome, Source, Witness};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::sleep;

use super::rows::{FEW_ROWS, PAGE_ROWS, Row};
use super::{Look, placed};

/// A day, and what time zones can add: an order made earlier than that before the request is another.
const DOUBT_MS: i64 = 38 * 60 * 60 * 1_000;

pub(super) const NEXT_PLACE: &str = "do not send it again under a new key: repeat the call with its idempotency key, or look for its clientId among open orders and in the history";

/// What became of an order.
#[derive(Debug)]
pub(super) enum Fate {
    Placed {
        id: String,
        is_closed: bool,
        body: Box<RawValue>,
        source: Source,
    },
    NotPlaced,
    Unknown(String),
}

/// What one look showed.
enum Seen {
    Found(Fate),
    Nothing,
    /// Something that may or may not be the order.
    Doubt(String),
}

impl Seen {
    /// What was found, whichever look found it; else a doubt stays one.
    fn or(self, other: Self) -> Self {
        match other {
            Self::Nothing => self,
            other => other,
        }
    }
}

impl Fate {
    fn open(row: Row) -> Self {
        Self::Placed {
            is_closed: row.is_closed(),
            id: row.id,
            body: row.raw,
            source: Source::OpenOrders,
        }
    }

    fn past(row: Row) -> Self {
        Self::Placed {
            is_closed: row.is_closed(),
            body: row.as_live(),
            id: row.id,
            source: Source::History,
        }
    }
}

impl Look<'_> {
    pub(super) async fn settle_place(&self, sent: &Sent<'_>) -> Resolved {
        let orders = placed(sent);
        let Some(order) = orders.first() else {
            return Outcome::unknown(&sent.why, NEXT_PLACE).into();
        };
        let mut polling = self.settler.polling();
        let fate = self.fate(order, sent, &mut polling).await;
        let client_id = order.client_id.unwrap_or_default();
        match fate {
            Fate::Placed {
                id,
                is_closed,
                body,
                source,
            } => Resolved {
                outcome: Outcome::done(body, source, vec![id.clone()]),
                closing: Closing {
                    placed: vec![(client_id, id)],
                    closed: if is_closed {
                        vec![client_id]
                    } else {
                        Vec::new()
                    },
                    ..Closing::default()
                },
            },
            Fate::NotPlaced => Resolved {
                outcome: Outcome::rejected(Witness::Evidence, "NOT_PLACED", not_placed(&sent.why)),
                closing: Closing {
                    closed: vec![client_id],
                    ..Closing::default()
                },
            },
            Fate::Unknown(seen) => Outcome::unknown(sent.still_open(&seen), NEXT_PLACE).into(),
        }
    }

    /// Looks for an order until it is found, proven never placed, or the time is over.
    pub(super) async fn fate(&self, order: &Order, sent: &Sent<'_>, polling: &mut Polling) -> Fate {
        loop {
            let asked_ms = self.settler.now_ms();
            let look = match self.look(order, sent).await {
                Ok(Seen::Nothing) if asked_ms >= self.settler.absence_shows_ms(sent) => {
                    self.prove(order, sent).await.map(|look| match look {
                        Seen::Nothing => Seen::Found(Fate::NotPlaced),
                        other => other,
                    })
                }
                other => other,
            };
            let seen = match look {
                Ok(Seen::Found(fate)) => return fate,
                Ok(Seen::Nothing) => {
                    "it is neither open nor in the history, and the request may still arrive"
                        .to_owned()
                }
                Ok(Seen::Doubt(seen)) | Err(seen) => seen,
            };
            if !polling.again().await {
                return Fate::Unknown(seen);
            }
        }
    }

    async fn is_of_another(&self, row: &Row, sent: &Sent<'_>) -> bool {
        let client_id = row.client_id.unwrap_or_default();
        self.settler.is_of_another(&row.id, client_id, sent).await
    }

    async fn look(&self, order: &Order, sent: &Sent<'_>) -> Result<Seen, String> {
        let key = ("clientId", json!(order.client_id));
        let open = self.open_order(&order.symbol, key).await?;
        let look = self.judge(order, sent, open, Fate::open).await;
        if matches!(look, Seen::Found(_)) {
            return Ok(look);
        }
        let since_ms = self.settler.earliest_ms(sent);
        let past = self.past_orders(&order.symbol, since_ms, FEW_ROWS).await?;
        Ok(look.or(self.judge(order, sent, past, Fate::past).await))
    }

    /// The second and the third point of the rule.
    async fn prove(&self, order: &Order, sent: &Sent<'_>) -> Result<Seen, String> {
        let open = self.open_orders(&order.symbol).await?;
        let look = self.judge(order, sent, open, Fate::open).await;
        if matches!(look, Seen::Found(_)) {
            return Ok(look);
        }
        sleep(self.settler.bounds().venue_lag_max).await;
        let since_ms = sent.sent_ms.saturating_sub(DOUBT_MS);
        let past = self.past_orders(&order.symbol, since_ms, PAGE_ROWS).await?;
        let look = look.or(self.judge(order, sent, past, Fate::past).await);
        if !matches!(look, Seen::Nothing) {
            return Ok(look);
        }
        let fills = self
            .fills(&order.symbol, self.settler.earliest_ms(sent))
            .await?;
        let own = fills.iter().find(|fill| fill.client_id == order.client_id);
        Ok(own.map_or(Seen::Nothing, |fill| {
            Seen::Doubt(format!(
                "it was placed as order {} and has a fill, but its state is not shown",
                fill.order_id
            ))
        }))
    }

    /// What rows say: the order is among them, or one that may be it. Orders that another call of the journal placed
    /// are neither, nor are those made long before.
    async fn judge(
        &self,
        order: &Order,
        sent: &Sent<'_>,
        rows: impl IntoIterator<Item = Row>,
        fate: fn(Row) -> Fate,
    ) -> Seen {
        let doubt_ms = sent.sent_ms.saturating_sub(DOUBT_MS);
        let mut look = Seen::Nothing;
        for row in rows {
            let is_old = row.created_ms().is_some_and(|at| at < doubt_ms);
            if row.client_id != order.client_id || is_old || self.is_of_another(&row, sent).await {
                continue;
            }
            let is_since = row
                .created_ms()
                .is_some_and(|at| at >= self.settler.earliest_ms(sent));
            let is_alike = row.side == order.side && row.order_type == order.order_type;
            if is_since && is_alike {
                return Seen::Found(fate(row));
            }
            look = Seen::Doubt(format!(
                "order {} has the same clientId and may be another program's",
                row.id
            ));
        }
        look
    }
}

pub(super) fn not_placed(why: &str) -> String {
    format!(
        "the order was never placed: {why}; the request has expired since, and neither open orders nor history nor fills have its clientId"
    )
}
