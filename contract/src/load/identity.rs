//! References by `$id` and `$anchor` (JSON Schema 2020-12, 8.2), as pointers.
//!
//! The rest of the crate knows pointers only. A `$id` inside a document goes once what refers to it has been resolved, so
//! that validators read the pointers from the root too.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::pointer;

/// Members whose values are data, not schemas.
const DATA: [&str; 7] = [
    "const", "default", "enum", "example", "examples", "payload", "value",
];
/// Members that map names, which may be any, to schemas.
const MAPS: [&str; 5] = [
    "$defs",
    "definitions",
    "patternProperties",
    "properties",
    "schemas",
];

const ANCHORS: [&str; 2] = ["$anchor", "$dynamicAnchor"];

/// Rewrites every `$ref` that names a schema of this document by its identity.
pub(super) fn resolve(document: &mut Value) {
    if !has_identity(document, "") {
        return;
    }
    let mut known = Identities(BTreeMap::from([(String::new(), String::new())]));
    known.collect(document, "", "", "");
    let whole = document.clone();
    known.rewrite(document, &whole, "", "", true);
}

/// `name` is the key under which the value stands, here and below.
fn has_identity(value: &Value, name: &str) -> bool {
    let anchors = ANCHORS.iter().any(|key| value.get(key).is_some());
    let has = |(key, child): (&String, &Value)| is_schema(name, key) && has_identity(child, key);
    anchors
        || id_of(value).is_some()
        || match value {
            Value::Object(members) => members.iter().any(has),
            Value::Array(items) => items.iter().any(|item| has_identity(item, "")),
            _ => false,
        }
}

/// Pointers of schemas by their URI: the resource's, or with an anchor as fragment.
struct Identities(BTreeMap<String, String>);

impl Identities {
    fn collect(&mut self, value: &Value, name: &str, base: &str, at: &str) {
        let mut base = base.to_owned();
        if let Some(id) = id_of(value) {
            base = joined(&base, id);
            self.insert(&base, at);
        }
        for key in ANCHORS {
            if let Some(anchor) = value.get(key).and_then(Value::as_str) {
                self.insert(&joined(&base, &format!("#{anchor}")), at);
            }
        }
        base.truncate(base.find('#').unwrap_or(base.len()));
        for (key, child) in children(value, name) {
            self.collect(child, &key, &base, &pointer::join(at, &key));
        }
    }

    fn insert(&mut self, uri: &str, at: &str) {
        let uri = uri.trim_end_matches('#').to_owned();
        self.0.entry(uri).or_insert_with(|| at.to_owned());
    }

    /// Where a reference in a schema with this base leads, if it names a schema here.
    fn pointer_to(&self, reference: &str, base: &str, whole: &Value) -> Option<String> {
        let uri = joined(base, reference);
        if let Some(found) = self.0.get(uri.trim_end_matches('#')) {
            return Some(found.clone());
        }
        let (resource, fragment) = uri.split_once('#')?;
        let pointer = format!("{}{fragment}", self.0.get(resource)?);
        whole.pointer(&pointer).is_some().then_some(pointer)
    }

    fn rewrite(&self, value: &mut Value, whole: &Value, name: &str, base: &str, is_root: bool) {
        let mut base = base.to_owned();
        if let Some(id) = id_of(value) {
            base = joined(&base, id);
            base.truncate(base.find('#').unwrap_or(base.len()));
        }
        if let Value::Object(members) = value {
            if !is_root && members.get("$id").is_some_and(Value::is_string) {
                members.shift_remove("$id");
            }
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(found) = self.pointer_to(reference, &base, whole)
            {
                *reference = format!("#{}", found.replace('%', "%25"));
            }
        }
        match value {
            Value::Object(members) => members
                .iter_mut()
                .filter(|(key, _)| is_schema(name, key))
                .for_each(|(key, child)| self.rewrite(child, whole, key, &base, false)),
            Value::Array(items) => items
                .iter_mut()
                .for_each(|item| self.rewrite(item, whole, "", &base, false)),
            _ => {}
        }
    }
}

/// `id` is what `$id` was called up to draft 4.
fn id_of(value: &Value) -> Option<&str> {
    let id = value.get("$id").or_else(|| value.get("id"))?.as_str()?;
    Some(id).filter(|_| value.get("$ref").is_none())
}

fn is_schema(holder: &str, key: &str) -> bool {
    MAPS.contains(&holder) || !DATA.contains(&key) && !key.starts_with("x-")
}

fn children<'a>(value: &'a Value, name: &str) -> Vec<(String, &'a Value)> {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| is_schema(name, key))
            .map(|(key, child)| (key.clone(), child))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    }
}

/// A reference resolved against a base (RFC 3986, 5.2), without dots in its path.
fn joined(base: &str, reference: &str) -> String {
    let base = base.split('#').next().unwrap_or(base);
    let authority = base.find("://").map_or(0, |scheme| {
        let after = scheme + "://".len();
        let path = base.get(after..).and_then(|rest| rest.find('/'));
        path.map_or(base.len(), |path| after + path)
    });
    let is_absolute = reference.contains("://") || reference.starts_with("urn:");
    let kept = match reference.chars().next() {
        _ if is_absolute => 0,
        None | Some('#') => base.len(),
        Some('/') => authority,
        Some(_) => base
            .rfind('/')
            .map_or(authority, |slash| slash + 1)
            .max(authority),
    };
    let reference = reference.strip_prefix("./").unwrap_or(reference);
    format!("{}{reference}", base.get(..kept).unwrap_or_default())
}
