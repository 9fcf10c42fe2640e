//! The drill: a process that places orders is killed (SIGKILL) at each step of an order, or at any moment, and started
//! again; in the end the journal and the exchange have to agree on every order.
//!
//! ```text
//! cargo test --release -p bpx-dispatch --test drill -- --kills 1000 --seed 7
//! ```
//!
//! Without arguments: 50 kills. The same seed gives the same plan.

#![cfg(test)]

mod child;
mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bpx_contract::api::Operation;
use bpx_dispatch::{Call, Dispatch, Outcome};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_venue::operations::{GET_OPEN_ORDERS, GET_ORDER_HISTORY};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::child::{AT, DONE, Orders, Work};
use crate::plan::{Kill, Plan};

/// What is counted.
#[derive(Debug, Default)]
struct Figures {
    kills: u32,
    calls: u64,
    orders: usize,
    rejected: usize,
    duplicates: usize,
    lost: usize,
}

fn main() {
    if let Some(work) = Work::from_environment() {
        runtime().block_on(work.run());
        return;
    }
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let number = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.parse::<u64>().ok()
    };
    let kills = u32::try_from(number("--kills").unwrap_or(50)).unwrap();
    let seed = number("--seed").unwrap_or(1);
    let figures = runtime().block_on(drill(kills, seed));
    println!(
        "drill, seed {seed}: kills {}, calls {}, orders {}, rejected {}, duplicates {}, lost {}",
        figures.kills,
        figures.calls,
        figures.orders,
        figures.rejected,
        figures.duplicates,
        figures.lost
    );
    assert_eq!((figures.duplicates, figures.lost), (0, 0));
    assert!(figures.orders > 0, "nothing was placed");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

async fn drill(kills: u32, seed: u64) -> Figures {
    let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
    let state = TempDir::new().unwrap();
    let mut plan = Plan::new(seed);
    let mut next = 0;
    for _ in 0..kills {
        let work = Work {
            base_url: sandbox.base_url(),
            secret: sandbox.api_secret(),
            state: state.path().to_owned(),
            first: next,
            kill: plan.kill(),
        };
        let reached = tokio::task::spawn_blocking(move || kill(&work))
            .await
            .unwrap();
        next = reached.unwrap_or(next);
    }
    let work = Work {
        base_url: sandbox.base_url(),
        secret: sandbox.api_secret(),
        state: state.path().to_owned(),
        first: next,
        kill: Kill::After(Duration::MAX),
    };
    let dispatch = work.open().await;
    let mut figures = Figures {
        kills,
        ..Figures::default()
    };
    // The call that the last one may have begun is the next.
    audit(&dispatch, next + 1, &mut figures).await;
    dispatch.close().await;
    sandbox.shutdown().await;
    figures
}

/// Starts a process, lets it place orders, kills it. The number of the first call whose outcome it did not tell.
fn kill(work: &Work) -> Option<u64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut child = work
        .put_into(&mut command)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    if let Kill::After(wait) = work.kill {
        std::thread::sleep(wait);
        end(&mut child);
    }
    let mut next = None;
    for line in &mut lines {
        match line.split_once(' ') {
            Some((DONE, number)) => next = number.parse::<u64>().ok().map(|number| number + 1),
            _ if line == AT => end(&mut child),
            _ => panic!("the process said {line:?}"),
        }
    }
    let _ = child.wait();
    next
}

/// SIGKILL, on Unix.
fn end(child: &mut Child) {
    child.kill().unwrap();
}

/// Holds the journal against the exchange, order by order.
async fn audit(dispatch: &Dispatch, calls: u64, figures: &mut Figures) {
    dispatch.recovered().await;
    let mut ended = Vec::new();
    for placing in (0..calls).filter_map(|number| Orders::of(number).placing()) {
        ended.push(dispatch.call(placing).await.unwrap());
    }
    figures.calls = calls;
    let at_exchange = orders_at_exchange(dispatch).await;
    let mut in_journal = BTreeSet::new();
    for settled in ended {
        match &settled.outcome {
            Outcome::Done(done) => {
                figures.lost += done
                    .order_ids
                    .iter()
                    .filter(|id| !at_exchange.contains_key(*id))
                    .count();
                in_journal.extend(done.order_ids.clone());
            }
            Outcome::Rejected(_) => {
                figures.rejected += 1;
                // An order that the journal calls never placed, and is there.
                let numbers: Vec<_> = at_exchange.values().collect();
                figures.lost += settled
                    .client_ids
                    .iter()
                    .filter(|id| numbers.contains(id))
                    .count();
            }
            other => panic!("{:?} is not settled: {other:?}", settled.intent),
        }
    }
    figures.orders = in_journal.len();
    let distinct: BTreeSet<_> = at_exchange.values().collect();
    figures.duplicates = at_exchange.len() - distinct.len();
    let strangers = at_exchange
        .keys()
        .filter(|id| !in_journal.contains(*id))
        .count();
    figures.lost += strangers;
}

/// Every order of the account, open or past: its identifier and its number.
async fn orders_at_exchange(dispatch: &Dispatch) -> BTreeMap<String, u32> {
    let mut orders = read(dispatch, &GET_OPEN_ORDERS, Map::new()).await;
    for page in 0.. {
        let arguments = json!({"limit": 1000, "offset": page * 1000, "sortDirection": "Asc"});
        let rows = read(
            dispatch,
            &GET_ORDER_HISTORY,
            arguments.as_object().unwrap().clone(),
        )
        .await;
        let is_last = rows.len() < 1000;
        orders.extend(rows);
        if is_last {
            break;
        }
    }
    let number = |order: &Value| u32::try_from(order["clientId"].as_u64().unwrap()).unwrap();
    orders
        .iter()
        .map(|order| (order["id"].as_str().unwrap().to_owned(), number(order)))
        .collect()
}

async fn read(
    dispatch: &Dispatch,
    operation: &Arc<Operation>,
    arguments: Map<String, Value>,
) -> Vec<Value> {
    let settled = dispatch
        .call(Call::new(operation, arguments, "audit"))
        .await
        .unwrap();
    match settled.outcome {
        Outcome::Done(done) => serde_json::from_str(done.body.get()).unwrap(),
        other => panic!("{other:?}"),
    }
}
