//! What is checked before the first request that changes anything: everything that would stop a later one.
//!
//! The key and the clock need no check of their own: the order has just been read with a signature of this key, by this
//! clock.

use bpx_arazzo::{Call, CheckedStep};
use bpx_venue::operations::{CANCEL_ORDER, EXECUTE_ORDER};
use bpx_dispatch::{Dispatch, Finding, validate};
use bpx_contract::api::Operation;
use serde_json::{Map, Value};

use crate::engine::{Engine, Frame, prepare};
use crate::route::Route;
use crate::send::Prepared;

const OPEN: [&str; 2] = ["New", "PartiallyFilled"];

/// Why nothing may be changed; `problem; fix`.
pub(crate) async fn check(
    engine: &Engine<'_>,
    frame: &Frame<'_>,
    first: &CheckedStep,
) -> Result<(), String> {
    let writes = writes(engine, frame, first);
    let places = writes.iter().any(|(row, _)| row.id == EXECUTE_ORDER.id);
    let status = engine.runner.dispatch.status().await;
    if let Some(why) = status.trading_off {
        return Err(format!(
            "trading is off: {why}; allow it and run the workflow again"
        ));
    }
    if let (true, Some(reason)) = (places, status.killed) {
        return Err(format!(
            "the kill switch is on ({reason}); turn it off and run the workflow again"
        ));
    }
    if let Some(failure) = status.journal_failure {
        return Err(format!(
            "the journal cannot be written ({failure}); check its disk or server"
        ));
    }
    for (row, arguments) in &writes {
        known_arguments(&engine.runner.dispatch, row, arguments)?;
    }
    orders_as_read(engine, &writes)
}

/// The writes of this workflow that go through dispatch, with the arguments that are known by now.
fn writes(
    engine: &Engine<'_>,
    frame: &Frame<'_>,
    first: &CheckedStep,
) -> Vec<(&Arc<Operation>, Map<String, Value>)> {
    let at = frame.workflow.position(&first.step.id).unwrap_or_default();
    let steps = frame.workflow.steps.iter().skip(at);
    steps
        .filter_map(|checked| {
            let Call::Operation {
                source, operation, ..
            } = &checked.call
            else {
                return None;
            };
            let route = engine
                .runner
                .services
                .route(frame.library, &checked.step.id, source, operation)
                .ok()?;
            match route {
                Route::Dispatch(row) if route.changes() => Some((row, known(frame, checked, row))),
                _ => None,
            }
        })
        .collect()
}

/// Arguments as far as they are known: what a later answer decides is left out.
fn known(frame: &Frame<'_>, checked: &CheckedStep, row: &Operation) -> Map<String, Value> {
    let whole = prepare(checked, &frame.scope).ok();
    let prepared = whole.unwrap_or_else(|| {
        let body = match &checked.call {
            Call::Operation {
                body: Some(body), ..
            } => body.payload.evaluate(&frame.scope).ok().flatten(),
            _ => None,
        };
        Prepared {
            arguments: Vec::new(),
            body,
        }
    });
    prepared.without_nulls().flat(row)
}

/// Whether dispatch would refuse a write for what is known of it: the contract, and the policy.
fn known_arguments(
    dispatch: &Dispatch,
    row: &Operation,
    arguments: &Map<String, Value>,
) -> Result<(), String> {
    let is_known = |finding: &Finding| {
        let mut path = finding.pointer.trim_start_matches('/').split('/');
        path.next().is_some_and(|name| arguments.contains_key(name))
    };
    let mut findings = validate(row, arguments);
    findings.retain(is_known);
    findings.extend(dispatch.foreseen(row, arguments));
    findings.first().map_or(Ok(()), |finding| {
        Err(format!("{} would be refused: {finding}", row.id))
    })
}

/// What was read of an order that is to be cancelled, held against what is done with it.
fn orders_as_read(
    engine: &Engine<'_>,
    writes: &[(&Arc<Operation>, Map<String, Value>)],
) -> Result<(), String> {
    let orders = &engine.facts.orders;
    let cancelled = writes.iter().filter(|(row, _)| row.id == CANCEL_ORDER.id);
    let read =
        cancelled.filter_map(|(_, arguments)| orders.get(arguments.get("orderId")?.as_str()?));
    for order in read {
        let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default();
        if !OPEN.contains(&text("status")) {
            return Err(format!(
                "the order is {}; there is nothing left to cancel",
                text("status")
            ));
        }
        for (row, arguments) in writes {
            for name in ["symbol", "side"] {
                let given = arguments.get(name).and_then(Value::as_str);
                if let Some(given) = given.filter(|it| *it != text(name)) {
                    return Err(format!(
                        "{} is for {name} {given}, and the order has {}; give the order's",
                        row.id,
                        text(name)
                    ));
                }
            }
        }
    }
    Ok(())
}
