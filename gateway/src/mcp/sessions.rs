//! Which requests belong to a session, and how many sessions a token may have.
//!
//! A client from before 2026-07-28 gets a session when it says `initialize`: it can be asked for consent only within
//! one. Every other request without a session stands alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde::Deserialize;

use super::server::Server;
use crate::caller::{Caller, Scope};
use crate::problem::{self, Problem};

const SESSION: &str = "mcp-session-id";

type Service = StreamableHttpService<Server, LocalSessionManager>;

/// The MCP service with sessions beside the one without.
#[derive(Clone)]
pub(super) struct Sessions {
    inner: Arc<Inner>,
}

struct Inner {
    /// None where sessions are off.
    with: Option<Service>,
    without: Service,
    manager: Arc<LocalSessionManager>,
    max: usize,
    body_bytes_max: usize,
    /// The token that opened each session.
    owners: Mutex<HashMap<String, Scope>>,
}

/// As much of a request as says whether it opens a session.
#[derive(Deserialize)]
struct Opening<'a> {
    #[serde(borrow)]
    method: Option<std::borrow::Cow<'a, str>>,
}

impl Sessions {
    /// At most `max` sessions for each token, or none at all.
    pub(super) fn new(
        server: &Server,
        config: &StreamableHttpServerConfig,
        max: Option<usize>,
        body_bytes_max: usize,
    ) -> Self {
        let manager = Arc::new(LocalSessionManager::default());
        let service = |has_sessions: bool| {
            let server = server.clone();
            let config = config.clone().with_legacy_session_mode(has_sessions);
            StreamableHttpService::new(move || Ok(server.clone()), Arc::clone(&manager), config)
        };
        let inner = Inner {
            with: max.map(|_| service(true)),
            without: service(false),
            manager: Arc::clone(&manager),
            max: max.unwrap_or_default(),
            body_bytes_max,
            owners: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(super) async fn handle(self, request: Request) -> Response {
        let inner = &self.inner;
        let Some(with) = &inner.with else {
            return inner.without.handle(request).await.into_response();
        };
        if request.method() != Method::POST || request.headers().contains_key(SESSION) {
            return with.handle(request).await.into_response();
        }
        let (parts, body) = request.into_parts();
        // The guard has read it already, within the same limit.
        let body = to_bytes(body, inner.body_bytes_max)
            .await
            .unwrap_or_default();
        let opens = opens_session(&body);
        let scope = parts.extensions.get::<Caller>().map(|caller| caller.scope);
        let request = Request::from_parts(parts, Body::from(body));
        if !opens {
            return inner.without.handle(request).await.into_response();
        }
        let scope = scope.unwrap_or(Scope::Read);
        if inner.count(scope).await >= inner.max {
            return too_many();
        }
        let response = with.handle(request).await.into_response();
        inner.opened(response.headers(), scope);
        response
    }
}

impl Inner {
    /// How many sessions a token has that have not ended.
    async fn count(&self, scope: Scope) -> usize {
        let open = self.manager.sessions.read().await;
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.retain(|id, _| open.contains_key(id.as_str()));
        owners.values().filter(|owner| **owner == scope).count()
    }

    fn opened(&self, headers: &HeaderMap, scope: Scope) {
        let id = headers.get(SESSION).and_then(|id| id.to_str().ok());
        if let Some(id) = id {
            let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
            owners.insert(id.to_owned(), scope);
        }
    }
}

fn opens_session(body: &Bytes) -> bool {
    let opening = serde_json::from_slice::<Opening<'_>>(body);
    opening.is_ok_and(|opening| opening.method.as_deref() == Some("initialize"))
}

fn too_many() -> Response {
    Problem::new(problem::BUSY, "there are too many sessions of this token")
        .fix("end one, wait until an idle one ends, or use a client of protocol 2026-07-28")
        .with_header(RETRY_AFTER, HeaderValue::from_static("60"))
        .into_response()
}
