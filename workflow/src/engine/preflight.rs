//! What is checked before the first request that changes anything: everything that would stop a later one.
//!
//! The key and the clock need no check of their own: a workflow that reads first has used both by then.

use std::sync::Arc;

use bpx_arazzo::{Call, CheckedStep};
use bpx_contract::api::Operation;
use bpx_dispatch::{Arguments, Dispatch, Problem};

use super::{Engine, Frame};
use crate::prepared::Prepared;

/// Why nothing may be changed.
pub(crate) async fn check(
    engine: &Engine<'_>,
    frame: &Frame<'_>,
    first: &CheckedStep,
) -> Result<(), Problem> {
    // Services are not asked for permission, and have no rules that are known here.
    let Some(dispatch) = &engine.router.dispatch else {
        return Ok(());
    };
    let writes = writes(engine, frame, first);
    let writes: Vec<_> = writes
        .iter()
        .map(|(operation, known)| (operation.as_ref(), known))
        .collect();
    switches(dispatch, &writes).await?;
    for (operation, arguments) in &writes {
        foreseen(dispatch, operation, arguments)?;
    }
    let reads = engine.facts.reads.iter();
    let reads: Vec<_> = reads
        .map(|(_, operation, body)| (operation.clone(), body.clone()))
        .collect();
    dispatch.venue().preflight(&reads, &writes)
}

async fn switches(dispatch: &Dispatch, writes: &[(&Operation, &Arguments)]) -> Result<(), Problem> {
    let status = dispatch.status().await;
    let cancels = |(operation, _): &(&Operation, _)| dispatch.venue().is_cancellation(operation);
    let problem = |problem: String, fix: &str| Problem {
        problem,
        fix: fix.to_owned(),
    };
    if let Some(why) = status.trading_off {
        return Err(problem(
            format!("trading is off: {why}"),
            "allow it and run the workflow again",
        ));
    }
    if let (false, Some(reason)) = (writes.iter().all(cancels), status.killed) {
        let text = format!("the kill switch is on ({reason})");
        return Err(problem(text, "turn it off and run the workflow again"));
    }
    if let Some(failure) = status.journal_failure {
        let text = format!("the journal cannot be written ({failure})");
        return Err(problem(text, "check its disk or server"));
    }
    Ok(())
}

/// The writes of this workflow that go through dispatch from this step on, with the arguments that are known by now.
fn writes(
    engine: &Engine<'_>,
    frame: &Frame<'_>,
    first: &CheckedStep,
) -> Vec<(Arc<Operation>, Arguments)> {
    let at = frame.workflow.position(&first.step.id).unwrap_or_default();
    let steps = frame.workflow.steps.iter().skip(at);
    let writes = steps.filter_map(|checked| {
        let Call::Operation {
            source, operation, ..
        } = &checked.call
        else {
            return None;
        };
        let names = (
            checked.step.id.as_str(),
            source.as_str(),
            operation.as_str(),
        );
        let route = engine.router.route(frame.library, names).ok()?;
        let prepared = Prepared::of(checked, &frame.scope);
        let prepared = prepared.unwrap_or_else(|_| Prepared::known(checked, &frame.scope));
        let operation = route.exchange().filter(|_| route.changes())?;
        Some((Arc::clone(operation), prepared.arguments(operation)))
    });
    writes.collect()
}

/// Whether dispatch would refuse a write for what is known of it: the contract, the venue's rules, the policy.
fn foreseen(
    dispatch: &Dispatch,
    operation: &Operation,
    arguments: &Arguments,
) -> Result<(), Problem> {
    match dispatch.foreseen(operation, arguments).into_iter().next() {
        None => Ok(()),
        Some(finding) => Err(Problem {
            problem: format!(
                "{} would be refused: {}: {}",
                operation.id, finding.pointer, finding.problem
            ),
            fix: finding.fix,
        }),
    }
}
