//! The drill: the binary places orders and is killed (SIGKILL) at any moment, and the same call is made again; in the end
//! the journal and the exchange have to agree on every order.
//!
//! ```text
//! cargo xtask drill --kills 1000 --seed 7
//! ```
//!
//! Half of the kills hit `bpx serve` while it answers 8 callers over REST, half of them the commands of a person;
//! `--face serve` or `--face commands` gives all to one. Without arguments there are 20. The same seed gives the same
//! calls, and the same waits as shares of the time that a call takes; where a kill hits is found in the journal afterwards.

#![cfg(test)]

mod command;
#[path = "../common/mod.rs"]
mod common;
mod journal;
mod plan;
mod serve;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use common::exchange::Exchange;
use common::{json, stderr};
use serde_json::Value;

use crate::journal::{Journal, Step};
use crate::plan::{Call, Plan};
use crate::serve::Open;

/// After so many kills the drill prints how far it is.
const PROGRESS: u32 = 50;

/// What one face is drilled with, and what is counted.
struct Drill {
    exchange: Exchange,
    journal: Journal,
    plan: Plan,
    kills: u32,
    /// Calls that were under way at a kill, by where it hit them.
    hit: BTreeMap<Step, u32>,
    /// Calls that were begun.
    calls: u32,
    /// Calls under way at the last kill.
    open: Vec<Open>,
    /// How long a repeated call waited for its outcome, at most: in one life of the gateway, and since the kill that hit
    /// it first.
    waited: [Duration; 2],
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
    let (of_serve, of_commands) = match face(&arguments) {
        None => (kills / 2, kills - kills / 2),
        Some("serve") => (kills, 0),
        Some("commands") => (0, kills),
        Some(other) => panic!("--face {other}: serve or commands"),
    };
    run("bpx serve", serve::round, of_serve, seed);
    run("commands", command::round, of_commands, seed);
}

fn face(arguments: &[String]) -> Option<&str> {
    let place = arguments.iter().position(|argument| argument == "--face")?;
    arguments.get(place + 1).map(String::as_str)
}

fn run(face: &str, round: fn(&mut Drill), kills: u32, seed: u32) {
    let started = Instant::now();
    if kills == 0 {
        return;
    }
    let mut drill = Drill::new(seed);
    while drill.kills < kills {
        round(&mut drill);
        if drill.kills > 0 && drill.kills.is_multiple_of(PROGRESS) {
            let (killed, calls) = (drill.kills, drill.calls);
            let seconds = started.elapsed().as_secs();
            eprintln!("{face}: {killed} of {kills} kills, {calls} calls, {seconds} s");
        }
    }
    serve::finish(&mut drill);
    let figures = drill.audit();
    println!(
        "{face}, seed {seed}: kills {}, calls {}, orders {}, rejected {}, cancellations unknown {}, duplicates {}, lost {}, unresolved {}; {} s",
        drill.kills,
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
        let calls = drill.hit.get(&step).unwrap_or(&0);
        println!("{calls:>6} {}", step.text());
    }
    let [in_one_life, in_all] = drill.waited.map(|it| it.as_secs_f64());
    println!(
        "a repeated call waited at most {in_one_life:.1} s, {in_all:.1} s since its first kill"
    );
    assert_eq!(
        (figures.duplicates, figures.lost, figures.unresolved),
        (0, 0, 0)
    );
    assert!(figures.orders > 0, "nothing was placed");
}

impl Drill {
    fn new(seed: u32) -> Self {
        let exchange = Exchange::start();
        Self {
            journal: Journal::new(&exchange),
            exchange,
            plan: Plan::new(seed),
            kills: 0,
            hit: BTreeMap::new(),
            calls: 0,
            open: Vec::new(),
            waited: [Duration::ZERO; 2],
            rejected: 0,
            unknown: 0,
        }
    }

    fn next_call(&mut self) -> Call {
        self.calls += 1;
        Call::of(self.calls - 1)
    }

    /// Counts a call that was under way at a kill, by where it stands.
    fn count(&mut self, call: &Call, is_again: bool) {
        let step = match is_again {
            true => Step::Again,
            false => self.journal.step(call),
        };
        *self.hit.entry(step).or_default() += 1;
    }

    /// The call has its outcome, and these orders.
    fn ended(&mut self, call: Call, outcome: &str, orders: Vec<String>) {
        match outcome {
            "done" => self.journal.reported(orders),
            // Not carried out: it was killed before it sent.
            "rejected" | "not_sent" => self.rejected += 1,
            "unknown" if call.is_cancellation() => self.unknown += 1,
            other => panic!("{call:?} ended as {other}"),
        }
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
