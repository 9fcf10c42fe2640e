//! The guard: the checks that every request passes, on both ports.
//!
//! Outermost first: the span and the metrics; `Host`; `Origin`; CORS, where origins are listed; the number of requests
//! in flight; then, for all but a few routes, the token and its rate limit; last the body. These are only two layers,
//! because each layer copies the service inside it at every request.

mod approver;
mod body;
mod hosts;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};
use tracing::{Instrument as _, Span, field, info_span};

use crate::accounts::Accounts;
use crate::caller::{Caller, Protocol};
use crate::connections::Connection;
use crate::error::GatewayError;
use crate::problem::{self, Problem, ProblemCode};
use crate::rate::too_many;
use crate::settings::GatewaySettings;
use crate::shared::Shared;
use crate::trace::TraceParent;
use hosts::AllowedHosts;

/// How a caller gets a token.
pub(crate) const TOKEN_FIX: &str = "send `Authorization: Bearer TOKEN` with the content of read.token or trade.token from the gateway's state folder";

/// The guard of one port.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) accounts: Arc<Accounts>,
    protocol: Protocol,
    hosts: Arc<AllowedHosts>,
    origins: Vec<HeaderValue>,
}

impl Guard {
    pub(crate) fn new(
        accounts: Arc<Accounts>,
        protocol: Protocol,
        address: SocketAddr,
        settings: &GatewaySettings,
    ) -> Result<Self, GatewayError> {
        Ok(Self {
            accounts,
            protocol,
            hosts: Arc::new(AllowedHosts::new(
                address,
                &settings.hosts,
                &settings.origins,
            )),
            origins: hosts::origins(&settings.origins)?,
        })
    }

    /// Puts the outer layer around all routes of the port, those without a token included.
    pub(crate) fn protect(&self, mut routes: Router) -> Router {
        if !self.origins.is_empty() {
            routes = routes.layer(self.cors());
        }
        routes.layer(from_fn_with_state(Arc::new(self.clone()), observed))
    }

    /// Puts the inner layer around routes that need a token: their requests carry a [`Caller`], and either a complete
    /// JSON body or none.
    pub(crate) fn authorize(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self.clone()), authorized))
    }

    /// Puts the inner layer around routes that need no token.
    pub(crate) fn open(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self.clone()), anonymous))
    }

    /// What all accounts share is the same in each.
    fn shared(&self) -> &Shared {
        &self.accounts.first
    }

    /// Identifies the caller, and the account, by the token.
    fn identify(&self, request: &mut Request) -> Result<(), Problem> {
        let token = bearer(request.headers());
        let Some((account, scope)) = token.and_then(|it| self.accounts.of_token(it)) else {
            self.accounts.anonymous.take().map_err(too_many)?;
            return Err(unauthorized(token.is_some()));
        };
        account.rates.request(scope).map_err(too_many)?;
        Self::has_token(request, account);
        // Nothing further in needs the token, so nothing further in can leak it.
        request.headers_mut().remove(AUTHORIZATION);
        let protocol = self.protocol;
        request.extensions_mut().insert(Caller { protocol, scope });
        Ok(())
    }

    /// The request has a token of this account, so its connection is no stranger's.
    fn has_token(request: &mut Request, account: &Arc<Shared>) {
        if let Some(connection) = request.extensions().get::<Arc<Connection>>() {
            connection.has_token();
        }
        if let Some(name) = &account.name {
            Span::current().record("account", name);
        }
        request.extensions_mut().insert(Arc::clone(account));
    }

    fn cors(&self) -> CorsLayer {
        // A browser does not attach the token by itself, so any request header can be allowed.
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.origins.iter().cloned()))
            .allow_methods(AllowMethods::list([
                Method::GET,
                Method::POST,
                Method::DELETE,
            ]))
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers(ExposeHeaders::any())
    }
}

/// Opens a span, counts the request, and checks `Host` and `Origin`. The `Host` check stops a web page whose name was made
/// to point here (DNS rebinding); the `Origin` check stops one that calls under its own name.
async fn observed(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let span = info_span!(
        "request",
        face = guard.protocol.word(),
        method = %request.method(),
        path = request.uri().path(),
        status = field::Empty,
        account = field::Empty,
        trace_id = field::Empty,
        parent_id = field::Empty,
    );
    continue_trace(&span, request.headers());
    let metrics = &guard.shared().metrics;
    let in_flight = metrics.request_started(guard.protocol);
    let response = match guard.hosts.check(&request) {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(problem) => problem.into_response(),
    };
    drop(in_flight);
    span.record("status", response.status().as_u16());
    let problem = response
        .extensions()
        .get::<ProblemCode>()
        .map(|code| code.0);
    metrics.request_finished(guard.protocol, response.status(), problem);
    response
}

fn continue_trace(span: &Span, headers: &HeaderMap) {
    let text = headers
        .get("traceparent")
        .and_then(|value| value.to_str().ok());
    if let Some(parent) = text.and_then(TraceParent::parse) {
        parent.record(span);
    }
}

/// Takes a permit, checks the token and its rate limit, and reads the body.
async fn authorized(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let Ok(_permit) = guard.shared().permits.try_acquire() else {
        return busy().into_response();
    };
    if let Err(problem) = guard.identify(&mut request) {
        return problem.into_response();
    }
    match body::bounded(request, &guard.shared().limits).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Takes a permit, and checks the rate limit of requests without a token.
async fn anonymous(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let Ok(_permit) = guard.shared().permits.try_acquire() else {
        return busy().into_response();
    };
    match guard.accounts.anonymous.take() {
        Ok(()) => next.run(request).await,
        Err(wait) => too_many(wait).into_response(),
    }
}

fn busy() -> Problem {
    Problem::new(problem::BUSY, "too many requests are in flight")
        .fix("wait a second, and call again")
        .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized(was_given: bool) -> Problem {
    let (detail, challenge) = match was_given {
        true => (
            "the token is not one of this gateway's",
            r#"Bearer realm="bpx", error="invalid_token""#,
        ),
        false => ("there is no token", r#"Bearer realm="bpx""#),
    };
    Problem::new(problem::UNAUTHORIZED, detail)
        .fix(TOKEN_FIX)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
