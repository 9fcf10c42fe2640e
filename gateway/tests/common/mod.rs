//! A local exchange with a gateway in front of it, for the tests of both protocols.

use std::fs;
use std::time::Duration;

use bpx_dispatch::{Bounds, Dispatch, Policy};
use bpx_gateway::{Gateway, GatewaySettings, Scope};
use bpx_runtime::{Key, Options};
use bpx_sandbox::{Sandbox, SandboxConfig, Verified};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

/// An exchange with a gateway in front of it.
pub(crate) struct Fixture {
    pub(crate) sandbox: Sandbox,
    pub(crate) state: TempDir,
    pub(crate) dispatch: Dispatch,
    pub(crate) gateway: Gateway,
    pub(crate) http: Client,
}

/// How one test's gateway differs from the default.
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

/// What the tests of one protocol have in common.
pub(crate) struct Setup {
    /// How long signatures are valid. Short, because proving that an order was not placed waits for it.
    pub(crate) window_ms: u64,
    pub(crate) settle_max: Duration,
    /// Sets the address of the protocol.
    pub(crate) listen: fn(&mut GatewaySettings),
}

impl Fixture {
    pub(crate) async fn start(setup: &Setup, plan: Plan) -> Self {
        let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
        Self::over(sandbox, TempDir::new().unwrap(), setup, plan).await
    }

    /// A gateway over this exchange and state folder, such as those of one that has ended.
    pub(crate) async fn over(sandbox: Sandbox, state: TempDir, setup: &Setup, plan: Plan) -> Self {
        let dispatch = dispatch(&sandbox, &state, setup, &plan).await;
        let exposed = bpx_venue::exposed().clone();
        let mut settings = GatewaySettings::new(dispatch.clone(), exposed, state.path());
        (setup.listen)(&mut settings);
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
        let is = |seen: &&Verified| seen.method == method && seen.path == path;
        verified.iter().filter(is).count()
    }
}

async fn dispatch(sandbox: &Sandbox, state: &TempDir, setup: &Setup, plan: &Plan) -> Dispatch {
    let signer = bpx_client::signer(Key::from_base64(&sandbox.api_secret()).unwrap());
    let signer = signer.with_window_ms(setup.window_ms).unwrap();
    let mut bounds = Bounds::default();
    bounds.settle_max = setup.settle_max;
    bounds.clock_skew_max = Duration::from_millis(100);
    bounds.venue_lag_max = Duration::from_millis(100);
    let options = Options::default()
        .with_timeout(Duration::from_secs(2))
        .without_rate_limit();
    let mut settings = bpx_venue::settings(sandbox.base_url(), signer, state.path())
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
