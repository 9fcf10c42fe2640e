//! The response to a write, read as far as it goes; what it leaves open is asked for.

use bpx_dispatch::settle::{Resolved, Sent};
use bpx_dispatch::{Closing, Done, Order, Outcome, Refusal, Reply, Source, Success, plain_headers};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::batch::{self, Answered};
use super::rows::{Row, rows};
use super::{Look, nothing_placed, placed};
use crate::operations::{CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER, EXECUTE_ORDER_BATCH, is};
use crate::refusal;

/// The tag of a batch's row, and the code of one that was refused.
#[derive(Deserialize)]
struct Tag {
    operation: String,
    code: Option<String>,
}

impl Look<'_> {
    /// From what came of the one request to its outcome.
    pub(crate) async fn settle(&self, reply: Reply, mut sent: Sent<'_>) -> Resolved {
        match reply {
            Reply::NotSent { message } => {
                let outcome = Outcome::not_sent(message);
                nothing_placed(&sent, outcome)
            }
            Reply::Success(success) => self.success(success, sent).await,
            Reply::Broken { message } => {
                sent.why = message;
                self.reconcile(&sent).await
            }
            Reply::Refused(rejected) => {
                let meaning = refusal::of_response(&rejected);
                if meaning == Refusal::Ambiguous {
                    sent.why = rejected.summary();
                    return self.reconcile(&sent).await;
                }
                if meaning == Refusal::NotFound
                    && is(sent.operation, &CANCEL_ORDER)
                    && let Some(closed) = self.why_not_open(&sent).await
                {
                    return closed;
                }
                let outcome = Outcome::Rejected(rejected);
                nothing_placed(&sent, outcome)
            }
        }
    }

    async fn success(&self, success: Success, mut sent: Sent<'_>) -> Resolved {
        if sent.operation.accepted && success.status == 202 && success.body.is_empty() {
            sent.accepted = true;
            "accepted, not yet executed".clone_into(&mut sent.why);
            return self.reconcile(&sent).await;
        }
        let operation = sent.operation;
        let read = if is(operation, &EXECUTE_ORDER_BATCH) {
            return self.batch(success, sent).await;
        } else if is(operation, &EXECUTE_ORDER) {
            placed_one(&success, &sent)
        } else if is(operation, &CANCEL_ORDER) {
            let row = order(&success);
            let ours = row.filter(|row| row.may_be_cancelled_by(sent.arguments));
            ours.map(|row| cancelled(&[row]))
        } else if is(operation, &CANCEL_OPEN_ORDERS) {
            let rows = rows(&success.body);
            let is_ours = |rows: &Vec<Row>| {
                rows.iter()
                    .all(|row| row.may_be_cancelled_by(sent.arguments))
            };
            rows.filter(is_ours).map(|rows| cancelled(&rows))
        } else {
            Some((Vec::new(), Closing::default()))
        };
        let body: Option<Box<RawValue>> = serde_json::from_slice(&success.body).ok();
        if let Some(((order_ids, closing), body)) = read.zip(body) {
            return Resolved {
                outcome: done(&success, body, order_ids),
                closing,
            };
        }
        if success.status == 202 {
            return Outcome::accepted("accepted, not yet executed", "ask later how it ended")
                .into();
        }
        sent.why = format!(
            "{}, but the response is not what the contract documents, or not about this call",
            success.status
        );
        self.reconcile(&sent).await
    }

    /// Rows stand in the order of the request as far as is known; where the numbers say otherwise, or the code of a
    /// row leaves it open, orders are looked for one by one.
    async fn batch(&self, success: Success, mut sent: Sent<'_>) -> Resolved {
        let orders = placed(&sent);
        let raw: Vec<Box<RawValue>> = serde_json::from_slice(&success.body).unwrap_or_default();
        let rows: Vec<_> = raw
            .iter()
            .zip(&orders)
            .map(|(raw, order)| batch_row(raw, order))
            .collect();
        let is_whole = raw.len() == orders.len();
        if is_whole && let Some(rows) = rows.iter().cloned().collect::<Option<Vec<_>>>() {
            let body: Option<Box<RawValue>> = serde_json::from_slice(&success.body).ok();
            let Resolved { outcome, closing } = batch::done(&orders, &rows, Source::Response);
            return match (outcome, body) {
                (Outcome::Done(known), Some(body)) => Resolved {
                    outcome: done(&success, body, known.order_ids),
                    closing,
                },
                (outcome, _) => Resolved { outcome, closing },
            };
        }
        sent.why = format!(
            "{}, but the response does not show for every order how it ended",
            success.status
        );
        self.settle_batch(&sent, if is_whole { &rows } else { &[] })
            .await
    }
}

/// A row of a batch that says how its order ended; none if it does not, or not about this order.
fn batch_row(raw: &RawValue, order: &Order) -> Option<Answered> {
    let tag: Tag = serde_json::from_str(raw.get()).ok()?;
    let raw = || raw.to_owned();
    match tag.operation.as_str() {
        "Ok" => {
            let row = Row::read(&raw()).filter(|row| row.may_be(order))?;
            Some(Answered {
                raw: raw(),
                is_closed: row.is_closed(),
                placed: Some(row.id),
            })
        }
        "Err" if refusal::of(200, tag.code.as_deref()) != Refusal::Ambiguous => Some(Answered {
            raw: raw(),
            placed: None,
            is_closed: true,
        }),
        _ => None,
    }
}

fn order(success: &Success) -> Option<Row> {
    let raw: &RawValue = serde_json::from_slice(&success.body).ok()?;
    Row::read(raw)
}

fn placed_one(success: &Success, sent: &Sent<'_>) -> Option<(Vec<String>, Closing)> {
    let orders = placed(sent);
    let row = order(success).filter(|row| orders.iter().all(|order| row.may_be(order)))?;
    let answered = Answered {
        raw: row.raw.clone(),
        is_closed: row.is_closed(),
        placed: Some(row.id.clone()),
    };
    Some((vec![row.id], batch::closing(&orders, &[answered])))
}

fn cancelled(rows: &[Row]) -> (Vec<String>, Closing) {
    let ids: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    let closed = rows
        .iter()
        .filter(|row| row.is_closed())
        .map(|row| row.id.clone());
    (
        ids,
        Closing {
            closed_orders: closed.collect(),
            ..Closing::default()
        },
    )
}

fn done(success: &Success, body: Box<RawValue>, order_ids: Vec<String>) -> Outcome {
    Outcome::Done(Done {
        status: success.status,
        body,
        source: Source::Response,
        order_ids,
        page: None,
        headers: plain_headers(&success.headers),
    })
}
