//! The drill of order updates: orders are placed, cancelled and filled while the connection of the stream is lost again
//! and again. In the end what was told has to be what the exchange's lists show: every fill and every end once.
//!
//! ```text
//! cargo xtask drill streams --runs 1000 --updates 100000 --seed 7
//! ```
//!
//! Without arguments there are 20 runs. The same seed and number give the same orders and faults; `--first N --runs 1`
//! repeats the run of that number.

#![cfg(test)]

mod audit;
mod book;
mod trader;
mod view;

use std::process::ExitCode;
use std::time::Instant;

use crate::audit::Audit;

const RUNS: u64 = 20;
/// For the book.
const UPDATES: u64 = 2_000;
const SEED: u64 = 7;
const SHOWN_EVERY: u64 = 100;

/// What all runs came to.
#[derive(Debug, Default)]
struct Figures {
    runs: u64,
    faults: u64,
    connections: u64,
    orders: usize,
    fills: usize,
    live: usize,
    recovered: usize,
    gaps: usize,
    wrong: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    let given = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let (seed, first) = (
        given("--seed").unwrap_or(SEED),
        given("--first").unwrap_or(0),
    );
    let runs = given("--runs").unwrap_or(RUNS);
    let (began, mut figures) = (Instant::now(), Figures::default());
    for number in first..first + runs {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let audit = runtime.block_on(trader::run(
            seed.wrapping_mul(1_000_003).wrapping_add(number),
        ));
        figures.add(&audit);
        for wrong in &audit.wrong {
            println!("run {number}: {wrong}");
        }
        if (number + 1 - first) % SHOWN_EVERY == 0 && runs > SHOWN_EVERY {
            println!(
                "{} of {runs} runs, {} s",
                number + 1 - first,
                began.elapsed().as_secs()
            );
        }
    }
    println!(
        "order updates, seed {seed}: {figures:?}; {} s",
        began.elapsed().as_secs()
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let updates = given("--updates").unwrap_or(UPDATES);
    let is_same = runtime.block_on(book::run(seed, updates));
    if figures.wrong == 0 && is_same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Figures {
    fn add(&mut self, audit: &Audit) {
        self.runs += 1;
        self.faults += audit.faults;
        self.connections += audit.connections;
        self.orders += audit.orders;
        self.fills += audit.fills;
        self.live += audit.live;
        self.recovered += audit.recovered;
        self.gaps += audit.gaps;
        self.wrong += u64::from(!audit.wrong.is_empty());
    }
}
