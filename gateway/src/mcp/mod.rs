//! The MCP face: the capability's tools, their schemas and the skill, at `/mcp`, for clients of every protocol version.
//!
//! A call is validated, allowed and journaled by dispatch, as over REST. What this face adds is a person's consent
//! ([`McpSettings::confirm`]), which no argument can stand for.
//!
//! # What is the same call
//!
//! A client whose answer got lost calls again. That is no second order where dispatch knows the call again, by, in this
//! order,
//!
//! 1. the idempotency key in the request's `_meta` under `backpack/idempotencyKey`;
//! 2. the `clientId` of every order in it: the same orders under the same numbers, from the same caller, are the same
//!    call for ever; a new order needs a new number;
//! 3. the consent that was given to it.
//!
//! Then nothing is sent, and the answer is the recorded outcome, marked `replayed`. What has none of the three is sent as
//! often as it is called for.

mod answer;
mod call;
mod confirm;
mod resources;
mod server;
mod settings;
mod summary;
mod text;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use rmcp::model::ProtocolVersion;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use crate::error::GatewayError;
use crate::guard::Guard;
use crate::problem::{self, Problem};
use server::Server;

pub use settings::{Confirm, McpSettings};

/// Where MCP is served.
const PATH: &str = "/mcp";
const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";
/// How long an answer may take from its call to the wire, when the gateway stops.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The routes of the MCP port.
pub(crate) fn router(guard: &Guard, settings: &McpSettings) -> Result<Router, GatewayError> {
    let shared = &guard.shared;
    let server = Server::new(Arc::clone(shared), settings.clone())?;
    let streams = CancellationToken::new();
    if settings.sessions {
        // Their streams have no end of their own.
        tokio::spawn(end(shared.stop.clone(), server.clone(), streams.clone()));
    }
    // Host and Origin are the guard's, whose lists have what the operator added.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_legacy_session_mode(settings.sessions)
        .with_json_response(true)
        .with_max_request_body_bytes(shared.limits.body_bytes_max)
        .with_cancellation_token(streams);
    let manager = Arc::new(LocalSessionManager::default());
    let seats = Seats {
        manager: Arc::clone(&manager),
        max: settings.sessions_max,
    };
    let service = StreamableHttpService::new(move || Ok(server.clone()), manager, config);
    let mut routes = Router::new().route_service(PATH, service);
    if settings.sessions {
        routes = routes.layer(from_fn_with_state(seats, seated));
    }
    Ok(guard.protect(guard.authorize(routes.fallback(no_route))))
}

/// Ends what streams there are, once the gateway stops and no call is under way.
async fn end(stop: CancellationToken, server: Server, streams: CancellationToken) {
    stop.cancelled().await;
    server.idle().await;
    tokio::time::sleep(LAST_WORDS).await;
    streams.cancel();
}

/// How many sessions there may be.
#[derive(Debug, Clone)]
struct Seats {
    manager: Arc<LocalSessionManager>,
    max: usize,
}

/// Refuses who might open a session when there are too many.
async fn seated(State(seats): State<Seats>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let version = headers.get(VERSION).map(HeaderValue::as_bytes);
    let is_modern = version >= Some(ProtocolVersion::V_2026_07_28.as_str().as_bytes());
    let opens = request.method() == Method::POST && !headers.contains_key(SESSION) && !is_modern;
    if opens && seats.manager.sessions.read().await.len() >= seats.max {
        return Problem::new(problem::BUSY, "there are too many sessions")
            .fix("end one, wait until an idle one ends, or use a client of protocol 2026-07-28")
            .with_header(RETRY_AFTER, HeaderValue::from_static("60"))
            .into_response();
    }
    next.run(request).await
}

async fn no_route() -> Problem {
    Problem::new(problem::NOT_FOUND, "nothing is served at this path").fix("MCP is served at /mcp")
}
