//! The commands of a person: each call is a process.

use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{json, stderr};
use crate::journal::Step;
use crate::plan::Call;
use crate::{Drill, common};

/// A call that changes nothing, for how long a process takes.
const NOTHING: &str =
    "cancel-open-orders --symbol SOL_USDC --order-type ConditionalOrder --allow-trading";

/// Types one call, kills it, types it again, until a process comes to its end: then the call has its outcome.
pub(crate) fn round(drill: &mut Drill) {
    if !drill.plan.has_aim() {
        let usual = usual(drill);
        drill.plan.aim_at(usual);
    }
    let call = drill.next_call();
    loop {
        let before = drill.journal.step(&call);
        let wait = wait(drill, before);
        let Some(output) = one_process(drill, call, wait) else {
            drill.kills += 1;
            drill.count(&call, before != Step::BeforeIntent);
            if before == Step::BeforeIntent {
                let was_early = drill.journal.step(&call) == Step::BeforeIntent;
                drill.plan.correct(was_early);
            }
            continue;
        };
        if wait.is_some() {
            drill.plan.correct(false);
        }
        let report = json(&output);
        let orders = report["order_ids"].as_array().into_iter().flatten();
        let orders = orders.map(|id| id.as_str().unwrap().to_owned()).collect();
        let outcome = report["outcome"].as_str().unwrap_or_default();
        assert!(
            output.status.success() || matches!(outcome, "rejected" | "not_sent" | "unknown"),
            "{call:?}: {}",
            stderr(&output)
        );
        return drill.ended(
            call,
            outcome,
            if call.is_cancellation() {
                Vec::new()
            } else {
                orders
            },
        );
    }
}

/// Most processes are killed, near the aim or at any moment. One that goes on with a call may more often end, since what
/// became of a request that never arrived takes time to prove.
fn wait(drill: &mut Drill, before: Step) -> Option<Duration> {
    let plan = &mut drill.plan;
    let ends_one_in = if before == Step::BeforeIntent { 8 } else { 2 };
    if plan.one_in(ends_one_in) {
        return None;
    }
    if plan.one_in(4) {
        let aim = plan.near_aim();
        return Some(plan.moment(aim));
    }
    Some(plan.near_aim())
}

/// How long the binary takes for a call that nothing disturbs.
fn usual(drill: &Drill) -> Duration {
    let arguments: Vec<_> = NOTHING.split(' ').collect();
    let mut times: Vec<_> = (0..5)
        .map(|_| {
            let started = Instant::now();
            let output = drill.exchange.run(&arguments);
            assert!(output.status.success(), "{}", stderr(&output));
            started.elapsed()
        })
        .collect();
    times.sort();
    times[2]
}

/// Runs the binary; none if it was killed before its end.
fn one_process(drill: &Drill, call: Call, kill_after: Option<Duration>) -> Option<Output> {
    let line = call.line();
    let arguments: Vec<_> = line.iter().map(String::as_str).collect();
    let mut command = drill.exchange.command(&arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(wait) = kill_after else {
        return Some(command.output().unwrap());
    };
    let mut child = command.spawn().unwrap();
    std::thread::sleep(wait);
    common::end(&mut child);
    output_of(child)
}

/// What it printed, if it came to its end in time.
fn output_of(child: Child) -> Option<Output> {
    let output = child.wait_with_output().unwrap();
    output.status.code()?;
    let whole = serde_json::from_slice::<Value>(&output.stdout).is_ok();
    whole.then_some(output)
}
