//! What changes, as server-sent events.
//!
//! Nobody tells a watcher anything: it looks ten times a second, for as long as its connection takes
//! what it has to say, and says what is different. So trading costs nothing when nobody watches, changes
//! that come together are sent together, and a slow watcher only sees less often.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt as _;
use futures_util::stream::{self, Stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::control::Control;
use crate::control::reply::Failure;
use crate::control::routes::Answer;
use crate::control::view::{self, Sections, Wanted};

/// How often a watcher looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One connection that watches.
struct Watcher {
    control: Arc<Control>,
    wanted: Wanted,
    clock: Interval,
    /// What it has received so far.
    sent: Sections,
    _permit: OwnedSemaphorePermit,
}

pub(crate) async fn events(
    State(control): State<Arc<Control>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let wanted = view::wanted(wanted, &control)?;
    let permit = Arc::clone(&control.watchers).try_acquire_owned();
    let permit = permit.map_err(|_| {
        let problem = "too many watch already";
        let fix = "close a page or a stream, or poll /state";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, problem, fix)
    })?;
    let stop = control.stop.clone();
    let mut clock = interval(LOOK_EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher {
        control,
        wanted,
        clock,
        sent: Sections::new(),
        _permit: permit,
    };
    let events = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await;
        Some((Ok(event), watcher))
    });
    let events = events.take_until(stop.asked());
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Watcher {
    /// Waits until something is different: first all there is, then what changed.
    async fn next(&mut self) -> Event {
        loop {
            self.clock.tick().await;
            let now = view::sections(&self.control, &self.wanted);
            let name = if self.sent.is_empty() {
                "snapshot"
            } else {
                "change"
            };
            let changed = difference(&self.sent, &now);
            self.sent = now;
            if !changed.is_empty() {
                let data = serde_json::Value::Object(changed).to_string();
                return Event::default().event(name).data(data);
            }
        }
    }
}

/// The sections that are not as they were.
fn difference(sent: &Sections, now: &Sections) -> Sections {
    let changed = now
        .iter()
        .filter(|(name, section)| sent.get(*name) != Some(section));
    changed
        .map(|(name, section)| (name.clone(), section.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_sections_that_differ_are_told() {
        let sections = |fills| match json!({ "books": [1], "fills": fills }) {
            serde_json::Value::Object(sections) => sections,
            _ => Sections::new(),
        };
        let (before, after) = (sections(json!([])), sections(json!([7])));
        assert_eq!(difference(&Sections::new(), &before), before);
        assert_eq!(difference(&before, &before), Sections::new());
        assert_eq!(json!(difference(&before, &after)), json!({ "fills": [7] }));
    }
}
