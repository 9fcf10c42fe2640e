//! The log of a server: lines on stderr and, with the feature `otel`, spans to a collector.

pub(in crate::commands) use exporter::start;

/// rmcp writes several lines for each request.
const LOG_DEFAULT: &str = "info,rmcp=warn";

#[cfg(not(feature = "otel"))]
mod exporter {
    use crate::failure::Failure;

    #[allow(
        clippy::unnecessary_wraps,
        reason = "with the feature otel it can fail"
    )]
    pub(in crate::commands) fn start() -> Result<Nowhere, Failure> {
        crate::output::log_to_stderr(super::LOG_DEFAULT);
        Ok(Nowhere)
    }

    /// Spans are not exported.
    pub(in crate::commands) struct Nowhere;
}

#[cfg(feature = "otel")]
mod exporter {
    use std::env;
    use std::io::{self, IsTerminal as _};

    use bpx_gateway::otel::{Exporting, layer};
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;

    use crate::failure::Failure;

    const ENDPOINTS: [&str; 2] = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];

    /// Logs to stderr, and spans to a collector where the environment names one.
    pub(in crate::commands) fn start() -> Result<Option<Exporting>, Failure> {
        if !ENDPOINTS.iter().any(|name| env::var_os(name).is_some()) {
            crate::output::log_to_stderr(super::LOG_DEFAULT);
            return Ok(None);
        }
        let (spans, exporting) = layer()?;
        let filter = EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| EnvFilter::new(super::LOG_DEFAULT));
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr);
        tracing_subscriber::registry()
            .with(filter)
            .with(lines)
            .with(spans)
            .init();
        Ok(Some(exporting))
    }
}
