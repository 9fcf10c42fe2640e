//! `/events`: what happens to the account, as server-sent events (HTML, 9.2), from the journal.
//!
//! A client that was away says which event it saw last, in `Last-Event-ID` or `after`, and goes on behind it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use bpx_dispatch::Happened;
use futures_util::StreamExt as _;
use futures_util::stream::Stream;

use crate::problem::{self, Problem};
use crate::shared::Shared;

pub(super) const PATH: &str = "/events";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) async fn events(
    Extension(shared): Extension<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !shared.listens {
        return Problem::new(
            problem::NOT_FOUND,
            "this gateway does not listen to the exchange",
        )
        .fix("start it with --events")
        .into_response();
    }
    match after(query.as_deref().unwrap_or_default(), &headers) {
        Ok(after) => stream(&shared, after).into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn stream(
    shared: &Shared,
    after: Option<i64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let events = shared
        .dispatch
        .happened(after)
        .map(|event| Ok(written(&event)));
    let stop = shared.stop.clone();
    let events = events.take_until(async move { stop.cancelled().await });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// JSON has no line breaks outside of its strings, and none within.
fn written(event: &Happened) -> Event {
    let data = event.data.replace(['\r', '\n'], " ");
    let id = event.number.to_string();
    Event::default().id(id).event(&event.name).data(data)
}

/// The number of the event that the client saw last. A browser that connects again says it in the header.
fn after(query: &str, headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let asked = match (pairs.next(), pairs.next()) {
        (None, _) => None,
        (Some((name, value)), None) if name == "after" => Some(value.into_owned()),
        _ => return Err(unreadable("the query has something else than `after`")),
    };
    let header = headers
        .get(LAST_EVENT_ID)
        .map(|value| value.to_str().unwrap_or_default());
    let Some(text) = header.or(asked.as_deref()) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|number| *number >= 0);
    number
        .map(Some)
        .ok_or_else(|| unreadable("the last event is no number"))
}

fn unreadable(detail: &str) -> Problem {
    Problem::new(problem::MALFORMED, detail)
        .fix("give the id of an event of /events in Last-Event-ID or as ?after=ID, or nothing to begin now")
}
