//! Objects, and `allOf` merged into one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::look::{described, flag, is_object, parts};
use crate::cursor::Cursor;
use crate::load::DEPTH_MAX;
use crate::model::{Direction, Field, Shape};
use crate::names::{Names, is_value_name};

impl Lowerer<'_> {
    /// The fields of an object schema, merged over `allOf`, sorted by name.
    pub(super) fn object_fields(&mut self, at: &Cursor<'_>, owner: &str) -> Vec<Field> {
        self.merged_fields(at, owner, None)
    }

    /// As [`Lowerer::object_fields`], where a union among the parts is taken as one of its arms.
    pub(super) fn merged_fields(
        &mut self,
        at: &Cursor<'_>,
        owner: &str,
        choice: Option<(&str, &Cursor<'_>)>,
    ) -> Vec<Field> {
        let mut merged = Merged {
            choice: choice.map(|(union, arm)| (union.to_owned(), arm.pointer.clone())),
            ..Merged::default()
        };
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
            let text =
                format!("`{name}` is required, but not among the properties: it is any JSON value");
            self.note(at, text);
            merged.fields.push(Field {
                name: name.clone(),
                doc: String::new(),
                shape: Shape::Any,
                required: true,
                nullable: false,
                constraints: BTreeMap::new(),
                default: None,
                direction: Direction::Both,
                deprecated: false,
                rust_name: None,
            });
        }
        if let Some(extra) = merged.extra {
            self.extras.insert(owner.to_owned(), extra);
        }
        merged.fields.sort_by(|a, b| a.name.cmp(&b.name));
        self.keep_apart(at, &mut merged.fields);
        merged.fields
    }

    /// Names that the document gives to properties (`x-rust-name`) differ from those of all others.
    fn keep_apart(&mut self, at: &Cursor<'_>, fields: &mut [Field]) {
        let name_of = |field: &Field| {
            let given = field.rust_name.clone();
            given.unwrap_or_else(|| Names::method_of_words(&field.name))
        };
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        let (given, own): (Vec<_>, Vec<_>) = fields
            .iter_mut()
            .partition(|field| field.rust_name.is_some());
        for field in &own {
            taken.insert(name_of(field), field.name.clone());
        }
        for field in given {
            let name = name_of(field);
            let Some(other) = taken.get(&name) else {
                taken.insert(name, field.name.clone());
                continue;
            };
            let problem = format!(
                "`x-rust-name` gives `{}` and `{other}` one name, `{name}`",
                field.name
            );
            self.fault(at.fault(problem, "give one of them another name"));
            field.rust_name = None;
        }
    }

    /// The name that the document gives a property, if it is one, and not the name that the rule gives anyway.
    fn rust_name(&mut self, at: &Cursor<'_>, name: &str) -> Option<String> {
        let given = at.get("x-rust-name")?;
        let problem = match given.value.as_str() {
            Some(text) if !is_value_name(text) => "is reserved, or not in `snake_case`",
            Some(text) if text == Names::method_of_words(name) => {
                "is the name that the rule gives anyway"
            }
            Some(text) => return Some(text.to_owned()),
            None => "is not a text",
        };
        let problem = format!("the `x-rust-name` of `{name}` {problem}");
        self.fault(given.fault(problem, "correct or delete it"));
        None
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
            let chosen = |followed: &Cursor<'_>| merged.chosen(&followed.pointer);
            let arm = part.follow().ok().and_then(|followed| chosen(&followed));
            if merged.depth > DEPTH_MAX {
                let problem = format!("`allOf` leads through more than {DEPTH_MAX} definitions");
                self.fault(part.fault(problem, "merge some of them into one"));
            } else if is_object(&part) || arm.is_some() {
                self.gather(&part, owner, merged);
            } else {
                self.fault(part.fault(
                    "`allOf` merges an object with something that is none",
                    "merge objects only, or describe the value in one schema",
                ));
                merged.extra.get_or_insert(Shape::Any);
            }
        }
        if let Some(arm) = merged
            .chosen(&at.pointer)
            .and_then(|arm| Cursor::at(at.document, &arm))
        {
            self.gather(&arm, owner, merged);
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
        // What these add is kept among the undeclared properties.
        let more = ["patternProperties", "then", "else", "dependentSchemas"];
        if more.iter().any(|key| at.value.get(*key).is_some()) {
            self.note(
                &at,
                "properties under a condition or a pattern are kept, not typed",
            );
            merged.extra.get_or_insert(Shape::Any);
        }
        let extra = at.get("additionalProperties");
        if let Some(extra) =
            extra.filter(|it| it.value.is_object() || it.value == &Value::Bool(true))
        {
            let found = self.use_of(&extra, &Hint::new(owner, "extra"));
            merged
                .extra
                .get_or_insert(found.shape.or_null(found.nullable));
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
            default: found.default,
            direction: match (flag(at, "readOnly"), flag(at, "writeOnly")) {
                (true, false) => Direction::Read,
                (false, true) => Direction::Write,
                _ => Direction::Both,
            },
            deprecated: flag(at, "deprecated"),
            rust_name: self.rust_name(at, name),
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
        if known.shape != field.shape && field.shape != Shape::Any {
            if known.shape != Shape::Any {
                self.note(
                    at,
                    "`allOf` declares this property twice; the later one counts",
                );
            }
            known.shape = field.shape;
        }
        // Both apply: a value has to satisfy each of the two.
        known.nullable &= field.nullable;
        known.constraints.extend(field.constraints);
        if !field.doc.is_empty() {
            known.doc = field.doc;
        }
        known.rust_name = field.rust_name.or(known.rust_name.take());
    }
}

/// An object under construction.
#[derive(Default)]
struct Merged {
    fields: Vec<Field>,
    required: BTreeSet<String>,
    visited: BTreeSet<String>,
    depth: usize,
    /// What properties hold that no part declares.
    extra: Option<Shape>,
    /// The pointers of a union among the parts and of the arm it is taken as.
    choice: Option<(String, String)>,
}

impl Merged {
    fn chosen(&self, union: &str) -> Option<String> {
        let (chosen, arm) = self.choice.as_ref()?;
        (chosen == union).then(|| arm.clone())
    }
}
