//! What a step adds to the call it makes.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use bpx_arazzo::Library;
use bpx_client::table::{EXECUTE_ORDER, GET_OPEN_ORDERS};
use bpx_dispatch::{Call, Outcome};
use bpx_runtime::table::Operation;
use serde_json::{Value, json};

use crate::house::{House, SYMBOL, document};
use crate::table::{Table, median};

const TURNS: usize = 10;
const READS: usize = 100;
const ORDERS: usize = 10;
/// Lines that a changing step makes durable: that it is about to send, and what came of it.
const DURABLE_LINES: usize = 2;
/// About as long as such a line.
const LINE: [u8; 600] = [b'x'; 600];

/// The same call, straight through dispatch and as the steps of a workflow.
struct Pair {
    operation: &'static Operation,
    arguments: Value,
    count: usize,
    /// A run of one step, and one of that many more.
    runs: [Library; 2],
}

/// Times of a turn.
struct Turn {
    straight: Duration,
    step: Duration,
    /// The run of one step, beyond its call.
    run: Duration,
}

impl Pair {
    fn new(operation: &'static Operation, arguments: Value, step: &Value, count: usize) -> Self {
        let library = |count| {
            let text = document("./exchange.yaml", step, count).to_string();
            Library::parse("bench.json", text.as_bytes()).unwrap()
        };
        Self {
            operation,
            arguments,
            count,
            runs: [library(1), library(1 + count)],
        }
    }

    /// In turns, so that a busy machine is busy for all. The first warms up.
    fn turns(&self, house: &House) -> Vec<Turn> {
        let turns = (0..=TURNS).map(|turn| self.turn(house, turn));
        turns.skip(1).collect()
    }

    fn turn(&self, house: &House, turn: usize) -> Turn {
        let straight = self.straight(house, turn) / u32::try_from(self.count).unwrap();
        let [one, all] = [0, 1].map(|which| house.run(&self.runs[which]));
        Turn {
            straight,
            step: all.saturating_sub(one) / u32::try_from(self.count).unwrap(),
            run: one.saturating_sub(straight),
        }
    }

    fn straight(&self, house: &House, turn: usize) -> Duration {
        let started = Instant::now();
        for number in 0..self.count {
            let arguments = self.arguments.as_object().unwrap().clone();
            let mut call = Call::new(self.operation, arguments, "bench");
            if !self.operation.effect.only_reads() {
                call = call.with_idempotency_key(format!("straight-{turn}-{number}"));
            }
            let settled = house.runtime.block_on(house.dispatch.call(call)).unwrap();
            assert!(matches!(settled.outcome, Outcome::Done(_)), "{settled:?}");
        }
        started.elapsed()
    }
}

pub(crate) fn measure(house: &House, table: &mut Table) {
    let reads = reads().turns(house);
    let micros = |turns: &[Turn], of: fn(&Turn) -> f64| median(turns.iter().map(of)) * 1e6;
    let straight: fn(&Turn) -> f64 = |turn| turn.straight.as_secs_f64();
    let added: fn(&Turn) -> f64 = |turn| turn.step.as_secs_f64() - turn.straight.as_secs_f64();
    let run: fn(&Turn) -> f64 = |turn| turn.run.as_secs_f64();
    let orders = orders().turns(house);
    table.figure(
        "open orders, through dispatch",
        micros(&reads, straight),
        "us",
    );
    table.at_most("a step that reads adds", micros(&reads, added), 50.0, "us");
    table.figure(
        "beginning and ending a run, two durable lines",
        micros(&reads, run),
        "us",
    );
    table.figure(
        "an order, through dispatch, with its journal",
        micros(&orders, straight),
        "us",
    );
    let durable = durable(house);
    let order = micros(&orders, added);
    table.figure(
        "a step that places adds, its durable lines included",
        order,
        "us",
    );
    table.figure(
        "two durable lines of that length by themselves",
        durable,
        "us",
    );
    table.at_most(
        "a step that places adds beyond its durable lines",
        order - durable,
        50.0,
        "us",
    );
}

fn reads() -> Pair {
    let symbol = json!({"name": "symbol", "in": "query", "value": SYMBOL});
    let step = json!({
        "operationId": "get_open_orders", "parameters": [symbol],
        "successCriteria": [{"condition": "$statusCode == 200"}], "outputs": {"first": "$response.body#/0"},
    });
    Pair::new(&GET_OPEN_ORDERS, json!({"symbol": SYMBOL}), &step, READS)
}

/// It crosses nothing and does not rest, so the book stays as it is.
fn orders() -> Pair {
    let order = json!({
        "symbol": SYMBOL, "side": "Bid", "orderType": "Limit", "timeInForce": "IOC", "price": "1", "quantity": "0.01",
    });
    let step = json!({
        "operationId": "execute_order", "requestBody": {"contentType": "application/json", "payload": order},
        "successCriteria": [{"condition": "$statusCode == 200"}, {"condition": "$response.body#/status == 'Expired'"}],
        "outputs": {"id": "$response.body#/id"},
    });
    Pair::new(&EXECUTE_ORDER, order, &step, ORDERS)
}

/// What the disk takes for the lines of a step, in microseconds.
fn durable(house: &House) -> f64 {
    let mut file = File::create(house.state.path().join("lines")).unwrap();
    let mut step = || {
        let started = Instant::now();
        for _ in 0..DURABLE_LINES {
            file.write_all(&LINE).unwrap();
            file.sync_data().unwrap();
        }
        started.elapsed().as_secs_f64() * 1e6
    };
    median((0..TURNS * ORDERS).map(|_| step()))
}
