//! Where faults meet requests.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::header::DATE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use serde_json::Value;

use crate::fault::answer;
use crate::fault::influence::{Influence, skewed};
use crate::fault::kind::{Fault, Stage};
use crate::fault::line::Line;
use crate::fault::registry::{Chosen, Faults, Target};
use crate::http::{self, Operation};
use crate::refusal::Refusal;

/// Names faults for one request, several separated by commas. No signature covers it.
const HEADER: &str = "x-sandbox-fault";

/// How much of a request is remembered.
const PATH_CHARS_MAX: usize = 200;
const SYMBOL_BYTES_MAX: usize = 64;
const SYMBOLS_MAX: usize = 100;

/// The faults of one request on its way through the exchange.
struct Course {
    faults: Arc<Faults>,
    line: Line,
    target: Target,
    chosen: Vec<Chosen>,
    skew_ms: i64,
}

/// The layer around all routes. Where nothing is armed it costs one look at a flag and at the headers.
pub(crate) async fn inject(
    State(faults): State<Arc<Faults>>,
    request: Request,
    next: Next,
) -> Response {
    let concerned =
        faults.is_armed() || faults.skew_ms() != 0 || request.headers().contains_key(HEADER);
    if !concerned {
        return next.run(request).await;
    }
    // To its end even when the client leaves: no exchange takes an order back because nobody listens.
    let course = tokio::spawn(go_wrong(faults, request, next));
    course
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn go_wrong(faults: Arc<Faults>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let line = parts
        .extensions
        .get()
        .map(|ConnectInfo(line): &ConnectInfo<Line>| line.clone());
    let body = match http::read_body(body).await {
        Ok(body) => body,
        Err(refusal) => return http::refuse(refusal),
    };
    let target = target(&parts, &body);
    let named = match named(&parts.headers, target.operation) {
        Ok(named) => named,
        Err(refusal) => return http::refuse(refusal),
    };
    let chosen = in_order([named, faults.choose(&target)].concat());
    let course = Course {
        skew_ms: skew_ms(&faults, &chosen),
        line: line.unwrap_or_default(),
        faults,
        target,
        chosen,
    };
    parts.extensions.insert(course.influence());
    let request = Request::from_parts(parts, Body::from(body));
    course.run(request, next).await
}

impl Course {
    async fn run(self, request: Request, next: Next) -> Response {
        let mut response = None;
        for chosen in self.up_to(Stage::Refuse) {
            self.record(chosen);
            response = self.before(&chosen.fault).await;
        }
        let mut response = match response {
            Some(response) => response,
            None => {
                self.at(Stage::Act).for_each(|chosen| self.record(chosen));
                next.run(request).await
            }
        };
        for chosen in self.from(Stage::Lose) {
            let (changed, took_effect) = self.after(&chosen.fault, response).await;
            response = changed;
            if took_effect {
                self.record(chosen);
            }
        }
        self.date(response)
    }

    /// Does a fault's part before the handler; an answer takes the handler's place.
    async fn before(&self, fault: &Fault) -> Option<Response> {
        match fault {
            Fault::DelayBefore { delay_ms } => {
                wait(*delay_ms).await;
                None
            }
            Fault::DropBefore => {
                self.line.reset();
                Some(().into_response())
            }
            Fault::TooManyRequests { retry_after_s } => {
                Some(answer::too_many_requests(*retry_after_s))
            }
            Fault::Maintenance => Some(answer::error("MAINTENANCE", 503)),
            Fault::Unavailable { .. } => Some(answer::unavailable()),
            Fault::Error { code, status, .. } => Some(answer::error(code, *status)),
            Fault::Html => Some(answer::html()),
            _ => None,
        }
    }

    /// Does a fault's part on the answer, and says whether there was anything to do.
    async fn after(&self, fault: &Fault, response: Response) -> (Response, bool) {
        match fault {
            Fault::DelayAfter { delay_ms } => wait(*delay_ms).await,
            Fault::DropAfter => self.line.reset(),
            Fault::HangUp => self.line.hang_up(),
            Fault::Unavailable { .. } => return (answer::unavailable(), true),
            Fault::Error { code, status, .. } => return (answer::error(code, *status), true),
            Fault::Truncated => return (answer::truncated(response).await, true),
            Fault::CutJson => return (answer::cut(response).await, true),
            Fault::UnknownEnum => return answer::unknown_enum(response).await,
            Fault::UnknownField => return answer::unknown_field(response).await,
            _ => {}
        }
        (response, true)
    }

    fn at(&self, stage: Stage) -> impl Iterator<Item = &Chosen> {
        let there = move |chosen: &&Chosen| chosen.fault.stage() == stage;
        self.chosen.iter().filter(there)
    }

    fn up_to(&self, stage: Stage) -> impl Iterator<Item = &Chosen> {
        let there = move |chosen: &&Chosen| chosen.fault.stage() <= stage;
        self.chosen.iter().filter(there)
    }

    fn from(&self, stage: Stage) -> impl Iterator<Item = &Chosen> {
        let there = move |chosen: &&Chosen| chosen.fault.stage() >= stage;
        self.chosen.iter().filter(there)
    }

    fn record(&self, chosen: &Chosen) {
        self.faults.record(&self.target, chosen.clone());
    }

    fn influence(&self) -> Influence {
        let start = Influence {
            skew_ms: self.skew_ms,
            ..Influence::default()
        };
        self.at(Stage::Act)
            .fold(start, |influence, chosen| influence.with(&chosen.fault))
    }

    /// The server writes the true date itself; a clock that is off shows there too.
    fn date(&self, mut response: Response) -> Response {
        if self.skew_ms != 0 {
            let now = skewed(Utc::now(), self.skew_ms);
            let text = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            if let Ok(value) = HeaderValue::try_from(text) {
                response.headers_mut().insert(DATE, value);
            }
        }
        response
    }
}

async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Faults in the order of their effects. Only one can answer in the handler's place; then no handler
/// acts, so nothing can make it act differently, or hide what it did.
fn in_order(mut chosen: Vec<Chosen>) -> Vec<Chosen> {
    chosen.sort_by_key(|chosen| chosen.fault.stage());
    let refused = chosen
        .iter()
        .position(|chosen| chosen.fault.stage() == Stage::Refuse);
    if let Some(first) = refused {
        let mut at = 0;
        chosen.retain(|chosen| {
            at += 1;
            let stage = chosen.fault.stage();
            at == first + 1 || !matches!(stage, Stage::Refuse | Stage::Act | Stage::Lose)
        });
    }
    chosen
}

fn skew_ms(faults: &Faults, chosen: &[Chosen]) -> i64 {
    let asked = chosen.iter().map(|chosen| match chosen.fault {
        Fault::ClockSkew { skew_ms } => skew_ms,
        _ => 0,
    });
    asked.fold(faults.skew_ms(), i64::saturating_add)
}

/// The faults the header names. What cannot happen to this request is a mistake of the caller.
fn named(headers: &HeaderMap, operation: Option<Operation>) -> Result<Vec<Chosen>, Refusal> {
    let mistake = |reason: String| {
        Refusal::Text(
            StatusCode::BAD_REQUEST,
            format!("X-Sandbox-Fault: {reason}"),
        )
    };
    let mut chosen = Vec::new();
    for value in headers.get_all(HEADER) {
        let text = value
            .to_str()
            .map_err(|_| mistake("not readable text; name faults in ASCII".to_owned()))?;
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let fault: Fault = name.parse().map_err(|error| mistake(format!("{error}")))?;
            if !fault.suits(operation) {
                let reason = format!("{fault} cannot happen to this request; send it with another");
                return Err(mistake(reason));
            }
            chosen.push(Chosen { fault, armed: None });
        }
    }
    Ok(chosen)
}

fn target(parts: &Parts, body: &Bytes) -> Target {
    let (method, path) = (&parts.method, parts.uri.path());
    Target {
        method: method.to_string(),
        path: path.chars().take(PATH_CHARS_MAX).collect(),
        operation: Operation::at(method, path),
        channel: None,
        symbols: symbols(parts, body),
    }
}

/// The symbols a request names, in its query or its body; none where they cannot be read.
fn symbols(parts: &Parts, body: &[u8]) -> Vec<String> {
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    let pairs = query.map(|Query(pairs)| pairs).unwrap_or_default();
    let in_query = pairs.into_iter().filter(|(name, _)| name == "symbol");
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let in_body = match &body {
        Value::Array(rows) => rows.iter().filter_map(symbol).collect(),
        object => Vec::from_iter(symbol(object)),
    };
    let symbols = in_query.map(|(_, symbol)| symbol).chain(in_body);
    let sane = symbols.filter(|symbol| symbol.len() <= SYMBOL_BYTES_MAX);
    sane.take(SYMBOLS_MAX).collect()
}

fn symbol(object: &Value) -> Option<String> {
    object.get("symbol")?.as_str().map(str::to_owned)
}
