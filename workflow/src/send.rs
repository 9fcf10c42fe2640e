//! One request: through dispatch, which settles it, or to another service as it is.

use std::time::Instant;

use bpx_venue::operations::CANCEL_ORDER;
use bpx_contract::model::{Location, Operation as Described};
use bpx_dispatch::{
    self as dispatch, Dispatch, Done, Outcome, Refused, Rejected, Settled, Source, Witness,
};
use bpx_runtime::decode::Answer as Decoded;
use bpx_runtime::reqwest::{Method, Request};
use bpx_contract::api::{Body, Operation};
use bpx_runtime::{Connection, Error as CallError, HeaderMap, encode_path};
use serde_json::{Map, Value, json};

use crate::record::{Answer, Certainty};

/// The status of what was not sent, and of what is known not to have been carried out without an answer that says so.
const NOT_CARRIED_OUT: u16 = 400;
const NOT_THERE: u16 = 404;
const CALLER: &str = "workflow";

/// A request of a step, evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// By place and name, as the contract spells it.
    pub(crate) arguments: Vec<(Location, String, Value)>,
    pub(crate) body: Option<Value>,
}

impl Prepared {
    /// One flat object, as dispatch takes it.
    pub(crate) fn flat(&self, operation: &Operation) -> Map<String, Value> {
        let arguments = self.arguments.iter();
        let mut flat: Map<_, _> = arguments
            .map(|(_, name, value)| (name.clone(), value.clone()))
            .collect();
        match (operation.body, &self.body) {
            (Body::Array { argument, .. } | Body::Value { argument }, Some(body)) => {
                flat.insert(argument.name.to_owned(), body.clone());
            }
            (_, Some(Value::Object(members))) => flat.extend(members.clone()),
            _ => {}
        }
        flat
    }

    /// Without members that are `null`: the exchange answers so for what is not there, and takes none.
    pub(crate) fn without_nulls(self) -> Self {
        let given = self
            .arguments
            .into_iter()
            .filter(|(.., value)| !value.is_null());
        Self {
            arguments: given.collect(),
            body: self.body.map(without_nulls),
        }
    }

    fn at(&self, place: Location) -> Vec<(String, String)> {
        let at = self
            .arguments
            .iter()
            .filter(|(location, ..)| *location == place);
        at.flat_map(|(_, name, value)| items(value).into_iter().map(|it| (name.clone(), it)))
            .collect()
    }

    fn path(&self, template: &str) -> String {
        let mut path = template.to_owned();
        for (name, value) in self.at(Location::Path) {
            path = path.replace(&format!("{{{name}}}"), &encode_path(&value));
        }
        path
    }

    /// The answer before there is one.
    fn open(&self, method: &str, url: String) -> Answer {
        Answer {
            certainty: Certainty::Open,
            method: method.to_owned(),
            url,
            query: self.at(Location::Query),
            path: self.at(Location::Path),
            request: self.body.clone(),
            status: None,
            headers: Vec::new(),
            response: None,
            intent: None,
            remark: None,
            took_ms: 0,
        }
    }

    /// A request of which nothing more is known than that it may have left.
    pub(crate) fn unanswered(&self, method: &str, template: &str) -> Answer {
        self.open(method, self.path(template))
    }

    /// What was not sent, because it could not be put together or was refused here.
    pub(crate) fn refused(
        &self,
        method: &str,
        template: &str,
        code: &str,
        message: &str,
    ) -> Answer {
        Answer {
            certainty: Certainty::Rejected,
            status: Some(NOT_CARRIED_OUT),
            response: Some(json!({"code": code, "message": message})),
            remark: Some(format!("not sent: {message}")),
            ..self.open(method, self.path(template))
        }
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Object(members) => {
            let given = members.into_iter().filter(|(_, it)| !it.is_null());
            let given = given.map(|(name, it)| (name, without_nulls(it)));
            Value::Object(given.collect())
        }
        other => other,
    }
}

fn items(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        other => vec![text(other)],
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Sends through dispatch.
pub(crate) async fn through_dispatch(
    dispatch: &Dispatch,
    base_url: &str,
    operation: &Arc<Operation>,
    prepared: &Prepared,
    key: Option<&str>,
) -> Answer {
    let began = Instant::now();
    let mut call = dispatch::Call::new(operation, prepared.flat(operation), CALLER);
    if let Some(key) = key {
        call = call.with_idempotency_key(key);
    }
    let settled = dispatch.call(call).await;
    let open = prepared.open(
        operation.method,
        format!("{base_url}{}", prepared.path(operation.path)),
    );
    let answer = match settled {
        Ok(settled) => of_settled(open, operation, settled),
        // It may be under way: in another process, or in a task that broke off.
        Err(refused @ (Refused::InFlight { .. } | Refused::Lost)) => Answer {
            remark: Some(refused.to_string()),
            ..open
        },
        Err(refused) => prepared.refused(
            operation.method,
            operation.path,
            refused.code(),
            &refused.to_string(),
        ),
    };
    Answer {
        took_ms: millis(began),
        ..answer
    }
}

fn of_settled(open: Answer, operation: &Operation, settled: Settled) -> Answer {
    let open = Answer {
        intent: settled.intent,
        ..open
    };
    match settled.outcome {
        Outcome::Done(done) => of_done(open, &done),
        Outcome::Rejected(rejected) => of_rejected(open, operation, rejected),
        Outcome::Accepted(accepted) => Answer {
            status: Some(accepted.status),
            remark: Some(accepted.why),
            ..open
        },
        Outcome::Unknown(unknown) => Answer {
            remark: Some(unknown.why),
            ..open
        },
    }
}

fn of_done(open: Answer, done: &Done) -> Answer {
    let page = done.page.unwrap_or_default();
    let counts = [
        ("X-PAGE-COUNT", page.page_count),
        ("X-CURRENT-PAGE", page.current_page),
        ("X-PAGE-SIZE", page.page_size),
        ("X-TOTAL", page.total),
    ];
    let headers = counts
        .into_iter()
        .filter_map(|(name, count)| Some((name.to_owned(), count?.to_string())));
    let found =
        (done.source != Source::Response).then(|| format!("found in the {}", done.source.word()));
    Answer {
        certainty: Certainty::Done,
        status: Some(done.status),
        response: serde_json::from_str(done.body.get()).ok(),
        headers: headers.collect(),
        remark: found,
        ..open
    }
}

/// What the exchange did not say itself is put as it would have: an order that is not open is not there, and what was
/// not carried out is refused.
fn of_rejected(open: Answer, operation: &Operation, rejected: Rejected) -> Answer {
    let by_evidence = match rejected.by {
        Witness::Evidence if operation.id == CANCEL_ORDER.id => NOT_THERE,
        _ => NOT_CARRIED_OUT,
    };
    let remark = (rejected.by != Witness::Response).then(|| rejected.message.clone());
    Answer {
        certainty: Certainty::Rejected,
        status: Some(rejected.status.unwrap_or(by_evidence)),
        response: Some(json!({"code": rejected.code, "message": rejected.message})),
        remark,
        ..open
    }
}

/// Sends to a service outside the exchange's contract: unsigned, a write once.
pub(crate) async fn plainly(
    connection: &Connection,
    operation: &Described,
    prepared: &Prepared,
) -> Answer {
    let began = Instant::now();
    let (method, template) = (operation.method.as_str(), operation.path.as_str());
    let request = match built(connection, method, template, prepared) {
        Ok(request) => request,
        Err(message) => return prepared.refused(method, template, "NOT_SENT", &message),
    };
    let url = request.url().to_string();
    let result = connection
        .call_public::<Received, Value>(request, "workflow", received)
        .await;
    let open = prepared.open(method, url);
    let answer = match result {
        Ok(value) => {
            let status = value.status().as_u16();
            let headers = kept(value.headers());
            let Received(response) = value.into_inner();
            Answer {
                certainty: Certainty::Done,
                status: Some(status),
                headers,
                response,
                ..open
            }
        }
        Err(error) => failed(open, error),
    };
    Answer {
        took_ms: millis(began),
        ..answer
    }
}

/// A body: JSON, or else text.
struct Received(Option<Value>);

fn received(answer: &Decoded) -> Result<Received, bpx_runtime::Undecoded> {
    let text = || Value::from(String::from_utf8_lossy(&answer.body).as_ref());
    let body = (!answer.body.is_empty())
        .then(|| serde_json::from_slice(&answer.body).unwrap_or_else(|_| text()));
    Ok(Received(body))
}

fn failed(open: Answer, error: CallError<Value>) -> Answer {
    let remark = Some(error.to_string());
    let certainty = if error.is_unknown() {
        Certainty::Open
    } else {
        Certainty::Rejected
    };
    let status = error.status().map(|it| it.as_u16());
    match error {
        CallError::Api { body, headers, .. } => Answer {
            certainty,
            status,
            headers: kept(&headers),
            response: Some(*body),
            ..open
        },
        CallError::Unexpected {
            body_start,
            headers,
            ..
        } => Answer {
            certainty,
            status,
            headers: kept(&headers),
            response: (!body_start.is_empty()).then(|| body_start.into()),
            ..open
        },
        _ => Answer {
            certainty,
            status,
            remark,
            ..open
        },
    }
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let plain = headers
        .iter()
        .filter(|(name, value)| !value.is_sensitive() && *name != "set-cookie");
    plain
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

pub(crate) fn built(
    connection: &Connection,
    method: &str,
    template: &str,
    prepared: &Prepared,
) -> Result<Request, String> {
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| "the method is none".to_owned())?;
    let url = format!("{}{}", connection.base_url(), prepared.path(template));
    let mut request = connection.http().request(method, url);
    let query = prepared.at(Location::Query);
    if !query.is_empty() {
        request = request.query(&query);
    }
    for (name, value) in prepared.at(Location::Header) {
        request = request.header(name, value);
    }
    if let Some(body) = &prepared.body {
        request = request.json(body);
    }
    request.build().map_err(|error| error.to_string())
}
