//! A gateway's REST server, and callers with tokens.

use std::net::SocketAddr;
use std::time::Duration;

use bpx_gateway::{GatewaySettings, Scope};
use bpx_runtime::http::Method;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use crate::common::Setup;
pub(crate) use crate::common::{Fixture, Plan, bid};

pub(crate) const ORDER: &str = "/api/v1/order";
pub(crate) const ORDERS: &str = "/api/v1/orders";
pub(crate) const FILLS: &str = "/wapi/v1/history/fills";
pub(crate) const HISTORY: &str = "/wapi/v1/history/orders";

const REST: Setup = Setup {
    window_ms: 400,
    settle_max: Duration::from_secs(4),
    listen: |settings| settings.rest = Some(([127, 0, 0, 1], 0).into()),
};

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::built(Plan::default()).await
    }

    pub(crate) async fn built(plan: Plan) -> Self {
        Self::start(&REST, plan).await
    }

    /// Settings of a second gateway over the same dispatch.
    pub(crate) fn settings(&self) -> GatewaySettings {
        let exposed = bpx_venue::exposed().clone();
        GatewaySettings::new(self.dispatch.clone(), exposed, self.state.path())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.gateway.rest_address().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
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

    /// The metric of this exact name and labels; `own` is the fixture's account.
    pub(crate) async fn metric(&self, name: &str) -> Option<f64> {
        let own = format!("\"{}\"", self.dispatch.account());
        let name = &name.replace("\"own\"", &own);
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

pub(crate) async fn send(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// The status and the JSON of a response.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The body of a problem, after checking what all problems have.
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
