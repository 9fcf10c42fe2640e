//! After a restart: what an earlier process left open is looked into.

use futures_util::{StreamExt as _, stream};

use crate::call::Recovered;
use crate::conclude::{look_again, record};
use crate::error::Refused;
use crate::inner::Inner;
use crate::journal::{Failure, Intent};
use crate::outcome::Outcome;
use crate::settle::Resolved;
use crate::state::{Instance, Whereabouts};

/// An intent of an instance elsewhere is left alone for so long: nothing that is under way takes longer, unless its
/// computer stands still meanwhile.
const ELSEWHERE_MS: i64 = 10 * 60 * 1_000;

/// How many are looked into at once; each asks the exchange, which has a rate limit for all.
const LOOKS_MAX: usize = 256;

/// Intents without a final outcome whose processes are gone. As long as it is held, nobody else takes them over.
#[derive(Debug, Default)]
pub(crate) struct LeftOpen {
    intents: Vec<Intent>,
    dead: Vec<Instance>,
}

/// Takes over what belongs to nobody any more.
pub(crate) async fn left_open(inner: &Inner) -> Result<LeftOpen, Failure> {
    let mut left = LeftOpen::default();
    let unsettled = inner.journal.unsettled().await?;
    let owners: Vec<_> = unsettled
        .iter()
        .map(|intent| intent.owner.clone())
        .collect();
    for intent in unsettled {
        if left.may_take(inner, &intent) {
            inner.journal.take_over(&intent.id).await?;
            left.intents.push(intent);
        }
    }
    inner.state.tidy(&owners);
    Ok(left)
}

impl LeftOpen {
    /// Whether the intent's process is gone.
    fn may_take(&mut self, inner: &Inner, intent: &Intent) -> bool {
        if self.dead.iter().any(|instance| instance.id == intent.owner) {
            return true;
        }
        match inner.state.whereabouts(&intent.owner) {
            Whereabouts::Alive => false,
            Whereabouts::Elsewhere => intent.at_ms < inner.now_ms().saturating_sub(ELSEWHERE_MS),
            Whereabouts::Dead(instance) => {
                self.dead.push(instance);
                true
            }
        }
    }
}

/// How an intent ended that has no outcome, if its process is gone, or this one could not write the outcome.
pub(crate) async fn adopt(inner: &Inner, intent: &Intent) -> Option<Resolved> {
    let mut left = LeftOpen::default();
    let is_ours = intent.owner == inner.instance.id;
    let may_take = match is_ours {
        true => !inner.under_way.has(&intent.id),
        false => left.may_take(inner, intent),
    };
    if !may_take {
        return None;
    }
    end_of(inner, intent, inner.now_ms()).await
}

/// Looks into all of them side by side, since none waits for another, and writes down what it finds.
pub(crate) async fn look_into(inner: &Inner, left: LeftOpen) -> Vec<Recovered> {
    // Their processes are gone, so nothing of theirs is signed after this.
    let gone_ms = inner.now_ms();
    let looks = left.intents.into_iter();
    let looks = stream::iter(looks.map(|intent| look(inner, intent, gone_ms)));
    let recovered: Vec<_> = looks.buffered(LOOKS_MAX).collect().await;
    left.dead.iter().for_each(Instance::leave);
    recovered.into_iter().flatten().collect()
}

async fn look(inner: &Inner, intent: Intent, gone_ms: i64) -> Option<Recovered> {
    let _held = inner.under_way.hold(&intent.id);
    let resolved = end_of(inner, &intent, gone_ms).await?;
    record(inner, &intent.id, &resolved).await;
    let outcome = resolved.outcome;
    tracing::info!(
        intent = intent.id,
        operation = intent.operation,
        outcome = outcome.kind(),
        "recovered"
    );
    Some(Recovered {
        intent: intent.id.clone(),
        operation: intent.operation.clone(),
        outcome,
    })
}

async fn end_of(inner: &Inner, intent: &Intent, gone_ms: i64) -> Option<Resolved> {
    let end = seek_end(inner, intent, gone_ms).await;
    let failed = |error: &Refused| tracing::error!(intent = intent.id, %error, "not recovered");
    end.inspect_err(failed).ok().flatten()
}

async fn seek_end(
    inner: &Inner,
    intent: &Intent,
    gone_ms: i64,
) -> Result<Option<Resolved>, Refused> {
    let Some(operation) = inner.api.operation(&intent.operation) else {
        return Ok(None);
    };
    let latest = inner.journal.latest(&intent.id).await;
    let latest = latest.map_err(Refused::journal("reading what was left open"))?;
    let (last, signed_before_ms) = match latest {
        Some(latest) => latest,
        // It may have been signed at any time until its process was found gone, and not later. Who looks into it after
        // this process, or beside it, need not start from now.
        None => {
            let why = "the process ended after the request may have been sent";
            let unknown = Outcome::unknown(why, "");
            record(inner, &intent.id, &unknown.clone().into()).await;
            (unknown, gone_ms)
        }
    };
    let resolved = look_again(inner, intent, operation, &last, signed_before_ms);
    Ok(Some(resolved.await))
}
