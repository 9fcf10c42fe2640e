//! A local exchange, a state folder, and a runner between them.

#[path = "../common/mod.rs"]
mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bpx_contract::api::Operation;
use bpx_dispatch::{self as dispatch, Call, Dispatch, Policy, Settings};
use bpx_sandbox::{Fault, RestingLiquidity, Sandbox, SandboxConfig, Side};
use bpx_venue::operations::{EXECUTE_ORDER, GET_OPEN_ORDERS};
use bpx_workflow::{EventKind, Library, Outcome, Recorder, Report, Runner, SourceFiles};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub(crate) use common::catalog;
use common::{Times, settings};

pub(crate) const NAME: &str = "cancel-replace-order";
/// Requests expire soon, so that proofs need not wait for long.
const TIMES: Times = Times {
    window_ms: 1_500,
    settle_s: 6,
    lag_ms: 100,
};

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) state: TempDir,
    pub(crate) dispatch: Dispatch,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with_policy(None).await
    }

    pub(crate) async fn with_policy(policy: Option<Policy>) -> Self {
        Self::over(SandboxConfig::bare(), policy).await
    }

    pub(crate) async fn over(config: SandboxConfig, policy: Option<Policy>) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let state = TempDir::new().unwrap();
        let mut settings = settings(&sandbox, &state, &TIMES);
        if let Some(policy) = policy {
            settings = settings.with_policy(policy);
        }
        let dispatch = Dispatch::open(settings).await.unwrap();
        Self {
            sandbox,
            state,
            dispatch,
        }
    }

    /// What dispatch is opened with.
    pub(crate) fn settings(&self) -> Settings {
        settings(&self.sandbox, &self.state, &TIMES)
    }

    pub(crate) fn runner(&self) -> Runner {
        Runner::new(self.dispatch.clone())
    }

    pub(crate) fn arm(&self, fault: Fault, operation: &str) {
        self.sandbox.arm(fault.on(operation)).unwrap();
    }

    /// A resting bid; its identifier.
    pub(crate) async fn bid(&self, more: Value) -> String {
        let mut order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "2"});
        order.as_object_mut().unwrap().extend(object(more));
        let placed = self.call(&EXECUTE_ORDER, order).await;
        placed["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn call(&self, operation: &Arc<Operation>, arguments: Value) -> Value {
        let settled = self
            .dispatch
            .call(Call::new(operation, object(arguments), "test"))
            .await
            .unwrap();
        match settled.outcome {
            dispatch::Outcome::Done(done) => serde_json::from_str(done.body.get()).unwrap(),
            other => panic!("expected done: {other:?}"),
        }
    }

    pub(crate) async fn open_orders(&self) -> Vec<Value> {
        let open = self
            .call(&GET_OPEN_ORDERS, json!({"symbol": "SOL_USDC"}))
            .await;
        open.as_array().unwrap().clone()
    }

    /// What the market maker does at a price: it trades with whatever it crosses.
    pub(crate) fn offer(&self, price: &str, quantity: &str) {
        let liquidity = RestingLiquidity {
            symbol: "SOL_USDC".to_owned(),
            side: Side::Ask,
            price: price.parse().unwrap(),
            quantity: quantity.parse().unwrap(),
        };
        self.sandbox.add_liquidity(&liquidity).unwrap();
    }

    /// Requests of this method to the order's path that reached the exchange with a valid signature.
    pub(crate) fn arrived(&self, method: &str) -> usize {
        let verified = self.sandbox.verified();
        verified
            .iter()
            .filter(|it| it.method == method && it.path == "/api/v1/order")
            .count()
    }

    /// Our workflow, for a replacement at 21 over 3 unless `more` says otherwise.
    pub(crate) async fn replace(&self, id: &str, more: Value) -> Report {
        let mut inputs = json!({"symbol": "SOL_USDC", "orderId": id, "newPrice": "21", "newQuantity": "3", "partialFill": "total"});
        inputs.as_object_mut().unwrap().extend(object(more));
        self.run(&ours(), inputs).await
    }

    pub(crate) async fn run(&self, library: &Library, inputs: Value) -> Report {
        let report = self
            .runner()
            .run(library, NAME, None, object(inputs), &())
            .await
            .unwrap();
        assert!(
            !report.why.is_empty() && !report.next.is_empty(),
            "{report:?}"
        );
        report
    }

    pub(crate) async fn resume(&self, run: &str) -> Report {
        let runner = self.runner();
        let secrets = Map::new();
        runner.resume(&ours(), run, secrets, &()).await.unwrap()
    }

    /// A document, with what was seen of its requests: status and body of each answer.
    pub(crate) async fn watch(
        &self,
        library: &Library,
        inputs: Value,
    ) -> (Report, Vec<(Option<u16>, Value)>) {
        let recorder = Recorder::default();
        let report = self
            .runner()
            .run(library, NAME, None, object(inputs), &recorder)
            .await
            .unwrap();
        let answers = recorder
            .events()
            .into_iter()
            .filter_map(|event| match event.kind {
                EventKind::Interaction(it) => Some((it.status, it.response.unwrap_or_default())),
                _ => None,
            });
        (report, answers.collect())
    }

    /// The only open order, at this price over this quantity.
    pub(crate) async fn only_open(&self, price: &str, quantity: &str) -> Value {
        let open = self.open_orders().await;
        assert_eq!(open.len(), 1, "{open:?}");
        let found = (
            open[0]["price"].as_str().unwrap(),
            open[0]["quantity"].as_str().unwrap(),
        );
        assert_eq!(found, (price, quantity));
        open[0].clone()
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn ours() -> Library {
    Library::built_in(NAME, &catalog()).unwrap().unwrap()
}

/// The venue community's own file, unmodified; none where it is not at hand.
pub(crate) fn upstream() -> Option<Library> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream");
    let path = folder.join("cancel-replace-order.arazzo.yml");
    if !path.is_file() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    let files = SourceFiles {
        openapi: Some(folder.join("backpack-order-api-openapi.yml")),
        ..SourceFiles::default()
    };
    Some(Library::open(&path, &files, &catalog()).unwrap())
}

/// Its inputs, with a signature that signs nothing.
pub(crate) fn upstream_inputs(id: &str) -> Value {
    json!({
        "symbol": "SOL_USDC", "orderId": id, "side": "Bid", "newPrice": "21", "newQuantity": "3",
        "apiKey": "c3RhdGljIGtleQ==", "signature": "c3RhdGljIHNpZ25hdHVyZQ==", "timestamp": 1_700_000_000_000_u64,
    })
}

/// A document with these steps over our contract.
pub(crate) fn document(inputs: Value, steps: Value) -> Value {
    json!({
        "arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "venue", "url": "./venue.yaml", "type": "openapi"}],
        "workflows": [{"workflowId": "flow", "inputs": {"type": "object", "properties": inputs}, "steps": steps}],
    })
}

pub(crate) fn parse(document: &Value) -> Library {
    Library::parse("flow.json", document.to_string().as_bytes(), &catalog()).unwrap()
}

pub(crate) fn is_done(report: &Report) {
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
}

pub(crate) fn is_already(report: &Report, state: &str) {
    let ended = (report.outcome, report.final_state.as_deref());
    assert_eq!(ended, (Outcome::AlreadyDone, Some(state)), "{report:?}");
}

/// Waits for what must happen soon; a test that waits in vain says so.
pub(crate) async fn until(mut happened: impl FnMut() -> bool) {
    let waiting = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap();
}
