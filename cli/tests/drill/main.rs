//! The drill: the binary places orders and is killed (SIGKILL) at any moment, and the same call is typed again; in the
//! end the journal and the exchange have to agree on every order.
//!
//! ```text
//! cargo xtask drill --kills 1000 --seed 7
//! ```
//!
//! Without arguments: 20 kills. The same seed gives the same calls and the same waits; where a kill hits is found in the
//! journal afterwards.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too, and the drill shows its figures"
)]

#[path = "../common/mod.rs"]
mod common;
mod journal;
mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use common::exchange::Exchange;
use common::{json, stderr};
use serde_json::Value;

use crate::journal::{Journal, Step};
use crate::plan::{Plan, Typed};

/// What is counted.
#[derive(Debug, Default)]
struct Figures {
    /// Kills, by where they hit.
    kills: BTreeMap<Step, u32>,
    calls: u32,
    orders: usize,
    rejected: usize,
    duplicates: usize,
    lost: usize,
    unresolved: usize,
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let number = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let kills = u32::try_from(number("--kills").unwrap_or(20)).unwrap();
    let seed = number("--seed").unwrap_or(1);
    let started = Instant::now();
    let figures = drill(kills, seed);
    println!(
        "drill, seed {seed}: kills {}, calls {}, orders {}, rejected {}, duplicates {}, lost {}, unresolved {}, {} s",
        figures.kills.values().sum::<u32>(),
        figures.calls,
        figures.orders,
        figures.rejected,
        figures.duplicates,
        figures.lost,
        figures.unresolved,
        started.elapsed().as_secs(),
    );
    for step in Step::ALL {
        println!(
            "  {:>5} {}",
            figures.kills.get(&step).unwrap_or(&0),
            step.text()
        );
    }
    assert_eq!(
        (figures.duplicates, figures.lost, figures.unresolved),
        (0, 0, 0)
    );
    assert!(figures.orders > 0, "nothing was placed");
}

fn drill(kills: u32, seed: u64) -> Figures {
    let exchange = Exchange::start();
    let mut journal = Journal::new(&exchange);
    let mut plan = Plan::new(seed, usual(&exchange));
    let mut figures = Figures::default();
    while figures.kills.values().sum::<u32>() < kills {
        let call = plan.call(figures.calls);
        type_until_it_ends(&exchange, &call, &mut plan, &mut journal, &mut figures);
        figures.calls += 1;
    }
    audit(&exchange, &mut journal, &mut figures);
    figures
}

/// How long the binary takes for a call that nothing disturbs, and what it shows to be right.
fn usual(exchange: &Exchange) -> Duration {
    let typed = Typed::undisturbed();
    let mut times: Vec<_> = (0..5)
        .map(|_| {
            let started = Instant::now();
            let output = exchange.run(&typed.arguments());
            assert!(output.status.success(), "{}", stderr(&output));
            started.elapsed()
        })
        .collect();
    times.sort();
    times[2]
}

/// Types one call, kills it, types it again, until a process comes to its end: then the call has its outcome.
fn type_until_it_ends(
    exchange: &Exchange,
    call: &Typed,
    plan: &mut Plan,
    journal: &mut Journal,
    figures: &mut Figures,
) {
    loop {
        let before = journal.step(call);
        let heard = exchange.requests(call.method());
        let Some(output) = one_process(exchange, call, plan.wait()) else {
            let step = match before {
                Step::BeforeIntent => match journal.step(call) {
                    Step::OnTheWay if exchange.requests(call.method()) > heard => {
                        Step::BeforeOutcome
                    }
                    step => step,
                },
                _ => Step::Again,
            };
            *figures.kills.entry(step).or_default() += 1;
            continue;
        };
        let code = output.status.code();
        // Not carried out: the process was killed before it sent.
        let report = json(&output);
        match report["outcome"].as_str() {
            Some("done") => assert_eq!(code, Some(0)),
            Some("rejected") => figures.rejected += 1,
            _ => panic!("{call:?}: {report}"),
        }
        journal.told(&report);
        return;
    }
}

/// Runs the binary; none if it was killed before its end.
fn one_process(exchange: &Exchange, call: &Typed, kill_after: Option<Duration>) -> Option<Output> {
    let mut command = exchange.command(&call.arguments());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(wait) = kill_after else {
        return Some(command.output().unwrap());
    };
    let mut child = command.spawn().unwrap();
    std::thread::sleep(wait);
    match child.try_wait().unwrap() {
        Some(_) => Some(child.wait_with_output().unwrap()),
        None => killed(child),
    }
}

/// SIGKILL, on Unix. It may have come to its end meanwhile.
fn killed(mut child: Child) -> Option<Output> {
    child.kill().unwrap();
    let status = child.wait().unwrap();
    status.code()?;
    let read = |mut pipe: Box<dyn std::io::Read>| {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    };
    Some(Output {
        status,
        stdout: read(Box::new(child.stdout.take().unwrap())),
        stderr: read(Box::new(child.stderr.take().unwrap())),
    })
}

/// Holds the journal against the exchange, order by order.
fn audit(exchange: &Exchange, journal: &mut Journal, figures: &mut Figures) {
    let at_exchange = orders_at_exchange(exchange);
    let in_journal = journal.placed();
    figures.orders = at_exchange.len();
    let numbers: BTreeSet<_> = at_exchange.values().collect();
    figures.duplicates = at_exchange.len() - numbers.len();
    let missing = in_journal
        .iter()
        .filter(|id| !at_exchange.contains_key(*id))
        .count();
    let strangers = at_exchange
        .keys()
        .filter(|id| !in_journal.contains(*id))
        .count();
    let untold = journal.untold();
    figures.lost = missing + strangers + untold;
    figures.unresolved = journal.unresolved();
}

/// Every order of the account, open or past: its identifier and its number.
fn orders_at_exchange(exchange: &Exchange) -> BTreeMap<String, u64> {
    let mut rows = result(exchange, &["get-open-orders", "--json"]);
    for page in 0.. {
        let offset = (page * 1000).to_string();
        let arguments = [
            "get-order-history",
            "--json",
            "--limit",
            "1000",
            "--sort-direction",
            "Asc",
            "--offset",
        ];
        let past = result(exchange, &[&arguments[..], &[&offset]].concat());
        let is_last = past.len() < 1000;
        rows.extend(past);
        if is_last {
            break;
        }
    }
    rows.iter()
        .map(|row| {
            let id = row["id"].as_str().unwrap().to_owned();
            (id, row["clientId"].as_u64().unwrap())
        })
        .collect()
}

fn result(exchange: &Exchange, arguments: &[&str]) -> Vec<Value> {
    let output = exchange.run(arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    json(&output)["result"].as_array().unwrap().clone()
}
