//! One request of a step: evaluated, recorded, sent, recorded.

use bpx_arazzo::{Call, CheckedStep};
use bpx_dispatch::Problem;
use serde_json::Value;
use tokio::time::timeout;

use super::{Engine, Fault, Frame, now_ms, preflight};
use crate::digest::request_digest;
use crate::event::{EventKind, Interaction};
use crate::facts::LastWrite;
use crate::prepared::Prepared;
use crate::record::{Certainty, Intent, Line, RequestOutcome};
use crate::route::Route;
use crate::send::Outgoing;

impl Engine<'_> {
    /// Makes the request of a step, or takes its outcome from the record.
    pub(super) async fn request(
        &mut self,
        frame: &Frame<'_>,
        checked: &CheckedStep,
    ) -> Result<RequestOutcome, Fault> {
        let Call::Operation {
            source, operation, ..
        } = &checked.call
        else {
            return Err(Fault(
                "a step without an operation sends nothing".to_owned(),
            ));
        };
        let step = &checked.step.id;
        let router = self.router;
        let route = router.route(frame.library, (step, source, operation))?;
        let prepared = Prepared::of(checked, &frame.scope);
        let fault = prepared.as_ref().err().map(ToString::to_string);
        let prepared = prepared.unwrap_or_default();
        let outgoing = Outgoing::new(route.clone(), prepared, router);
        self.say_once(outgoing.note());
        let mut intent = self.intent(frame, step, operation, &outgoing);
        let earlier = self.recall(&intent)?;
        // The outcome of the last recorded request, and of no other, is asked for once more.
        let is_last = self.past.is_empty();
        let was_begun = earlier.is_some();
        let (earlier_key, known) = earlier.map_or((None, None), |(it, known)| (it.key, known));
        intent.key = self.key(&route, &intent, earlier_key);
        let stands = |it: &RequestOutcome| {
            it.certainty != Certainty::Open || route.exchange().is_none() && it.status.is_some()
        };
        let known = known.filter(|it| !is_last || stands(it) || !route.changes());
        // An earlier process may have sent it, and nobody knows what came of it.
        if was_begun && known.is_none() && !route.may_repeat() {
            self.facts.keep_open(&intent, false);
        }
        let replayed = known.is_some();
        let outcome = match (known, fault) {
            (Some(outcome), _) => outcome,
            (None, Some(fault)) => outgoing.not_sent("NOT_SENT", &unevaluated(fault)),
            (None, None) => self.send(frame, checked, &outgoing, intent.clone()).await?,
        };
        self.learn(&outgoing, &intent, &outcome);
        let interaction = self.interaction(operation, &outcome, replayed);
        self.tell(frame, step, EventKind::Interaction(Box::new(interaction)));
        Ok(outcome)
    }

    fn intent(
        &mut self,
        frame: &Frame<'_>,
        step: &str,
        operation: &str,
        outgoing: &Outgoing<'_>,
    ) -> Intent {
        let n = self.next;
        self.next += 1;
        let arguments = self.redacted(Value::Object(outgoing.arguments.clone()));
        Intent {
            n,
            at_ms: now_ms(),
            workflow: frame.workflow.id.clone(),
            step: step.to_owned(),
            operation: operation.to_owned(),
            arguments_sha256: request_digest(operation, &arguments),
            key: None,
        }
    }

    /// What an earlier process recorded of this request.
    fn recall(
        &mut self,
        intent: &Intent,
    ) -> Result<Option<(Intent, Option<RequestOutcome>)>, Fault> {
        let Some((earlier, outcome)) = self.past.pop_front() else {
            return Ok(None);
        };
        if earlier.operation == intent.operation
            && earlier.arguments_sha256 == intent.arguments_sha256
        {
            return Ok(Some((earlier, outcome)));
        }
        Err(Fault(format!(
            "the run cannot be continued: request {} was `{}` and is `{}` with other arguments now",
            intent.n, earlier.operation, intent.operation
        )))
    }

    /// The idempotency key: that of the earlier attempt as long as its outcome is not known.
    fn key(&self, route: &Route<'_>, intent: &Intent, earlier: Option<String>) -> Option<String> {
        let open = &self.facts.open;
        let unsettled = || Some(open.get(&intent.arguments_sha256)?.key.clone());
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
        outgoing: &Outgoing<'_>,
        intent: Intent,
    ) -> Result<RequestOutcome, Fault> {
        let route = &outgoing.route;
        if route.changes() && !self.facts.preflight_done {
            if let Err(problem) = preflight::check(self, frame, checked).await {
                return Ok(outgoing.not_sent("PRE_FLIGHT", &problem));
            }
            self.facts.preflight_done = true;
        }
        // Where a service answered, the document has seen it and says itself whether to repeat; silence is no answer.
        let open = self.facts.open.get(&intent.arguments_sha256);
        let is_silent = open.is_some_and(|it| !it.is_answered);
        let (n, changes, key) = (intent.n, route.changes(), intent.key.clone());
        self.record.write(&Line::Intent(intent), changes)?;
        let outcome = match checked.step.timeout {
            _ if is_silent && !route.may_repeat() => RequestOutcome {
                remark: Some(
                    "not sent again: it may have been carried out, and the service cannot be asked"
                        .to_owned(),
                ),
                ..outgoing.unanswered()
            },
            None => outgoing.send(self.router, key.as_deref()).await,
            Some(limit) => {
                let sending = outgoing.send(self.router, key.as_deref());
                timeout(limit, sending)
                    .await
                    .unwrap_or_else(|_| RequestOutcome {
                        remark: Some(format!("no response within {} ms", limit.as_millis())),
                        ..outgoing.unanswered()
                    })
            }
        };
        let line = Line::Outcome {
            n,
            outcome: Box::new(self.without_secrets(outcome.clone())),
        };
        // The request was made: that the line could not be written is noted, and undoes nothing.
        if let Err(error) = self.record.write(&line, changes) {
            self.notes.push(error.to_string());
        }
        Ok(outcome)
    }

    /// Keeps what the outcome says about the account.
    fn learn(&mut self, outgoing: &Outgoing<'_>, intent: &Intent, outcome: &RequestOutcome) {
        self.facts.last = Some(outcome.clone());
        let (route, digest) = (&outgoing.route, &intent.arguments_sha256);
        if !route.changes() {
            self.keep_read(route, digest, outcome);
            return;
        }
        self.facts.changed |= outcome.certainty == Certainty::Done;
        match outcome.certainty {
            Certainty::Open => self.facts.keep_open(intent, outcome.status.is_some()),
            _ => drop(self.facts.open.remove(digest)),
        }
        self.facts.last_write = Some(LastWrite {
            operation: route.exchange().cloned(),
            arguments: outgoing.arguments.clone(),
            certainty: outcome.certainty,
        });
    }

    /// Keeps the response of a read for the checks before the first write; the same read replaces its earlier response.
    fn keep_read(&mut self, route: &Route<'_>, digest: &str, outcome: &RequestOutcome) {
        let is_needed = route.exchange().is_some() && !self.facts.preflight_done;
        if let (true, Certainty::Done, Some(body)) =
            (is_needed, outcome.certainty, &outcome.response)
        {
            let reads = &mut self.facts.reads;
            reads.retain(|(earlier, ..)| earlier != digest);
            reads.push((digest.to_owned(), route.id.to_owned(), body.clone()));
        }
    }

    fn say_once(&mut self, note: Option<&String>) {
        let note = note.filter(|it| !self.notes.contains(it));
        self.notes.extend(note.cloned());
    }

    fn without_secrets(&self, outcome: RequestOutcome) -> RequestOutcome {
        let pairs = |pairs: Vec<(String, String)>| {
            pairs
                .into_iter()
                .map(|(name, value)| (name, self.redacted_text(value)))
                .collect()
        };
        RequestOutcome {
            url: self.redacted_text(outcome.url),
            query: pairs(outcome.query),
            path: pairs(outcome.path),
            headers: pairs(without_cookies(outcome.headers)),
            request: outcome.request.map(|it| self.redacted(it)),
            response: outcome.response.map(|it| self.redacted(it)),
            remark: outcome.remark.map(|it| self.redacted_text(it)),
            ..outcome
        }
    }

    fn interaction(
        &self,
        operation: &str,
        outcome: &RequestOutcome,
        replayed: bool,
    ) -> Interaction {
        let outcome = self.without_secrets(outcome.clone());
        Interaction {
            operation: operation.to_owned(),
            method: outcome.method,
            url: outcome.url,
            request: outcome.request,
            status: outcome.status,
            headers: outcome.headers,
            response: outcome.response,
            took_ms: outcome.took_ms,
            replayed,
            intent: outcome.intent,
            remark: outcome.remark,
        }
    }
}

/// Cookies are credentials: they are there for expressions alone.
fn without_cookies(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let plain = headers.into_iter();
    plain
        .filter(|(name, _)| !name.eq_ignore_ascii_case("set-cookie"))
        .collect()
}

/// A request whose values cannot be evaluated.
fn unevaluated(fault: String) -> Problem {
    Problem {
        problem: fault,
        fix: "correct the expression in the document".to_owned(),
    }
}
