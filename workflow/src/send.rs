//! One request: through dispatch, which settles it, or to another service as it is.

use std::time::Instant;

use bpx_arazzo::{Call, CheckedStep, EvaluationError, Scope};
use bpx_contract::api::{Body, Operation};
use bpx_contract::model::Location;
use bpx_dispatch::{
    self as dispatch, Arguments, Dispatch, Done, Preview, Problem, Refused, Rejected, Remote,
    Settled, Source, Witness, plain_headers,
};
use bpx_runtime::{Error as CallError, RequestError, plain_text};
use serde_json::{Value, json};

use crate::record::{Certainty, RequestOutcome};
use crate::route::Route;

/// The status of what was not sent.
const NOT_SENT: u16 = 400;
const CALLER: &str = "workflow";

/// The request of a step, evaluated.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prepared {
    /// By location and name, as the contract spells it.
    pub(crate) parameters: Vec<(Location, String, Value)>,
    pub(crate) body: Option<Value>,
}

impl Prepared {
    /// The request of a step.
    pub(crate) fn of(checked: &CheckedStep, scope: &Scope) -> Result<Self, EvaluationError> {
        let mut prepared = Self::default();
        if let Call::Operation {
            arguments, body, ..
        } = &checked.call
        {
            for argument in arguments {
                if let Some(value) = argument.value.evaluate(scope)? {
                    let parameter = (argument.location, argument.name.clone(), value);
                    prepared.parameters.push(parameter);
                }
            }
            if let Some(body) = body {
                prepared.body = body.evaluate(scope)?;
            }
        }
        Ok(prepared)
    }

    /// The request of a step as far as it is known: without arguments and replacements that cannot be evaluated yet.
    pub(crate) fn known(checked: &CheckedStep, scope: &Scope) -> Self {
        let Call::Operation {
            arguments, body, ..
        } = &checked.call
        else {
            return Self::default();
        };
        let parameters = arguments.iter().filter_map(|argument| {
            let value = argument.value.evaluate(scope).ok()??;
            Some((argument.location, argument.name.clone(), value))
        });
        let body = body.as_ref();
        Self {
            parameters: parameters.collect(),
            body: body.and_then(|body| body.payload.evaluate(scope).ok().flatten()),
        }
    }

    /// The arguments of a call: one flat object, as dispatch takes it. Dispatch takes no `null`, and its API gives one for
    /// what is absent, so members that are `null` are left out there.
    pub(crate) fn arguments(&self, route: &Route<'_>) -> Arguments {
        let parameters = self.parameters.iter();
        let mut flat: Arguments = parameters
            .map(|(_, name, value)| (name.clone(), value.clone()))
            .collect();
        match (&route.operation.body, &self.body) {
            (Body::Array { argument, .. } | Body::Value { argument }, Some(body)) => {
                flat.insert(argument.name.clone(), body.clone());
            }
            (_, Some(Value::Object(members))) => flat.extend(members.clone()),
            (_, Some(other)) => drop(flat.insert("body".to_owned(), other.clone())),
            (_, None) => {}
        }
        match (route.service, without_nulls(Value::Object(flat.clone()))) {
            (None, Value::Object(given)) => given,
            _ => flat,
        }
    }

    fn at(&self, location: Location) -> Vec<(String, String)> {
        let at = self.parameters.iter().filter(|(it, ..)| *it == location);
        let texts = at.flat_map(|(_, name, value)| {
            let items = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            items.iter().map(|item| (name.clone(), plain_text(item)))
        });
        texts.collect()
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

/// One request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing<'a> {
    pub(crate) route: Route<'a>,
    pub(crate) prepared: Prepared,
    pub(crate) arguments: Arguments,
    preview: Result<Preview, RequestError>,
}

impl<'a> Outgoing<'a> {
    pub(crate) fn new(route: Route<'a>, prepared: Prepared, dispatch: &Dispatch) -> Self {
        let arguments = prepared.arguments(&route);
        let preview = match route.service {
            Some(service) => service.preview(route.operation, &arguments),
            None => dispatch.preview(&dispatch::Call::new(
                route.operation,
                arguments.clone(),
                CALLER,
            )),
        };
        Self {
            route,
            prepared,
            arguments,
            preview,
        }
    }

    /// What is known before there is a response.
    pub(crate) fn unanswered(&self) -> RequestOutcome {
        let preview = self.preview.as_ref().ok();
        let sent = preview.and_then(|it| serde_json::from_str(it.body.as_deref()?).ok());
        RequestOutcome {
            certainty: Certainty::Open,
            method: self.route.operation.method.as_str().to_owned(),
            url: preview.map_or_else(|| self.route.operation.path.clone(), |it| it.url.clone()),
            query: self.prepared.at(Location::Query),
            path: self.prepared.at(Location::Path),
            request: sent.or_else(|| self.prepared.body.clone()),
            status: None,
            headers: Vec::new(),
            response: None,
            intent: None,
            remark: None,
            took_ms: 0,
        }
    }

    /// The outcome of a request that was not sent.
    pub(crate) fn not_sent(&self, code: &str, problem: &Problem) -> RequestOutcome {
        let Problem { problem, fix } = problem;
        RequestOutcome {
            certainty: Certainty::Rejected,
            status: Some(NOT_SENT),
            response: Some(json!({"code": code, "message": problem, "fix": fix})),
            remark: Some(format!("not sent: {problem}; {fix}")),
            ..self.unanswered()
        }
    }

    /// Sends the request, a write once.
    pub(crate) async fn send(&self, dispatch: &Dispatch, key: Option<&str>) -> RequestOutcome {
        let began = Instant::now();
        let outcome = match self.route.service {
            Some(service) => self.to_service(service).await,
            None => self.through(dispatch, key).await,
        };
        RequestOutcome {
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..outcome
        }
    }

    async fn through(&self, dispatch: &Dispatch, key: Option<&str>) -> RequestOutcome {
        let mut call = dispatch::Call::new(self.route.operation, self.arguments.clone(), CALLER);
        if let Some(key) = key {
            call = call.with_idempotency_key(key);
        }
        match dispatch.call(call).await {
            Ok(settled) => self.settled(dispatch, settled),
            // It may be under way: in another process, or in a task that broke off.
            Err(refused @ (Refused::InFlight { .. } | Refused::Lost)) => RequestOutcome {
                remark: Some(refused.problem()),
                ..self.unanswered()
            },
            Err(refused) => self.not_sent(refused.code(), &of_refused(&refused)),
        }
    }

    fn settled(&self, dispatch: &Dispatch, settled: Settled) -> RequestOutcome {
        let open = RequestOutcome {
            intent: settled.intent,
            ..self.unanswered()
        };
        match settled.outcome {
            dispatch::Outcome::Done(done) => of_done(open, done),
            dispatch::Outcome::Rejected(rejected) => {
                let status = dispatch.venue().status_of(self.route.operation, &rejected);
                of_rejected(open, status, rejected)
            }
            dispatch::Outcome::Accepted(accepted) => RequestOutcome {
                status: Some(accepted.status),
                remark: Some(accepted.why),
                ..open
            },
            dispatch::Outcome::Unknown(unknown) => RequestOutcome {
                remark: Some(unknown.why),
                ..open
            },
        }
    }

    async fn to_service(&self, service: &Remote) -> RequestOutcome {
        if let Some(problem) = undeclared(self.route.operation, &self.arguments) {
            return self.not_sent("NOT_SENT", &problem);
        }
        let open = self.unanswered();
        match service
            .response(self.route.operation, &self.arguments)
            .await
        {
            Ok(response) => {
                let response = response.into_inner();
                RequestOutcome {
                    certainty: Certainty::Done,
                    status: Some(response.status.as_u16()),
                    headers: plain_headers(&response.headers),
                    response: json_or_text(&response.body),
                    ..open
                }
            }
            Err(error) => failed(open, error),
        }
    }
}

/// An argument that the operation does not declare would not be sent.
fn undeclared(operation: &Operation, arguments: &Arguments) -> Option<Problem> {
    let mut names = arguments.keys();
    let name = names.find(|name| operation.argument(name).is_none())?;
    Some(Problem {
        problem: format!("`{}` has no argument `{name}`", operation.id),
        fix: "remove it, or declare it in the document".to_owned(),
    })
}

/// A refusal, with every finding.
fn of_refused(refused: &Refused) -> Problem {
    let findings = refused.findings();
    if findings.is_empty() {
        return Problem {
            problem: refused.problem(),
            fix: refused.fix().to_owned(),
        };
    }
    let problems = findings
        .iter()
        .map(|it| format!("{}: {}", it.pointer, it.problem));
    let problems: Vec<_> = problems.collect();
    let fixes: Vec<_> = findings.iter().map(|it| it.fix.as_str()).collect();
    Problem {
        problem: format!("{}: {}", refused.problem(), problems.join(", ")),
        fix: fixes.join(", "),
    }
}

fn of_done(open: RequestOutcome, done: Done) -> RequestOutcome {
    let is_found = done.source != Source::Response;
    RequestOutcome {
        certainty: Certainty::Done,
        status: Some(done.status),
        response: serde_json::from_str(done.body.get()).ok(),
        headers: done.headers,
        remark: is_found.then(|| format!("found in the {}", done.source.word())),
        ..open
    }
}

fn of_rejected(open: RequestOutcome, status: u16, rejected: Rejected) -> RequestOutcome {
    let remark = (rejected.by != Witness::Response).then(|| rejected.message.clone());
    let retry_after = rejected
        .retry_after
        .map(|it| ("retry-after".to_owned(), it));
    RequestOutcome {
        certainty: Certainty::Rejected,
        status: Some(rejected.status.unwrap_or(status)),
        headers: retry_after.into_iter().collect(),
        response: Some(json!({"code": rejected.code, "message": rejected.message})),
        remark,
        ..open
    }
}

fn json_or_text(body: &[u8]) -> Option<Value> {
    let text = || String::from_utf8_lossy(body).into_owned().into();
    (!body.is_empty()).then(|| serde_json::from_slice(body).unwrap_or_else(|_| text()))
}

fn failed(open: RequestOutcome, error: CallError<Value>) -> RequestOutcome {
    let remark = error.to_string();
    let open = RequestOutcome {
        certainty: if error.is_unknown() {
            Certainty::Open
        } else {
            Certainty::Rejected
        },
        status: error.status().map(|it| it.as_u16()),
        ..open
    };
    match error {
        CallError::Api { body, headers, .. } => RequestOutcome {
            headers: plain_headers(&headers),
            response: Some(*body),
            ..open
        },
        CallError::Unexpected {
            body_start,
            headers,
            ..
        } => RequestOutcome {
            headers: plain_headers(&headers),
            response: (!body_start.is_empty()).then(|| body_start.into()),
            ..open
        },
        _ => RequestOutcome {
            remark: Some(remark),
            ..open
        },
    }
}
