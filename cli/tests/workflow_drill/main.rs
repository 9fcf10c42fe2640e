//! The drill of workflows: `bpx workflow run` replaces orders while the exchange misbehaves and the process is killed
//! (SIGKILL) at any moment; `bpx workflow resume` goes on until the run has an end. At no time may two orders of one
//! intent be live, and each end has to be what the exchange shows.
//!
//! ```text
//! cargo xtask drill workflow --runs 1000 --seed 7
//! ```
//!
//! Without arguments there are 10 runs. The same seed and number give the same order, faults, fills and moments; `--first
//! N --runs 1` repeats the run of that number. Each run has an exchange and an account of its own, which can pay for the
//! order or for its replacement, and not for both: a replacement that comes too soon is refused for want of funds and
//! counted.

#![cfg(test)]

mod audit;
#[path = "../common/mod.rs"]
mod common;
mod plan;
mod process;
mod record;
mod run;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::run::Run;

/// Runs mostly wait: for a signature to expire, for a list to show what is over.
const AT_ONCE: u64 = 10;
/// Of seeds with many kills and faults, one whose runs need not prove for long what never arrived.
const SEED: u64 = 6;
/// A long drill says how far it is.
const SHOWN_EVERY: u64 = 100;

/// What all runs came to.
#[derive(Debug, Default)]
struct Figures {
    runs: u64,
    resumes: u64,
    kills: BTreeMap<&'static str, u64>,
    faults: BTreeMap<String, u64>,
    outcomes: BTreeMap<String, u64>,
    doubles: u64,
    misreported: u64,
}

impl Figures {
    fn add(&mut self, run: Run) {
        self.runs += 1;
        self.resumes += run.resumes;
        for place in run.kills {
            *self.kills.entry(place).or_default() += 1;
        }
        for kind in run.faults {
            *self.faults.entry(kind).or_default() += 1;
        }
        *self.outcomes.entry(run.outcome).or_default() += 1;
        self.doubles += u64::from(run.double.is_some());
        self.misreported += u64::from(!run.contradictions.is_empty());
    }

    fn print(&self, seed: u64, seconds: u64) {
        let sum = |counts: &BTreeMap<_, u64>| counts.values().sum::<u64>();
        println!(
            "bpx workflow, seed {seed}: runs {}, kills {}, faults {}, resumes {}, doubles {}, misreported {}; {seconds} s",
            self.runs,
            self.kills.values().sum::<u64>(),
            sum(&self.faults),
            self.resumes,
            self.doubles,
            self.misreported,
        );
        let kills = self.kills.iter().map(|(name, count)| (*name, count));
        list("killed", kills);
        list(
            "fault",
            self.faults
                .iter()
                .map(|(name, count)| (name.as_str(), count)),
        );
        list(
            "ended",
            self.outcomes
                .iter()
                .map(|(name, count)| (name.as_str(), count)),
        );
    }
}

fn list<'a>(what: &str, counts: impl Iterator<Item = (&'a str, &'a u64)>) {
    for (name, count) in counts {
        println!("{count:>6} {what}: {name}");
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let number = |name: &str, default| {
        let place = arguments.iter().position(|argument| argument == name);
        let given = place.and_then(|place| arguments.get(place + 1)?.parse().ok());
        given.unwrap_or(default)
    };
    let (runs, seed) = (number("--runs", 10), number("--seed", SEED));
    let (first, at_once) = (number("--first", 0), number("--at-once", AT_ONCE));
    let started = Instant::now();
    let figures = drill(seed, first..first + runs, at_once);
    figures.print(seed, started.elapsed().as_secs());
    assert_eq!(
        (figures.runs, figures.doubles, figures.misreported),
        (runs, 0, 0)
    );
}

/// Takes the runs of these numbers, several at a time.
fn drill(seed: u64, numbers: std::ops::Range<u64>, at_once: u64) -> Figures {
    let next = AtomicU64::new(numbers.start);
    let figures = Mutex::new(Figures::default());
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return;
            }
            let run = run::one(seed, number);
            for contradiction in run.contradictions.iter().chain(&run.double) {
                println!("run {number} of seed {seed}: {contradiction}");
            }
            let mut figures = figures.lock().unwrap();
            figures.add(run);
            if figures.runs % SHOWN_EVERY == 0 {
                println!("{} runs", figures.runs);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(worker);
        }
    });
    figures.into_inner().unwrap()
}
