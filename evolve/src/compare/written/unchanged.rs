//! Schemas that are the same in both documents, with everything they refer to: there is nothing to compare.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::{Cursor, Document};
use serde_json::{Map, Value};

/// The pointers of components that are equal in both documents, as are those that they refer to.
#[derive(Debug, Default)]
pub(super) struct Unchanged(BTreeSet<String>);

impl Unchanged {
    pub(super) fn of(old: &Document, new: &Document) -> Self {
        let known = components(old);
        let mut equal = components(new);
        equal.retain(|at, value| known.get(at) == Some(value));
        let mut kept: BTreeSet<String> = equal.keys().cloned().collect();
        let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut open = Vec::new();
        for (at, value) in equal {
            for target in references(value) {
                match kept.contains(&target) {
                    true => users.entry(target).or_default().push(at.clone()),
                    false => open.push(at.clone()),
                }
            }
        }
        while let Some(changed) = open.pop() {
            if kept.remove(&changed) {
                open.extend(users.remove(&changed).unwrap_or_default());
            }
        }
        Self(kept)
    }

    /// Whether two schemas are equal, as is everything they refer to.
    pub(super) fn has(&self, old: &Cursor<'_>, new: &Cursor<'_>) -> bool {
        old.value == new.value && references(old.value).iter().all(|it| self.0.contains(it))
    }
}

fn components(document: &Document) -> BTreeMap<String, &Value> {
    let sections = Cursor::root(document).entries("components").into_iter();
    let all = sections.flat_map(|(_, section)| section.members());
    all.map(|(_, entry)| (entry.pointer, entry.value)).collect()
}

/// The components that a value refers to; other targets as they are written, which are no components.
fn references(value: &Value) -> BTreeSet<String> {
    let (mut open, mut found) = (vec![value], BTreeSet::new());
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let target = members.get("$ref").and_then(Value::as_str);
                found.extend(target.map(component));
                found.extend(subtypes(members));
                let mapping = members.get("mapping").and_then(Value::as_object);
                let mapped = mapping
                    .into_iter()
                    .flatten()
                    .filter_map(|(_, it)| it.as_str());
                found.extend(mapped.filter(|it| it.starts_with('#')).map(component));
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// A discriminator without a list means schemas that it does not name, which may have changed: no component stands for them.
fn subtypes(members: &Map<String, Value>) -> Option<String> {
    let is_listed = ["oneOf", "anyOf"]
        .iter()
        .any(|it| members.contains_key(*it));
    let is_open = members.contains_key("discriminator") && !is_listed;
    is_open.then(|| "discriminator".to_owned())
}

fn component(target: &str) -> String {
    let pointer = target.strip_prefix('#').unwrap_or(target);
    let mut ends = pointer.match_indices('/').map(|(at, _)| at);
    let end = ends.nth(3).unwrap_or(pointer.len());
    pointer.get(..end).unwrap_or(pointer).to_owned()
}
