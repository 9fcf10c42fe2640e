//! Objects, and `allOf` merged into one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::schema::{arms, parts};
use crate::cursor::Cursor;
use crate::load::DEPTH_MAX;
use crate::model::Field;

impl Lowerer<'_> {
    /// The fields of an object schema, merged over `allOf`, sorted by name.
    pub(super) fn object_fields(&mut self, at: &Cursor<'_>, owner: &str) -> Vec<Field> {
        let mut merged = Merged::default();
        self.gather(at, owner, &mut merged);
        for field in &mut merged.fields {
            field.required = merged.required.contains(&field.name);
        }
        let known: BTreeSet<_> = merged
            .fields
            .iter()
            .map(|field| field.name.clone())
            .collect();
        for name in merged.required.difference(&known) {
            self.consequences.push(at.fault(
                format!("`{name}` is required, but not among the properties"),
                "declare the property or take it off the required list",
            ));
        }
        merged.fields.sort_by(|a, b| a.name.cmp(&b.name));
        merged.fields
    }

    fn gather(&mut self, at: &Cursor<'_>, owner: &str, merged: &mut Merged) {
        let Some(at) = self.ok(at.follow()) else {
            return;
        };
        if !merged.visited.insert(at.pointer.clone()) {
            return;
        }
        merged.depth += 1;
        for part in parts(&at) {
            if merged.depth > DEPTH_MAX {
                let problem = format!("`allOf` leads through more than {DEPTH_MAX} definitions");
                self.fault(part.fault(problem, "merge some of them into one"));
            } else if is_object(&part) {
                self.gather(&part, owner, merged);
            } else {
                self.fault(part.fault(
                    "`allOf` merges an object with something that is none",
                    "merge objects only, or describe the value in one schema",
                ));
            }
        }
        merged.depth -= 1;
        let required = at.items("required").into_iter();
        merged
            .required
            .extend(required.filter_map(|name| name.value.as_str().map(str::to_owned)));
        for (name, property) in at.entries("properties") {
            let field = self.field(&property, owner, name);
            self.insert(&property, merged, field);
        }
        if at
            .get("additionalProperties")
            .is_some_and(|extra| extra.value.is_object())
        {
            self.note(
                &at,
                "additional properties beside declared ones are tolerated, not kept",
            );
        }
    }

    fn field(&mut self, at: &Cursor<'_>, owner: &str, name: &str) -> Field {
        let found = self.use_of(at, &Hint::new(owner, name));
        Field {
            name: name.to_owned(),
            doc: described(at),
            shape: found.shape,
            required: false,
            nullable: found.nullable,
            constraints: found.constraints,
        }
    }

    fn insert(&mut self, at: &Cursor<'_>, merged: &mut Merged, field: Field) {
        let Some(known) = merged
            .fields
            .iter_mut()
            .find(|known| known.name == field.name)
        else {
            merged.fields.push(field);
            return;
        };
        if known.shape != field.shape {
            self.note(
                at,
                "`allOf` declares this property twice; the later one counts",
            );
            *known = field;
            return;
        }
        // Both apply: a value has to satisfy each of the two.
        known.nullable &= field.nullable;
        known.constraints.extend(field.constraints);
        if !field.doc.is_empty() {
            known.doc = field.doc;
        }
    }
}

/// An object under construction.
#[derive(Default)]
struct Merged {
    fields: Vec<Field>,
    required: BTreeSet<String>,
    visited: BTreeSet<String>,
    depth: usize,
}

/// The description of a property: its own, else that of the decoration around its reference.
pub(super) fn described(at: &Cursor<'_>) -> String {
    let own = at.text("description");
    if !own.is_empty() {
        return own;
    }
    let mut parts = at
        .items("allOf")
        .into_iter()
        .map(|part| part.text("description"));
    parts.find(|text| !text.is_empty()).unwrap_or_default()
}

pub(super) fn is_object(at: &Cursor<'_>) -> bool {
    let Ok(at) = at.follow() else { return false };
    let declared = match at.value.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => true,
    };
    declared && at.value.is_object() && at.value.get("enum").is_none() && arms(&at).0.is_empty()
}

/// The property `name` of an object, its own or inherited over `allOf`.
pub(super) fn property<'a>(at: &Cursor<'a>, name: &str) -> Option<Cursor<'a>> {
    let mut seen = BTreeSet::new();
    let mut open = vec![at.clone()];
    while let Some(at) = open.pop() {
        let Ok(at) = at.follow() else { continue };
        if !seen.insert(at.pointer.clone()) {
            continue;
        }
        if let Some(found) = at
            .get("properties")
            .and_then(|properties| properties.get(name))
        {
            return Some(found);
        }
        open.extend(at.items("allOf"));
    }
    None
}
