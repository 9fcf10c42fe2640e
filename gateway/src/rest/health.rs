//! `/healthz`, `/readyz` and `/metrics`.
//!
//! The first two need no token, because health checks usually have none; their responses are fixed words that say nothing
//! about the account. The metrics show how much is traded, so they need the read token.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bpx_dispatch::{Call, Dispatch, Outcome, Status};
use futures_util::future::join_all;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::accounts::Accounts;
use crate::metrics;
use crate::shared::Shared;

/// How long what was found by writing to the journal and asking the exchange is reused.
const READY_LIFETIME: Duration = Duration::from_secs(5);
/// How long the exchange may take to respond to the probe.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(3);
const OK: &str = "ok";
/// The venue names no operation to probe with.
const UNCHECKED: &str = "unchecked";

/// What was found last, for each account, and when.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Vec<Found>)>>);

/// What it takes a write and a request to find out.
#[derive(Debug, Clone, Copy)]
struct Found {
    ready: bool,
    journal: &'static str,
    exchange: &'static str,
}

/// Whether the account of a gateway is ready or, where accounts have names, each of them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Report {
    One(Ready),
    Several {
        ready: bool,
        accounts: BTreeMap<String, Ready>,
    },
}

/// Whether an account is ready, in fixed words.
#[derive(Debug, Serialize)]
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
    State((accounts, readiness)): State<(Arc<Accounts>, Arc<Readiness>)>,
) -> Response {
    let mut last = readiness.0.lock().await;
    let found = match &*last {
        Some((at, found)) if at.elapsed() < READY_LIFETIME => found.clone(),
        _ => {
            let found = join_all(accounts.iter().map(|account| look(account))).await;
            *last = Some((Instant::now(), found.clone()));
            found
        }
    };
    drop(last);
    let report = Report::new(&accounts, found);
    let status = match report.is_ready() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    json(status, serde_json::to_string(&report).unwrap_or_default())
}

/// `GET /metrics`
pub(super) async fn metrics(State(accounts): State<Arc<Accounts>>) -> Response {
    join_all(accounts.iter().map(|account| status(account))).await;
    let text = accounts.first.metrics.text();
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response()
}

impl Report {
    fn new(accounts: &Accounts, found: Vec<Found>) -> Self {
        let is_one = accounts.others.is_empty() && accounts.first.name.is_none();
        let now = |(account, found): (&Arc<Shared>, Found)| {
            let ready = Ready::new(&account.dispatch, found);
            (account.label.clone(), ready)
        };
        let mut accounts: BTreeMap<_, _> = accounts.iter().zip(found).map(now).collect();
        match accounts.pop_first() {
            Some((_, ready)) if is_one => Self::One(ready),
            first => {
                accounts.extend(first);
                Self::Several {
                    ready: accounts.values().all(|it| it.ready),
                    accounts,
                }
            }
        }
    }

    const fn is_ready(&self) -> bool {
        match self {
            Self::One(Ready { ready, .. }) | Self::Several { ready, .. } => *ready,
        }
    }
}

impl Ready {
    /// With what can be read without asking anybody, as it is now.
    fn new(dispatch: &Dispatch, found: Found) -> Self {
        let word = |is: bool| if is { "on" } else { "off" };
        Self {
            ready: found.ready,
            journal: found.journal,
            exchange: found.exchange,
            kill_switch: word(dispatch.killed().is_some()),
            trading: word(dispatch.trading_off().is_none()),
        }
    }
}

async fn look(shared: &Shared) -> Found {
    let (status, exchange) = tokio::join!(status(shared), probe(&shared.dispatch));
    if let Some(failure) = &status.journal_failure {
        tracing::warn!(failure, "the journal cannot be written");
    }
    Found {
        ready: status.journal_failure.is_none()
            && !status.is_closed
            && [OK, UNCHECKED].contains(&exchange),
        journal: match status.journal_failure {
            None => OK,
            Some(_) => "failing",
        },
        exchange,
    }
}

/// The state of dispatch, recorded in the metrics.
async fn status(shared: &Shared) -> Status {
    let status = shared.dispatch.status().await;
    shared.metrics.record_status(&shared.label, &status);
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
