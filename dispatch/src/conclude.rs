//! The end of a call: its outcome written down, or looked for once more.

use std::sync::Arc;
use std::time::Duration;

use bpx_contract::api::Operation;
use tokio::time::sleep;

use crate::call::Arguments;
use crate::finding::Note;
use crate::inner::Inner;
use crate::journal::{Ended, Intent};
use crate::outcome::Outcome;
use crate::policy;
use crate::settle::{Resolved, Sent, cause};

/// How often, and how far apart, writing an outcome is tried.
const RECORD_WAITS_MS: [u64; 4] = [0, 20, 200, 1_000];

/// Writes an outcome, several times if need be: the call was made, so its caller learns the outcome either way.
pub(crate) async fn record(inner: &Inner, intent: &str, resolved: &Resolved) -> Option<Note> {
    let ended = Arc::new(Ended {
        intent: intent.to_owned(),
        outcome: resolved.outcome.clone(),
        closing: resolved.closing.clone(),
        at_ms: inner.now_ms(),
    });
    let mut failure = None;
    for wait_ms in RECORD_WAITS_MS {
        sleep(Duration::from_millis(wait_ms)).await;
        match inner.journal.record(&ended).await {
            Ok(()) => return None,
            Err(error) => failure = Some(error),
        }
    }
    let error = failure?;
    tracing::error!(intent, %error, "the outcome could not be written; the next start looks into it again");
    Some(Note::new(
        "journal.outcome",
        "",
        format!("the outcome could not be written to the journal: {error}"),
    ))
}

/// Asks once more how a call ended, without sending it.
pub(crate) async fn look_again(
    inner: &Inner,
    known: &Intent,
    operation: &Operation,
    last: &Outcome,
    signed_before_ms: i64,
) -> Resolved {
    let why = match last {
        Outcome::Accepted(accepted) => &accepted.why,
        Outcome::Unknown(unknown) => &unknown.why,
        Outcome::Done(_) | Outcome::Rejected(_) => "",
    };
    let arguments = stored(known);
    let sent = Sent {
        intent: &known.id,
        operation,
        arguments: &arguments,
        sent_ms: known.at_ms,
        signed_before_ms,
        accepted: matches!(last, Outcome::Accepted(_)),
        why: cause(why).to_owned(),
    };
    let settler = inner.settler();
    let mut resolved = inner.venue.reconcile(&settler, &sent).await;
    let policy = inner.policy();
    policy::say_how(
        policy.as_deref(),
        operation,
        &arguments,
        &mut resolved.outcome,
    );
    resolved
}

/// What was sent, as the journal has it.
pub(crate) fn stored(known: &Intent) -> Arguments {
    serde_json::from_str(&known.arguments).unwrap_or_default()
}
