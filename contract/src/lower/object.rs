//! Objects, and `allOf` merged into one.

use std::collections::BTreeSet;

use super::Lowerer;
use super::hoist::Hint;
use super::schema::is_decoration;
use crate::cursor::Cursor;
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
            self.faults.push(at.fault(
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
        for part in at.items("allOf") {
            if is_decoration(&part) {
                continue;
            }
            if !is_object(&part) {
                self.fault(part.fault(
                    "`allOf` merges an object with something that is none",
                    "merge objects only, or describe the value in one schema",
                ));
                continue;
            }
            self.gather(&part, owner, merged);
        }
        let required = at.items("required");
        merged.required.extend(
            required
                .iter()
                .filter_map(|name| name.value.as_str())
                .map(str::to_owned),
        );
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
        match merged
            .fields
            .iter_mut()
            .find(|known| known.name == field.name)
        {
            None => merged.fields.push(field),
            Some(known) if known.shape == field.shape => {}
            Some(known) => {
                *known = field;
                self.note(
                    at,
                    "`allOf` declares this property twice; the later one counts",
                );
            }
        }
    }
}

/// An object under construction.
#[derive(Default)]
struct Merged {
    fields: Vec<Field>,
    required: BTreeSet<String>,
    visited: BTreeSet<String>,
}

/// The description of a property: its own, else that of the decoration around its reference.
pub(super) fn described(at: &Cursor<'_>) -> String {
    let own = at.text("description");
    if !own.is_empty() {
        return own;
    }
    at.items("allOf")
        .iter()
        .map(|part| part.text("description"))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

fn is_object(at: &Cursor<'_>) -> bool {
    let Ok(at) = at.follow() else { return false };
    let declared = at.str("type").is_none_or(|kind| kind == "object");
    declared
        && at.value.get("enum").is_none()
        && at.value.get("oneOf").is_none()
        && at.value.get("anyOf").is_none()
}
