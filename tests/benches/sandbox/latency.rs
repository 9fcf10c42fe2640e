//! How long one order takes, beside few and beside many resting orders.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::request::{Account, Request, TOUCH, order};
use crate::resting::Resting;
use crate::table::{Table, grouped, median};

const TURNS: usize = 40;
const CYCLES_PER_TURN: usize = 250;
const NAMES: [&str; 3] = ["place far from the touch", "place and match one", "cancel"];

/// Times of the three steps.
type Times = [Vec<Duration>; 3];

pub(crate) fn measure(few: Resting, many: Resting, table: &mut Table) {
    let counts = [few.count, many.count];
    let mut both = [few, many].map(|resting| (resting, Vec::new()));
    for turn in 0..=TURNS {
        // In turns, so that a busy machine is busy for both.
        for (resting, turns) in &mut both {
            let sample = cycles(&resting.exchange.account, &mut resting.connection, turn);
            // The first turn warms up.
            if turn > 0 {
                turns.push(sample.map(sorted));
            }
        }
    }
    let both = both.map(|(_, turns)| turns);
    for (step, name) in NAMES.iter().enumerate() {
        report(name, step, counts, &both, table);
    }
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort();
    times
}

/// A percentile is that of each turn, in the middle of all turns: what disturbs some turns does not decide.
fn report(name: &str, step: usize, counts: [usize; 2], both: &[Vec<Times>; 2], table: &mut Table) {
    let [few, many] = counts.map(|count| grouped(count as f64));
    for (percent, label) in [(50, "median"), (99, "p99")] {
        let of_turn =
            |times: &Times| times[step][CYCLES_PER_TURN * percent / 100].as_secs_f64() * 1e6;
        let micros = both
            .each_ref()
            .map(|turns| median(turns.iter().map(of_turn)));
        let name = format!("{name}, {label}, {few} to {many} resting");
        table.growth_at_most(&name, micros, 1.5, "us");
    }
}

/// Places an order far from the touch, cancels it, and takes one of the market maker's. Signing is not timed.
fn cycles(account: &Account, connection: &mut Connection, turn: usize) -> Times {
    let mut times = Times::default();
    for cycle in 0..CYCLES_PER_TURN {
        let step = turn * CYCLES_PER_TURN + cycle;
        let price = format!("{}.{:02}", 110 + step % 38, step * 7 % 100);
        let (placed, took) = timed(connection, &account.place(&order("Bid", &price, "")));
        times[0].push(took);
        assert_eq!(placed.status, "New");
        let (matched, took) = timed(
            connection,
            &account.place(&order("Bid", TOUCH, r#","timeInForce":"IOC""#)),
        );
        times[1].push(took);
        assert_eq!(matched.status, "Filled");
        let cancel = account.cancel(&format!(r#""orderId":"{}""#, placed.id));
        let (cancelled, took) = timed(connection, &cancel);
        times[2].push(took);
        assert_eq!(cancelled.status, "Cancelled");
    }
    times
}

#[derive(serde::Deserialize)]
struct Placed {
    id: String,
    status: String,
}

/// From the first byte sent to the last byte received.
fn timed(connection: &mut Connection, request: &Request) -> (Placed, Duration) {
    let started = Instant::now();
    let answer = connection.exchange(&request.bytes);
    let took = started.elapsed();
    (serde_json::from_slice(answer).unwrap(), took)
}
