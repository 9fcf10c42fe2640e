//! What happened to the account as a resource, and its subscribers.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::request::Parts;
use futures_util::StreamExt as _;
use rmcp::model::{ErrorData, Resource, ResourceContents, ResourceUpdatedNotificationParam};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::shared::Shared;

/// The resource.
pub(super) const URI: &str = "events://latest";
/// How many events it shows.
const SHOWN: i64 = 100;
const JSON: &str = "application/json";
const SESSION: &str = "mcp-session-id";

/// The subscriptions of clients from before 2026-07-28, by session.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(Mutex<HashMap<String, AbortHandle>>);

pub(super) fn resource() -> Resource {
    let about = "The latest events of the account, oldest first: what happened to its orders, and where something may be missing";
    Resource::new(URI, "latest-events")
        .with_description(about)
        .with_mime_type(JSON)
}

pub(super) async fn read(shared: &Shared) -> Result<ResourceContents, ErrorData> {
    let latest = shared.dispatch.latest(SHOWN).await;
    let latest = latest.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    let events = latest.iter().map(|event| {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        json!({"id": event.number, "atMs": event.at_ms, "event": event.name, "data": data})
    });
    let text = json!({"events": events.collect::<Vec<_>>()}).to_string();
    Ok(ResourceContents::text(text, URI).with_mime_type(JSON))
}

/// Tells of each change until nobody listens; events that came together are one change.
pub(super) async fn tell(shared: Arc<Shared>, notify: impl AsyncFn() -> bool) {
    let mut events = pin!(shared.dispatch.happened(None).ready_chunks(1_000));
    while events.next().await.is_some() && notify().await {}
}

impl Subscriptions {
    /// Tells the client of this request of changes, for as long as its session lasts.
    pub(super) fn add(&self, shared: Arc<Shared>, context: &RequestContext<RoleServer>) {
        let peer = context.peer.clone();
        let telling = tell(shared, async move || {
            let changed = ResourceUpdatedNotificationParam::new(URI);
            peer.notify_resource_updated(changed).await.is_ok()
        });
        let handle = tokio::spawn(telling).abort_handle();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, handle| !handle.is_finished());
        if let Some(before) = all.insert(session(context), handle) {
            before.abort();
        }
    }

    pub(super) fn remove(&self, context: &RequestContext<RoleServer>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = all.remove(&session(context)) {
            handle.abort();
        }
    }
}

/// The session of a request; over standard input and output there is only one.
fn session(context: &RequestContext<RoleServer>) -> String {
    let parts = context.extensions.get::<Parts>();
    let id = parts.and_then(|parts| parts.headers.get(SESSION)?.to_str().ok());
    id.unwrap_or_default().to_owned()
}
