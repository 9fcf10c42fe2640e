//! A tool call's span is inside its request's, and in the trace that the client names in `_meta`.
//!
//! It has a binary of its own, because another test's thread could disable a span for all while one subscriber exists.

#![cfg(test)]

#[allow(dead_code, reason = "other tests need the rest")]
mod common;
#[allow(dead_code, reason = "the tests of MCP need the rest")]
#[path = "mcp/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_default;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

use support::{Fixture, OPEN};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A span: its name, the names of the enclosing spans, and its fields.
#[derive(Debug, Clone, Default)]
struct Seen {
    name: &'static str,
    around: Vec<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}").trim_matches('"').to_owned();
        self.fields.insert(field.name(), text);
    }
}

#[derive(Debug, Clone, Default)]
struct Collector(Arc<Mutex<BTreeMap<u64, Seen>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut seen = Seen {
            name: span.name(),
            around: span.scope().skip(1).map(|around| around.name()).collect(),
            ..Seen::default()
        };
        attributes.record(&mut seen);
        self.0.lock().unwrap().insert(id.into_u64(), seen);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        if let Some(seen) = self.0.lock().unwrap().get_mut(&id.into_u64()) {
            values.record(seen);
        }
    }
}

#[tokio::test]
async fn a_trace_that_the_client_names_goes_on_in_the_calls_span() {
    let collector = Collector::default();
    let _collecting = set_default(Registry::default().with(collector.clone()));
    let fixture = Fixture::unasked().await;
    let params = json!({"name": OPEN, "arguments": {}, "_meta": {
        "traceparent": format!("00-{TRACE}-{PARENT}-01"),
    }});
    fixture.send("tools/call", params).await.done();
    let spans = collector.0.lock().unwrap();
    let call = spans.values().find(|seen| seen.name == "tool").unwrap();
    assert_eq!(call.fields["tool"], OPEN);
    assert_eq!(call.fields["trace_id"], TRACE);
    assert_eq!(call.fields["parent_id"], PARENT);
    assert!(call.around.contains(&"request"), "{:?}", call.around);
    let dispatched = spans.values().find(|seen| seen.name == "dispatch").unwrap();
    assert_eq!(dispatched.around.first(), Some(&"tool"));
    assert_eq!(dispatched.fields["operation"], "get_open_orders");
}
