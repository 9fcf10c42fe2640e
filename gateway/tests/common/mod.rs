//! A local exchange and a gateway before it, for the tests of both faces.

use std::fs;
use std::time::Duration;

use bpx_client::operations::OPERATIONS;
use bpx_dispatch::{Bounds, Dispatch, Policy, Settings};
use bpx_gateway::{Gateway, GatewaySettings, Scope};
use bpx_runtime::{Key, Options, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

/// An exchange, and a gateway before it.
pub(crate) struct House {
    pub(crate) sandbox: Sandbox,
    pub(crate) state: TempDir,
    pub(crate) dispatch: Dispatch,
    pub(crate) gateway: Gateway,
    pub(crate) http: Client,
}

/// How a house differs from the ordinary.
pub(crate) struct Plan {
    pub(crate) trading: bool,
    pub(crate) policy: Option<&'static str>,
    pub(crate) gateway: fn(&mut GatewaySettings),
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            trading: true,
            policy: None,
            gateway: |_| {},
        }
    }
}

/// How a face is tested.
pub(crate) struct Face {
    /// Requests expire this soon, so that proofs need not wait for long.
    pub(crate) window_ms: u64,
    pub(crate) settle_max: Duration,
    /// Has the face listen.
    pub(crate) listen: fn(&mut GatewaySettings),
}

impl House {
    pub(crate) async fn start(face: &Face, plan: Plan) -> Self {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
        let state = TempDir::new().unwrap();
        let dispatch = dispatch(&sandbox, &state, face, &plan).await;
        let mut settings = GatewaySettings::new(dispatch.clone(), state.path());
        (face.listen)(&mut settings);
        (plan.gateway)(&mut settings);
        Self {
            gateway: Gateway::start(settings).await.unwrap(),
            http: Client::builder().no_proxy().build().unwrap(),
            sandbox,
            state,
            dispatch,
        }
    }

    pub(crate) fn token(&self, scope: Scope) -> String {
        let text = fs::read_to_string(self.gateway.token_file(scope)).unwrap();
        text.trim().to_owned()
    }

    /// Requests of this method and path that reached the exchange with a valid signature.
    pub(crate) fn arrived(&self, method: &str, path: &str) -> usize {
        let verified = self.sandbox.verified();
        let is = |seen: &&bpx_sandbox::Verified| seen.method == method && seen.path == path;
        verified.iter().filter(is).count()
    }
}

async fn dispatch(sandbox: &Sandbox, state: &TempDir, face: &Face, plan: &Plan) -> Dispatch {
    let key = Key::from_base64(&sandbox.api_secret()).unwrap();
    let signer = Signer::new(key, OPERATIONS)
        .with_window_ms(face.window_ms)
        .unwrap();
    let mut bounds = Bounds::default();
    bounds.settle_max = face.settle_max;
    bounds.clock_skew_max = Duration::from_millis(100);
    bounds.venue_lag_max = Duration::from_millis(100);
    let options = Options::default()
        .with_timeout(Duration::from_secs(2))
        .without_rate_limit();
    let mut settings = Settings::new(sandbox.base_url(), signer, state.path())
        .allow_trading(plan.trading)
        .with_bounds(bounds)
        .with_options(options);
    if let Some(policy) = plan.policy {
        settings = settings.with_policy(Policy::parse(policy, "policy.toml").unwrap());
    }
    Dispatch::open(settings).await.unwrap()
}

/// A resting order to buy.
pub(crate) fn bid(price: &str) -> Value {
    json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": price, "quantity": "1"})
}
