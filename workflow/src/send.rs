//! One request: through dispatch, which settles it, or to another service as it is.

use std::sync::Arc;
use std::time::Instant;

use bpx_arazzo::In;
use bpx_contract::api::Operation;
use bpx_dispatch::{
    self as dispatch, Arguments, Dispatch, Done, Preview, Problem, Refused, Rejected, Settled,
    Source, Witness,
};
use bpx_runtime::RequestError;
use serde_json::json;

use crate::prepared::Prepared;
use crate::record::{Certainty, RequestOutcome};
use crate::route::{Route, Router, To};
use crate::service::{self, Built, ServiceRequest};

/// The status of what was not sent.
const NOT_SENT: u16 = 400;
const CALLER: &str = "workflow";

/// One request on its way.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) route: Route<'a>,
    pub(crate) prepared: Prepared,
    pub(crate) arguments: Arguments,
    form: Form,
}

/// A request in its form.
#[derive(Debug)]
enum Form {
    /// Dispatch makes it, and this is what it would be.
    Exchange(Result<Preview, RequestError>),
    Service(Result<Built, Problem>),
}

impl<'a> Outgoing<'a> {
    pub(crate) fn new(route: Route<'a>, prepared: Prepared, router: &Router) -> Self {
        let (arguments, form) = match (&route.to, &router.dispatch) {
            (To::Exchange(operation), Some(dispatch)) => {
                let arguments = prepared.arguments(operation);
                let call = dispatch::Call::new(operation, arguments.clone(), CALLER);
                (arguments, Form::Exchange(dispatch.preview(&call)))
            }
            (To::Exchange(operation), None) => {
                let problem = Problem {
                    problem: format!("`{}` goes to the exchange, and none is named", route.id),
                    fix: "name it, or a service for the source".to_owned(),
                };
                (prepared.arguments(operation), Form::Service(Err(problem)))
            }
            (To::Service(connection), _) => {
                let credentials = &router.services.credentials;
                let built = service::build(&route, connection, &prepared, credentials);
                (prepared.whole(), Form::Service(built))
            }
        };
        Self {
            arguments,
            form,
            route,
            prepared,
        }
    }

    /// What is to be said about the request.
    pub(crate) fn note(&self) -> Option<&String> {
        match &self.form {
            Form::Service(Ok(built)) => built.note.as_ref(),
            _ => None,
        }
    }

    /// What is known before there is a response.
    pub(crate) fn unanswered(&self) -> RequestOutcome {
        let (mut url, mut sent, mut body) = (None, Vec::new(), None);
        match &self.form {
            Form::Exchange(Ok(preview)) => {
                url = Some(preview.url.clone());
                body = preview
                    .body
                    .as_deref()
                    .and_then(|it| serde_json::from_str(it).ok());
            }
            Form::Service(Ok(built)) => {
                let request = ServiceRequest::of(&built.request);
                (url, sent) = (Some(request.url), request.headers);
            }
            _ => {}
        }
        RequestOutcome {
            certainty: Certainty::Open,
            method: self.route.operation.method.as_str().to_owned(),
            url: url.unwrap_or_else(|| self.route.operation.path.clone()),
            query: self.prepared.at(In::Query),
            path: self.prepared.at(In::Path),
            request: body.or_else(|| self.prepared.body.clone()),
            sent,
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

    /// Sends the request, once to a service, and to the exchange a write once.
    pub(crate) async fn send(&self, router: &Router, key: Option<&str>) -> RequestOutcome {
        let began = Instant::now();
        let outcome = match (&self.route.to, &self.form, &router.dispatch) {
            (To::Service(connection), Form::Service(Ok(built)), _) => {
                match built.request.try_clone() {
                    Some(request) => {
                        service::send(connection, self.route.id, request, self.unanswered()).await
                    }
                    None => self.unanswered(),
                }
            }
            (_, Form::Service(Err(problem)), _) => self.not_sent("NOT_SENT", problem),
            (To::Exchange(operation), _, Some(dispatch)) => {
                self.through(dispatch, operation, key).await
            }
            _ => self.unanswered(),
        };
        RequestOutcome {
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..outcome
        }
    }

    async fn through(
        &self,
        dispatch: &Dispatch,
        operation: &Arc<Operation>,
        key: Option<&str>,
    ) -> RequestOutcome {
        let mut call = dispatch::Call::new(operation, self.arguments.clone(), CALLER);
        if let Some(key) = key {
            call = call.with_idempotency_key(key);
        }
        match dispatch.call(call).await {
            Ok(settled) => self.settled(dispatch, operation, settled),
            // It may be under way: in another process, or in a task that broke off.
            Err(refused @ (Refused::InFlight { .. } | Refused::Lost)) => RequestOutcome {
                remark: Some(refused.problem()),
                ..self.unanswered()
            },
            Err(refused) => self.not_sent(refused.code(), &of_refused(&refused)),
        }
    }

    fn settled(
        &self,
        dispatch: &Dispatch,
        operation: &Operation,
        settled: Settled,
    ) -> RequestOutcome {
        let open = RequestOutcome {
            intent: settled.intent,
            ..self.unanswered()
        };
        match settled.outcome {
            dispatch::Outcome::Done(done) => of_done(open, done),
            dispatch::Outcome::Rejected(rejected) => {
                let status = dispatch.venue().status_of(operation, &rejected);
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
