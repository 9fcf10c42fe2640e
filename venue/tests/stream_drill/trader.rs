//! One run: an exchange of its own, a trader, a reader of order updates, and what goes wrong between them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bpx_client::types::{CancelAll, CancelOrder, NewOrder, OrderType, Side, TimeInForce};
use bpx_client::{Client, Decimal, options, signer};
use bpx_runtime::Key;
use bpx_runtime::stream::StreamOptions;
use bpx_sandbox::{Fault, RestingLiquidity, Sandbox, SandboxConfig, StreamFault};
use bpx_venue::stream::OrderUpdates;
use fastrand::Rng;

use crate::audit::{Audit, Ledger};
use crate::view::View;

const SYMBOLS: [(&str, i64); 2] = [("SOL_USDC", 150), ("ETH_USDC", 3_000)];
const ACTS: usize = 40;
const FAULTS: [StreamFault; 5] = [
    StreamFault::Drop,
    StreamFault::Cut,
    StreamFault::Twice,
    StreamFault::Swap,
    StreamFault::Delay { delay_ms: 20 },
];
/// How long the view may take to become what the lists show.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

struct Trader {
    rng: Rng,
    client: Client,
    sandbox: Sandbox,
    /// Orders that may be open.
    resting: Vec<(String, String)>,
}

pub(crate) async fn run(seed: u64) -> Audit {
    let sandbox = Sandbox::start(SandboxConfig::bare())
        .await
        .expect("an exchange");
    let key = Key::from_base64(&sandbox.api_secret()).expect("a key");
    let options = options().without_rate_limit();
    let client = Client::with_options(&sandbox.base_url(), signer(key), options).expect("a client");
    let patience = StreamOptions::default()
        .with_reconnect_wait(Duration::from_millis(5), Duration::from_millis(50));
    let streams = client.stream_with_options(patience);
    let view = Arc::new(Mutex::new(View::default()));
    let mut updates = OrderUpdates::new(&client, &streams, None);
    let reader = tokio::spawn({
        let view = Arc::clone(&view);
        async move {
            while let Some(event) = updates.next().await {
                view.lock()
                    .expect("a view")
                    .take(event.expect("a stream that goes on"));
            }
        }
    });
    let mut trader = Trader {
        rng: Rng::with_seed(seed),
        client: client.clone(),
        sandbox,
        resting: Vec::new(),
    };
    for _ in 0..ACTS {
        trader.act().await;
    }
    trader.sandbox.disarm();
    // What is held back until another market has news is let go.
    for market in SYMBOLS.into_iter().chain(SYMBOLS) {
        trader.place(market).await;
    }
    let ledger = Ledger::read(&client).await;
    let mut wrong = ledger.differences(&view.lock().expect("a view"));
    let until = tokio::time::Instant::now() + PATIENCE;
    while !wrong.is_empty() && tokio::time::Instant::now() < until {
        tokio::time::sleep(LOOK_EVERY).await;
        wrong = ledger.differences(&view.lock().expect("a view"));
    }
    reader.abort();
    let faults = trader.sandbox.faults_fired().len() as u64;
    trader.sandbox.shutdown().await;
    let view = view.lock().expect("a view");
    Audit {
        faults,
        connections: streams.counts().connections,
        orders: ledger.orders.len(),
        fills: ledger.fills.len(),
        live: view.live,
        recovered: view.recovered,
        gaps: view.gaps.len(),
        wrong,
    }
}

impl Trader {
    async fn act(&mut self) {
        match self.rng.u8(..20) {
            0..8 => {
                let market = self.rng.choice(SYMBOLS).expect("a market");
                self.place(market).await;
            }
            8..11 => self.fill(),
            11..14 => self.cancel().await,
            14 => self.cancel_all().await,
            15..18 => self.arm(),
            _ => tokio::time::sleep(Duration::from_millis(self.rng.u64(..15))).await,
        }
    }

    /// A limit order near the price; a part of them cannot rest.
    async fn place(&mut self, (symbol, price): (&str, i64)) {
        let side = if self.rng.bool() {
            Side::Bid
        } else {
            Side::Ask
        };
        let term = match self.rng.u8(..4) {
            0 => TimeInForce::Ioc,
            1 => TimeInForce::Fok,
            _ => TimeInForce::Gtc,
        };
        let order = NewOrder::new(OrderType::Limit, side, symbol)
            .time_in_force(term)
            .price(Decimal::from(price + self.rng.i64(-3..=3)))
            .quantity(Decimal::new(self.rng.i64(1..=300), 2));
        // A refusal of the engine is an answer too.
        if let Ok(placed) = self.client.execute_order().body(order).send().await
            && let Some(id) = placed.into_inner().id().map(str::to_owned)
        {
            self.resting.push((symbol.to_owned(), id));
        }
    }

    /// Somebody else's order, which trades with those it crosses.
    fn fill(&mut self) {
        let (symbol, price) = self.rng.choice(SYMBOLS).expect("a market");
        let side = if self.rng.bool() {
            bpx_sandbox::Side::Bid
        } else {
            bpx_sandbox::Side::Ask
        };
        let order = RestingLiquidity {
            symbol: symbol.to_owned(),
            side,
            price: Decimal::from(price + self.rng.i64(-2..=2)),
            quantity: Decimal::new(self.rng.i64(1..=200), 2),
        };
        self.sandbox.add_liquidity(&order).expect("liquidity");
    }

    async fn cancel(&mut self) {
        if self.resting.is_empty() {
            return;
        }
        let (symbol, id) = self
            .resting
            .swap_remove(self.rng.usize(..self.resting.len()));
        let order = CancelOrder::new(symbol).order_id(id);
        let _ = self.client.cancel_order().body(order).send().await;
    }

    async fn cancel_all(&mut self) {
        let (symbol, _) = self.rng.choice(SYMBOLS).expect("a market");
        let _ = self
            .client
            .cancel_open_orders()
            .body(CancelAll::new(symbol))
            .send()
            .await;
    }

    /// Something goes wrong with one of the next messages.
    fn arm(&mut self) {
        let fault = self.rng.choice(FAULTS).expect("a fault");
        let rule = Fault::Stream(fault)
            .on("account.orderUpdate")
            .nth(self.rng.u64(1..=6));
        self.sandbox.arm(rule).expect("a rule");
    }
}
