//! `/healthz`, `/readyz` and `/metrics`.
//!
//! The first two need no token, because health checks usually have none; their responses are fixed words that say nothing
//! about the account. The metrics show how much is traded, so they need the read token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bpx_dispatch::{Call, Dispatch, Outcome, Status};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::metrics;
use crate::shared::Shared;

/// How long a result of the readiness check is reused.
const READY_LIFETIME: Duration = Duration::from_secs(5);
/// How long the exchange may take to respond to the probe.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(3);
const OK: &str = "ok";
/// The venue names no operation to probe with.
const UNCHECKED: &str = "unchecked";

/// The last result of the readiness check, and its time.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Ready)>>);

/// The response of `/readyz`, in fixed words.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    ready: bool,
    journal: &'static str,
    exchange: &'static str,
    /// Does not affect `ready`: reads and cancellations still work.
    kill_switch: &'static str,
    /// Does not affect `ready`: reads still work.
    trading: &'static str,
}

/// `GET /healthz`
pub(super) async fn healthz() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

/// `GET /readyz`
pub(super) async fn readyz(
    State((shared, readiness)): State<(Arc<Shared>, Arc<Readiness>)>,
) -> Response {
    let mut last = readiness.0.lock().await;
    let ready = match *last {
        Some((at, ready)) if at.elapsed() < READY_LIFETIME => ready,
        _ => {
            let ready = look(&shared).await;
            *last = Some((Instant::now(), ready));
            ready
        }
    };
    drop(last);
    let status = match ready.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    json(status, serde_json::to_string(&ready).unwrap_or_default())
}

/// `GET /metrics`
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    status(&shared).await;
    let text = shared.metrics.text();
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response()
}

async fn look(shared: &Shared) -> Ready {
    let (status, exchange) = tokio::join!(status(shared), probe(&shared.dispatch));
    if let Some(failure) = &status.journal_failure {
        tracing::warn!(failure, "the journal cannot be written");
    }
    let word = |is: bool, yes, no| if is { yes } else { no };
    Ready {
        ready: status.journal_failure.is_none()
            && !status.is_closed
            && [OK, UNCHECKED].contains(&exchange),
        journal: word(status.journal_failure.is_none(), OK, "failing"),
        exchange,
        kill_switch: word(status.killed.is_some(), "on", "off"),
        trading: word(status.trading_off.is_none(), "on", "off"),
    }
}

/// The state of dispatch, recorded in the metrics.
async fn status(shared: &Shared) -> Status {
    let status = shared.dispatch.status().await;
    shared.metrics.record_status(&status);
    status
}

/// Calls the venue's probe. An exchange that refuses it does so for the key or the clock.
async fn probe(dispatch: &Dispatch) -> &'static str {
    let probe = dispatch.venue().probe();
    let found = probe.and_then(|(id, arguments)| Some((dispatch.api().operation(id)?, arguments)));
    let Some((operation, arguments)) = found else {
        return UNCHECKED;
    };
    let call = dispatch.call(Call::new(operation, arguments, "gateway:ready"));
    match timeout(EXCHANGE_TIMEOUT, call)
        .await
        .map(|result| result.map(|settled| settled.outcome))
    {
        Ok(Ok(Outcome::Done(_))) => OK,
        Ok(Ok(Outcome::Rejected(rejected))) if rejected.status.is_some() => {
            tracing::warn!(
                code = rejected.code,
                message = rejected.message,
                "the exchange refuses; check key and clock"
            );
            "refusing"
        }
        _ => "unreachable",
    }
}

fn json(status: StatusCode, body: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
