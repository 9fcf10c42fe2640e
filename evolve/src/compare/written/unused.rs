//! Components that no operation reaches: their differences are counted.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::{Cursor, Document};
use serde_json::Value;

/// The definitions of a document that nothing refers to from its operations, by pointer.
fn unused(document: &Document) -> BTreeMap<String, &Value> {
    let root = Cursor::root(document);
    let (mut open, mut seen) = (vec![root.clone()], BTreeSet::new());
    while let Some(at) = open.pop() {
        let is_root = at.pointer.is_empty();
        let members = at
            .members()
            .into_iter()
            .filter(|(key, _)| !is_root || *key != "components");
        open.extend(members.map(|(_, inside)| inside).chain(at.elements()));
        // References, and the values of mappings, which are written like them.
        let target = at.value.as_str().filter(|it| it.starts_with('#'));
        let found = target.and_then(|it| at.target(it).ok());
        open.extend(found.filter(|it| seen.insert(it.pointer.clone())));
    }
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
