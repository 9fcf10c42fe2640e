//! The local exchange's own streams.

use std::io::{self, BufRead as _, Write as _};
use std::time::{Duration, Instant};

use bpx_client::streams::{StreamOptions, Subscription};
use bpx_client::types::{DepthUpdate, NewOrder, OrderType, OrderUpdate, Side, TimeInForce};
use bpx_client::{Client, Decimal, Key, options, signer};
use bpx_runtime::stream::Event;
use bpx_sandbox::{RestingLiquidity, Sandbox, SandboxConfig};
use tokio::runtime::Runtime;

use crate::table::Table;
use crate::{Server, median};

pub(crate) const SERVE: &str = "serve-the-exchange";
const SYMBOL: &str = "SOL_USDC";
const BURST: usize = 200_000;
const ORDERS: usize = 1_000;
const SUBSCRIBERS: usize = 1_000;
const UPDATES: usize = 100;

/// Serves; each line of standard input is how many orders the market maker places.
pub(crate) fn serve() {
    let runtime = Runtime::new().unwrap();
    let mut config = SandboxConfig::bare();
    config.venue.stream_queue_max = 4 * BURST;
    let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
    println!("{} {}", sandbox.base_url(), sandbox.api_secret());
    let mut price = 0;
    for line in io::stdin().lock().lines() {
        let count: i64 = line.unwrap().parse().unwrap();
        for _ in 0..count {
            price = (price + 1) % 1_000;
            let order = RestingLiquidity {
                symbol: SYMBOL.to_owned(),
                side: bpx_sandbox::Side::Bid,
                price: Decimal::new(10_000 + price, 2),
                quantity: Decimal::ONE,
            };
            sandbox.add_liquidity(&order).unwrap();
        }
    }
}

pub(crate) async fn measure(table: &mut Table) {
    let (mut server, ready) = Server::start(SERVE);
    let key = Key::from_base64(&ready[1]).unwrap();
    let calls = options().without_rate_limit();
    let client = Client::with_options(&ready[0], signer(key), calls).unwrap();
    latency(&client, table).await;
    burst(&client, &mut server, table).await;
    many(&client, &mut server, table).await;
}

fn say(server: &mut Server, count: usize) {
    let input = server.0.stdin.as_mut().unwrap();
    writeln!(input, "{count}").unwrap();
    input.flush().unwrap();
}

fn patient() -> StreamOptions {
    let minute = Duration::from_secs(60);
    StreamOptions::default()
        .with_timeouts(minute, minute, minute)
        .with_queue(usize::MAX, usize::MAX)
}

async fn subscribed<T: serde::de::DeserializeOwned>(subscription: &mut Subscription<T>) {
    let first = subscription.next().await.unwrap().unwrap();
    assert!(matches!(first, Event::Subscribed));
}

/// How much later than its answer an order's event is in the client's hands.
async fn latency(client: &Client, table: &mut Table) {
    let streams = client.stream_with_options(patient());
    let mut orders: Subscription<OrderUpdate> = streams.order_updates(SYMBOL);
    subscribed(&mut orders).await;
    let (times, mut text) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(event)) = orders.next().await {
            let now = Instant::now();
            if let Some(update) = event.message()
                && times.send((update.order_id, now)).is_err()
            {
                break;
            }
        }
    });
    let mut later = Vec::new();
    for _ in 0..ORDERS {
        let order = NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL)
            .time_in_force(TimeInForce::Gtc)
            .price(Decimal::ONE)
            .quantity(Decimal::ONE);
        let placed = client.execute_order().body(order).send().await.unwrap();
        let answered = Instant::now();
        let id = placed.into_inner().id().unwrap().to_owned();
        let at = loop {
            let (order, at) = text.recv().await.unwrap();
            if order == id {
                break at;
            }
        };
        let micros = match at.checked_duration_since(answered) {
            Some(later) => later.as_secs_f64() * 1e6,
            None => -(answered - at).as_secs_f64() * 1e6,
        };
        later.push(micros);
    }
    let name = "an order's event after the answer to the order, median";
    table.at_most(name, median(later), 200.0, "us");
}

/// One connection, as fast as the exchange makes updates.
async fn burst(client: &Client, server: &mut Server, table: &mut Table) {
    let streams = client.stream_with_options(patient());
    let mut depth: Subscription<DepthUpdate> = streams.depth(SYMBOL);
    subscribed(&mut depth).await;
    let began = Instant::now();
    say(server, BURST);
    for _ in 0..BURST {
        let event = depth.next().await.unwrap().unwrap();
        assert!(matches!(event, Event::Message(_)), "{event:?}");
    }
    let rate = BURST as f64 / began.elapsed().as_secs_f64();
    table.figure(
        "changes of a book, made, sent and read, one connection",
        rate,
        "/s",
    );
}

/// Everyone gets everything.
async fn many(client: &Client, server: &mut Server, table: &mut Table) {
    let mut subscriptions = Vec::new();
    for _ in 0..SUBSCRIBERS {
        let streams = client.stream_with_options(patient());
        let mut depth: Subscription<DepthUpdate> = streams.depth(SYMBOL);
        subscribed(&mut depth).await;
        subscriptions.push(depth);
    }
    let began = Instant::now();
    say(server, UPDATES);
    for depth in &mut subscriptions {
        for _ in 0..UPDATES {
            let event = depth.next().await.unwrap().unwrap();
            assert!(matches!(event, Event::Message(_)), "{event:?}");
        }
    }
    let rate = (SUBSCRIBERS * UPDATES) as f64 / began.elapsed().as_secs_f64();
    table.figure("a book with 1,000 connections, messages read", rate, "/s");
    let name = "memory of the exchange with them";
    match server.memory_kib() {
        Some(kib) => table.figure(name, kib as f64 / 1024.0, "MiB"),
        None => table.unknown(name, "no /proc here"),
    }
}
