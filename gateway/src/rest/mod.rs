//! The REST server: the capability's routes, their documentation, and monitoring.

mod approve;
mod arguments;
mod consent;
mod docs;
mod events;
mod headers;
mod health;
mod openapi;
mod page;
mod paths;
mod response;

use std::sync::Arc;

use axum::extract::{RawPathParams, RawQuery};
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use axum::{Extension, Router};
use bpx_capability::exposed::Route;
use bpx_dispatch::Call;
use bytes::Bytes;

use crate::caller::Caller;
use crate::error::GatewayError;
use crate::guard::Guard;
use crate::problem::{self, Problem};
use crate::shared::Shared;
use crate::{failure, interface};
use arguments::{RequestParts, arguments};

const METRICS: &str = "/metrics";
const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The routes of the REST port.
///
/// # Errors
/// [`GatewayError::Route`]: a route of the capability that cannot be served.
pub(crate) fn router(guard: &Guard) -> Result<Router, GatewayError> {
    // All accounts have the same routes.
    let exposed = &guard.accounts.first.exposed;
    let own: Vec<_> = [METRICS, HEALTHZ, READYZ, events::PATH, openapi::PATH]
        .into_iter()
        .chain(docs::paths())
        .chain(approve::paths())
        .collect();
    paths::check(exposed, &own)?;
    let readiness = Arc::new(health::Readiness::default());
    let metrics = get(health::metrics).with_state(Arc::clone(&guard.accounts));
    let mut private = Router::new()
        .route(METRICS, metrics)
        .route(events::PATH, get(events::events));
    for route in exposed.routes() {
        private = private.route(&route.path, method(Arc::clone(route)));
    }
    let readyz = get(health::readyz).with_state((Arc::clone(&guard.accounts), readiness));
    let open = Router::new()
        .route(HEALTHZ, get(health::healthz))
        .route(READYZ, readyz)
        .merge(openapi::router(exposed))
        .merge(docs::router())
        .merge(approve::page())
        .fallback(no_route);
    let private = guard.authorize(private.method_not_allowed_fallback(no_method));
    let open = guard.open(open.method_not_allowed_fallback(no_method));
    Ok(guard.protect(open.merge(private).merge(approve::router(guard))))
}

/// One route of the capability. A method that HTTP does not know is not served.
fn method(route: Arc<Route>) -> MethodRouter {
    let name = axum::http::Method::from_bytes(route.method.as_bytes());
    let filter = name.ok().and_then(|name| MethodFilter::try_from(name).ok());
    let Some(filter) = filter else {
        return MethodRouter::new();
    };
    let handler = move |Extension(caller): Extension<Caller>,
                        Extension(shared): Extension<Arc<Shared>>,
                        path: RawPathParams,
                        RawQuery(query): RawQuery,
                        headers: HeaderMap,
                        body: Bytes| {
        let route = Arc::clone(&route);
        async move {
            let request = RequestParts {
                path: path.iter().collect(),
                query: query.as_deref().unwrap_or_default(),
                headers: &headers,
                body: &body,
            };
            match call(&shared, caller, &route, &request).await {
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
    route: &Route,
    request: &RequestParts<'_>,
) -> Result<Response, Problem> {
    let served = route.interface();
    let given = interface::bound(served, arguments(served, request)?);
    let given = given.map_err(|error| failure::not_made(&error))?;
    let mut call = Call::new(&route.operation, given, "");
    call.idempotency_key = idempotency_key(request.headers)?;
    consent::sought(shared, caller, &route.operation.summary, &mut call).await?;
    match shared.call(caller, call).await {
        Ok(settled) => Ok(response::settled(&interface::shaped(served, settled))),
        Err(error) => Err(failure::not_made(&interface::named(served, error))),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        let detail = "the Idempotency-Key is given twice, or is not text";
        Problem::new(problem::KEY_INVALID, detail)
            .fix("give it once, as 1 to 255 visible ASCII characters")
    })
}

async fn no_route() -> Problem {
    Problem::new(problem::NOT_FOUND, "nothing is served at this path")
        .fix("see /docs or /openapi.json for the routes")
}

/// The router adds the Allow header.
async fn no_method() -> Problem {
    Problem::new(problem::METHOD, "this path is served by other methods")
        .fix("use one of the methods in the Allow header")
}
