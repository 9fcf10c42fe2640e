//! How much longer a call takes through the gateway than without it.

use std::time::{Duration, Instant};

use bpx_client::operations::OPERATIONS;
use bpx_client::types::{NewOrder, OrderType, Side, TimeInForce};
use bpx_client::{Client, Decimal};
use bpx_runtime::reqwest;
use bpx_runtime::{Key, Signer};
use tokio::runtime::Runtime;

use crate::process::{House, options};
use crate::request::IOC;
use crate::table::{Table, median};

const TURNS: usize = 20;
const READS_PER_TURN: usize = 500;
const ORDERS_PER_TURN: usize = 50;
pub(crate) const SYMBOL: &str = "SOL_USDC";

/// Who calls in both ways, from one thread, over kept-alive connections.
pub(crate) struct Caller<'a> {
    runtime: Runtime,
    client: Client,
    http: reqwest::Client,
    house: &'a House,
}

/// Times in the order of [`NAMES`].
type Times = [Vec<Duration>; 4];

const NAMES: [&str; 4] = [
    "open orders, straight",
    "open orders, over REST",
    "an order, straight",
    "an order, over REST",
];

pub(crate) fn measure(house: &House, table: &mut Table) {
    let caller = Caller::new(house);
    // In turns, so that a busy machine is busy for all. The first warms up.
    let turns: Vec<_> = (0..=TURNS).map(|_| caller.turn()).skip(1).collect();
    report(&turns, table);
}

/// A percentile is that of a turn, in the middle of all turns; so is what is added.
fn report(turns: &[Times], table: &mut Table) {
    for (percent, label) in [(50, "median"), (99, "p99")] {
        for (index, name) in NAMES.iter().enumerate() {
            let micros = median(turns.iter().map(|times| micros(&times[index], percent)));
            table.figure(format!("{name}, {label}"), micros, "us");
        }
    }
    let added =
        |straight: usize, percent| {
            median(turns.iter().map(|times| {
                micros(&times[straight + 1], percent) - micros(&times[straight], percent)
            }))
        };
    table.at_most("REST adds to a read, median", added(0, 50), 150.0, "us");
    table.at_most("REST adds to a read, p99", added(0, 99), 500.0, "us");
    let journal = added(2, 50) - added(0, 50);
    table.figure(
        "REST adds to an order, median, with the journal",
        added(2, 50),
        "us",
    );
    table.figure(
        "of it the journal, two durable writes, median",
        journal,
        "us",
    );
}

/// A percentile of times that are sorted.
pub(crate) fn micros(times: &[Duration], percent: usize) -> f64 {
    times[times.len() * percent / 100].as_secs_f64() * 1e6
}

impl<'a> Caller<'a> {
    pub(crate) fn new(house: &'a House) -> Self {
        let key = Key::from_base64(&house.secret).unwrap();
        let signer = Signer::new(key, OPERATIONS);
        Self {
            runtime: Runtime::new().unwrap(),
            client: Client::with_options(&house.base_url, signer, options()).unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            house,
        }
    }

    /// How long each of so many reads takes that go straight to the exchange.
    pub(crate) fn reads_straight(&self, count: usize) -> Vec<Duration> {
        self.runtime.block_on(async {
            let mut times = Vec::with_capacity(count);
            for _ in 0..count {
                times.push(timed(self.read_straight()).await);
            }
            times
        })
    }

    /// Sorted times.
    fn turn(&self) -> Times {
        self.runtime.block_on(async {
            let mut times = Times::default();
            for _ in 0..READS_PER_TURN {
                times[0].push(timed(self.read_straight()).await);
                times[1].push(timed(self.read_over_rest()).await);
            }
            for _ in 0..ORDERS_PER_TURN {
                times[2].push(timed(self.place_straight()).await);
                times[3].push(timed(self.place_over_rest()).await);
            }
            times.iter_mut().for_each(|times| times.sort());
            times
        })
    }

    async fn read_straight(&self) {
        let call = self.client.get_open_orders().symbol(SYMBOL);
        call.send().await.unwrap();
    }

    async fn read_over_rest(&self) {
        let url = format!("http://{}/api/v1/orders?symbol={SYMBOL}", self.house.rest);
        self.answer(self.http.get(url)).await;
    }

    async fn place_straight(&self) {
        let order = NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL)
            .time_in_force(TimeInForce::Ioc)
            .price(Decimal::ONE)
            .quantity(Decimal::new(1, 2));
        self.client
            .execute_order()
            .body(order)
            .send()
            .await
            .unwrap();
    }

    async fn place_over_rest(&self) {
        let url = format!("http://{}/api/v1/order", self.house.rest);
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json");
        self.answer(request.body(IOC)).await;
    }

    async fn answer(&self, request: reqwest::RequestBuilder) {
        let answer = request.bearer_auth(&self.house.token).send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert_eq!(status, 200, "{body}");
    }
}

async fn timed(call: impl Future<Output = ()>) -> Duration {
    let started = Instant::now();
    call.await;
    started.elapsed()
}
