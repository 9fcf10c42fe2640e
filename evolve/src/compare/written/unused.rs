//! Components that no operation reaches: their differences are counted.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::{Cursor, Document, reached};
use serde_json::Value;

/// The definitions of a document that nothing refers to from its operations, by pointer.
fn unused(document: &Document) -> BTreeMap<String, &Value> {
    let (root, seen) = (Cursor::root(document), reached(document));
    let mut unused = BTreeMap::new();
    for (section, entries) in root.entries("components") {
        let entries = entries
            .members()
            .into_iter()
            .filter(|_| section != "securitySchemes");
        let entries = entries.filter(|(_, entry)| !seen.contains(&entry.pointer));
        unused.extend(entries.map(|(_, entry)| (entry.pointer, entry.value)));
    }
    unused
}

/// The pointers of unused definitions that differ, or that only one document has.
pub(super) fn differing(old: &Document, new: &Document) -> Vec<String> {
    let (before, after) = (unused(old), unused(new));
    let pointers: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = |pointer: &&String| {
        let both = (before.get(*pointer), after.get(*pointer));
        match both {
            (Some(before), Some(after)) => before != after,
            // One that is used in the other document is compared there.
            (Some(_), None) => new.value.pointer(pointer).is_none(),
            _ => old.value.pointer(pointer).is_none(),
        }
    };
    pointers.into_iter().filter(differs).cloned().collect()
}
