//! Counters and histograms, in the text format that Prometheus reads.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use bpx_dispatch::{Dispatch, Status};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::caller::Protocol;

/// The media type of [`Metrics::text`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    account: String,
    face: &'static str,
    operation: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TimeLabels {
    account: String,
    face: &'static str,
    operation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    face: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    face: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaceLabels {
    face: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccountLabels {
    account: String,
}

/// A metric of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricKind {
    /// Its name, without the prefix `bpx_` and the suffix of its kind.
    pub name: &'static str,
    /// What follows the name in samples: `_total` of a counter, `_seconds` of a duration.
    pub suffix: &'static str,
    /// The labels it has.
    pub labels: &'static [&'static str],
    /// What it counts or measures.
    pub meaning: &'static str,
}

const fn metric(
    name: &'static str,
    suffix: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> MetricKind {
    MetricKind {
        name,
        suffix,
        labels,
        meaning,
    }
}

/// Every metric of this gateway.
pub const METRICS: &[MetricKind] = &[
    metric(
        "calls",
        "_total",
        &["account", "face", "operation", "outcome"],
        "Calls of operations, by outcome or code of a refusal",
    ),
    metric(
        "call_duration",
        "_seconds",
        &["account", "face", "operation"],
        "Duration of calls, settling included",
    ),
    metric("requests", "_total", &["face", "status"], "HTTP responses"),
    metric(
        "problems",
        "_total",
        &["face", "code"],
        "HTTP responses that are problems",
    ),
    metric(
        "requests_in_flight",
        "",
        &["face"],
        "HTTP requests in flight",
    ),
    metric("connections", "", &["face"], "Open connections"),
    metric(
        "connections_closed",
        "_total",
        &["face"],
        "Connections closed because no token came in time, or to make room",
    ),
    metric(
        "changes_in_flight",
        "",
        &["account"],
        "Calls in flight that change the account",
    ),
    metric(
        "journal_write",
        "_seconds",
        &["account"],
        "Duration of durable writes to the journal: two per order, one per scrape",
    ),
    metric(
        "journal_up",
        "",
        &["account"],
        "Whether the journal could be written, 1 or 0",
    ),
    metric(
        "kill_switch",
        "",
        &["account"],
        "Whether the kill switch is on, 1 or 0",
    ),
];

fn meaning(name: &str) -> &'static str {
    let known = METRICS.iter().find(|metric| metric.name == name);
    known.map_or("", |metric| metric.meaning)
}

/// What is counted. Labels come from fixed lists, the operator and the operations of the API, so callers cannot make their number grow.
/// The label `face` is the protocol.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<TimeLabels, Histogram>,
    requests: Family<RequestLabels, Counter>,
    problems: Family<RefusalLabels, Counter>,
    in_flight: Family<FaceLabels, Gauge>,
    connections: Family<FaceLabels, Gauge>,
    connections_closed: Family<FaceLabels, Counter>,
    changes_in_flight: Family<AccountLabels, Gauge>,
    journal_seconds: Family<AccountLabels, Histogram>,
    journal_up: Family<AccountLabels, Gauge>,
    killed: Family<AccountLabels, Gauge>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("bpx"),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(|| {
                // 100 µs to 52 s.
                Histogram::new(exponential_buckets(0.0001, 2.0, 20))
            }),
            requests: Family::default(),
            problems: Family::default(),
            in_flight: Family::default(),
            connections: Family::default(),
            connections_closed: Family::default(),
            changes_in_flight: Family::default(),
            journal_seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.0001, 2.0, 16))
            }),
            journal_up: Family::default(),
            killed: Family::default(),
        };
        metrics.register();
        for face in Protocol::ALL.map(Protocol::word) {
            // A counter that begins with its first event shows no increase.
            let _ = metrics
                .connections_closed
                .get_or_create(&FaceLabels { face });
        }
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("calls", meaning("calls"), self.calls.clone());
        registry.register_with_unit(
            "call_duration",
            meaning("call_duration"),
            Unit::Seconds,
            self.call_seconds.clone(),
        );
        registry.register("requests", meaning("requests"), self.requests.clone());
        registry.register("problems", meaning("problems"), self.problems.clone());
        registry.register(
            "requests_in_flight",
            meaning("requests_in_flight"),
            self.in_flight.clone(),
        );
        registry.register(
            "connections",
            meaning("connections"),
            self.connections.clone(),
        );
        registry.register(
            "connections_closed",
            meaning("connections_closed"),
            self.connections_closed.clone(),
        );
        registry.register(
            "changes_in_flight",
            meaning("changes_in_flight"),
            self.changes_in_flight.clone(),
        );
        registry.register_with_unit(
            "journal_write",
            meaning("journal_write"),
            Unit::Seconds,
            self.journal_seconds.clone(),
        );
        registry.register("journal_up", meaning("journal_up"), self.journal_up.clone());
        registry.register("kill_switch", meaning("kill_switch"), self.killed.clone());
    }

    /// Counts a call of an operation, and how long it took.
    pub(crate) fn called(
        &self,
        account: &str,
        protocol: Protocol,
        operation: String,
        outcome: &'static str,
        took: Duration,
    ) {
        let face = protocol.word();
        let account = account.to_owned();
        let labels = CallLabels {
            account: account.clone(),
            face,
            operation: operation.clone(),
            outcome,
        };
        self.calls.get_or_create(&labels).inc();
        let labels = TimeLabels {
            account,
            face,
            operation,
        };
        self.call_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// Counts a request as in flight until the value is dropped.
    pub(crate) fn request_started(&self, protocol: Protocol) -> InFlight {
        let face = protocol.word();
        let gauge = self.in_flight.get_or_create_owned(&FaceLabels { face });
        gauge.inc();
        InFlight(gauge)
    }

    /// Counts a connection as open until the value is dropped.
    pub(crate) fn connection_opened(&self, protocol: Protocol) -> InFlight {
        let face = protocol.word();
        let gauge = self.connections.get_or_create_owned(&FaceLabels { face });
        gauge.inc();
        InFlight(gauge)
    }

    /// Counts a connection that the gateway closed.
    pub(crate) fn connection_closed(&self, protocol: Protocol) {
        let face = protocol.word();
        let labels = FaceLabels { face };
        self.connections_closed.get_or_create(&labels).inc();
    }

    /// Counts a response, and the code of its problem if it is one.
    pub(crate) fn request_finished(
        &self,
        protocol: Protocol,
        status: StatusCode,
        problem: Option<&'static str>,
    ) {
        let face = protocol.word();
        let status = status.as_u16();
        self.requests
            .get_or_create(&RequestLabels { face, status })
            .inc();
        if let Some(code) = problem {
            self.problems
                .get_or_create(&RefusalLabels { face, code })
                .inc();
        }
    }

    /// Times each durable write to the journal of this dispatch.
    pub(crate) fn watch(&self, account: &str, dispatch: &Dispatch) {
        let account = account.to_owned();
        let labels = AccountLabels { account };
        let seconds = self.journal_seconds.get_or_create_owned(&labels);
        dispatch.watch_journal(move |took| seconds.observe(took.as_secs_f64()));
    }

    /// Sets the gauges that show the state of an account's dispatch.
    pub(crate) fn record_status(&self, account: &str, status: &Status) {
        let account = account.to_owned();
        let labels = AccountLabels { account };
        let set = |family: &Family<AccountLabels, Gauge>, value| {
            family.get_or_create(&labels).set(value);
        };
        set(
            &self.journal_up,
            i64::from(status.journal_failure.is_none()),
        );
        set(&self.killed, i64::from(status.killed.is_some()));
        let in_flight = i64::try_from(status.in_flight).unwrap_or(i64::MAX);
        set(&self.changes_in_flight, in_flight);
    }

    /// Everything, as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A request in flight, or an open connection.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
