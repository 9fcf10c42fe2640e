//! One call that changes the account, from its arguments to its recorded outcome.

use std::sync::Arc;
use std::time::Duration;

use bpx_contract::api::{Location, Operation};
use bpx_runtime::DateTime;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::call::Arguments;
use crate::checkpoint::{Passing, Point};
use crate::conclude::{look_again, record, stored};
use crate::finding::{Finding, Note};
use crate::identity::{check_key, hash, unreported};
use crate::inner::Inner;
use crate::journal::{Begun, DayCap, Intent, NewIntent, SetClientIds};
use crate::order::{Amount, Order, total};
use crate::outcome::Outcome;
use crate::policy::{self, Policy, Verdict};
use crate::recover;
use crate::settle::Sent;
use crate::validate::require_valid;
use crate::{Call, Refused, Settled};

const IN_FLIGHT_POLL: Duration = Duration::from_millis(10);

/// A call that may be made.
struct Allowed<'a> {
    call: &'a Call,
    orders: Vec<Order>,
    worth: Amount,
    notes: Vec<Note>,
    policy: Option<Arc<Policy>>,
}

pub(crate) async fn write(inner: &Inner, call: &Call) -> Result<Settled, Refused> {
    let operation = call.operation.as_ref();
    require_fitting(inner, call)?;
    let hash = hash(operation, &call.arguments);
    let key = key(inner, call, &hash);
    let is_anew = call.anew && call.idempotency_key.is_none();
    if let Some(key) = key.as_deref().filter(|_| !is_anew) {
        let known = inner
            .journal
            .find_key(key)
            .await
            .map_err(Refused::journal("looking the key up"))?;
        // Before the policy: what was allowed then has an outcome that its caller may know.
        if let Some(known) = known {
            return replay(inner, call, &hash, &known).await;
        }
    }
    let allowed = allow(inner, call)?;
    passes(inner, Point::BeforeIntent, operation, None, &[]);
    if let Some(key) = key.as_deref().filter(|_| is_anew) {
        let forgotten = inner.journal.forget(key).await;
        forgotten.map_err(Refused::journal("forgetting an earlier call"))?;
    }
    let id = Uuid::now_v7().simple().to_string();
    let set = |arguments: &mut Arguments, ids: &[u32]| {
        inner.venue.set_client_ids(operation, arguments, ids);
    };
    let intent = NewIntent {
        idempotency_key: key.as_deref(),
        ..intent(inner, &allowed, &set, &hash, &id)
    };
    match begin(inner, intent).await? {
        Begun::New { client_ids } => send(inner, allowed, id, client_ids).await,
        Begun::Known(known) => replay(inner, call, &hash, &known).await,
        Begun::DayIsFull { rule, problem } => {
            let fix = "wait until tomorrow (UTC), or raise the cap in the policy file";
            let findings = vec![Finding::new(rule, "", problem, fix)];
            Err(Refused::Policy {
                operation: operation.id.clone(),
                findings,
            })
        }
        Begun::InUse(holder) => Err(Refused::ClientIdInUse {
            client_id: holder.client_id,
            intent: holder.intent,
        }),
    }
}

/// By what the call is known again: its key; or what it asks for, until its outcome is reported.
fn key(inner: &Inner, call: &Call, hash: &str) -> Option<String> {
    let is_known = call.until_reported && !inner.venue.is_cancellation(&call.operation);
    let own = call.idempotency_key.clone();
    own.or_else(|| is_known.then(|| unreported(hash)))
}

fn passes(
    inner: &Inner,
    point: Point,
    operation: &Operation,
    intent: Option<&str>,
    client_ids: &[u32],
) {
    let write = Passing {
        operation: &operation.id,
        intent,
        client_ids,
    };
    inner.checkpoint.reached(point, write);
}

/// Refuses what would be refused whatever the journal says; it neither reads nor writes it.
pub(crate) fn check(inner: &Inner, call: &Call) -> Result<(), Refused> {
    require_fitting(inner, call)?;
    allow(inner, call).map(drop)
}

fn require_fitting(inner: &Inner, call: &Call) -> Result<(), Refused> {
    require_valid(inner.venue.as_ref(), call)?;
    check_key(call.idempotency_key.as_deref())
}

/// Trading, kill switch, policy: in this order, the first that refuses speaks.
fn allow<'a>(inner: &Inner, call: &'a Call) -> Result<Allowed<'a>, Refused> {
    let operation = call.operation.as_ref();
    let policy = inner.policy();
    if let Some((why, fix)) = inner.trading_off(policy.as_deref()) {
        return Err(Refused::TradingDisabled {
            operation: operation.id.clone(),
            why,
            fix,
        });
    }
    if !inner.venue.is_cancellation(operation)
        && let Some(reason) = inner.state.killed()
    {
        return Err(Refused::Killed { reason });
    }
    let orders = inner.orders(operation, &call.arguments, policy.as_deref());
    let verdict = verdict(inner, operation, &orders, policy.as_deref());
    if !verdict.findings.is_empty() {
        return Err(Refused::Policy {
            operation: operation.id.clone(),
            findings: verdict.findings,
        });
    }
    Ok(Allowed {
        call,
        orders,
        worth: verdict.worth,
        notes: verdict.notes,
        policy,
    })
}

/// That nothing is capped, noted with the first order and not with each.
fn uncapped(inner: &Inner, orders: &[Order]) -> Option<Note> {
    let is_noted = inner.policy().is_none() && !orders.is_empty() && inner.state.notes_no_policy();
    let text = "not checked: there is no policy file, so nothing is capped (noted once)";
    is_noted.then(|| Note::new("policy", "", text))
}

/// What the policy says of orders. Without a policy nothing is refused, and the day is counted all the same.
fn verdict(
    inner: &Inner,
    operation: &Operation,
    orders: &[Order],
    policy: Option<&Policy>,
) -> Verdict {
    match policy {
        Some(policy) => policy::check(policy, orders, inner.venue.is_batch(operation)),
        None => Verdict {
            findings: Vec::new(),
            notes: Vec::new(),
            worth: total(orders),
        },
    }
}

/// Writes the intent. Where a number seems to be in use, the exchange is asked whether its order is still open.
async fn begin(inner: &Inner, intent: NewIntent<'_>) -> Result<Begun, Refused> {
    let failed = || Refused::journal("writing the intent");
    let begun = inner.journal.begin(&intent).await.map_err(failed())?;
    let Begun::InUse(holder) = &begun else {
        return Ok(begun);
    };
    let is_closed = match &holder.order_id {
        Some(order_id) => {
            let settler = inner.settler();
            inner
                .venue
                .is_closed(&settler, &holder.symbol, order_id)
                .await
        }
        None => false,
    };
    if !is_closed {
        return Ok(begun);
    }
    inner
        .journal
        .release(&holder.intent, holder.client_id)
        .await
        .map_err(failed())?;
    inner.journal.begin(&intent).await.map_err(failed())
}

fn intent<'a>(
    inner: &'a Inner,
    allowed: &'a Allowed<'_>,
    set_client_ids: &'a SetClientIds<'a>,
    hash: &'a str,
    id: &'a str,
) -> NewIntent<'a> {
    let at_ms = inner.now_ms();
    let day = allowed.policy.as_ref().map(|policy| &policy.day);
    NewIntent {
        id,
        caller: &allowed.call.caller,
        operation: &allowed.call.operation,
        set_client_ids,
        arguments: without_headers(allowed.call),
        arguments_hash: hash,
        idempotency_key: None,
        orders: &allowed.orders,
        notional: allowed.worth.unwrap_or_default(),
        day: day_of(at_ms),
        day_cap: DayCap {
            orders_max: day.and_then(|day| day.orders_max),
            notional_max: day.and_then(|day| day.notional_max),
        },
        at_ms,
    }
}

/// Sends once and settles.
async fn send(
    inner: &Inner,
    allowed: Allowed<'_>,
    id: String,
    client_ids: Vec<u32>,
) -> Result<Settled, Refused> {
    let operation = allowed.call.operation.as_ref();
    let mut arguments = allowed.call.arguments.clone();
    inner
        .venue
        .set_client_ids(operation, &mut arguments, &client_ids);
    let passes = |point| passes(inner, point, operation, Some(&id), &client_ids);
    passes(Point::AfterIntent);
    let sent_ms = inner.now_ms();
    if let Err(error) = inner.journal.sent(&id, sent_ms).await {
        let outcome = Outcome::not_sent("the journal failed");
        let nothing = inner.venue.nothing_placed(operation, &arguments, outcome);
        record(inner, &id, &nothing).await;
        return Err(Refused::journal("writing that it is sent")(error));
    }
    passes(Point::BeforeSend);
    let reply = inner.remote.send(operation, &arguments).await;
    passes(Point::AfterSend);
    let sent = Sent {
        intent: &id,
        operation,
        arguments: &arguments,
        sent_ms,
        signed_before_ms: inner.now_ms(),
        accepted: false,
        why: String::new(),
    };
    let settler = inner.settler();
    let resolved = inner.venue.settle(&settler, reply, sent).await;
    passes(Point::BeforeOutcome);
    let mut notes = allowed.notes;
    notes.extend(uncapped(inner, &allowed.orders));
    notes.extend(record(inner, &id, &resolved).await);
    Ok(Settled {
        operation: operation.id.clone(),
        intent: Some(id),
        client_ids,
        replayed: false,
        notes,
        outcome: resolved.outcome,
    })
}

/// The outcome of the call that was made with this key before.
async fn replay(
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
    end_of(inner, &call.operation, known).await
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
    passes(inner, Point::AfterSend, operation, intent, &client_ids);
    let resolved = match awaited(inner, known).await? {
        Some((outcome, _)) if outcome.is_final() => Err(outcome),
        Some((outcome, at_ms)) => Ok(look_again(inner, known, operation, &outcome, at_ms).await?),
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
    let end = Instant::now() + inner.bounds.in_flight_wait_max;
    loop {
        let latest = inner.journal.latest(&known.id).await;
        let latest = latest.map_err(Refused::journal("reading the outcome"))?;
        if latest.is_some() || Instant::now() >= end {
            return Ok(latest);
        }
        sleep(IN_FLIGHT_POLL).await;
    }
}

/// Headers are neither needed to find an order again nor fit to be kept: one of them is a broker's key.
fn without_headers(call: &Call) -> Arguments {
    let header = |name: &str| {
        let params = call.operation.params.iter();
        params
            .clone()
            .any(|argument| argument.name == name && argument.location == Location::Header)
    };
    let kept = call.arguments.iter().filter(|(name, _)| !header(name));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn day_of(at_ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    at.date_naive().to_string()
}
