//! One run, from its order to its audit.

use std::process::Output;

use bpx_sandbox::Fault;
use serde_json::Value;

use crate::audit::{Seen, tell};
use crate::common::exchange::Exchange;
use crate::common::{json, stderr, stdout};
use crate::plan::{NEW_PRICE, NEW_QUANTITY, OLD_PRICE, OLD_QUANTITY, Plan, SYMBOL};
use crate::process;
use crate::record::{self, NOT_BEGUN};

/// A run that has no end by then has none.
const TURNS_MAX: usize = 16;
/// A cancellation that never arrived is unknown for as long as its order is open.
const UNKNOWN_MAX: u32 = 1;

/// What came of a run.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) resumes: u64,
    /// Where each kill hit.
    pub(crate) kills: Vec<&'static str>,
    pub(crate) faults: Vec<String>,
    pub(crate) outcome: String,
    /// How two orders were live.
    pub(crate) double: Option<String>,
    /// What was misreported.
    pub(crate) contradictions: Vec<String>,
}

pub(crate) fn one(seed: u64, number: u64) -> Run {
    let mut plan = Plan::new(seed, number);
    let exchange = Exchange::with(plan.config.clone());
    let id = place(&exchange);
    if let Some(quantity) = plan.filled_before {
        process::offer(&exchange, quantity);
    }
    for rule in &plan.faults {
        exchange.sandbox.arm(rule.clone()).unwrap();
    }
    let mut run = Run::default();
    let report = run.go_to_its_end(&exchange, &mut plan, &id);
    exchange.sandbox.disarm();
    let fired = exchange.sandbox.faults_fired();
    run.faults = fired.iter().map(|it| kind(&it.fault)).collect();
    let seen = Seen::look(&exchange, &id);
    run.double = seen.double();
    run.outcome = outcome(&report);
    run.contradictions
        .extend(seen.contradiction(&report, plan.partial_fill));
    run
}

fn place(exchange: &Exchange) -> String {
    let placed = tell(
        exchange,
        &format!(
            "execute-order --symbol {SYMBOL} --side Bid --order-type Limit --price {OLD_PRICE} \
             --quantity {OLD_QUANTITY} --allow-trading --json"
        ),
    );
    placed["order_ids"][0].as_str().unwrap().to_owned()
}

/// `503-before` is one kind; `delay-before:200` is `delay-before`.
fn kind(fault: &Fault) -> String {
    let text = fault.to_string();
    let parts: Vec<_> = text.split(':').collect();
    match parts.as_slice() {
        [name @ ("error" | "error-after"), code, ..] => format!("{name}:{code}"),
        [name, ..] => (*name).to_owned(),
        [] => text,
    }
}

fn outcome(report: &Value) -> String {
    let kind = report["outcome"]["kind"].as_str().unwrap_or("none");
    match report["outcome"]["order"].as_str() {
        Some(how) => format!("{kind}, {how}"),
        None => kind.to_owned(),
    }
}

impl Run {
    /// Begins the run and resumes it until it has an end; its last report.
    fn go_to_its_end(&mut self, exchange: &Exchange, plan: &mut Plan, id: &str) -> Value {
        let begin = format!(
            "workflow run cancel-replace-order --input symbol={SYMBOL} --input orderId={id} --input newPrice={NEW_PRICE} \
             --input newQuantity={NEW_QUANTITY} --input partialFill={} --allow-trading",
            plan.partial_fill
        );
        let mut unknown = 0;
        let mut line = begin.clone();
        for turn in 0..TURNS_MAX {
            let moment = plan.moment(turn);
            let mut arguments: Vec<_> = line.split(' ').collect();
            arguments.push("--json");
            self.resumes += u64::from(line != begin);
            let before = recorded_end(exchange);
            match process::run(exchange, &arguments, moment, &mut plan.filled_meanwhile) {
                Some(output) => {
                    let Some(report) = self.reported(exchange, &output, before.as_ref()) else {
                        return Value::Null;
                    };
                    unknown += u32::from(report["outcome"]["kind"] == "unknown");
                    if report["outcome"]["kind"] != "unknown" || unknown > UNKNOWN_MAX {
                        return report;
                    }
                    exchange.sandbox.disarm();
                    line = next(&report);
                }
                None => line = self.killed(exchange, &begin),
            }
        }
        self.contradictions.push("the run has no end".to_owned());
        Value::Null
    }

    /// Where the kill hit, and the command that goes on.
    fn killed(&mut self, exchange: &Exchange, begin: &str) -> String {
        let recorded = record::read(exchange.state.path());
        self.kills
            .push(recorded.as_ref().map_or(NOT_BEGUN, |it| it.place));
        if recorded.is_none() && exchange.requests("DELETE") > 0 {
            self.contradictions
                .push("something was sent and not recorded".to_owned());
        }
        match recorded {
            Some(recorded) => format!("workflow resume {} --allow-trading", recorded.run),
            None => begin.to_owned(),
        }
    }

    /// The report of a process, which has to agree with its exit code, and with an end that was recorded before.
    fn reported(
        &mut self,
        exchange: &Exchange,
        output: &Output,
        before: Option<&Value>,
    ) -> Option<Value> {
        let code = output.status.code().unwrap();
        if let Some(secret) = leaked(exchange, output) {
            self.contradictions.push(format!("the {secret} was shown"));
        }
        let codes = ["done", "already-done", "stopped", "incomplete", "unknown"];
        let at = match code {
            0 => 0,
            10.. => usize::try_from(code - 9).unwrap(),
            _ => codes.len(),
        };
        let Some(kind) = codes.get(at) else {
            let said = format!("exit code {code}: {}", stderr(output));
            self.contradictions.push(said);
            return None;
        };
        let report = json(output);
        if report["outcome"]["kind"] != **kind {
            self.contradictions
                .push(format!("exit code {code} and {report}"));
        }
        let is_final = before.filter(|it| it["outcome"]["kind"] != "unknown");
        if is_final.is_some_and(|it| it["outcome"] != report["outcome"]) {
            self.contradictions
                .push(format!("an end that was recorded is another now: {report}"));
        }
        Some(report)
    }
}

fn recorded_end(exchange: &Exchange) -> Option<Value> {
    record::read(exchange.state.path())?.report
}

/// The command that the report says comes next.
fn next(report: &Value) -> String {
    let next = report["next"].as_str().unwrap();
    let command = next.split(';').next().unwrap();
    command.strip_prefix("bpx ").unwrap().to_owned()
}

fn leaked(exchange: &Exchange, output: &Output) -> Option<&'static str> {
    let is_shown = |secret: &str| {
        [stdout(output), stderr(output)]
            .iter()
            .any(|it| it.contains(secret))
    };
    is_shown(&exchange.sandbox.api_secret()).then_some("secret")
}
