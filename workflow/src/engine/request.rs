//! One request of a step: evaluated, recorded, sent, recorded.

use bpx_arazzo::{Call, CheckedStep, EvaluationError, Scope};
use bpx_venue::operations::GET_ORDER;
use bpx_contract::model::Method;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{Engine, Fault, Frame, now_ms};
use crate::event::{Exchanged, What};
use crate::preflight;
use crate::record::{Answer, Certainty, Intent, Line, digest};
use crate::route::Route;
use crate::send::{self, Prepared};

/// A request on its way.
struct Outgoing<'a> {
    route: Route<'a>,
    prepared: Result<Prepared, EvaluationError>,
    intent: Intent,
}

/// What a step sends, as far as it is known.
pub(crate) fn prepare(checked: &CheckedStep, scope: &Scope) -> Result<Prepared, EvaluationError> {
    let mut prepared = Prepared {
        arguments: Vec::new(),
        body: None,
    };
    if let Call::Operation {
        arguments, body, ..
    } = &checked.call
    {
        for argument in arguments {
            if let Some(value) = argument.value.evaluate(scope)? {
                prepared
                    .arguments
                    .push((argument.location, argument.name.clone(), value));
            }
        }
        if let Some(body) = body {
            prepared.body = body.evaluate(scope)?;
        }
    }
    Ok(prepared)
}

impl Route<'_> {
    pub(crate) fn changes(&self) -> bool {
        match self {
            Self::Dispatch(row) => !row.effect.only_reads(),
            Self::Plain(_, described) => !described.method.is_safe(),
        }
    }

    pub(crate) fn method(&self) -> &str {
        match self {
            Self::Dispatch(row) => row.method,
            Self::Plain(_, described) => described.method.as_str(),
        }
    }

    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Dispatch(row) => row.path,
            Self::Plain(_, described) => &described.path,
        }
    }

    /// What the exchange takes.
    fn fit(&self, prepared: Prepared) -> Prepared {
        match self {
            Self::Dispatch(_) => prepared.without_nulls(),
            Self::Plain(..) => prepared,
        }
    }

    /// Whether sending it twice is known to do what sending it once does, or its answer is asked for instead.
    fn may_repeat(&self) -> bool {
        match self {
            Self::Dispatch(_) => true,
            Self::Plain(_, described) => {
                described.method.is_safe()
                    || matches!(described.method, Method::Put | Method::Delete)
            }
        }
    }
}

impl Engine<'_> {
    /// Makes the request of a step, or takes it from the record.
    pub(super) async fn request(
        &mut self,
        frame: &Frame<'_>,
        checked: &CheckedStep,
    ) -> Result<Answer, Fault> {
        let Call::Operation {
            source, operation, ..
        } = &checked.call
        else {
            return Err(Fault(
                "a step without an operation sends nothing".to_owned(),
            ));
        };
        let step = &checked.step.id;
        let runner = self.runner;
        let route = runner
            .services
            .route(frame.library, step, source, operation)?;
        let prepared = prepare(checked, &frame.scope).map(|it| route.fit(it));
        let mut intent = self.intent(frame, step, operation, prepared.as_ref().ok());
        let earlier = self.recall(&intent)?;
        // Of the last one, and of it alone, it is asked once more what became of it.
        let is_last = self.past.is_empty();
        intent.key = self.key(
            &route,
            &intent,
            earlier.as_ref().and_then(|(it, _)| it.key.clone()),
        );
        let known = earlier.and_then(|(_, answer)| answer);
        let known =
            known.filter(|it| !is_last || it.certainty != Certainty::Open || !route.changes());
        let replayed = known.is_some();
        let answer = match known {
            Some(answer) => answer,
            None => {
                let outgoing = Outgoing {
                    route: route.clone(),
                    prepared: prepared.clone(),
                    intent: intent.clone(),
                };
                self.send(frame, checked, outgoing).await?
            }
        };
        self.learn(&route, &intent, prepared.ok().as_ref(), &answer);
        self.tell(
            frame,
            step,
            What::Exchanged(Box::new(self.exchanged(operation, &answer, replayed))),
        );
        Ok(answer)
    }

    fn intent(
        &mut self,
        frame: &Frame<'_>,
        step: &str,
        operation: &str,
        prepared: Option<&Prepared>,
    ) -> Intent {
        let n = self.next;
        self.next += 1;
        let said = prepared.map(|it| (format!("{:?}", it.arguments), it.body.clone()));
        let said = serde_json::to_value(said).unwrap_or_default();
        Intent {
            n,
            at_ms: now_ms(),
            workflow: frame.workflow.id.clone(),
            step: step.to_owned(),
            operation: operation.to_owned(),
            arguments_sha256: digest(&format!("{operation}\n{}", self.redacted(said))),
            key: None,
        }
    }

    /// What an earlier process recorded of this request.
    fn recall(&mut self, intent: &Intent) -> Result<Option<(Intent, Option<Answer>)>, Fault> {
        let Some((earlier, answer)) = self.past.pop_front() else {
            return Ok(None);
        };
        if earlier.operation == intent.operation
            && earlier.arguments_sha256 == intent.arguments_sha256
        {
            return Ok(Some((earlier, answer)));
        }
        Err(Fault(format!(
            "the run cannot be continued: request {} was `{}` and is `{}` with other arguments now",
            intent.n, earlier.operation, intent.operation
        )))
    }

    /// The idempotency key: that of the earlier try, as long as nobody knows what became of it.
    fn key(&self, route: &Route<'_>, intent: &Intent, earlier: Option<String>) -> Option<String> {
        let unsettled = || self.facts.open.get(&intent.arguments_sha256).cloned();
        let fresh = || Some(format!("wf-{}-{}", self.run, intent.n));
        if route.changes() {
            earlier.or_else(unsettled).or_else(fresh)
        } else {
            None
        }
    }

    async fn send(
        &mut self,
        frame: &Frame<'_>,
        checked: &CheckedStep,
        outgoing: Outgoing<'_>,
    ) -> Result<Answer, Fault> {
        let Outgoing {
            route,
            prepared,
            intent,
        } = outgoing;
        let (method, path) = (route.method(), route.path());
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let nothing = Prepared {
                    arguments: Vec::new(),
                    body: None,
                };
                return Ok(nothing.refused(method, path, "NOT_SENT", &error.to_string()));
            }
        };
        if route.changes() && !self.facts.preflight_done {
            self.facts.preflight_done = true;
            if let Err(problem) = preflight::check(self, frame, checked).await {
                self.facts.preflight_done = false;
                return Ok(prepared.refused(method, path, "PRE_FLIGHT", &problem));
            }
        }
        let is_open = self.facts.open.contains_key(&intent.arguments_sha256);
        let (n, changes) = (intent.n, route.changes());
        let key = intent.key.clone();
        self.record.write(&Line::Intent(intent), changes)?;
        let sending = async {
            match &route {
                Route::Dispatch(row) => {
                    let runner = self.runner;
                    send::through_dispatch(
                        &runner.dispatch,
                        &runner.base_url,
                        row,
                        &prepared,
                        key.as_deref(),
                    )
                    .await
                }
                Route::Plain(..) if is_open && !route.may_repeat() => Answer {
                    remark: Some(
                        "not sent again: it may have been carried out, and nobody can be asked"
                            .to_owned(),
                    ),
                    ..prepared.unanswered(method, path)
                },
                Route::Plain(connection, described) => {
                    send::plainly(connection, described, &prepared).await
                }
            }
        };
        let answer = match checked.step.timeout {
            None => sending.await,
            Some(limit) => timeout(limit, sending).await.unwrap_or_else(|_| Answer {
                remark: Some(format!("no answer within {} ms", limit.as_millis())),
                ..prepared.unanswered(method, path)
            }),
        };
        let line = Line::Answer {
            n,
            answer: Box::new(self.without_secrets(answer.clone())),
        };
        // It has happened; that it could not be written is told, not undone.
        if let Err(error) = self.record.write(&line, changes) {
            self.notes.push(error.to_string());
        }
        Ok(answer)
    }

    /// What an answer says about the account.
    fn learn(
        &mut self,
        route: &Route<'_>,
        intent: &Intent,
        prepared: Option<&Prepared>,
        answer: &Answer,
    ) {
        let operation = intent.operation.as_str();
        self.facts.last = Some(answer.clone());
        if operation == GET_ORDER.id && answer.status == Some(200) {
            let body = answer.response.clone().unwrap_or_default();
            if let Some(id) = body.get("id").and_then(Value::as_str).map(str::to_owned) {
                self.facts.orders.insert(id, body);
            }
        }
        if !route.changes() {
            return;
        }
        let arguments = match (route, prepared) {
            (Route::Dispatch(row), Some(prepared)) => prepared.flat(row),
            _ => Map::new(),
        };
        self.facts.changed |= answer.certainty == Certainty::Done;
        let digest = &intent.arguments_sha256;
        match (answer.certainty, &intent.key) {
            (Certainty::Open, Some(key)) => {
                drop(self.facts.open.insert(digest.clone(), key.clone()))
            }
            _ => drop(self.facts.open.remove(digest)),
        }
        self.facts.last_write = Some((operation.to_owned(), arguments, answer.clone()));
    }

    fn without_secrets(&self, answer: Answer) -> Answer {
        let pairs = |pairs: Vec<(String, String)>| {
            pairs
                .into_iter()
                .map(|(name, value)| (name, self.redacted_text(value)))
                .collect()
        };
        Answer {
            url: self.redacted_text(answer.url),
            query: pairs(answer.query),
            path: pairs(answer.path),
            headers: pairs(answer.headers),
            request: answer.request.map(|it| self.redacted(it)),
            response: answer.response.map(|it| self.redacted(it)),
            remark: answer.remark.map(|it| self.redacted_text(it)),
            ..answer
        }
    }

    fn exchanged(&self, operation: &str, answer: &Answer, replayed: bool) -> Exchanged {
        let answer = self.without_secrets(answer.clone());
        let has_query = answer.url.contains('?');
        let query: Vec<_> = answer
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let url = match (has_query, query.as_slice()) {
            (true, _) | (_, []) => answer.url,
            _ => format!("{}?{}", answer.url, query.join("&")),
        };
        Exchanged {
            operation: operation.to_owned(),
            method: answer.method,
            url,
            request: answer.request,
            status: answer.status,
            headers: answer.headers,
            response: answer.response,
            took_ms: answer.took_ms,
            replayed,
            intent: answer.intent,
            remark: answer.remark,
        }
    }
}
