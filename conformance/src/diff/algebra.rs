//! Whether one schema takes everything that another takes.

use bpx_contract::model::{Shape, StringFormat};
use jsonschema::Draft;
use jsonschema::canonical::{self, CanonicalSchema, Containment};
use serde::Serialize;
use serde_json::Value;

/// Schemas with more text than this are not compared as sets: the work grows with the product of their sizes.
const SCHEMA_BYTES_MAX: usize = 256 * 1024;

/// An answer about sets of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Proven.
    Yes,
    /// Neither proven nor refuted.
    Undecided,
    /// Refuted.
    No,
}

/// Whether `outer` takes every value that `inner` takes.
pub(super) fn covers(outer: &Value, inner: &Value) -> Answer {
    if outer == inner {
        return Answer::Yes;
    }
    let answer = canonical(outer)
        .zip(canonical(inner))
        .and_then(|(outer, inner)| outer.covers(&inner).ok());
    match answer {
        Some(Containment::Yes) => Answer::Yes,
        Some(Containment::No) => Answer::No,
        Some(Containment::Unknown) | None => Answer::Undecided,
    }
}

fn canonical(schema: &Value) -> Option<CanonicalSchema> {
    if schema.to_string().len() > SCHEMA_BYTES_MAX {
        return None;
    }
    let options = canonical::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .offline();
    options.canonicalize(schema).ok()
}

/// Whether the formats alone say that every value of one scalar is one of another. The algebra compares no number above
/// the signed 64 bits.
pub(super) fn is_within(inner: &Shape, outer: &Shape) -> bool {
    match (inner, outer) {
        (_, Shape::Any)
        | (Shape::Integer(_), Shape::Number)
        | (Shape::String(_), Shape::String(StringFormat::Plain)) => true,
        (Shape::Integer(inner), Shape::Integer(outer)) => {
            let ((least, most), (low, high)) = (inner.bounds(), outer.bounds());
            low <= least && most <= high
        }
        (inner, outer) => inner == outer && inner.named().is_none(),
    }
}
