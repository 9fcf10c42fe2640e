//! Whether one schema takes everything that another takes.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::thread;

use bpx_contract::model::{Shape, StringFormat};
use jsonschema::Draft;
use jsonschema::canonical::{self, CanonicalSchema, Containment};
use serde::Serialize;
use serde_json::Value;

/// Schemas with more text than this are not compared as sets: the work grows with the product of their sizes.
const SCHEMA_BYTES_MAX: usize = 256 * 1024;
/// Nor are those that nest deeper, all definitions laid end to end: the algebra descends into each of them.
const DEPTH_MAX: usize = 2000;
/// Enough for that depth, with room; only what is used is taken.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// An answer about sets of values. Of several answers, the greatest counts for all.
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

/// Whether `outer` takes every value that `inner` takes. Nothing is known of what has no schema.
pub(super) fn covers(outer: Option<&Value>, inner: Option<&Value>) -> Answer {
    let (Some(outer), Some(inner)) = (outer, inner) else {
        return Answer::Undecided;
    };
    if outer == inner {
        return Answer::Yes;
    }
    if [outer, inner].iter().any(|it| is_too_large(it)) {
        return Answer::Undecided;
    }
    let answer = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let asked = thread.spawn_scoped(scope, || ask(outer, inner)).ok()?;
        asked.join().ok()?
    });
    match answer {
        Some(Containment::Yes) => Answer::Yes,
        Some(Containment::No) => Answer::No,
        Some(Containment::Unknown) | None => Answer::Undecided,
    }
}

fn ask(outer: &Value, inner: &Value) -> Option<Containment> {
    canonical(outer)?.covers(&canonical(inner)?).ok()
}

fn canonical(schema: &Value) -> Option<CanonicalSchema> {
    let options = canonical::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .offline();
    options.canonicalize(schema).ok()
}

fn is_too_large(schema: &Value) -> bool {
    let defs = schema.get("$defs").and_then(Value::as_object);
    let defs = defs.into_iter().flat_map(|defs| defs.values());
    let depth: usize = defs.map(depth).sum();
    depth > DEPTH_MAX || schema.to_string().len() > SCHEMA_BYTES_MAX
}

/// How deep a value nests. A document nests 128 levels at most, and a schema made of it not many more.
fn depth(value: &Value) -> usize {
    let inside = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => None,
    };
    inside.map_or(0, |inside| inside + 1)
}

/// Keywords whose limit admits more the greater it is, and those that admit more the smaller it is.
const UPPER: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];
const LOWER: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];

/// Whether one set of validation keywords asks for nothing that the other does not ask for.
pub(super) fn is_looser(loose: &BTreeMap<String, Value>, tight: &BTreeMap<String, Value>) -> bool {
    loose.iter().all(|(keyword, limit)| {
        let Some(other) = tight.get(keyword) else {
            return false;
        };
        let order = compared(limit, other);
        limit == other
            || (UPPER.contains(&&**keyword) && order.is_some_and(Ordering::is_ge))
            || (LOWER.contains(&&**keyword) && order.is_some_and(Ordering::is_le))
    })
}

/// Whole numbers as such, so that none is rounded.
fn compared(a: &Value, b: &Value) -> Option<Ordering> {
    let whole = |value: &Value| {
        let signed = value.as_i64().map(i128::from);
        signed.or_else(|| value.as_u64().map(i128::from))
    };
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
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
