//! `traceparent` (W3C Trace Context): the gateway's spans continue a caller's trace.

#[cfg(feature = "otel")]
use opentelemetry::Context;
#[cfg(feature = "otel")]
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
#[cfg(feature = "otel")]
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The ids of a caller's `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceParent<'a> {
    pub(crate) trace_id: &'a str,
    pub(crate) parent_id: &'a str,
    /// Whether the caller records this trace.
    #[cfg_attr(
        not(feature = "otel"),
        allow(dead_code, reason = "only exported spans are sampled")
    )]
    pub(crate) is_sampled: bool,
}

impl<'a> TraceParent<'a> {
    /// Writes the ids into the fields `trace_id` and `parent_id` of a span, which has not been entered yet.
    pub(crate) fn record(self, span: &Span) {
        span.record("trace_id", self.trace_id);
        span.record("parent_id", self.parent_id);
        #[cfg(feature = "otel")]
        continue_trace(span, self);
    }

    /// Reads the header's value, or the member of the same name of an MCP request. A malformed one counts as
    /// absent, as the recommendation requires.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace_id, parent_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_whole = version != "00" || parts.next().is_none();
        let is_well_formed = is_hex(version, 2)
            && version != "ff"
            && is_hex(trace_id, 32)
            && is_hex(parent_id, 16)
            && is_hex(flags, 2)
            && !is_zero(trace_id)
            && !is_zero(parent_id);
        (is_whole && is_well_formed).then_some(Self {
            trace_id,
            parent_id,
            is_sampled: u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1),
        })
    }
}

/// Makes the caller's span the parent of this one.
#[cfg(feature = "otel")]
fn continue_trace(span: &Span, parent: TraceParent<'_>) {
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
    // It fails without an OpenTelemetry layer; then there is nothing to continue.
    let _ = span.set_parent(Context::new().with_remote_span_context(remote));
}

fn is_hex(text: &str, length: usize) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == length && text.bytes().all(digit)
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn a_well_formed_header_gives_both_ids() {
        let text = format!("00-{TRACE}-{SPAN}-01");
        let parsed = TraceParent::parse(&text).unwrap();
        assert_eq!((parsed.trace_id, parsed.parent_id), (TRACE, SPAN));
        let later = format!("cc-{TRACE}-{SPAN}-01-what-the-future-brings");
        assert!(TraceParent::parse(&later).is_some());
    }

    #[test]
    fn anything_else_counts_as_absent() {
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
        ] {
            assert_eq!(TraceParent::parse(&text), None, "{text}");
        }
    }
}
