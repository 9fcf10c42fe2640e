//! Spans to an OpenTelemetry collector, over HTTP. What is sent are the spans of this workspace: operations, outcomes,
//! times; no arguments, no headers, no token.

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::error::GatewayError;
use crate::trace::TraceParent;

const SERVICE: &str = "bpx-gateway";

/// Sends what is left when it is dropped. Keep it until the end.
#[derive(Debug)]
pub struct Exporting(SdkTracerProvider);

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent to the collector");
        }
    }
}

/// A layer that sends spans to the collector that the environment names (`OTEL_EXPORTER_OTLP_ENDPOINT` and its kin, by
/// default `http://localhost:4318`).
///
/// # Errors
/// [`GatewayError::Setting`], if the environment names none that can be.
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

/// Makes a caller's span the parent of ours.
pub(crate) fn continue_trace(span: &Span, parent: TraceParent<'_>) {
    let ids = TraceId::from_hex(parent.trace_id)
        .ok()
        .zip(SpanId::from_hex(parent.parent_id).ok());
    let Some((trace_id, span_id)) = ids else {
        return;
    };
    let flags = match parent.is_sampled {
        true => TraceFlags::SAMPLED,
        false => TraceFlags::NOT_SAMPLED,
    };
    let remote = SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE);
    // It fails where no layer listens; then there is nothing to continue.
    let _ = span.set_parent(Context::new().with_remote_span_context(remote));
}

#[cfg(test)]
mod tests {
    use tracing::info_span;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

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
