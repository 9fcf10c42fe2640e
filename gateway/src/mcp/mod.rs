//! The MCP server: the capability's tools, their schemas and the skill, at `/mcp`, for clients of every protocol
//! version, and over standard input and output.
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
mod events;
mod list;
mod meta;
mod oauth;
mod portable;
mod resources;
mod result;
mod schema;
mod server;
mod sessions;
mod stdio;
mod tools;
#[cfg(test)]
mod vendors;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, Request};
use axum::response::IntoResponse as _;
use axum::routing::any;
use rmcp::transport::StreamableHttpServerConfig;
use tokio_util::sync::CancellationToken;

use crate::error::GatewayError;
use crate::guard::Guard;
use crate::problem::{self, Problem};
use crate::settings::McpSettings;
use crate::shared::Shared;
use server::Server;
use sessions::Sessions;

pub use stdio::serve_stdio;

/// The path of the MCP endpoint.
const PATH: &str = "/mcp";
/// How long a response may take to reach the connection after its call ended, when the gateway stops.
const FLUSH_TIME: Duration = Duration::from_millis(500);

/// The routes of the MCP port.
pub(crate) fn router(guard: &Guard, settings: &McpSettings) -> Result<Router, GatewayError> {
    let sessions = guard
        .accounts
        .iter()
        .map(|account| Ok((Arc::clone(account), sessions(account, settings)?)));
    let sessions: Vec<_> = sessions.collect::<Result<_, GatewayError>>()?;
    // Each account has a server of its own, so that a session or a consent of one means nothing to the others.
    let serve = move |Extension(account): Extension<Arc<Shared>>, request: Request| {
        let own = sessions.iter().find(|(it, _)| Arc::ptr_eq(it, &account));
        let own = own.map(|(_, sessions)| sessions.clone());
        async move {
            match own {
                Some(sessions) => sessions.handle(request).await,
                None => no_route().await.into_response(),
            }
        }
    };
    let routes = Router::new().route(PATH, any(serve)).fallback(no_route);
    let open = guard.open(oauth::routes());
    Ok(guard.protect(guard.authorize(routes).merge(open)))
}

/// The server of one account.
fn sessions(shared: &Arc<Shared>, settings: &McpSettings) -> Result<Sessions, GatewayError> {
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
        .with_json_response(true)
        .with_max_request_body_bytes(shared.limits.body_bytes_max)
        .with_cancellation_token(streams);
    let max = settings.sessions.then_some(settings.sessions_max);
    let body_bytes_max = shared.limits.body_bytes_max;
    Ok(Sessions::new(&server, &config, max, body_bytes_max))
}

/// Ends the streams once the gateway stops and no call is in flight.
async fn end_streams(stop: CancellationToken, server: Server, streams: CancellationToken) {
    stop.cancelled().await;
    server.idle().await;
    tokio::time::sleep(FLUSH_TIME).await;
    streams.cancel();
}

async fn no_route() -> Problem {
    Problem::new(problem::NOT_FOUND, "nothing is served at this path").fix("MCP is served at /mcp")
}
