//! What the model does not keep, and so no other part of the comparison sees: keywords of bodies and items, headers.

use std::collections::BTreeSet;

use bpx_contract::Place;
use serde_json::{Map, Value};

use super::both::Both;
use super::edit::{Edit, Edits};
use super::{Rule, Side};
use crate::check::escaped;
use crate::contract::bodies;
use bpx_contract::schema::reached;

/// Keywords that limit values, wherever a schema stands.
const KEYWORDS: [&str; 27] = [
    "additionalProperties",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "if",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "pattern",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedProperties",
    "uniqueItems",
];
/// Members whose own members have names, not keywords.
const NAMES: [&str; 12] = [
    "$defs",
    "callbacks",
    "components",
    "content",
    "definitions",
    "headers",
    "links",
    "parameters",
    "paths",
    "properties",
    "responses",
    "schemas",
];
/// Members that limit nothing.
const PASSED: [&str; 5] = ["default", "description", "example", "examples", "enum"];

/// The headers that make a list a page are in the model.
const PAGE_HEADERS: [&str; 4] = ["x-page-count", "x-current-page", "x-page-size", "x-total"];

/// Adds a change for everything of that kind that no other change is about.
pub(super) fn compare(both: &Both<'_>, edits: &mut Edits<'_>) {
    let (old, new) = (both.old.document(), both.new.document());
    let mut walk = Walk {
        old: &old.value,
        new: &new.value,
        at: String::new(),
        found: Vec::new(),
    };
    walk.values(&old.value, &new.value, false);
    let told = told(both, edits);
    let is_told = |pointer: &str| told.iter().any(|told| is_inside(pointer, told));
    for pointer in walk.found.into_iter().filter(|it| !is_told(it)) {
        let place = |file: &str| Place::at(file, pointer.clone());
        let edit = Edit::new(Rule::Unread, name(&pointer))
            .detail(pointer.clone())
            .places((place(&old.file), place(&new.file)));
        let operations = reaching(both, &pointer);
        // A type that no operation has is nobody's.
        if !operations.is_empty() || !pointer.starts_with("/components/schemas/") {
            edits.add_to_all(operations, Side::Operation, edit);
        }
    }
}

/// The places of changes, but for those that are about an operation as a whole.
fn told(both: &Both<'_>, edits: &Edits<'_>) -> BTreeSet<String> {
    let operations = both.pairs.values().map(|(_, _, operation)| operation);
    let whole: BTreeSet<_> = operations
        .filter_map(|it| it.place.pointer.as_deref())
        .collect();
    let pointers = edits.places().filter_map(|place| place.pointer.clone());
    pointers
        .filter(|pointer| !whole.contains(&**pointer))
        .collect()
}

/// The last part of a pointer.
fn name(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

fn is_inside(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Goes through what both documents have in the same place. Documents nest 128 levels at most.
struct Walk<'a> {
    old: &'a Value,
    new: &'a Value,
    at: String,
    found: Vec<String>,
}

impl Walk<'_> {
    fn values(&mut self, old: &Value, new: &Value, are_names: bool) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) if are_names => self.members(old, new, true),
            (Value::Object(old), Value::Object(new)) => {
                self.keywords(old, new);
                self.headers(old, new);
                self.members(old, new, false);
            }
            (Value::Array(old), Value::Array(new)) => {
                for (index, (before, after)) in old.iter().zip(new).enumerate() {
                    self.inside(&index.to_string(), |this| this.values(before, after, false));
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, are_names: bool) {
        for (key, before) in old {
            let is_passed = PASSED.contains(&&**key) || is_compared_whole(key);
            let after = new.get(key).filter(|after| *after != before);
            if let (Some(after), true) = (after, are_names || !is_passed) {
                let names = !are_names && NAMES.contains(&&**key);
                self.inside(key, |this| this.values(before, after, names));
            }
        }
    }

    fn inside(&mut self, key: &str, mut see: impl FnMut(&mut Self)) {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(&escaped(key));
        see(self);
        self.at.truncate(length);
    }

    fn keywords(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        for key in KEYWORDS {
            let (before, after) = (old.get(key), new.get(key));
            // What else an object may hold is told by the model, unless it may hold nothing else.
            let is_closed = |value: Option<&Value>| value == Some(&Value::Bool(false));
            let counts = key != "additionalProperties" || is_closed(before) || is_closed(after);
            if before != after && counts {
                self.found.push(format!("{}/{key}", self.at));
            }
        }
    }

    fn headers(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let empty = Map::new();
        let of = |it: &Map<String, Value>| match it.get("headers").and_then(Value::as_object) {
            Some(headers) => headers.clone(),
            None => empty.clone(),
        };
        let (before, after) = (of(old), of(new));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for name in names {
            let is_page = PAGE_HEADERS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            let (before, after) = (before.get(name), after.get(name));
            if !is_page && header(self.old, before) != header(self.new, after) {
                self.found
                    .push(format!("{}/headers/{}", self.at, escaped(name)));
            }
        }
    }
}

/// Keywords whose values are schemas or lists of a kind that the model leaves out.
fn is_compared_whole(key: &str) -> bool {
    key == "headers" || (key != "additionalProperties" && KEYWORDS.contains(&key))
}

/// Type, format and whether it must be there; none for a header that is not.
fn header<'a>(document: &'a Value, header: Option<&'a Value>) -> Option<[Option<&'a Value>; 3]> {
    let header = resolved(document, header?);
    let schema = header
        .get("schema")
        .map(|schema| resolved(document, schema));
    let of_schema = |key| schema.and_then(|schema| schema.get(key));
    let required = header
        .get("required")
        .filter(|it| **it != Value::Bool(false));
    Some([of_schema("type"), of_schema("format"), required])
}

/// What a reference inside the document names.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

/// The operations that a place belongs to: its own, those that refer to it, or those that have a value of its type.
fn reaching<'a>(both: &Both<'a>, pointer: &str) -> Vec<&'a str> {
    let model = both.new.model();
    let is_at = |place: &Place| {
        let outer = place.pointer.as_deref();
        outer.is_some_and(|outer| is_inside(pointer, outer))
    };
    let types = model.types.iter().filter(|(_, def)| is_at(&def.place));
    let types: BTreeSet<_> = types.map(|(name, _)| name.as_str()).collect();
    let component: Vec<_> = pointer.splitn(5, '/').take(4).collect();
    let reference = format!("\"#{}\"", component.join("/"));
    let refers = |place: &Place| {
        let document = &both.new.document().value;
        let own = place
            .pointer
            .as_deref()
            .and_then(|own| document.pointer(own));
        own.is_some_and(|own| own.to_string().contains(&reference))
    };
    let operations = model.operations.iter().filter(|(_, operation)| {
        let params = operation.params.iter().map(|param| &param.shape);
        let shapes = bodies(operation).into_iter().chain(params);
        is_at(&operation.place)
            || refers(&operation.place)
            || !reached(&model.types, shapes).is_disjoint(&types)
    });
    operations.map(|(id, _)| id.as_str()).collect()
}
