//! The market maker of the examples, against the local exchange, which breaks at random, and someone who trades with it.

#![cfg(test)]

use std::collections::BTreeMap;
use std::time::Duration;

use bpx_client::types::{Fill, NewOrder, OrderType, Side, TimeInForce};
use bpx_client::{Client, Decimal, signer};
use bpx_runtime::{Key, Options, reqwest};
use bpx_sandbox::{AccountConfig, AccountKeys, Fault, Sandbox, SandboxConfig};
use fastrand::Rng;
use serde_json::Value;

mod example {
    #![allow(
        dead_code,
        clippy::print_stdout,
        reason = "it is an example: it talks to its reader, and its `main` is not called here"
    )]
    include!("../examples/market_maker.rs");

    pub(super) struct Quoting<'a>(Maker<'a>);

    impl<'a> Quoting<'a> {
        pub(super) fn new(client: &'a Client, symbol: &'a str, doubt: Duration) -> Self {
            Self(Maker::new(client, symbol, 0, doubt, 1))
        }

        /// Whether the round could be carried out.
        pub(super) async fn round(&mut self, price: Decimal, spread: Decimal) -> bool {
            self.0.round(price, spread).await.is_ok()
        }

        pub(super) async fn look(&mut self) -> bool {
            self.0.look().await.is_ok()
        }

        pub(super) fn position(&self) -> Decimal {
            self.0.position
        }

        pub(super) fn open(&self) -> Vec<String> {
            let ids = self
                .0
                .open
                .iter()
                .map(|order| order.id().unwrap().to_owned());
            ids.collect()
        }

        /// How many orders it has sent.
        pub(super) fn sent(&self) -> u32 {
            self.0.next_client_id - 1
        }
    }
}

const ROUNDS: u32 = 1_000;
const SYMBOL: &str = "SOL_USDC";
/// How long a signature is good, and how long at most the faults hold back a request, or rows of the history.
const WINDOW_MS: u64 = 200;
const DOUBT: Duration = Duration::from_millis(400);
const TIMEOUT: Duration = Duration::from_millis(100);

/// Every fault there is, and those that hold back longer than the client waits.
const FAULTS: [&str; 24] = [
    "drop-before",
    "drop-after",
    "delay-before:5",
    "delay-before:120",
    "delay-after:5",
    "delay-after:120",
    "settle:20",
    "history-lag:50",
    "clock-skew:50",
    "clock-skew:-50",
    "clock-skew:5000",
    "429",
    "429:1",
    "maintenance",
    "503-before",
    "503-after",
    "error:TIMEOUT",
    "error-after:TIMEOUT",
    "html",
    "truncated",
    "cut-json",
    "unknown-enum",
    "unknown-field",
    "hang-up",
];
const OPERATIONS: [&str; 5] = [
    "execute_order",
    "cancel_order",
    "get_open_orders",
    "get_fills",
    "get_order_history",
];

/// A client that gives up soon and tries nothing twice.
fn hasty(sandbox: &Sandbox, keys: &AccountKeys) -> Client {
    let signer = signer(Key::from_base64(&keys.api_secret).unwrap());
    let signer = signer.with_window_ms(WINDOW_MS).unwrap();
    let options = Options::default().with_timeout(TIMEOUT).with_retries_max(0);
    Client::with_options(&sandbox.base_url(), signer, options).unwrap()
}

fn patient(sandbox: &Sandbox, keys: &AccountKeys) -> Client {
    let signer = signer(Key::from_base64(&keys.api_secret).unwrap());
    Client::new(&sandbox.base_url(), signer).unwrap()
}

async fn start() -> Sandbox {
    let named = |name: &str| {
        let mut account = AccountConfig::default();
        name.clone_into(&mut account.name);
        account
    };
    let config = SandboxConfig {
        accounts: vec![named("maker"), named("taker")],
        ..SandboxConfig::bare()
    };
    Sandbox::start(config).await.unwrap()
}

/// Arms one fault at one operation; those that cannot happen there are passed over.
fn break_something(sandbox: &Sandbox, random: &mut Rng) {
    let fault: Fault = random.choice(FAULTS).unwrap().parse().unwrap();
    let operation = random.choice(OPERATIONS).unwrap();
    drop(sandbox.arm(fault.on(operation)));
}

/// Takes what rests on one side, if the exchange lets it.
async fn trade(taker: &Client, price: Decimal, random: &mut Rng) {
    let (side, worst) = match random.bool() {
        true => (Side::Bid, price + Decimal::from(5)),
        false => (Side::Ask, price - Decimal::from(5)),
    };
    let order = NewOrder::new(OrderType::Limit, side, SYMBOL)
        .price(worst)
        .quantity(Decimal::new(random.i64(1..=15), 1))
        .time_in_force(TimeInForce::Ioc);
    drop(taker.execute_order().body(order).send().await);
}

async fn fills(client: &Client) -> Vec<Fill> {
    let mut rows = client.get_fills().limit(1000_u64).stream();
    let mut fills = Vec::new();
    while let Some(fill) = rows.next().await {
        fills.push(fill.unwrap());
    }
    fills
}

/// What the accounts own of each asset together, and the maker alone.
async fn owned(sandbox: &Sandbox) -> [BTreeMap<String, Decimal>; 2] {
    let url = format!("{}/state?rows=1", sandbox.control_url());
    let state = reqwest::get(url).await.unwrap().text().await.unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    let mut owned = [BTreeMap::new(), BTreeMap::new()];
    for account in state["accounts"].as_array().unwrap() {
        for balance in account["balances"].as_array().unwrap() {
            let amount =
                |name: &str| -> Decimal { balance[name].as_str().unwrap().parse().unwrap() };
            let asset = balance["asset"].as_str().unwrap();
            let sums = match account["name"] == "maker" {
                true => &mut owned[..],
                false => &mut owned[..1],
            };
            for sum in sums {
                *sum.entry(asset.to_owned()).or_default() += amount("available") + amount("locked");
            }
        }
    }
    owned
}

#[tokio::test]
async fn a_thousand_rounds_with_faults_leave_what_the_maker_believes() {
    let sandbox = start().await;
    let accounts = sandbox.accounts();
    let [maker, taker] = [&accounts[0], &accounts[1]].map(|keys| hasty(&sandbox, keys));
    let [all_before, own_before] = owned(&sandbox).await;
    let mut random = Rng::with_seed(7);
    let mut quoting = example::Quoting::new(&maker, SYMBOL, DOUBT);
    let (mut price, mut done) = (Decimal::from(150), 0);
    for _ in 0..ROUNDS {
        if random.u8(0..10) < 4 {
            break_something(&sandbox, &mut random);
        }
        price += Decimal::new(random.i64(-5..=5), 2);
        done += u32::from(quoting.round(price, Decimal::new(5, 2)).await);
        if random.u8(0..3) == 0 {
            trade(&taker, price, &mut random).await;
        }
    }
    sandbox.disarm();
    tokio::time::sleep(DOUBT).await;
    while !quoting.look().await {}
    let [maker, taker] = [&accounts[0], &accounts[1]].map(|keys| patient(&sandbox, keys));
    let fired = sandbox.faults_fired();
    let kinds: std::collections::BTreeSet<_> =
        fired.iter().map(|it| it.fault.to_string()).collect();
    println!(
        "{done} rounds done, {} orders sent, {} faults of {} kinds",
        quoting.sent(),
        fired.len(),
        kinds.len()
    );
    assert_eq!(kinds.len(), FAULTS.len(), "{kinds:?}");
    assert!(done > ROUNDS / 2, "{done}");

    // No number was placed twice.
    let mut history = maker.get_order_history().limit(1000_u64).stream();
    let mut placed = BTreeMap::new();
    while let Some(order) = history.next().await {
        let id = order.unwrap().client_id.unwrap().value().unwrap();
        *placed.entry(id).or_insert(0) += 1;
    }
    assert!(placed.len() > 500 && placed.len() <= quoting.sent() as usize);
    assert!(placed.values().all(|count| *count == 1), "{placed:?}");

    // What it believes is what the exchange has.
    let open = maker.get_open_orders().send().await.unwrap().into_inner();
    let open: Vec<_> = open.iter().map(|it| it.id().unwrap().to_owned()).collect();
    assert_eq!(quoting.open(), open);
    assert!(open.len() <= 2, "{open:?}");
    let [all_after, own_after] = owned(&sandbox).await;
    assert_eq!(own_before["SOL"] + quoting.position(), own_after["SOL"]);

    // Nothing was made or lost.
    let own_fills = fills(&maker).await;
    assert!(own_fills.len() > 100, "{}", own_fills.len());
    let fees = own_fills.into_iter().chain(fills(&taker).await);
    let fees: Decimal = fees.map(|fill| fill.fee).sum();
    assert_eq!(all_before["SOL"], all_after["SOL"]);
    assert_eq!(all_before["USDC"], all_after["USDC"] + fees);
}
