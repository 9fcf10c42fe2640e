//! Reads: validated, sent, read as JSON. They change nothing, so they are not journaled.

use serde_json::value::RawValue;

use crate::inner::Inner;
use crate::outcome::{Done, Outcome, Source};
use crate::remote::{Reply, Success, plain_headers};
use crate::validate::require_valid;
use crate::venue::{Refusal, Venue};
use crate::{Call, Refused, Settled};

const NEXT: &str = "ask again; a read changes nothing";

pub(crate) async fn read(inner: &Inner, call: &Call) -> Result<Settled, Refused> {
    let operation = &call.operation;
    require_valid(inner.venue.as_ref(), call)?;
    // On the heap, or every future around it is as large, and each is copied into the next.
    let reply = Box::pin(inner.remote.send(operation, &call.arguments)).await;
    Ok(Settled {
        operation: operation.id.clone(),
        intent: None,
        client_ids: Vec::new(),
        replayed: false,
        notes: Vec::new(),
        outcome: outcome(
            inner.venue.as_ref(),
            reply,
            operation.paged,
            operation.is_text(),
        ),
    })
}

fn outcome(venue: &dyn Venue, reply: Reply, is_paged: bool, is_text: bool) -> Outcome {
    match reply {
        Reply::Success(success) => done(venue, &success, is_paged, is_text),
        Reply::Refused(rejected) if venue.refusal(&rejected) == Refusal::Ambiguous => {
            Outcome::unknown(rejected.summary(), NEXT)
        }
        Reply::Refused(rejected) => Outcome::Rejected(rejected),
        Reply::NotSent { message } => Outcome::not_sent(message),
        Reply::Broken { message } => Outcome::unknown(message, NEXT),
    }
}

fn done(venue: &dyn Venue, success: &Success, is_paged: bool, is_text: bool) -> Outcome {
    let body = match success.body.is_empty() && success.status == 204 {
        true => Some(RawValue::NULL.to_owned()),
        false => success.json(is_text),
    };
    let Some(body) = body else {
        return Outcome::unknown(
            format!("{}, but the response is not JSON", success.status),
            NEXT,
        );
    };
    Outcome::Done(Done {
        status: success.status,
        body,
        source: Source::Response,
        order_ids: Vec::new(),
        page: is_paged.then(|| venue.page(success)),
        headers: plain_headers(&success.headers),
    })
}
