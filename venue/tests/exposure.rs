//! What trades, and what may still trade, never exceeds what was counted: random valid orders, books and policies against
//! the matching engine of the local exchange.
//!
//! ```text
//! BPX_ORDERS=100000 cargo test --release -p bpx-venue --test exposure -- --nocapture
//! ```

#![cfg(test)]

use std::collections::BTreeMap;

use bpx_client::types::{LiveOrder, NewOrder};
use bpx_client::{Client, Key, ResponseValue, signer};
use bpx_dispatch::{Call, Dispatch, Exposure, Policy, Venue as _};
use bpx_runtime::{Decimal, Options};
use bpx_sandbox::{ReferencePrice, RestingLiquidity, Sandbox, SandboxConfig, SandboxError, Side};
use bpx_venue::Backpack;
use bpx_venue::operations::EXECUTE_ORDER;
use fastrand::Rng;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

const ORDERS: usize = 500;
const SEED: u64 = 7;
/// Every market trades at this price at most, and at 60 % of it at least: the assumption on which exposure rests.
const REFERENCE: i64 = 100;
const BAND_PERCENT: i64 = 40;
const SYMBOLS: [&str; 2] = ["SOL_USDC", "SOL_USDC_PERP"];
const LEGS: [&str; 2] = ["stopLoss", "takeProfit"];

type Order = Map<String, Value>;

fn orders() -> usize {
    let given = std::env::var("BPX_ORDERS").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(ORDERS)
}

fn one_of<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

fn rarely(rng: &mut Rng, one_in: u8) -> bool {
    rng.u8(0..one_in) == 0
}

/// A price with two decimals, between these percentages of the reference price.
fn price(rng: &mut Rng, low_percent: i64, high_percent: i64) -> Decimal {
    Decimal::new(rng.i64(low_percent..=high_percent) * REFERENCE, 2)
}

fn quantity(rng: &mut Rng) -> Decimal {
    Decimal::new(rng.i64(1..=500), 2)
}

/// An order that the contract takes, of any kind.
fn order(rng: &mut Rng) -> Order {
    let mut order = Order::new();
    let is_market = rng.bool();
    let kind = if is_market { "Market" } else { "Limit" };
    set(&mut order, "symbol", one_of(rng, &SYMBOLS));
    set(&mut order, "side", one_of(rng, &["Bid", "Ask"]));
    set(&mut order, "orderType", kind);
    let is_conditional = rarely(rng, 4);
    if is_conditional {
        add_trigger(&mut order, rng);
    }
    if !is_conditional || rng.bool() {
        match is_market && rng.bool() {
            true => set(
                &mut order,
                "quoteQuantity",
                Decimal::new(rng.i64(100..=50_000), 2),
            ),
            false => set(&mut order, "quantity", quantity(rng)),
        }
    }
    if is_market && rng.bool() {
        set(&mut order, "slippageTolerance", rng.u8(0..=30));
        set(
            &mut order,
            "slippageToleranceType",
            one_of(rng, &["Percent", "TickSize"]),
        );
    }
    if !is_market {
        set(&mut order, "price", price(rng, 50, 150));
        set(
            &mut order,
            "timeInForce",
            one_of(rng, &["GTC", "IOC", "FOK"]),
        );
        if rarely(rng, 4) {
            set(&mut order, "quoteQuantity", 1);
        }
    }
    for leg in LEGS {
        if rarely(rng, 3) {
            set(
                &mut order,
                &format!("{leg}TriggerPrice"),
                price(rng, 60, 140),
            );
            if rng.bool() {
                set(&mut order, &format!("{leg}LimitPrice"), price(rng, 1, 140));
            }
        }
    }
    order
}

fn add_trigger(order: &mut Order, rng: &mut Rng) {
    set(order, "triggerPrice", price(rng, 60, 140));
    set(
        order,
        "triggerBy",
        one_of(rng, &["MarkPrice", "LastPrice", "IndexPrice"]),
    );
    match rarely(rng, 5) {
        true => set(order, "triggerQuantity", format!("{}%", rng.u8(1..=100))),
        false => set(order, "triggerQuantity", quantity(rng)),
    }
}

fn set(order: &mut Order, name: &str, value: impl ToString) {
    order.insert(name.to_owned(), json!(value.to_string()));
}

/// A policy that every order is compared with; what it cannot bound it refuses.
fn policy(rng: &mut Rng) -> Policy {
    let mut text = String::from("trading = true\nrequire_data = true\n[order]\n");
    if rng.bool() {
        text += &format!("notional_max = \"{}\"\n", rng.u32(10..=2_000));
    }
    if rng.bool() {
        text += &format!("quantity_max = \"{}\"\n", rng.u32(1..=6));
    }
    for symbol in SYMBOLS {
        text += &format!(
            "[symbol.{symbol}]\nreference_price = \"{REFERENCE}\"\nprice_band_percent = \"{BAND_PERCENT}\"\ntick = \"0.01\"\n"
        );
    }
    Policy::parse(&text, "policy.toml").unwrap()
}

struct Bench {
    sandbox: Sandbox,
    client: Client,
    rng: Rng,
}

/// What the account has traded with one order and all that followed from it.
#[derive(Debug, Default)]
struct Traded {
    /// The greatest base quantity of one order.
    quantity: Decimal,
    /// The quote amount of the order itself.
    entry: Decimal,
    /// The quote amount of all orders.
    worth: Decimal,
}

impl Bench {
    async fn start() -> Self {
        let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
        let options = Options::default().without_rate_limit();
        let signer = signer(Key::from_base64(&sandbox.api_secret()).unwrap());
        let client = Client::with_options(&sandbox.base_url(), signer, options).unwrap();
        Self {
            sandbox,
            client,
            rng: Rng::with_seed(SEED),
        }
    }

    async fn dispatch(&self, policy: Policy, state: &TempDir, number: usize) -> Dispatch {
        let signer = signer(Key::from_base64(&self.sandbox.api_secret()).unwrap());
        let folder = state.path().join(number.to_string());
        let settings = bpx_venue::settings(self.sandbox.base_url(), signer, folder);
        let settings = settings.allow_trading(true).with_policy(policy);
        Dispatch::open(settings).await.unwrap()
    }

    /// A book whose prices keep the assumption.
    fn fill_book(&mut self) {
        for symbol in SYMBOLS {
            let middle = self.rng.i64(70..=90);
            for _ in 0..self.rng.u8(0..5) {
                self.offer(symbol, Side::Ask, (middle + 1, 100));
                self.offer(symbol, Side::Bid, (60, middle));
            }
        }
    }

    fn offer(&mut self, symbol: &str, side: Side, (low, high): (i64, i64)) {
        let liquidity = RestingLiquidity {
            symbol: symbol.to_owned(),
            side,
            price: price(&mut self.rng, low, high),
            quantity: quantity(&mut self.rng),
        };
        match self.sandbox.add_liquidity(&liquidity) {
            // The market maker does not trade with itself.
            Ok(()) | Err(SandboxError::Liquidity { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Something happens to the market: somebody trades, or the reference prices move.
    fn move_market(&mut self, order: &Order) {
        let symbol = order["symbol"].as_str().unwrap();
        if self.rng.bool() {
            let side = one_of(&mut self.rng, &[Side::Bid, Side::Ask]);
            return self.offer(symbol, side, (60, 100));
        }
        let triggers = [
            "triggerPrice",
            "stopLossTriggerPrice",
            "takeProfitTriggerPrice",
        ];
        let stated = order
            .get(one_of(&mut self.rng, &triggers))
            .and_then(Value::as_str);
        let to = stated.map(|text| text.parse().unwrap());
        let to = to.unwrap_or_else(|| price(&mut self.rng, 50, 150));
        for by in [
            ReferencePrice::Mark,
            ReferencePrice::Last,
            ReferencePrice::Index,
        ] {
            self.sandbox.set_reference_price(symbol, by, to).unwrap();
        }
    }

    /// The identifier of the order, if the exchange takes it.
    async fn place(&self, order: &Order) -> Option<String> {
        let order: NewOrder = serde_json::from_value(order.clone().into()).unwrap();
        let placed = self.client.execute_order().body(order).send().await;
        let live = placed.ok().map(ResponseValue::into_inner)?;
        let live = serde_json::to_value(live).unwrap();
        Some(live["id"].as_str().unwrap().to_owned())
    }

    async fn traded(&self, id: &str) -> Traded {
        let fills = self
            .client
            .get_fills()
            .limit(1_000_u64)
            .send()
            .await
            .unwrap();
        let mut traded = Traded::default();
        let mut by_order = BTreeMap::<String, Decimal>::new();
        for fill in fills.into_inner().items {
            let quote = fill.price * fill.quantity;
            traded.worth += quote;
            if fill.order_id == id {
                traded.entry += quote;
            }
            *by_order.entry(fill.order_id).or_default() += fill.quantity;
        }
        traded.quantity = by_order.into_values().max().unwrap_or_default();
        traded
    }

    /// What the open orders may still trade, each at the worst price that it accepts.
    async fn open(&self) -> Decimal {
        let open = self.client.get_open_orders().send().await.unwrap();
        open.into_inner().iter().map(may_still_trade).sum()
    }
}

fn may_still_trade(order: &LiveOrder) -> Decimal {
    let order = serde_json::to_value(order).unwrap();
    let decimal = |name: &str| {
        let text = order.get(name).and_then(Value::as_str);
        text.and_then(|text| text.parse::<Decimal>().ok())
    };
    // A share is one of what the account holds, and has no bound.
    let quantity = decimal("quantity").max(decimal("triggerQuantity"));
    let left = quantity.unwrap_or_default() - decimal("executedQuantity").unwrap_or_default();
    let (limit, trigger) = (
        decimal("price").filter(|price| !price.is_zero()),
        decimal("triggerPrice"),
    );
    let unit = match (order["side"] == "Bid", limit) {
        (true, Some(limit)) => limit,
        (_, limit) => limit.max(trigger).unwrap_or_default().max(REFERENCE.into()),
    };
    left * unit
}

fn assert_within(traded: &Traded, open: Decimal, exposure: &Exposure, order: &Order) {
    let context = || format!("{traded:?} and {open} open of {exposure:?}: {order:?}");
    let within = |amount: Decimal, bound: Result<Decimal, _>| {
        bound.is_err() || bound.is_ok_and(|bound| amount <= bound)
    };
    assert!(within(traded.quantity, exposure.quantity), "{}", context());
    assert!(within(traded.entry, exposure.entry), "{}", context());
    assert!(within(traded.worth + open, exposure.worth), "{}", context());
}

#[tokio::test]
async fn nothing_that_trades_exceeds_what_was_counted() {
    let mut bench = Bench::start().await;
    let mut rng = Rng::with_seed(SEED);
    let state = TempDir::new().unwrap();
    let mut policies = Vec::new();
    for number in 0..8 {
        let policy = policy(&mut rng);
        let dispatch = bench.dispatch(policy.clone(), &state, number).await;
        policies.push((policy, dispatch));
    }
    let (mut taken, mut traded, mut allowed, mut unbounded) = (0, 0, 0, 0);
    for _ in 0..orders() {
        bench.sandbox.reset().unwrap();
        bench.fill_book();
        let order = order(&mut rng);
        let (policy, dispatch) = &policies[rng.usize(..policies.len())];
        let exposure = Backpack.orders(&EXECUTE_ORDER, &order, policy)[0]
            .exposure
            .clone();
        let call = Call::new(&EXECUTE_ORDER, order.clone(), "test");
        let is_allowed = dispatch.check(&call).is_ok();
        let Some(id) = bench.place(&order).await else {
            continue;
        };
        for _ in 0..rng.u8(0..6) {
            bench.move_market(&order);
        }
        let seen = bench.traded(&id).await;
        assert_within(&seen, bench.open().await, &exposure, &order);
        if is_allowed {
            let within = |cap: Option<Decimal>, amount| cap.is_none_or(|cap| amount <= cap);
            assert!(
                within(policy.order.notional_max, seen.worth),
                "{seen:?}: {order:?}"
            );
            assert!(
                within(policy.order.quantity_max, seen.quantity),
                "{seen:?}: {order:?}"
            );
        }
        taken += 1;
        traded += usize::from(!seen.worth.is_zero());
        allowed += usize::from(is_allowed);
        unbounded += usize::from(exposure.worth.is_err());
    }
    println!(
        "{} orders: {taken} taken, {traded} traded, {allowed} allowed by their policy, {unbounded} without a bound",
        orders()
    );
    // Of each kind there are enough, or nothing was tried.
    assert!(traded * 5 > orders() && allowed * 20 > orders() && unbounded > 0);
    for (_, dispatch) in policies {
        dispatch.close().await;
    }
}
