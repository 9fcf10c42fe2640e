//! Spans: in the caller's trace, and without secrets.
//!
//! It has a binary of its own, because another test's thread could disable a span for all while one subscriber exists.

#![cfg(test)]

#[allow(dead_code, reason = "other tests need the rest")]
mod common;
#[allow(dead_code, reason = "the tests of REST need the rest")]
#[path = "rest/support.rs"]
mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use bpx_gateway::Scope;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_default;
use tracing_subscriber::fmt::format::FmtSpan;

use support::{Fixture, ORDER, bid, send};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Keeps what is logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_callers_trace_goes_on_and_no_secret_is_logged_at_any_level() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = set_default(subscriber);
    let fixture = Fixture::new().await;
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let request = fixture.post(ORDER, &bid("20"));
    assert_eq!(
        send(request.header("traceparent", traceparent))
            .await
            .status(),
        200
    );

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let closed = text
        .lines()
        .find(|line| line.contains("request{") && line.contains("close"));
    let closed = closed.unwrap_or_else(|| panic!("{text}"));
    for field in [
        r#"face="rest""#.to_owned(),
        "status=200".to_owned(),
        format!("trace_id=\"{TRACE}\""),
        format!("parent_id=\"{PARENT}\""),
    ] {
        assert!(closed.contains(&field), "{field}: {closed}");
    }
    let dispatched = text
        .lines()
        .find(|line| line.contains("request{") && line.contains(":dispatch{"));
    assert!(dispatched.is_some(), "{text}");
    let secrets = [
        fixture.token(Scope::Read),
        fixture.token(Scope::Trade),
        fixture.sandbox.api_secret(),
    ];
    for secret in secrets {
        assert!(!text.contains(&secret), "{text}");
    }
}
