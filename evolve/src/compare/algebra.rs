//! Whether one schema accepts every value that another accepts.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::thread;

use bpx_contract::model::{Shape, StringFormat};
use jsonschema::Draft;
use jsonschema::canonical::{self, CanonicalSchema, Containment};
use serde_json::Value;

use crate::change::Answer;
use crate::rules::Rule;
use crate::side::Side;

/// Schemas with more text than this are not compared: the work grows with the product of their sizes.
const SCHEMA_BYTES_MAX: usize = 256 * 1024;
/// Schemas that nest deeper, adding up all definitions, are not compared: the algebra descends into each of them.
const DEPTH_MAX: usize = 2000;
/// Enough for that depth. Only the part that is used becomes resident.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Whether `outer` accepts every value that `inner` accepts. Undecided if one of them has no schema.
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

/// How deep a value nests. A document nests at most 128 levels, and a schema made of it not many more.
fn depth(value: &Value) -> usize {
    let inside = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => None,
    };
    inside.map_or(0, |inside| inside + 1)
}

/// The rule for values that became others in one position, seen from their receiver.
pub(super) fn direction(side: Side, old: Option<&Value>, new: Option<&Value>) -> Rule {
    let answer = match side {
        Side::Response => covers(old, new),
        _ => covers(new, old),
    };
    match (side, answer) {
        (Side::Response, Answer::Yes) => Rule::ResponseNarrowed,
        (Side::Response, Answer::No) => Rule::ResponseWidened,
        (Side::Response, Answer::Undecided) => Rule::ResponseUndecided,
        (_, Answer::Yes) => Rule::RequestWidened,
        (_, Answer::No) => Rule::RequestNarrowed,
        (_, Answer::Undecided) => Rule::RequestUndecided,
    }
}

/// Keywords that accept more the greater their limit is. Those of [`LOWER`] accept more the smaller it is.
const UPPER: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];
const LOWER: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];

/// Whether the validation keywords of `loose` accept everything that those of `tight` accept.
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

/// Compares whole numbers without rounding.
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

/// Whether the formats alone show that every value of `inner` is a value of `outer`. The algebra does not compare numbers
/// above the signed 64 bits.
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
