//! The drill: the binary places orders and is killed (SIGKILL) at any moment, and the same call is made again; in the end
//! the journal and the exchange have to agree on every order.
//!
//! ```text
//! cargo xtask drill --kills 1000 --seed 7
//! ```
//!
//! Half of the kills hit `bpx serve` while it answers over REST, half of them the commands of a person. Without arguments
//! there are 20. The same seed gives the same calls, and the same waits as shares of the time that a call takes; where a
//! kill hits is found in the journal afterwards.

#![cfg(test)]

mod command;
#[path = "../common/mod.rs"]
mod common;
mod journal;
mod plan;
mod serve;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use common::exchange::Exchange;
use common::{json, stderr};
use serde_json::Value;

use crate::journal::{Journal, Step};
use crate::plan::{Call, Plan};

/// A request that left before the kill arrives within this time.
const ARRIVAL: Duration = Duration::from_millis(30);

/// What one face is drilled with, and what is counted.
struct Drill {
    exchange: Exchange,
    journal: Journal,
    plan: Plan,
    /// Kills, by where they hit.
    kills: BTreeMap<Step, u32>,
    calls: u32,
    rejected: usize,
    /// Cancellations that never arrived: that is not to be proved, and cancelling again does no harm.
    unknown: usize,
}

/// What the end shows.
#[derive(Debug, Default)]
struct Figures {
    orders: usize,
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
        arguments.get(place + 1)?.parse::<u32>().ok()
    };
    let kills = number("--kills").unwrap_or(20);
    let seed = number("--seed").unwrap_or(1);
    run("bpx serve", serve::round, kills / 2, seed);
    run("commands", command::round, kills - kills / 2, seed);
}

fn run(face: &str, round: fn(&mut Drill), kills: u32, seed: u32) {
    let started = Instant::now();
    let mut drill = Drill::new(seed);
    while drill.killed() < kills {
        round(&mut drill);
    }
    serve::finish(&mut drill);
    let figures = drill.audit();
    println!(
        "{face}, seed {seed}: kills {}, calls {}, orders {}, rejected {}, cancellations unknown {}, duplicates {}, lost {}, unresolved {}; {} s",
        drill.killed(),
        drill.calls,
        figures.orders,
        drill.rejected,
        drill.unknown,
        figures.duplicates,
        figures.lost,
        figures.unresolved,
        started.elapsed().as_secs(),
    );
    for step in Step::ALL {
        println!(
            "{:>6} {}",
            drill.kills.get(&step).unwrap_or(&0),
            step.text()
        );
    }
    assert_eq!(
        (figures.duplicates, figures.lost, figures.unresolved),
        (0, 0, 0)
    );
    assert!(kills == 0 || figures.orders > 0, "nothing was placed");
}

impl Drill {
    fn new(seed: u32) -> Self {
        let exchange = Exchange::start();
        Self {
            journal: Journal::new(&exchange),
            exchange,
            plan: Plan::new(seed),
            kills: BTreeMap::new(),
            calls: 0,
            rejected: 0,
            unknown: 0,
        }
    }

    fn killed(&self) -> u32 {
        self.kills.values().sum()
    }

    /// The call that is to be made: the next, or the one whose outcome nobody has heard of.
    fn call(&self) -> Call {
        Call::of(self.calls)
    }

    fn heard(&self, call: &Call) -> usize {
        self.exchange.requests(call.method())
    }

    /// Counts a kill, by where the call stood before and stands now.
    fn count(&mut self, call: &Call, before: Step, heard: usize) {
        let step = match (before, self.journal.step(call)) {
            (Step::BeforeIntent, Step::OnTheWay) => {
                thread::sleep(ARRIVAL);
                match self.heard(call) > heard {
                    true => Step::BeforeOutcome,
                    false => Step::OnTheWay,
                }
            }
            (Step::BeforeIntent, step) => step,
            _ => Step::Again,
        };
        *self.kills.entry(step).or_default() += 1;
    }

    /// The call has its outcome, and these orders.
    fn ended(&mut self, outcome: &str, orders: Vec<String>) {
        match outcome {
            "done" => self.journal.told(orders),
            // Not carried out: it was killed before it sent.
            "rejected" | "not_sent" => self.rejected += 1,
            "unknown" if self.call().is_cancellation() => self.unknown += 1,
            other => panic!("call {} ended as {other}", self.calls),
        }
        self.calls += 1;
    }

    /// Holds the journal against the exchange, order by order.
    fn audit(&self) -> Figures {
        let at_exchange = orders_at_exchange(&self.exchange);
        let in_journal = self.journal.placed();
        let numbers: BTreeSet<_> = at_exchange.values().collect();
        let is_missing = |id: &&String| !at_exchange.contains_key(*id);
        let is_stranger = |id: &&String| !in_journal.contains(*id);
        Figures {
            orders: at_exchange.len(),
            duplicates: at_exchange.len() - numbers.len(),
            lost: in_journal.iter().filter(is_missing).count()
                + at_exchange.keys().filter(is_stranger).count()
                + self.journal.untold(),
            unresolved: self.journal.unresolved(),
        }
    }
}

/// Every order of the account, open or past: its identifier and its number.
fn orders_at_exchange(exchange: &Exchange) -> BTreeMap<String, u64> {
    let mut rows = result(exchange, "get-open-orders --json");
    for page in 0.. {
        let offset = page * 1000;
        let arguments =
            format!("get-order-history --json --limit 1000 --sort-direction Asc --offset {offset}");
        let past = result(exchange, &arguments);
        let is_last = past.len() < 1000;
        rows.extend(past);
        if is_last {
            break;
        }
    }
    let number = |row: &Value| row["clientId"].as_u64().unwrap();
    rows.iter().map(|row| (id(row), number(row))).collect()
}

fn result(exchange: &Exchange, line: &str) -> Vec<Value> {
    let arguments: Vec<_> = line.split(' ').collect();
    let output = exchange.run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    json(&output)["result"].as_array().unwrap().clone()
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}
