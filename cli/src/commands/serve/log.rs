//! The log of a server: one line on stderr for each event and, with the feature `otel`, spans to a collector.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use clap::{Args, ValueEnum};
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::failure::Failure;
use crate::output::is_hidden;

/// rmcp writes several lines for each request.
const LOG_DEFAULT: &str = "info,rmcp=warn";

/// How events are logged.
#[derive(Debug, Args)]
pub(in crate::commands) struct LogArgs {
    /// How events are logged on stderr, each on one line; RUST_LOG chooses which
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl LogArgs {
    /// Logs from here on. Spans go to a collector where the environment names one, until the value is dropped.
    pub(in crate::commands) fn start(&self) -> Result<impl Sized + use<>, Failure> {
        let filter =
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT));
        let (spans, exporting) = exporter::spans()?;
        let registry = tracing_subscriber::registry().with(filter);
        registry.with(self.lines()).with(spans).init();
        Ok(exporting)
    }

    /// Whether stderr has a person before it, to whom more can be said than events.
    pub(in crate::commands) fn is_for_people(&self) -> bool {
        self.log_format == LogFormat::Text && io::stderr().is_terminal()
    }

    fn lines<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> Box<dyn Layer<S> + Send + Sync> {
        let layer = fmt::layer().with_writer(|| Lines).with_ansi(false);
        match self.log_format {
            LogFormat::Text => Box::new(layer),
            LogFormat::Json => Box::new(layer.json().flatten_event(true)),
        }
    }
}

/// Stderr, to which each event is written at once and as one line.
struct Lines;

impl io::Write for Lines {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = one_line(&text);
        line.push('\n');
        io::stderr().write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The event with what ends a line, and what a terminal would obey or hide, as JSON writes it.
fn one_line(event: &str) -> String {
    let mut line = String::with_capacity(event.len());
    for c in event.trim_end_matches('\n').chars() {
        if is_hidden(c) {
            let _ = write!(line, "\\u{:04x}", u32::from(c));
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(not(feature = "otel"))]
mod exporter {
    use tracing_subscriber::layer::Identity;

    use crate::failure::Failure;

    /// Spans are not exported.
    #[allow(
        clippy::unnecessary_wraps,
        reason = "with the feature otel it can fail"
    )]
    pub(super) fn spans() -> Result<(Identity, ()), Failure> {
        Ok((Identity::new(), ()))
    }
}

#[cfg(feature = "otel")]
mod exporter {
    use std::env;

    use bpx_gateway::otel::{Exporting, layer};
    use tracing::Subscriber;
    use tracing_subscriber::Layer;
    use tracing_subscriber::registry::LookupSpan;

    use crate::failure::Failure;

    const ENDPOINTS: [&str; 2] = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];

    /// Spans to a collector, where the environment names one.
    pub(super) fn spans<S>() -> Result<(Option<impl Layer<S>>, Option<Exporting>), Failure>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if !ENDPOINTS.iter().any(|name| env::var_os(name).is_some()) {
            return Ok((None, None));
        }
        let (spans, exporting) = layer()?;
        Ok((Some(spans), Some(exporting)))
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn nothing_in_an_event_ends_its_line() {
        assert_eq!(
            one_line("a\nb\r\u{85}\u{2028}c\0\n"),
            r"a\u000ab\u000d\u0085\u2028c\u0000"
        );
    }
}
