//! A local exchange, a state folder, and dispatch between them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bpx_client::operations::OPERATIONS;
use bpx_contract::api::Operation;
use bpx_dispatch::{
    Bounds, Call, Dispatch, Done, Outcome, Policy, Refused, Rejected, Settings, Settled, Unknown,
};
use bpx_runtime::{Key, Options, Signer};
use bpx_sandbox::{RestingLiquidity, Sandbox, SandboxConfig, Side};
use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_OPEN_ORDERS};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// Requests expire this soon, so that proofs need not wait for long, and not before they can have arrived.
const WINDOW_MS: u64 = 1_500;

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) state: TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self {
            sandbox: Sandbox::start(SandboxConfig::bare()).await.unwrap(),
            state: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn signer(&self) -> Signer {
        let key = Key::from_base64(&self.sandbox.api_secret()).unwrap();
        Signer::new(key, OPERATIONS)
            .with_window_ms(WINDOW_MS)
            .unwrap()
    }

    pub(crate) fn settings(&self) -> Settings {
        bpx_venue::settings(self.sandbox.base_url(), self.signer(), self.state.path())
            .allow_trading(true)
            .with_bounds(bounds())
            .with_options(options())
    }

    pub(crate) async fn open(&self) -> Dispatch {
        Dispatch::open(self.settings()).await.unwrap()
    }

    pub(crate) async fn open_with_policy(&self, policy: &str) -> Dispatch {
        let policy = Policy::parse(policy, "policy.toml").unwrap();
        Dispatch::open(self.settings().with_policy(policy))
            .await
            .unwrap()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.state.path().join("journal.sqlite")
    }

    /// Requests of this method and path that reached the exchange with a valid signature.
    pub(crate) fn arrived(&self, method: &str, path: &str) -> usize {
        let verified = self.sandbox.verified();
        verified
            .iter()
            .filter(|seen| seen.method == method && seen.path == path)
            .count()
    }

    /// What the market maker offers: an order that crosses it is filled.
    pub(crate) fn offer(&self, price: i64, quantity: i64) {
        let liquidity = RestingLiquidity {
            symbol: "SOL_USDC".to_owned(),
            side: Side::Ask,
            price: price.into(),
            quantity: quantity.into(),
        };
        self.sandbox.add_liquidity(&liquidity).unwrap();
    }
}

pub(crate) fn bounds() -> Bounds {
    let mut bounds = Bounds::default();
    bounds.settle_max = Duration::from_secs(20);
    bounds.clock_skew_max = Duration::from_millis(100);
    bounds.venue_lag_max = Duration::from_millis(100);
    bounds
}

fn options() -> Options {
    Options::default()
        .with_timeout(Duration::from_secs(2))
        .without_rate_limit()
}

pub(crate) fn arguments(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A resting order to buy.
pub(crate) fn bid(price: &str) -> Value {
    json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": price, "quantity": "1"})
}

pub(crate) fn call(operation: &Arc<Operation>, value: Value) -> Call {
    Call::new(operation, arguments(value), "test")
}

pub(crate) fn place(price: &str) -> Call {
    call(&EXECUTE_ORDER, bid(price))
}

pub(crate) fn batch(prices: &[&str]) -> Call {
    let orders: Vec<_> = prices.iter().map(|price| bid(price)).collect();
    call(&EXECUTE_ORDER_BATCH, json!({"orders": orders}))
}

pub(crate) fn body(done: &Done) -> Value {
    serde_json::from_str(done.body.get()).unwrap()
}

pub(crate) fn done(settled: &Settled) -> &Done {
    match &settled.outcome {
        Outcome::Done(done) => done,
        other => panic!("expected done: {other:?}"),
    }
}

pub(crate) fn rejected(settled: &Settled) -> &Rejected {
    match &settled.outcome {
        Outcome::Rejected(rejected) => rejected,
        other => panic!("expected rejected: {other:?}"),
    }
}

pub(crate) fn unknown(settled: &Settled) -> &Unknown {
    match &settled.outcome {
        Outcome::Unknown(unknown) => unknown,
        other => panic!("expected unknown: {other:?}"),
    }
}

pub(crate) fn rules(refused: &Refused) -> Vec<&'static str> {
    refused
        .findings()
        .iter()
        .map(|finding| finding.rule)
        .collect()
}

pub(crate) async fn make(dispatch: &Dispatch, call: Call) -> Settled {
    dispatch.call(call).await.unwrap()
}

pub(crate) async fn refuse(dispatch: &Dispatch, call: Call) -> Refused {
    dispatch.call(call).await.unwrap_err()
}

/// Rows of the open orders.
pub(crate) async fn open_orders(dispatch: &Dispatch) -> Vec<Value> {
    let settled = make(
        dispatch,
        call(&GET_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
    )
    .await;
    body(done(&settled)).as_array().unwrap().clone()
}
