//! Every `$ref` of a document must lead somewhere, and no type may contain itself for ever.

use std::collections::BTreeSet;

use crate::Diagnostic;
use crate::cursor::Cursor;

/// All faults of all references in the document.
pub(super) fn check(root: &Cursor<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    visit(root, &mut |at| {
        if at.str("$ref").is_some() {
            faults.extend(at.follow().err());
        }
    });
    if faults.is_empty() {
        endless_types(root, &mut faults);
    }
    faults
}

/// Every value of the document that can be a schema or hold one; the nesting of documents is bounded.
pub(super) fn visit<'a>(at: &Cursor<'a>, see: &mut impl FnMut(&Cursor<'a>)) {
    see(at);
    for (key, child) in at.members() {
        // These are data: a `$ref` in them refers to nothing.
        // An extension is nobody's business but its reader's.
        let is_data = ["example", "examples", "default", "enum", "const"].contains(&key);
        if !is_data && !key.starts_with("x-") || is_map_of_schemas(at) {
            visit(&child, see);
        }
    }
    at.elements().iter().for_each(|child| visit(child, see));
}

/// Inside `properties` and its like, keys are names.
fn is_map_of_schemas(at: &Cursor<'_>) -> bool {
    let holder = at.pointer.rsplit('/').next().unwrap_or_default();
    ["properties", "schemas", "$defs", "patternProperties"].contains(&holder)
}

/// Types that no finite value satisfies: each contains itself through `allOf` or required properties.
fn endless_types(root: &Cursor<'_>, faults: &mut Vec<Diagnostic>) {
    let mut done = BTreeSet::new();
    for (_, schema) in root.definitions() {
        if let Some(start) = circle(&schema, &mut done, must_hold) {
            faults.push(start.fault(
                "this type contains itself through cyclic `$ref`s, so no finite value can satisfy it",
                "make one property on the circle optional, or a list",
            ));
        }
    }
    let mut done = BTreeSet::new();
    for (_, schema) in root.definitions() {
        if let Some(start) = circle(&schema, &mut done, may_be) {
            faults.push(start.fault(
                "this type is one of its own alternatives",
                "remove the alternative that leads back to it",
            ));
        }
    }
}

/// A schema on a circle that is reached from `start`, unless an earlier start has seen it.
fn circle<'a>(
    start: &Cursor<'a>,
    done: &mut BTreeSet<String>,
    next_of: fn(&Cursor<'a>) -> Vec<Cursor<'a>>,
) -> Option<Cursor<'a>> {
    // Depth first without recursion: each step is a schema and those it leads to that are still to be seen.
    if done.contains(&start.pointer) {
        return None;
    }
    let mut path = vec![(start.clone(), next_of(start))];
    let mut on_path = BTreeSet::from([start.pointer.clone()]);
    let mut found = None;
    while let Some((at, next)) = path.last_mut() {
        match next.pop() {
            Some(inner) if on_path.contains(&inner.pointer) => found = Some(inner),
            Some(inner) if done.contains(&inner.pointer) => {}
            Some(inner) => {
                on_path.insert(inner.pointer.clone());
                let next = next_of(&inner);
                path.push((inner, next));
            }
            None => {
                on_path.remove(&at.pointer);
                done.insert(at.pointer.clone());
                path.pop();
            }
        }
    }
    found
}

/// The schemas that every value of `at` must hold or satisfy.
fn must_hold<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    if at.allows_null() {
        return Vec::new();
    }
    let mut next: Vec<_> = at.items("allOf");
    if at.str("$ref").is_some() {
        next.extend(at.follow().ok());
    }
    let required: Vec<_> = at
        .items("required")
        .iter()
        .filter_map(|name| name.value.as_str())
        .collect();
    let properties = at.entries("properties").into_iter();
    next.extend(
        properties
            .filter(|(name, _)| required.contains(name))
            .map(|(_, schema)| schema),
    );
    next
}

/// The schemas that a value of `at` may be instead, with no tag to tell which.
fn may_be<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    if at.str("$ref").is_some() {
        return at.follow().into_iter().collect();
    }
    match at.value.get("discriminator") {
        Some(_) => Vec::new(),
        None => [at.items("oneOf"), at.items("anyOf")].concat(),
    }
}
