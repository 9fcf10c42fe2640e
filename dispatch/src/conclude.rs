//! The end of a call: its outcome written down, or looked for once more.

use std::time::Duration;

use bpx_contract::api::Operation;
use tokio::time::sleep;

use crate::call::Arguments;
use crate::error::Refused;
use crate::finding::Note;
use crate::inner::Inner;
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::settle::{Resolved, Sent, cause};

/// How often, and how far apart, writing an outcome is tried.
const RECORD_WAITS_MS: [u64; 4] = [0, 20, 200, 1_000];

/// Writes an outcome, several times if need be: the call was made, so its caller learns the outcome either way.
pub(crate) async fn record(inner: &Inner, intent: &str, resolved: &Resolved) -> Option<Note> {
    let mut failure = None;
    for wait_ms in RECORD_WAITS_MS {
        sleep(Duration::from_millis(wait_ms)).await;
        let Resolved { outcome, closing } = resolved;
        match inner
            .journal
            .record(intent, outcome, closing, inner.now_ms())
            .await
        {
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
) -> Result<Resolved, Refused> {
    let sent_at = inner
        .journal
        .sent_at(&known.id)
        .await
        .map_err(Refused::journal("reading when it was sent"))?;
    let why = match last {
        Outcome::Accepted(accepted) => &accepted.why,
        Outcome::Unknown(unknown) => &unknown.why,
        Outcome::Done(_) | Outcome::Rejected(_) => "",
    };
    let sent = Sent {
        intent: &known.id,
        operation,
        arguments: &stored(known),
        sent_ms: sent_at.unwrap_or(known.at_ms),
        signed_before_ms,
        accepted: matches!(last, Outcome::Accepted(_)),
        why: cause(why).to_owned(),
    };
    let settler = inner.settler();
    Ok(inner.venue.reconcile(&settler, &sent).await)
}

/// What was sent, as the journal has it.
pub(crate) fn stored(known: &Intent) -> Arguments {
    serde_json::from_str(&known.arguments).unwrap_or_default()
}
