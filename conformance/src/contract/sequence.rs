//! Media types of sequences.

/// Whether bodies of this media type are sequences.
pub(super) fn is_sequence(essence: &str) -> bool {
    is_events(essence) || is_marked(essence) || is_lines(essence)
}

fn is_lines(essence: &str) -> bool {
    matches!(
        essence,
        "application/jsonl" | "application/x-ndjson" | "application/ndjson"
    )
}

/// Each item behind a record separator (RFC 7464).
pub(crate) fn is_marked(essence: &str) -> bool {
    essence == "application/json-seq" || essence.ends_with("+json-seq")
}

pub(crate) fn is_events(essence: &str) -> bool {
    essence == "text/event-stream"
}
