//! Every `$ref` of a document must lead somewhere, and no type may contain itself for ever.

use std::collections::BTreeSet;

use crate::Diagnostic;
use crate::cursor::Cursor;

/// All faults of all references in the document.
pub(super) fn check(root: &Cursor<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    every_reference(root, &mut faults);
    if faults.is_empty() {
        endless_types(root, &mut faults);
    }
    faults
}

fn every_reference(at: &Cursor<'_>, faults: &mut Vec<Diagnostic>) {
    if at.str("$ref").is_some()
        && let Err(fault) = at.follow()
    {
        faults.push(fault);
        return;
    }
    for (key, child) in at.members() {
        // Examples are data: a `$ref` in them refers to nothing.
        if key != "example" && key != "examples" {
            every_reference(&child, faults);
        }
    }
    if at.value.is_array() {
        for child in elements(at) {
            every_reference(&child, faults);
        }
    }
}

fn elements<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    let items = at.value.as_array().into_iter().flatten().enumerate();
    items
        .map(|(index, value)| Cursor {
            document: at.document,
            value,
            pointer: format!("{}/{index}", at.pointer),
        })
        .collect()
}

/// Types that no finite value satisfies: each contains itself through `allOf` or required properties.
fn endless_types(root: &Cursor<'_>, faults: &mut Vec<Diagnostic>) {
    let schemas = root
        .get("components")
        .map(|components| components.entries("schemas"));
    for (_, schema) in schemas.unwrap_or_else(|| root.entries("$defs")) {
        let mut path = vec![schema.pointer.clone()];
        if reaches_itself(&schema, &mut path, &mut BTreeSet::new()) {
            faults.push(schema.fault(
                "this type contains itself through cyclic `$ref`s, so no finite value can satisfy it",
                "make one property on the circle optional, or a list",
            ));
        }
    }
}

fn reaches_itself(at: &Cursor<'_>, path: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
    if !done.insert(at.pointer.clone()) {
        return false;
    }
    for next in must_hold(at) {
        if path.first() == Some(&next.pointer) {
            return true;
        }
        path.push(next.pointer.clone());
        if reaches_itself(&next, path, done) {
            return true;
        }
        path.pop();
    }
    false
}

/// The schemas that every value of `at` must hold or satisfy.
fn must_hold<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
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
