//! From an outcome, or a refusal, to a response.

use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use axum::response::{IntoResponse, Response};
use bpx_dispatch::{
    Accepted, Done, Finding, Note, Outcome, PageHeaders, Refused, Rejected, Settled, Source,
    Unknown, Witness,
};
use serde_json::{Map, Value, json};

use crate::guard::too_many;
use crate::problem::{self, PROBLEMS, Problem};
use crate::shared::Denied;

/// More notes than this are not repeated in headers.
const NOTES_MAX: usize = 20;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

const CLIENT_ID: HeaderName = HeaderName::from_static("x-client-id");
const INTENT: HeaderName = HeaderName::from_static("x-intent");
const OUTCOME: HeaderName = HeaderName::from_static("x-outcome");
const SOURCE: HeaderName = HeaderName::from_static("x-source");
const NOTE: HeaderName = HeaderName::from_static("x-note");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How the call ended, as a response.
pub(super) fn settled(settled: Settled) -> Response {
    let headers = headers(&settled);
    let mut response = match &settled.outcome {
        Outcome::Done(done) => self::done(done),
        Outcome::Accepted(accepted) => self::accepted(accepted, &settled),
        Outcome::Rejected(it) => about(rejected(it), &settled).into_response(),
        Outcome::Unknown(it) => about(unknown(it, &settled), &settled).into_response(),
    };
    response.headers_mut().extend(headers);
    response
}

/// Why a call did not do what it was to do; none where it did, or may yet.
pub(crate) fn failure(settled: &Settled) -> Option<Problem> {
    let problem = match &settled.outcome {
        Outcome::Done(_) | Outcome::Accepted(_) => return None,
        Outcome::Rejected(it) => rejected(it),
        Outcome::Unknown(it) => unknown(it, settled),
    };
    Some(about(problem, settled))
}

/// Why the call was not made.
pub(crate) fn denied(denied: Denied) -> Problem {
    match denied {
        Denied::Scope { operation } => {
            let detail =
                format!("{operation} changes the account, and the token allows reading only");
            let problem = Problem::new(problem::SCOPE, detail).fix("use the token in trade.token");
            problem.with("outcome", "refused")
        }
        Denied::Rate { wait } => too_many(wait).with("outcome", "refused"),
        Denied::Refused(refused) => self::refused(&refused),
    }
}

fn done(done: &Done) -> Response {
    let status = StatusCode::from_u16(done.status).unwrap_or(StatusCode::OK);
    let mut response = (status, done.body.get().to_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    if let Some(page) = done.page {
        page_headers(headers, page);
    }
    if done.source != Source::Response {
        put(headers, SOURCE, done.source.word());
    }
    response
}

fn page_headers(headers: &mut HeaderMap, page: PageHeaders) {
    for (name, number) in [
        ("x-page-count", page.page_count),
        ("x-current-page", page.current_page),
        ("x-page-size", page.page_size),
        ("x-total", page.total),
    ] {
        if let Some(number) = number {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
        }
    }
}

fn accepted(accepted: &Accepted, settled: &Settled) -> Response {
    let mut body = Map::new();
    body.insert("outcome".to_owned(), "accepted".into());
    body.insert("detail".to_owned(), accepted.why.clone().into());
    body.insert("next".to_owned(), accepted.next.clone().into());
    body.extend(identity(settled));
    let mut response = (StatusCode::ACCEPTED, Value::Object(body).to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

fn rejected(rejected: &Rejected) -> Problem {
    let Rejected {
        by,
        status,
        code,
        message,
        retry_after,
        order,
        ..
    } = rejected;
    let kind = match by {
        Witness::Response => problem::EXCHANGE,
        _ if code.as_deref() == Some(problem::TOO_LATE.code) => problem::TOO_LATE,
        _ => problem::NOT_CARRIED_OUT,
    };
    let mut problem = Problem::new(kind, message.clone()).fix(what_to_do(kind, *status));
    if *by == Witness::Response {
        // What reads the exchange's own errors reads these too.
        problem = problem
            .with("message", message.clone())
            .with_status(status.filter(|status| *status >= 400).unwrap_or(502));
    }
    if let Some(code) = code {
        problem = problem.with("code", code.clone());
    }
    if let Some(wait) = retry_after {
        problem = problem.with("retryAfter", wait.clone());
        if let Ok(wait) = HeaderValue::from_str(wait) {
            problem = problem.with_header(RETRY_AFTER, wait);
        }
    }
    if let Some(order) = order
        && let Ok(order) = serde_json::from_str::<Value>(order.get())
    {
        problem = problem.with("order", order);
    }
    problem
}

fn what_to_do(kind: problem::ProblemKind, status: Option<u16>) -> &'static str {
    match status {
        _ if kind == problem::TOO_LATE => "read `order`, the order history and the fills",
        _ if kind == problem::NOT_CARRIED_OUT => {
            "it is safe to call again, with a new idempotency key"
        }
        Some(401 | 403) => "check the gateway's key and clock, and what the account may do",
        Some(404) => "look at the order history and the fills: the order may have ended",
        Some(429 | 500..) => "wait, and call again with a new idempotency key",
        _ => "change the call as code and detail say; a new call needs a new idempotency key",
    }
}

/// A read whose end is not known can be made again; a write cannot.
fn unknown(unknown: &Unknown, settled: &Settled) -> Problem {
    let kind = match settled.intent {
        Some(_) => problem::UNKNOWN,
        None => problem::UNREADABLE,
    };
    Problem::new(kind, unknown.why.clone())
        .fix(unknown.next.clone())
        .with("next", unknown.next.clone())
}

fn refused(refused: &Refused) -> Problem {
    let code = refused.code();
    let kind = PROBLEMS.iter().find(|kind| kind.code == code);
    let text = refused.to_string();
    let (detail, fix) = match (refused.findings(), text.rsplit_once("; ")) {
        ([_, ..], _) => (
            text.split(":\n").next().unwrap_or_default(),
            "see the findings",
        ),
        ([], Some((detail, fix))) => (detail, fix),
        ([], None) => (text.as_str(), "see the gateway's log"),
    };
    let fix = match refused {
        Refused::Killed { .. } => {
            "reads and cancellations still go through; who runs the gateway can turn it off"
        }
        Refused::TradingDisabled { .. } => {
            "its operator can start the gateway with trading allowed, if the policy file allows it too"
        }
        _ => fix,
    };
    let is_open = matches!(refused, Refused::InFlight { .. } | Refused::Lost);
    let mut problem = Problem::new(kind.copied().unwrap_or(problem::INTERNAL), detail)
        .fix(fix)
        .with("code", code)
        .with("outcome", if is_open { "unknown" } else { "refused" });
    if !refused.findings().is_empty() {
        problem = problem.with("findings", findings(refused.findings()));
    }
    match refused {
        Refused::InFlight { intent } => problem
            .with("intent", intent.clone())
            .with_header(RETRY_AFTER, HeaderValue::from_static("1")),
        Refused::KeyReused { intent, .. } | Refused::ClientIdInUse { intent, .. } => {
            problem.with("intent", intent.clone())
        }
        Refused::Closed => problem.with_header(RETRY_AFTER, HeaderValue::from_static("5")),
        _ => problem,
    }
}

fn findings(findings: &[Finding]) -> Value {
    let values = findings.iter().map(|finding| json!(finding));
    Value::Array(values.collect())
}

/// Which call it was, in the body of a problem.
fn about(problem: Problem, settled: &Settled) -> Problem {
    let problem = problem.with("outcome", settled.outcome.kind());
    identity(settled)
        .into_iter()
        .fold(problem, |problem, (name, value)| problem.with(&name, value))
}

pub(crate) fn identity(settled: &Settled) -> Vec<(String, Value)> {
    let mut members = Vec::new();
    if let Some(intent) = &settled.intent {
        members.push(("intent".to_owned(), intent.clone().into()));
    }
    if !settled.client_ids.is_empty() {
        members.push(("clientIds".to_owned(), settled.client_ids.clone().into()));
    }
    if !settled.notes.is_empty() {
        members.push(("notes".to_owned(), json!(settled.notes)));
    }
    members
}

/// Which call it was, in headers: they come with every outcome.
fn headers(settled: &Settled) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    put(&mut headers, OUTCOME, settled.outcome.kind());
    if let Some(intent) = &settled.intent {
        put(&mut headers, INTENT, intent);
    }
    let ids: Vec<_> = settled.client_ids.iter().map(u32::to_string).collect();
    if !ids.is_empty() {
        put(&mut headers, CLIENT_ID, &ids.join(", "));
    }
    if settled.replayed {
        put(&mut headers, REPLAYED, "true");
    }
    for note in settled.notes.iter().take(NOTES_MAX) {
        if let Some(value) = note_value(note) {
            headers.append(NOTE, value);
        }
    }
    headers
}

fn note_value(note: &Note) -> Option<HeaderValue> {
    let place = [note.rule, &note.pointer].join(" ");
    let text = format!("{}: {}", place.trim_end(), note.text);
    let visible = |c: char| if c.is_ascii_graphic() { c } else { ' ' };
    let text: String = text.chars().map(visible).collect();
    HeaderValue::from_str(text.trim()).ok()
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
