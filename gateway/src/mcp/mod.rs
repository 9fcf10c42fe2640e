//! The MCP server: the capability's tools, their schemas and the skill, at `/mcp`, for clients of every protocol version.
//!
//! Dispatch validates, allows and journals a call, as it does over REST. The MCP server adds a person's consent
//! ([`Confirm`](crate::Confirm)), for which no argument can stand.
//!
//! # Repeated calls
//!
//! A client that lost a response calls again. Dispatch recognizes the call by, in this order,
//!
//! 1. the idempotency key in the request's `_meta`, under `PREFIX/idempotencyKey`, where the prefix is the first word of
//!    the server's namespace in the capability file;
//! 2. the client order id of every order in it: the same orders with the same ids, from the same caller, are the same
//!    call for ever; a new order needs a new id;
//! 3. the consent that was given to it.
//!
//! Then nothing is sent, and the result is the recorded outcome, marked `replayed`. A call with none of the three is sent
//! each time.

mod call;
mod confirm;
mod meta;
mod resources;
mod result;
mod server;
mod summary;
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
use crate::settings::McpSettings;
use server::Server;

/// The path of the MCP endpoint.
const PATH: &str = "/mcp";
const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";
/// How long a response may take to reach the connection after its call ended, when the gateway stops.
const FLUSH_TIME: Duration = Duration::from_millis(500);

/// The routes of the MCP port.
pub(crate) fn router(guard: &Guard, settings: &McpSettings) -> Result<Router, GatewayError> {
    let shared = &guard.shared;
    let server = Server::new(Arc::clone(shared), settings.clone())?;
    let streams = CancellationToken::new();
    if settings.sessions {
        // The streams of sessions do not end by themselves.
        tokio::spawn(end_streams(
            shared.stop.clone(),
            server.clone(),
            streams.clone(),
        ));
    }
    // The guard checks Host and Origin, with what the operator added.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_legacy_session_mode(settings.sessions)
        .with_json_response(true)
        .with_max_request_body_bytes(shared.limits.body_bytes_max)
        .with_cancellation_token(streams);
    let manager = Arc::new(LocalSessionManager::default());
    let limit = SessionLimit {
        manager: Arc::clone(&manager),
        max: settings.sessions_max,
    };
    let service = StreamableHttpService::new(move || Ok(server.clone()), manager, config);
    let mut routes = Router::new().route_service(PATH, service);
    if settings.sessions {
        routes = routes.layer(from_fn_with_state(limit, limit_sessions));
    }
    Ok(guard.protect(guard.authorize(routes.fallback(no_route))))
}

/// Ends the streams once the gateway stops and no call is in flight.
async fn end_streams(stop: CancellationToken, server: Server, streams: CancellationToken) {
    stop.cancelled().await;
    server.idle().await;
    tokio::time::sleep(FLUSH_TIME).await;
    streams.cancel();
}

/// The maximum number of sessions.
#[derive(Debug, Clone)]
struct SessionLimit {
    manager: Arc<LocalSessionManager>,
    max: usize,
}

/// Refuses a request that opens a session when there are too many.
async fn limit_sessions(
    State(limit): State<SessionLimit>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let version = headers.get(VERSION).map(HeaderValue::as_bytes);
    let is_modern = version >= Some(ProtocolVersion::V_2026_07_28.as_str().as_bytes());
    let opens = request.method() == Method::POST && !headers.contains_key(SESSION) && !is_modern;
    if opens && limit.manager.sessions.read().await.len() >= limit.max {
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
