//! What a call costs here: a write and a read that end at a closed port, whose difference is the journal with its three
//! commits; and the same calls against the local exchange, straight and through dispatch.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong, and criterion's macros document nothing"
)]

use std::net::TcpListener;
use std::sync::Arc;

use bpx_client::Client;
use bpx_client::operations::OPERATIONS;
use bpx_client::types::{NewOrder, OrderType, Side};
use bpx_contract::api::Operation;
use bpx_dispatch::{Call, Dispatch};
use bpx_runtime::{Decimal, Key, Options, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_venue::operations::{EXECUTE_ORDER, GET_OPEN_ORDERS};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn options() -> Options {
    Options::default().with_retries_max(0).without_rate_limit()
}

fn order() -> Value {
    json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "timeInForce": "IOC", "price": "1", "quantity": "0.01"})
}

fn call(operation: &Arc<Operation>, arguments: &Value) -> Call {
    Call::new(operation, arguments.as_object().unwrap().clone(), "bench")
}

async fn open(base_url: &str, key: Key, state: &TempDir) -> Dispatch {
    let signer = Signer::new(key, OPERATIONS);
    let settings = bpx_venue::settings(base_url, signer, state.path()).allow_trading(true);
    Dispatch::open(settings.with_options(options()))
        .await
        .unwrap()
}

fn dispatched(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    name: &str,
    dispatch: &Dispatch,
    (operation, arguments): (&Arc<Operation>, &Value),
) {
    group.bench_function(name, |bencher| {
        bencher
            .to_async(runtime)
            .iter(|| async { dispatch.call(call(operation, arguments)).await.unwrap() });
    });
}

/// Nothing listens there: what is left is everything but the exchange.
fn journal(criterion: &mut Criterion) {
    let runtime = runtime();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let nowhere = format!("http://127.0.0.1:{port}");
    let state = TempDir::new().unwrap();
    let dispatch = runtime.block_on(open(&nowhere, Key::generate().unwrap(), &state));
    let mut group = criterion.benchmark_group("nowhere");
    let read = (&*GET_OPEN_ORDERS, &json!({"symbol": "SOL_USDC"}));
    dispatched(&mut group, &runtime, "read", &dispatch, read);
    dispatched(
        &mut group,
        &runtime,
        "write, 2 commits",
        &dispatch,
        (&*EXECUTE_ORDER, &order()),
    );
    group.finish();
    runtime.block_on(dispatch.close());
}

fn exchange(criterion: &mut Criterion) {
    let runtime = runtime();
    let sandbox = runtime
        .block_on(Sandbox::start(SandboxConfig::bare()))
        .unwrap();
    let key = || Key::from_base64(&sandbox.api_secret()).unwrap();
    let state = TempDir::new().unwrap();
    let dispatch = runtime.block_on(open(&sandbox.base_url(), key(), &state));
    let signer = Signer::new(key(), OPERATIONS);
    let client = Client::with_options(&sandbox.base_url(), signer, options()).unwrap();
    let mut group = criterion.benchmark_group("exchange");
    group.bench_function("read, straight", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            client
                .get_open_orders()
                .symbol("SOL_USDC")
                .send()
                .await
                .unwrap()
        });
    });
    let read = (&*GET_OPEN_ORDERS, &json!({"symbol": "SOL_USDC"}));
    dispatched(&mut group, &runtime, "read, dispatched", &dispatch, read);
    group.bench_function("write, straight", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let order = NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
                .time_in_force(bpx_client::types::TimeInForce::Ioc)
                .price(Decimal::ONE)
                .quantity(Decimal::new(1, 2));
            client.execute_order().body(order).send().await.unwrap()
        });
    });
    dispatched(
        &mut group,
        &runtime,
        "write, dispatched",
        &dispatch,
        (&*EXECUTE_ORDER, &order()),
    );
    group.finish();
    runtime.block_on(dispatch.close());
}

criterion_group!(benches, journal, exchange);
criterion_main!(benches);
