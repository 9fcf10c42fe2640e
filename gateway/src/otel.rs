//! Exports spans to an OpenTelemetry collector, over HTTP. They hold operations, outcomes and times, and no arguments,
//! headers or tokens.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::error::GatewayError;

const SERVICE: &str = "bpx-gateway";

/// Sends the remaining spans when it is dropped. Keep it until the program ends.
#[derive(Debug)]
pub struct Exporting(SdkTracerProvider);

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent to the collector");
        }
    }
}

/// A layer that sends spans to the collector named by the environment (`OTEL_EXPORTER_OTLP_ENDPOINT` and related
/// variables; by default `http://localhost:4318`).
///
/// # Errors
/// [`GatewayError::Setting`]: the environment names no usable collector.
pub fn layer<S>() -> Result<(OpenTelemetryLayer<S, SdkTracer>, Exporting), GatewayError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let exporter = SpanExporter::builder().with_http().build();
    let exporter = exporter.map_err(|error| GatewayError::Setting {
        setting: format!("OTEL_EXPORTER_OTLP_ENDPOINT ({error})"),
        problem: "spans cannot be sent there",
        fix: "name the collector's HTTP endpoint, such as http://localhost:4318",
    })?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(SERVICE).build())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE));
    Ok((layer, Exporting(provider)))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TraceContextExt as _;
    use tracing::info_span;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::trace::TraceParent;

    #[test]
    fn spans_go_on_in_the_callers_trace() {
        let provider = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE));
        let subscriber = tracing_subscriber::registry().with(layer);
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        tracing::subscriber::with_default(subscriber, || {
            let span = info_span!("request");
            TraceParent::parse(text).unwrap().record(&span);
            let context = span.context();
            let trace = context.span().span_context().trace_id().to_string();
            assert_eq!(trace, "0af7651916cd43dd8448eb211c80319c");
        });
    }
}
