//! What a step adds to the call it makes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bpx_contract::api::Operation;
use bpx_dispatch::{Call, Outcome};
use bpx_venue::operations::{EXECUTE_ORDER, GET_OPEN_ORDERS};
use bpx_workflow::Library;
use serde_json::{Value, json};

use crate::house::{House, MEMORY, SYMBOL, catalog, document};
use crate::table::{Table, median};

const TURNS: usize = 10;
const READS: usize = 100;
const ORDERS: usize = 60;
const LIMIT_MICROS: f64 = 50.0;

/// The same call, straight through dispatch and as the steps of a workflow.
struct Pair {
    operation: &'static Arc<Operation>,
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
    fn new(
        operation: &'static Arc<Operation>,
        arguments: Value,
        step: &Value,
        count: usize,
    ) -> Self {
        let library = |count| {
            let text = document("./exchange.yaml", step, count).to_string();
            Library::parse("bench.json", text.as_bytes(), &catalog()).unwrap()
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
    let turns = reads().turns(house);
    table.figure(
        "open orders, through dispatch",
        micros(&turns, straight),
        "us",
    );
    table.at_most(
        "a step that reads adds",
        micros(&turns, added),
        LIMIT_MICROS,
        "us",
    );
    table.figure(
        "beginning and ending a run, two durable lines",
        micros(&turns, run),
        "us",
    );
    let turns = orders().turns(house);
    table.figure(
        "an order, through dispatch, with its journal",
        micros(&turns, straight),
        "us",
    );
    table.figure(
        "a step that places adds, two durable lines",
        micros(&turns, added),
        "us",
    );
    let name = "a step that places adds, all state in memory";
    if !Path::new(MEMORY).is_dir() {
        return table.unknown(name, "this system has no /dev/shm");
    }
    let turns = orders().turns(&House::open(MEMORY));
    table.at_most(name, micros(&turns, added), LIMIT_MICROS, "us");
}

fn micros(turns: &[Turn], of: fn(&Turn) -> f64) -> f64 {
    median(turns.iter().map(of)) * 1e6
}

fn straight(turn: &Turn) -> f64 {
    turn.straight.as_secs_f64()
}

fn added(turn: &Turn) -> f64 {
    turn.step.as_secs_f64() - turn.straight.as_secs_f64()
}

fn run(turn: &Turn) -> f64 {
    turn.run.as_secs_f64()
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
