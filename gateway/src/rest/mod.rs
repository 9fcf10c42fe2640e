//! The REST face: the capability's routes, and what describes and watches them.

pub(crate) mod answer;
mod arguments;
mod docs;
mod health;
mod openapi;

use std::sync::Arc;

use axum::extract::{RawPathParams, RawQuery};
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use axum::{Extension, Router};
use bpx_client::capability::REST;
use bpx_dispatch::Call;
use bpx_runtime::capability::Route;
use bytes::Bytes;

use crate::caller::Caller;
use crate::guard::Guard;
use crate::problem::{self, Problem};
use crate::shared::Shared;
use arguments::{Given, arguments};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The routes of the REST port.
pub(crate) fn router(guard: &Guard) -> Router {
    let shared = &guard.shared;
    let readiness = Arc::new(health::Readiness::default());
    let mut private = Router::new().route(
        "/metrics",
        get(health::metrics).with_state(Arc::clone(shared)),
    );
    for route in REST.iter().flat_map(|server| server.routes) {
        private = private.route(route.path, method(route, shared));
    }
    let open = Router::new()
        .route("/healthz", get(health::healthz))
        .route(
            "/readyz",
            get(health::readyz).with_state((Arc::clone(shared), readiness)),
        )
        .merge(openapi::router())
        .merge(docs::router())
        .fallback(no_route);
    let private = guard.authorize(private.method_not_allowed_fallback(no_method));
    let open = guard.open(open.method_not_allowed_fallback(no_method));
    guard.protect(open.merge(private))
}

/// One route of the capability. Methods that HTTP does not know are none here either.
fn method(route: &'static Route, shared: &Arc<Shared>) -> MethodRouter {
    let name = axum::http::Method::from_bytes(route.method.as_bytes());
    let filter = name.ok().and_then(|name| MethodFilter::try_from(name).ok());
    let Some(filter) = filter else {
        return MethodRouter::new();
    };
    let shared = Arc::clone(shared);
    let handler = move |Extension(caller): Extension<Caller>,
                        path: RawPathParams,
                        RawQuery(query): RawQuery,
                        headers: HeaderMap,
                        body: Bytes| {
        let shared = Arc::clone(&shared);
        async move {
            let given = Given {
                path: path.iter().collect(),
                query: query.as_deref().unwrap_or_default(),
                headers: &headers,
                body: &body,
            };
            match call(&shared, caller, route, &given).await {
                Ok(response) => response,
                Err(problem) => problem.into_response(),
            }
        }
    };
    on(filter, handler)
}

async fn call(
    shared: &Shared,
    caller: Caller,
    route: &'static Route,
    given: &Given<'_>,
) -> Result<Response, Problem> {
    let operation = route.operation;
    let mut call = Call::new(operation, arguments(operation, given)?, "");
    call.idempotency_key = idempotency_key(given.headers)?;
    let result = shared.call(caller, call).await;
    result.map(answer::settled).map_err(answer::denied)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        let detail = "the Idempotency-Key is given twice, or no text";
        Problem::new(problem::KEY_INVALID, detail)
            .fix("give it once, as 1 to 255 visible ASCII characters")
    })
}

async fn no_route() -> Problem {
    Problem::new(problem::NOT_FOUND, "nothing is served at this path")
        .fix("see /docs or /openapi.json for the routes")
}

/// The Allow header is the router's.
async fn no_method() -> Problem {
    Problem::new(problem::METHOD, "this path is served by other methods")
        .fix("use one of the methods in the Allow header")
}
