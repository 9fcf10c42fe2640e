//! One call that changes the account, from its arguments to its recorded outcome.

use std::sync::Arc;

use bpx_contract::api::{Location, Operation};
use bpx_runtime::DateTime;
use uuid::Uuid;

use crate::call::Arguments;
use crate::checkpoint::Point;
use crate::conclude::record;
use crate::finding::{Finding, Note};
use crate::identity::{check_key, hash, unreported};
use crate::inner::Inner;
use crate::journal::{Begun, DayCap, NewIntent};
use crate::order::{Amount, Order, total};
use crate::outcome::Outcome;
use crate::policy::{self, Policy, Verdict};
use crate::replay::replay;
use crate::settle::Sent;
use crate::validate::require_valid;
use crate::venue::{Standing, Venue};
use crate::{Call, Refused, Settled};

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
    inner.passes(Point::BeforeIntent, operation, None, &[]);
    if let Some(key) = key.as_deref().filter(|_| is_anew) {
        let forgotten = inner.journal.forget(key).await;
        forgotten.map_err(Refused::journal("forgetting an earlier call"))?;
    }
    let intent = NewIntent {
        idempotency_key: key,
        ..intent(inner, &allowed, &hash)
    };
    let intent = Arc::new(intent);
    let _held = inner.under_way.hold(&intent.id);
    match begin(inner, &intent).await? {
        Begun::New { client_ids } => send(inner, allowed, &intent, client_ids).await,
        Begun::Known(known) => replay(inner, call, &hash, &known).await,
        Begun::DayIsFull { rule, problem } => {
            let fix = "wait until tomorrow (UTC); only the operator can raise the cap, in the policy file";
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
    require_alive(inner, operation)?;
    let orders = inner.orders(operation, &call.arguments, policy.as_deref());
    let mut verdict = verdict(inner, operation, &orders, policy.as_deref());
    let named = inner.check_operation(operation, &call.arguments);
    verdict.findings.extend(named);
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

/// Cancellations go through whatever the kill switch says.
fn require_alive(inner: &Inner, operation: &Operation) -> Result<(), Refused> {
    if inner.venue.is_cancellation(operation) {
        return Ok(());
    }
    let killed = inner.state.killed();
    killed.map_or(Ok(()), |reason| Err(Refused::Killed { reason }))
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
async fn begin(inner: &Inner, intent: &Arc<NewIntent>) -> Result<Begun, Refused> {
    let failed = || Refused::journal("writing the intent");
    let begun = inner.journal.begin(intent).await.map_err(failed())?;
    let Begun::InUse(holder) = &begun else {
        return Ok(begun);
    };
    let settler = inner.settler();
    let standing = match &holder.order_id {
        Some(order_id) => {
            inner
                .venue
                .standing(&settler, &holder.symbol, order_id)
                .await
        }
        None => Standing::Unknown,
    };
    if !matches!(standing, Standing::Ended(_)) {
        return Ok(begun);
    }
    inner
        .journal
        .release(&holder.intent, holder.client_id)
        .await
        .map_err(failed())?;
    inner.journal.begin(intent).await.map_err(failed())
}

fn intent(inner: &Inner, allowed: &Allowed<'_>, hash: &str) -> NewIntent {
    let at_ms = inner.now_ms();
    let day = allowed.policy.as_ref().map(|policy| &policy.day);
    let operation = Arc::clone(&allowed.call.operation);
    let venue = Arc::clone(&inner.venue);
    let orders = allowed.orders.iter();
    NewIntent {
        id: Uuid::now_v7().simple().to_string(),
        caller: allowed.call.caller.clone(),
        operation: operation.id.clone(),
        set_client_ids: Box::new(move |arguments, ids| {
            venue.set_client_ids(&operation, arguments, ids);
        }),
        arguments: without_secrets(inner.venue.as_ref(), allowed.call),
        arguments_hash: hash.to_owned(),
        idempotency_key: None,
        orders: orders
            .map(|order| (order.symbol.clone(), order.client_id))
            .collect(),
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
    intent: &NewIntent,
    client_ids: Vec<u32>,
) -> Result<Settled, Refused> {
    let operation = allowed.call.operation.as_ref();
    let id = intent.id.clone();
    let mut arguments = allowed.call.arguments.clone();
    inner
        .venue
        .set_client_ids(operation, &mut arguments, &client_ids);
    // The journal may have taken its time.
    if let Err(killed) = require_alive(inner, operation) {
        let outcome = Outcome::not_sent("the kill switch was turned on");
        let nothing = inner.venue.nothing_placed(operation, &arguments, outcome);
        record(inner, &id, &nothing).await;
        return Err(killed);
    }
    let passes = |point| inner.passes(point, operation, Some(&id), &client_ids);
    passes(Point::BeforeSend);
    let reply = inner.remote.send(operation, &arguments).await;
    passes(Point::AfterSend);
    let sent = Sent {
        intent: &id,
        operation,
        arguments: &arguments,
        sent_ms: intent.at_ms,
        signed_before_ms: inner.now_ms(),
        accepted: false,
        why: String::new(),
    };
    let settler = inner.settler();
    let mut resolved = inner.venue.settle(&settler, reply, sent).await;
    let policy = allowed.policy.as_deref();
    policy::say_how(policy, operation, &arguments, &mut resolved.outcome);
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

/// Headers are neither needed to find an order again nor fit to be kept: one of them is a broker's key.
fn without_secrets(venue: &dyn Venue, call: &Call) -> Arguments {
    let header = |name: &str| {
        let params = call.operation.params.iter();
        params
            .clone()
            .any(|argument| argument.name == name && argument.location == Location::Header)
    };
    let kept = call.arguments.iter();
    let kept = kept.filter(|(name, _)| !header(name) && !venue.is_secret(name));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn day_of(at_ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    at.date_naive().to_string()
}
