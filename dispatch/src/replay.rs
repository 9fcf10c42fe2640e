//! Calls that were made before: their outcomes, recorded or found out.

use std::time::Duration;

use bpx_contract::api::Operation;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::checkpoint::Point;
use crate::conclude::{look_again, record, stored};
use crate::finding::Note;
use crate::inner::Inner;
use crate::journal::{Intent, Placed};
use crate::outcome::{Outcome, Source};
use crate::recover;
use crate::venue::Standing;
use crate::{Call, Refused, Settled};

const IN_FLIGHT_POLL: Duration = Duration::from_millis(10);

/// The outcome of the call that was made with this key before.
pub(crate) async fn replay(
    inner: &Inner,
    call: &Call,
    hash: &str,
    known: &Intent,
) -> Result<Settled, Refused> {
    if known.arguments_hash != hash || known.operation != call.operation.id {
        return Err(Refused::KeyReused {
            operation: known.operation.clone(),
            intent: known.id.clone(),
        });
    }
    let settled = end_of(inner, &call.operation, known).await?;
    match call.while_open {
        true => still_open(inner, &known.id, settled).await,
        false => Ok(settled),
    }
}

/// The outcome of an earlier call as it stands now, unless an order that it placed has ended.
async fn still_open(inner: &Inner, intent: &str, mut settled: Settled) -> Result<Settled, Refused> {
    let Outcome::Done(done) = &mut settled.outcome else {
        return Ok(settled);
    };
    let placed = inner.journal.placed(intent).await;
    let placed = placed.map_err(Refused::journal("looking its orders up"))?;
    let recorded = serde_json::from_str(done.body.get()).unwrap_or_default();
    let (mut states, mut has_ended) = (Vec::new(), false);
    for order in &placed {
        let state = match standing(inner, order, placed.len(), &recorded).await {
            Standing::Ended(state) => {
                has_ended = true;
                format!("`{state}`")
            }
            Standing::Open(now) if placed.len() == 1 => {
                (done.body, done.source) = (now, Source::OpenOrders);
                return Ok(settled);
            }
            Standing::Open(_) => "open".to_owned(),
            Standing::Unknown => "in a state that could not be found out now".to_owned(),
        };
        let Placed {
            order_id,
            client_id,
            ..
        } = order;
        states.push(format!(
            "order {order_id} (clientId {client_id}) is {state}"
        ));
    }
    if has_ended {
        return Err(Refused::OrderEnded {
            intent: intent.to_owned(),
            orders: states,
        });
    }
    if !states.is_empty() {
        let text = format!("this is how it began; by now {}", states.join(", "));
        settled.notes.push(Note::new("order.state", "", text));
    }
    Ok(settled)
}

/// Where an order stands; what the recorded response shows as final needs no asking.
async fn standing(inner: &Inner, order: &Placed, of: usize, recorded: &Value) -> Standing {
    match inner.venue.final_state(recorded).filter(|_| of == 1) {
        Some(state) => Standing::Ended(state),
        None => {
            let Placed {
                symbol, order_id, ..
            } = order;
            inner
                .venue
                .standing(&inner.settler(), symbol, order_id)
                .await
        }
    }
}

/// The outcome of an earlier call: recorded, or found out by asking.
pub(crate) async fn end_of(
    inner: &Inner,
    operation: &Operation,
    known: &Intent,
) -> Result<Settled, Refused> {
    let orders = inner.orders(operation, &stored(known), inner.policy().as_deref());
    let client_ids: Vec<_> = orders.iter().filter_map(|order| order.client_id).collect();
    // Whoever is interrupted while this is found out knows what it is about.
    let intent = Some(known.id.as_str());
    inner.passes(Point::AfterSend, operation, intent, &client_ids);
    let resolved = match awaited(inner, known).await? {
        Some((outcome, _)) if outcome.is_final() => Err(outcome),
        Some((outcome, at_ms)) => Ok(look_again(inner, known, operation, &outcome, at_ms).await),
        None => Ok(recover::adopt(inner, known)
            .await
            .ok_or_else(|| Refused::InFlight {
                intent: known.id.clone(),
            })?),
    };
    let (outcome, note) = match resolved {
        Err(recorded) => (recorded, None),
        Ok(found) => {
            let note = record(inner, &known.id, &found).await;
            // Somebody else may have looked into it at the same time: the first final word stands.
            let latest = inner.journal.latest(&known.id).await;
            let latest = latest.ok().flatten().map(|(outcome, _)| outcome);
            let final_word = latest.filter(Outcome::is_final);
            (final_word.unwrap_or(found.outcome), note)
        }
    };
    Ok(Settled {
        operation: operation.id.clone(),
        intent: Some(known.id.clone()),
        client_ids,
        replayed: true,
        notes: note.into_iter().collect(),
        outcome,
    })
}

/// What is known of the end of a call that may be under way; none where that did not come in time.
async fn awaited(inner: &Inner, known: &Intent) -> Result<Option<(Outcome, i64)>, Refused> {
    let began = Instant::now();
    loop {
        let latest = inner.journal.latest(&known.id).await;
        let latest = latest.map_err(Refused::journal("reading the outcome"))?;
        let waits_max = match &latest {
            None => inner.bounds.in_flight_wait_max,
            Some((outcome, _)) if outcome.is_final() => Duration::ZERO,
            // Two that look into it at the same time would ask twice as much.
            Some(_) if inner.under_way.has(&known.id) => inner.bounds.settle_max,
            Some(_) => Duration::ZERO,
        };
        if began.elapsed() >= waits_max {
            return Ok(latest);
        }
        sleep(IN_FLIGHT_POLL).await;
    }
}
