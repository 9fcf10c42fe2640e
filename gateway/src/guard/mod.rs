//! The guard: what every request passes, on both ports, before a face sees it.
//!
//! Outermost first: the span and its metrics; `Host`; `Origin`; CORS, where origins are listed; the number of requests
//! under way; then, for all but a few routes, the token and its rate; last the body. It is two layers, for each layer
//! copies what is within it at every request.

mod body;
mod names;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};
use tracing::{Instrument as _, field, info_span};

use crate::caller::{Caller, Face};
use crate::error::GatewayError;
use crate::problem::{self, Code, Problem};
use crate::settings::GatewaySettings;
use crate::shared::Shared;
use crate::trace::TraceParent;
use names::Names;

/// The guard of one port.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) shared: Arc<Shared>,
    face: Face,
    names: Arc<Names>,
    origins: Vec<HeaderValue>,
}

impl Guard {
    pub(crate) fn new(
        shared: Arc<Shared>,
        face: Face,
        address: SocketAddr,
        settings: &GatewaySettings,
    ) -> Result<Self, GatewayError> {
        Ok(Self {
            shared,
            face,
            names: Arc::new(Names::new(address, &settings.hosts, &settings.origins)),
            origins: names::origins(&settings.origins)?,
        })
    }

    /// Puts the outer layer around all routes of the port, those without a token included.
    pub(crate) fn protect(&self, mut routes: Router) -> Router {
        if !self.origins.is_empty() {
            routes = routes.layer(self.cors());
        }
        routes.layer(from_fn_with_state(Arc::new(self.clone()), observed))
    }

    /// Puts the inner layer around routes that need a token: their requests carry a [`Caller`], and a body that is whole
    /// and JSON, or none.
    pub(crate) fn authorize(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self.clone()), authorized))
    }

    /// Puts the inner layer around routes that need no token.
    pub(crate) fn open(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self.clone()), unnamed))
    }

    /// Knows the caller by the token.
    fn know(&self, request: &mut Request) -> Result<(), Problem> {
        let token = bearer(request.headers());
        let scope = token.and_then(|token| self.shared.tokens.scope(token));
        self.shared.rates.request(scope).map_err(too_many)?;
        let scope = scope.ok_or_else(|| unauthorized(token.is_some()))?;
        // Nobody further in needs it, so nobody further in can show it.
        request.headers_mut().remove(AUTHORIZATION);
        let face = self.face;
        request.extensions_mut().insert(Caller { face, scope });
        Ok(())
    }

    fn cors(&self) -> CorsLayer {
        // A token is no cookie: a page has to have it to send it, whatever it names its headers.
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

/// A span for each request, its place in the metrics, and its names. A web page that has its name point here (DNS
/// rebinding) is stopped by its `Host`, one that calls under its own name by its `Origin`.
async fn observed(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let span = info_span!(
        "request",
        face = guard.face.word(),
        method = %request.method(),
        path = request.uri().path(),
        status = field::Empty,
        trace_id = field::Empty,
        parent_id = field::Empty,
    );
    continue_trace(&span, request.headers());
    let metrics = &guard.shared.metrics;
    let under_way = metrics.begins(guard.face);
    let response = match guard.names.check(&request) {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(problem) => problem.into_response(),
    };
    drop(under_way);
    span.record("status", response.status().as_u16());
    let problem = response.extensions().get::<Code>().map(|code| code.0);
    metrics.answered(guard.face, response.status(), problem);
    response
}

fn continue_trace(span: &tracing::Span, headers: &HeaderMap) {
    let text = headers
        .get("traceparent")
        .and_then(|value| value.to_str().ok());
    if let Some(parent) = text.and_then(TraceParent::parse) {
        parent.record(span);
    }
}

/// A place, the token and how often it is used, the body.
async fn authorized(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let Ok(_place) = guard.shared.places.try_acquire() else {
        return busy().into_response();
    };
    if let Err(problem) = guard.know(&mut request) {
        return problem.into_response();
    }
    match body::bounded(request, &guard.shared.limits).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// A place, and how often routes are called that need no token.
async fn unnamed(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let Ok(_place) = guard.shared.places.try_acquire() else {
        return busy().into_response();
    };
    match guard.shared.rates.request(None) {
        Ok(()) => next.run(request).await,
        Err(wait) => too_many(wait).into_response(),
    }
}

fn busy() -> Problem {
    Problem::new(problem::BUSY, "too many requests are under way")
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
            "the token is none of this gateway's",
            r#"Bearer realm="bpx", error="invalid_token""#,
        ),
        false => ("there is no token", r#"Bearer realm="bpx""#),
    };
    Problem::new(problem::UNAUTHORIZED, detail)
        .fix("send `Authorization: Bearer TOKEN` with the content of read.token or trade.token from the gateway's state folder")
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

/// One request or call too many.
pub(crate) fn too_many(wait: std::time::Duration) -> Problem {
    let wait_s = wait.as_secs() + 1;
    Problem::new(problem::RATE, "this token is used too often")
        .fix(format!("wait {wait_s} s, and call again"))
        .with_header(RETRY_AFTER, HeaderValue::from(wait_s))
}
