//! Refused and failed calls as problems, for both protocols.

use axum::http::header::{HeaderValue, RETRY_AFTER};
use bpx_dispatch::{Refused, Rejected, Settled, Unknown, Witness};
use serde_json::{Value, json};

use crate::problem::{self, PROBLEMS, Problem, ProblemKind};
use crate::rate::too_many;
use crate::shared::CallError;

/// The problem of a call that was rejected.
pub(crate) fn rejected(rejected: &Rejected, settled: &Settled) -> Problem {
    identified(of_rejection(rejected), settled)
}

/// The problem of a call whose outcome is unknown. A read can be repeated; a write cannot.
pub(crate) fn unknown(unknown: &Unknown, settled: &Settled) -> Problem {
    let kind = match settled.intent {
        Some(_) => problem::UNKNOWN,
        None => problem::UNREADABLE,
    };
    let problem = Problem::new(kind, unknown.why.clone())
        .fix(unknown.next.clone())
        .with("next", unknown.next.clone());
    identified(problem, settled)
}

/// The problem of a call that was not made.
pub(crate) fn not_made(error: &CallError) -> Problem {
    match error {
        CallError::Scope { operation } => {
            let detail =
                format!("{operation} changes the account, and the token allows reading only");
            let problem = Problem::new(problem::SCOPE, detail).fix("use the token in trade.token");
            problem.with("outcome", "refused")
        }
        CallError::Rate { wait } => too_many(*wait).with("outcome", "refused"),
        CallError::Refused(refused) => self::refused(refused),
    }
}

/// The members by which a call can be identified later: its intent, client order ids and notes.
pub(crate) fn identity(settled: &Settled) -> Vec<(&'static str, Value)> {
    let mut members = Vec::new();
    if let Some(intent) = &settled.intent {
        members.push(("intent", intent.clone().into()));
    }
    if !settled.client_ids.is_empty() {
        members.push(("clientIds", settled.client_ids.clone().into()));
    }
    if !settled.notes.is_empty() {
        members.push(("notes", json!(settled.notes)));
    }
    members
}

fn identified(problem: Problem, settled: &Settled) -> Problem {
    let problem = problem.with("outcome", settled.outcome.kind());
    let members = identity(settled).into_iter();
    members.fold(problem, |problem, (name, value)| problem.with(name, value))
}

fn of_rejection(rejected: &Rejected) -> Problem {
    let kind = match rejected.by {
        Witness::Response => problem::EXCHANGE,
        _ if rejected.code.as_deref() == Some(problem::TOO_LATE.code) => problem::TOO_LATE,
        _ => problem::NOT_CARRIED_OUT,
    };
    let message = &rejected.message;
    let mut problem = Problem::new(kind, message.clone()).fix(fix(kind, rejected.status));
    if rejected.by == Witness::Response {
        // Programs that read the exchange's own errors can read these too.
        let status = rejected.status.filter(|status| *status >= 400);
        problem = problem
            .with("message", message.clone())
            .with_status(status.unwrap_or(502));
    }
    if let Some(code) = &rejected.code {
        problem = problem.with("code", code.clone());
    }
    if let Some(wait) = &rejected.retry_after {
        problem = problem.with("retryAfter", wait.clone());
        if let Ok(wait) = HeaderValue::from_str(wait) {
            problem = problem.with_header(RETRY_AFTER, wait);
        }
    }
    if let Some(order) = &rejected.order
        && let Ok(order) = serde_json::from_str::<Value>(order.get())
    {
        problem = problem.with("order", order);
    }
    problem
}

fn fix(kind: ProblemKind, status: Option<u16>) -> &'static str {
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

fn refused(refused: &Refused) -> Problem {
    let code = refused.code();
    let kind = PROBLEMS.iter().find(|kind| kind.code == code);
    let fix = match refused {
        // A caller cannot do it, so the fix names who can.
        Refused::TradingDisabled { .. } => {
            "the operator can start the gateway with trading allowed, if the policy file allows it too"
        }
        other => other.fix(),
    };
    let is_open = matches!(refused, Refused::InFlight { .. } | Refused::Lost);
    let mut problem = Problem::new(
        kind.copied().unwrap_or(problem::INTERNAL),
        refused.problem(),
    )
    .fix(fix)
    .with("code", code)
    .with("outcome", if is_open { "unknown" } else { "refused" });
    if !refused.findings().is_empty() {
        problem = problem.with("findings", json!(refused.findings()));
    }
    match refused {
        Refused::InFlight { intent } => problem
            .with("intent", intent.clone())
            .with_header(RETRY_AFTER, HeaderValue::from_static("1")),
        Refused::KeyReused { intent, .. }
        | Refused::ClientIdInUse { intent, .. }
        | Refused::OrderEnded { intent, .. } => problem.with("intent", intent.clone()),
        Refused::Closed => problem.with_header(RETRY_AFTER, HeaderValue::from_static("5")),
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use bpx_dispatch::Finding;

    use super::*;

    #[test]
    fn problem_and_fix_are_those_of_the_refusal_whatever_text_they_hold() {
        let killed = Refused::Killed {
            reason: "drill; see the wiki:\nall of it".to_owned(),
        };
        let problem = refused(&killed);
        assert_eq!(problem.member("detail"), &json!(killed.problem()));
        assert_eq!(problem.member("fix"), killed.fix());
        assert_eq!(problem.member("code"), "KILL_SWITCH");
    }

    #[test]
    fn findings_are_members_and_not_part_of_the_detail() {
        let finding = Finding::new("rule", "/a", "is wrong", "make it right");
        let invalid = Refused::Invalid {
            operation: "op".to_owned(),
            findings: vec![finding],
        };
        let problem = refused(&invalid);
        let detail = problem.member("detail").as_str().unwrap();
        assert!(!detail.contains("is wrong"), "{detail}");
        assert_eq!(problem.member("findings")[0]["problem"], "is wrong");
    }
}
