//! The book of a market, kept from its stream while messages and connections are lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bpx_client::{Client, Decimal, options, signer};
use bpx_runtime::Key;
use bpx_runtime::stream::StreamOptions;
use bpx_sandbox::{Fault, RestingLiquidity, Sandbox, SandboxConfig, Side, StreamFault};
use bpx_venue::stream::{Book, BookEvent, BookUpdates};
use fastrand::Rng;

const SYMBOL: &str = "SOL_USDC";
const FAULTS: [StreamFault; 4] = [
    StreamFault::Drop,
    StreamFault::Cut,
    StreamFault::Skip,
    StreamFault::Twice,
];
/// So many orders come at once, and then the reader has its turn.
const BURST: u64 = 20;
const FAULT_EVERY: u64 = 1_000;
const PATIENCE: Duration = Duration::from_secs(30);

/// What the reader saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    book: Option<Book>,
    changed: u64,
    seeded: u64,
    stale: u64,
}

/// Whether the book of the reader is that of the exchange after so many orders.
pub(crate) async fn run(seed: u64, orders: u64) -> bool {
    let sandbox = Sandbox::start(SandboxConfig::bare())
        .await
        .expect("an exchange");
    let key = Key::from_base64(&sandbox.api_secret()).expect("a key");
    let client = Client::with_options(
        &sandbox.base_url(),
        signer(key),
        options().without_rate_limit(),
    );
    let client = client.expect("a client");
    let seen = Arc::new(Mutex::new(Seen::default()));
    let reading = tokio::spawn(read(client.clone(), Arc::clone(&seen)));
    trade(&sandbox, seed, orders).await;
    sandbox.disarm();
    let mut fresh = BookUpdates::new(&client, &client.stream(), SYMBOL);
    while !matches!(fresh.next().await, Some(Ok(BookEvent::Seeded))) {}
    let until = tokio::time::Instant::now() + PATIENCE;
    while seen.lock().expect("what was seen").book.as_ref() != fresh.book()
        && tokio::time::Instant::now() < until
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    reading.abort();
    let faults = sandbox.faults_fired().len();
    let seen = std::mem::take(&mut *seen.lock().expect("what was seen"));
    let is_same = seen.book.as_ref() == fresh.book();
    let levels = fresh
        .book()
        .map(|book| (book.bids().len(), book.asks().len()));
    println!(
        "a book: {orders} orders, {} updates applied, {faults} faults, read whole {} times, stale {} times, levels {levels:?}, {}",
        seen.changed,
        seen.seeded,
        seen.stale,
        if is_same {
            "the same as the exchange's"
        } else {
            "NOT the exchange's"
        },
    );
    sandbox.shutdown().await;
    is_same
}

async fn read(client: Client, seen: Arc<Mutex<Seen>>) {
    let options = StreamOptions::default()
        .with_reconnect_wait(Duration::from_millis(5), Duration::from_millis(50));
    let mut reader = BookUpdates::new(&client, &client.stream_with_options(options), SYMBOL);
    while let Some(event) = reader.next().await {
        let event = event.expect("a stream that goes on");
        let mut seen = seen.lock().expect("what was seen");
        match event {
            BookEvent::Seeded => seen.seeded += 1,
            BookEvent::Changed => seen.changed += 1,
            _ => seen.stale += 1,
        }
        seen.book = reader.book().cloned();
    }
}

/// Orders of the market maker, most of which rest.
async fn trade(sandbox: &Sandbox, seed: u64, orders: u64) {
    let mut rng = Rng::with_seed(seed);
    for number in 0..orders {
        if number % FAULT_EVERY == 0 {
            let fault = rng.choice(FAULTS).expect("a fault");
            let rule = Fault::Stream(fault).on("depth").nth(rng.u64(1..=50));
            sandbox.arm(rule).expect("a rule");
        }
        let (side, price) = match rng.bool() {
            true => (Side::Bid, rng.i64(14_800..15_010)),
            false => (Side::Ask, rng.i64(14_990..15_200)),
        };
        let order = RestingLiquidity {
            symbol: SYMBOL.to_owned(),
            side,
            price: Decimal::new(price, 2),
            quantity: Decimal::new(rng.i64(1..=500), 2),
        };
        sandbox.add_liquidity(&order).expect("liquidity");
        if number % BURST == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
