//! A local exchange, a gateway before it, and callers with tokens.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use bpx_client::operations::OPERATIONS;
use bpx_dispatch::{Bounds, Dispatch, Policy, Settings};
use bpx_gateway::{Gateway, GatewaySettings, Scope};
use bpx_runtime::http::Method;
use bpx_runtime::{Key, Options, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const ORDER: &str = "/api/v1/order";
pub(crate) const ORDERS: &str = "/api/v1/orders";
pub(crate) const FILLS: &str = "/wapi/v1/history/fills";
pub(crate) const HISTORY: &str = "/wapi/v1/history/orders";

/// Requests expire this soon, so that proofs need not wait for long.
const WINDOW_MS: u64 = 400;

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

impl House {
    pub(crate) async fn new() -> Self {
        Self::built(Plan::default()).await
    }

    pub(crate) async fn built(plan: Plan) -> Self {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
        let state = TempDir::new().unwrap();
        let dispatch = dispatch(&sandbox, &state, &plan).await;
        let mut settings = GatewaySettings::new(dispatch.clone(), state.path());
        settings.rest = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        (plan.gateway)(&mut settings);
        Self {
            gateway: Gateway::start(settings).await.unwrap(),
            http: Client::builder().no_proxy().build().unwrap(),
            sandbox,
            state,
            dispatch,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.gateway.rest_address().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub(crate) fn token(&self, scope: Scope) -> String {
        let text = fs::read_to_string(self.gateway.token_file(scope)).unwrap();
        text.trim().to_owned()
    }

    /// A request without a token.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.bare(Method::GET, path)
            .bearer_auth(self.token(Scope::Read))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.bare(Method::POST, path)
            .bearer_auth(self.token(Scope::Trade))
            .json(body)
    }

    pub(crate) fn delete(&self, path: &str, body: &Value) -> RequestBuilder {
        self.bare(Method::DELETE, path)
            .bearer_auth(self.token(Scope::Trade))
            .json(body)
    }

    /// Requests of this method and path that reached the exchange with a valid signature.
    pub(crate) fn arrived(&self, method: &str, path: &str) -> usize {
        let verified = self.sandbox.verified();
        let is = |seen: &&bpx_sandbox::Verified| seen.method == method && seen.path == path;
        verified.iter().filter(is).count()
    }

    /// The metric of this exact name and labels.
    pub(crate) async fn metric(&self, name: &str) -> Option<f64> {
        let text = self
            .get("/metrics")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let line = text.lines().find(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' '))
        })?;
        line.rsplit(' ').next()?.parse().ok()
    }
}

async fn dispatch(sandbox: &Sandbox, state: &TempDir, plan: &Plan) -> Dispatch {
    let key = Key::from_base64(&sandbox.api_secret()).unwrap();
    let signer = Signer::new(key, OPERATIONS)
        .with_window_ms(WINDOW_MS)
        .unwrap();
    let mut bounds = Bounds::default();
    bounds.settle_max = Duration::from_secs(4);
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

pub(crate) async fn send(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// The status and the JSON of an answer.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The body of a problem, after looking at what all problems have.
pub(crate) async fn problem(request: RequestBuilder) -> Value {
    let response = send(request).await;
    let status = response.status().as_u16();
    assert_eq!(
        header(&response, "content-type"),
        "application/problem+json"
    );
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status, "{problem}");
    let kind = problem["type"].as_str().unwrap();
    let slug = kind.strip_prefix("/docs#").unwrap();
    assert!(bpx_gateway::PROBLEMS.iter().any(|kind| kind.slug == slug));
    for member in ["title", "detail", "code", "fix"] {
        assert!(!problem[member].as_str().unwrap().is_empty(), "{problem}");
    }
    problem
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}
