//! Finds changes of what the model does not keep, so that they are reported: keywords of bodies and items, headers.

use std::collections::BTreeSet;

use bpx_contract::model::PageHeaders;
use bpx_contract::schema::reached;
use bpx_contract::{Place, pointer};
use serde_json::{Map, Value};

use super::comparison::Comparison;
use super::drafts::{Draft, Drafts};
use crate::change::Side;
use crate::rules::Rule;

/// Keywords that limit values, in any schema.
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
/// Members whose own members are names, not keywords.
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

/// Adds a change for each difference that no other change is about.
pub(super) fn compare(both: &Comparison<'_>, drafts: &mut Drafts<'_>) {
    let (old, new) = (both.old.document(), both.new.document());
    let mut walk = Walk {
        old: &old.value,
        new: &new.value,
        at: String::new(),
        found: Vec::new(),
    };
    walk.values(&old.value, &new.value, false);
    let known = known(both, drafts);
    let is_known = |pointer: &str| known.iter().any(|known| is_inside(pointer, known));
    for pointer in walk.found.into_iter().filter(|it| !is_known(it)) {
        let place = |file: &str| Place::at(file, pointer.clone());
        let places = (place(&old.file), place(&new.file));
        let draft = Draft::new(Rule::Unread, name(&pointer), places).detail(pointer.clone());
        let operations = reaching(both, &pointer);
        // No caller has a value of a type that no operation uses.
        if !operations.is_empty() || !pointer.starts_with("/components/schemas/") {
            drafts.add_to_all(operations, Side::Operation, draft);
        }
    }
}

/// The locations of the other changes, except those of changes that are about an operation as a whole.
fn known(both: &Comparison<'_>, drafts: &Drafts<'_>) -> BTreeSet<String> {
    let operations = both.pairs.values().map(|pair| pair.new);
    let whole: BTreeSet<_> = operations
        .filter_map(|it| it.place.pointer.as_deref())
        .collect();
    let pointers = drafts.places().filter_map(|place| place.pointer.clone());
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

/// Walks through what both documents have at the same location. Documents nest at most 128 levels.
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
        self.at.push_str(&pointer::escape(key));
        see(self);
        self.at.truncate(length);
    }

    fn keywords(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        for key in KEYWORDS {
            let (before, after) = (old.get(key), new.get(key));
            // The model keeps the schema of additional properties, but not that there may be none.
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
        // The model keeps the page headers where there are all four.
        let is_kept = [&before, &after].iter().all(|headers| {
            let page = headers
                .keys()
                .filter_map(|name| PageHeaders::position(name));
            matches!(page.count(), 0 | 4)
        });
        for name in names {
            let is_page = is_kept && PageHeaders::position(name).is_some();
            let (before, after) = (before.get(name), after.get(name));
            if !is_page && header(self.old, before) != header(self.new, after) {
                let headers = pointer::join(&self.at, "headers");
                self.found.push(pointer::join(&headers, name));
            }
        }
    }
}

/// Members that are compared as a whole: the model keeps nothing of what is inside.
fn is_compared_whole(key: &str) -> bool {
    key == "headers" || (key != "additionalProperties" && KEYWORDS.contains(&key))
}

/// The type, the format and whether it is required; `None` if there is no header.
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

/// The value that a reference inside the document names.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

/// The operations that a location belongs to: its own, those that refer to it, and those that use its type.
fn reaching<'a>(both: &Comparison<'a>, pointer: &str) -> Vec<&'a str> {
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
        let shapes = operation.bodies().chain(params);
        is_at(&operation.place)
            || refers(&operation.place)
            || !reached(&model.types, shapes).is_disjoint(&types)
    });
    operations.map(|(id, _)| id.as_str()).collect()
}
