//! `/approve`: a page where a person decides about the calls that wait, and what it calls.

use std::sync::Arc;
use std::time::SystemTime;

use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::page::{self, File};
use crate::approval::{Decision, PAGE};
use crate::error::ApprovalError;
use crate::guard::Guard;
use crate::problem::{self, Problem};
use crate::shared::Shared;

const WAITING: &str = "/approve/waiting";

const FILES: &[File] = &[
    (PAGE, "text/html; charset=utf-8", include_str!("page.html")),
    (
        "/approve/page.js",
        "text/javascript; charset=utf-8",
        include_str!("page.js"),
    ),
    (
        "/approve/page.css",
        "text/css; charset=utf-8",
        include_str!("page.css"),
    ),
];

/// The paths of the page, its files, and what it calls.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, ..)| *path).chain([WAITING])
}

/// The page itself holds nothing that needs a token.
pub(super) fn page() -> Router {
    page::router(FILES)
}

/// What the page calls: it needs `approve.token`.
pub(super) fn router(guard: &Guard) -> Router {
    let routes = Router::new()
        .route(WAITING, get(waiting).post(decide))
        .method_not_allowed_fallback(super::no_method);
    guard.authorize_approver(routes)
}

/// The time stands beside the calls, so that a page needs no clock of its own.
async fn waiting(Extension(shared): Extension<Arc<Shared>>) -> Response {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now_ms = u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
    match shared.approvals.waiting() {
        Ok(calls) => respond(json!({"nowMs": now_ms, "waiting": calls})),
        Err(error) => problem(&error).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    id: String,
    decision: Decision,
}

async fn decide(Extension(shared): Extension<Arc<Shared>>, body: Bytes) -> Response {
    let Ok(Decided { id, decision }) = serde_json::from_slice(&body) else {
        return Problem::new(problem::MALFORMED, "the body is no decision")
            .fix(r#"send `{"id":"ID","decision":"approve"}`, or `"decline"`"#)
            .into_response();
    };
    match shared.approvals.decide(&id, decision) {
        Ok(call) => {
            respond(json!({"id": id, "decision": decision, "outlook": call.outlook(decision)}))
        }
        Err(error) => problem(&error).into_response(),
    }
}

fn respond(body: serde_json::Value) -> Response {
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn problem(error: &ApprovalError) -> Problem {
    let (kind, fix) = match error {
        ApprovalError::NotWaiting { .. } => (problem::NOT_WAITING, "have the call made again"),
        ApprovalError::Decided { .. } => (problem::DECIDED, "nothing is left to do"),
        _ => (
            problem::INTERNAL,
            "see the folder `approvals` and approve.token in the gateway's state folder",
        ),
    };
    Problem::new(kind, error.to_string()).fix(fix)
}
