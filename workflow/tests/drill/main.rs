//! The drill: seeded runs of cancel-and-replace, each with random faults and broken off at random moments, then resumed
//! until it has an end. At no time may two orders of one intent be live, and every end has to be what the exchange shows.
//!
//! ```text
//! cargo test --release -p bpx-workflow --test drill -- --runs 1000 --seed 7
//! ```
//!
//! Without arguments: 30 runs. The same seed gives the same plan.

#![cfg(test)]

#[path = "../common/mod.rs"]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bpx_contract::api::Operation;
use bpx_dispatch::{self as dispatch, Call, Dispatch, Settings};
use bpx_sandbox::{Fault, RestingLiquidity, Sandbox, SandboxConfig, Side};
use bpx_venue::operations::{EXECUTE_ORDER, GET_OPEN_ORDERS, GET_ORDER_HISTORY};
use bpx_workflow::{Event, Library, Observer, Outcome, Report, Runner, runs};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::task::LocalSet;

use common::{Times, catalog, settings};

/// Short, so that proofs need not wait for long; long for whoever prepares and looks.
const TIMES: Times = Times {
    window_ms: 600,
    settle_s: 3,
    lag_ms: 20,
};
const AUDIT: Times = Times {
    window_ms: 30_000,
    ..TIMES
};
const RESUMES_MAX: usize = 12;

/// A sequence of choices (SplitMix64).
struct Plan(u64);

impl Plan {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn fault(&mut self) -> Option<Fault> {
        let code = || "INSUFFICIENT_FUNDS".to_owned();
        Some(match self.below(12) {
            0 => Fault::DropBefore,
            1 => Fault::DropAfter,
            2 => Fault::Unavailable { acted: false },
            3 => Fault::Unavailable { acted: true },
            4 => Fault::Truncated,
            5 => Fault::Maintenance,
            6 => Fault::Error {
                code: code(),
                status: 400,
                acted: false,
            },
            7 => Fault::DelayAfter { delay_ms: 30 },
            _ => return None,
        })
    }
}

/// Breaks the run off at its n-th event.
struct Break(AtomicU64);

impl Observer for Break {
    fn on_event(&self, _: &Event) {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            panic!("broken off");
        }
    }
}

#[derive(Default)]
struct Figures {
    runs: u64,
    faults: u64,
    breaks: u64,
    outcomes: BTreeMap<&'static str, u64>,
    two_live: u64,
    misreported: u64,
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.iter().any(|it| it == "--list") {
        return;
    }
    let number = |name: &str| {
        let place = arguments.iter().position(|it| it == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let (count, seed) = (
        number("--runs").unwrap_or(30),
        number("--seed").unwrap_or(1),
    );
    // A run that is broken off says nothing; a failed check still fails the drill.
    panic::set_hook(Box::new(|info| {
        let text = info
            .payload()
            .downcast_ref::<&str>()
            .copied()
            .unwrap_or_default();
        if text != "broken off" {
            println!("{info}");
        }
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let figures = runtime.block_on(LocalSet::new().run_until(drill(count, seed)));
    let Figures {
        runs,
        faults,
        breaks,
        outcomes,
        two_live,
        misreported,
    } = &figures;
    println!(
        "drill workflow, seed {seed}: runs {runs}, faults {faults}, breaks {breaks}, outcomes {outcomes:?}, \
         two live orders {two_live}, misreported {misreported}"
    );
    assert_eq!((*two_live, *misreported), (0, 0));
}

async fn drill(count: u64, seed: u64) -> Figures {
    let mut figures = Figures::default();
    let mut open = tokio::task::JoinSet::new();
    for number in 0..count {
        if open.len() == 6 {
            add(&mut figures, open.join_next().await.unwrap().unwrap());
        }
        open.spawn_local(one(seed.wrapping_mul(1_000_003).wrapping_add(number)));
    }
    while let Some(done) = open.join_next().await {
        add(&mut figures, done.unwrap());
    }
    figures
}

fn add(figures: &mut Figures, one: One) {
    figures.runs += 1;
    figures.faults += one.faults;
    figures.breaks += one.breaks;
    figures.two_live += u64::from(one.live > 1);
    figures.misreported += u64::from(!one.told_right);
    *figures.outcomes.entry(one.outcome.text()).or_default() += 1;
}

/// What came of one run.
struct One {
    faults: u64,
    breaks: u64,
    outcome: Outcome,
    live: usize,
    told_right: bool,
}

async fn one(seed: u64) -> One {
    let mut plan = Plan(seed);
    let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
    let state = TempDir::new().unwrap();
    let prepared = settings(&sandbox, &state, &AUDIT);
    let settings = settings(&sandbox, &state, &TIMES);
    let dispatch = Dispatch::open(prepared.clone()).await.unwrap();
    let order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "2"});
    let id = call(&dispatch, &EXECUTE_ORDER, order).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    if plan.below(4) == 0 {
        sandbox
            .add_liquidity(&ask(if plan.below(2) == 0 { "0.5" } else { "2" }))
            .unwrap();
    }
    for operation in [
        "get_order",
        "cancel_order",
        "execute_order",
        "get_order_history",
    ] {
        if let Some(fault) = plan.fault() {
            sandbox.arm(fault.on(operation)).unwrap();
        }
    }
    if plan.below(4) == 0 {
        sandbox
            .arm(Fault::Settle { delay_ms: 60 }.on("cancel_order"))
            .unwrap();
    }
    let (report, breaks) = run_to_the_end(&mut plan, dispatch, settings, &state, &id).await;
    sandbox.disarm();
    let dispatch = Dispatch::open(prepared).await.unwrap();
    let live = call(&dispatch, &GET_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})).await;
    let past = call(
        &dispatch,
        &GET_ORDER_HISTORY,
        json!({"symbol": "SOL_USDC", "limit": 100}),
    )
    .await;
    let (live, past) = (live.as_array().unwrap(), past.as_array().unwrap());
    let is_open = live.iter().any(|it| it["id"] == json!(id));
    // The history lists open orders too.
    let others = live.iter().chain(past).filter(|it| it["id"] != json!(id));
    let others: BTreeSet<_> = others.map(|it| it["id"].to_string()).collect();
    let replaced = others.len();
    let told_right = match report.outcome {
        Outcome::Done => !is_open && replaced == 1,
        Outcome::AlreadyDone | Outcome::Incomplete => !is_open && replaced == 0,
        Outcome::Stopped => replaced == 0,
        Outcome::Unknown => replaced <= 1,
    };
    if !told_right {
        println!("seed {seed}: {report:?}, open {is_open}, others {replaced}");
    }
    let faults = u64::try_from(sandbox.faults_fired().len()).unwrap();
    One {
        faults,
        breaks,
        outcome: report.outcome,
        live: live.len(),
        told_right,
    }
}

/// Begins the run, and resumes it after each break with a dispatch of its own, as a new process would.
async fn run_to_the_end(
    plan: &mut Plan,
    dispatch: Dispatch,
    settings: Settings,
    state: &TempDir,
    id: &str,
) -> (Report, u64) {
    let library = Library::built_in("cancel-replace-order", &catalog())
        .unwrap()
        .unwrap();
    let inputs = json!({"symbol": "SOL_USDC", "orderId": id, "newPrice": "21", "newQuantity": "3", "partialFill": "total"});
    let mut dispatch = dispatch;
    let (mut breaks, mut unknown) = (0, 0);
    for turn in 0..RESUMES_MAX {
        let runner = Runner::new(dispatch.clone());
        let at = if turn < 4 && plan.below(2) == 0 {
            1 + plan.below(24)
        } else {
            u64::MAX
        };
        let begun = runs(state.path())
            .unwrap()
            .first()
            .map(|(run, _)| run.clone());
        let (library, inputs) = (library.clone(), inputs.as_object().unwrap().clone());
        let task = tokio::spawn(async move {
            let observer = Break(AtomicU64::new(at));
            match begun {
                None => {
                    runner
                        .run(&library, "cancel-replace-order", None, inputs, &observer)
                        .await
                }
                Some(run) => runner.resume(&library, &run, Map::new(), &observer).await,
            }
        });
        match task.await {
            Ok(report) => {
                let report = report.unwrap();
                unknown += u64::from(report.outcome == Outcome::Unknown);
                // A cancellation that never arrived stays unknown for as long as its order is open.
                if report.outcome != Outcome::Unknown || unknown == 2 {
                    return (report, breaks);
                }
            }
            Err(_) => breaks += 1,
        }
        dispatch.close().await;
        dispatch = Dispatch::open(settings.clone()).await.unwrap();
    }
    panic!("the run has no end");
}

fn ask(quantity: &str) -> RestingLiquidity {
    RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side: Side::Ask,
        price: "20".parse().unwrap(),
        quantity: quantity.parse().unwrap(),
    }
}

async fn call(dispatch: &Dispatch, operation: &Arc<Operation>, arguments: Value) -> Value {
    let call = Call::new(operation, arguments.as_object().unwrap().clone(), "drill");
    match dispatch.call(call).await.unwrap().outcome {
        dispatch::Outcome::Done(done) => serde_json::from_str(done.body.get()).unwrap(),
        other => panic!("expected done: {other:?}"),
    }
}
