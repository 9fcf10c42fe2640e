//! One schema node to one [`Shape`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::look::{
    allows_null, are_integers, arms, defines_type, enum_values, is_object, is_union,
    merges_objects, parts, several_types, text_arms, texts, value_names,
};
use crate::cursor::{Cursor, ref_name};
use crate::load::DEPTH_MAX;
use crate::model::{IntFormat, Kind, Shape, StringEnum, StringFormat};

/// Keywords that narrow a value without changing its type.
const CONSTRAINTS: &[&str] = &[
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// A schema in use.
pub(super) struct Use {
    pub(super) shape: Shape,
    pub(super) nullable: bool,
    pub(super) constraints: BTreeMap<String, Value>,
    pub(super) default: Option<Value>,
}

impl Use {
    pub(super) fn of(shape: Shape) -> Self {
        Self {
            shape,
            nullable: false,
            constraints: BTreeMap::new(),
            default: None,
        }
    }

    fn or_null(self, nullable: bool) -> Self {
        Self {
            nullable: self.nullable || nullable,
            ..self
        }
    }
}

impl Lowerer<'_> {
    /// What a value of the schema is; types it needs are defined later.
    pub(super) fn use_of(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let mut found = self.bare_use(at, hint).or_null(allows_null(at));
        if let Some(default) = at.value.get("default") {
            found.default = Some(default.clone());
        }
        for keyword in CONSTRAINTS {
            if let Some(value) = at.value.get(*keyword) {
                found
                    .constraints
                    .insert((*keyword).to_owned(), value.clone());
            }
        }
        found
    }

    /// As [`Lowerer::use_of`] where `null` is part of the type: items of lists and maps, whole bodies.
    pub(super) fn use_without_null(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        let found = self.use_of(at, hint);
        found.shape.or_null(found.nullable)
    }

    fn bare_use(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        if let Some(target) = at.str("$ref") {
            return self.reference(at, target);
        }
        let is_listed = ["enum", "const"]
            .iter()
            .any(|key| at.value.get(*key).is_some());
        if is_listed || !text_arms(at).is_empty() {
            return self.inline_enum(at, hint);
        }
        if several_types(at).is_some() {
            return Use::of(self.define_inline(at, hint));
        }
        let (arms, _) = arms(at);
        match arms.as_slice() {
            [] => self.all_of(at, hint),
            [only] if !is_union(at) && at.value.get("properties").is_none() => {
                self.use_of(only, hint)
            }
            [only] if !is_union(at) && !is_object(only) => self.use_of(only, hint),
            _ => Use::of(self.define_inline(at, hint)),
        }
    }

    /// A reference: to a definition of its own, or to something small enough to stand in its place.
    fn reference(&mut self, at: &Cursor<'_>, target: &str) -> Use {
        let Some(definition) = self.ok(at.target(target)) else {
            return Use::of(Shape::Any);
        };
        if defines_type(&definition) {
            let name = self.define(&definition, &ref_name(target));
            return Use::of(Shape::Named(name)).or_null(allows_null(&definition));
        }
        if self.registry.aliases.contains(&definition.pointer) {
            // A list or map that contains itself has no name a Rust type could use.
            self.widened(
                &definition,
                "a list or map that contains itself is taken as any JSON value",
            );
            return Use::of(Shape::Any);
        }
        if self.registry.aliases.len() >= DEPTH_MAX {
            self.fault(at.fault(
                format!("definitions without a type of their own refer to one another more than {DEPTH_MAX} times in a row"),
                "refer to the last of them directly",
            ));
            return Use::of(Shape::Any);
        }
        self.registry.aliases.push(definition.pointer.clone());
        let found = self.use_of(&definition, &Hint::new("", &ref_name(target)));
        self.registry.aliases.pop();
        found
    }

    fn all_of(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        if merges_objects(at) {
            return Use::of(self.define_inline(at, hint));
        }
        match parts(at).as_slice() {
            [_, _, ..] => self.scalars(at, hint),
            [only] => {
                self.note(at, "`allOf` around a single schema is taken as that schema");
                self.use_of(only, hint)
            }
            _ => Use::of(self.plain(at, hint)),
        }
    }

    /// Scalars that all apply: the narrowest of their types, with every bound.
    fn scalars(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let all = parts(at).into_iter().map(|part| self.use_of(&part, hint));
        let all: Vec<_> = all.collect();
        let mut merged = Use::of(Shape::Any);
        merged.nullable = all.iter().all(|it| it.nullable);
        for found in all {
            merged.constraints.extend(found.constraints);
            match narrower(&merged.shape, &found.shape) {
                Some(shape) => merged.shape = shape.clone(),
                None => {
                    self.widened(
                        at,
                        "`allOf` merges types that no value has at once: any JSON value",
                    );
                    return Use::of(Shape::Any);
                }
            }
        }
        merged
    }

    /// Gives an anonymous object or union a name made of where it stands.
    pub(super) fn define_inline(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        let name = self.define(at, &hint.type_name());
        self.note(at, format!("the anonymous type here is named `{name}`"));
        Shape::Named(name)
    }

    fn inline_enum(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let (values, nullable) = enum_values(at);
        let shape = if are_integers(at, &values) {
            return Use::of(self.define_inline(at, hint)).or_null(nullable);
        } else if values.is_empty() || values.len() != texts(&values).len() {
            self.note(
                at,
                "an enumeration of values that are not strings is taken as their JSON type",
            );
            self.plain_of_values(at, &values, hint)
        } else {
            let texts = self.distinct(at, &values);
            self.hoisted.add(at, texts, hint)
        };
        Use::of(shape).or_null(nullable)
    }

    /// Asks for a type, which is made later, once. Returns its name: for a component its own, else `wanted`
    /// or what is free like it.
    pub(super) fn define(&mut self, at: &Cursor<'_>, wanted: &str) -> String {
        let (name, new) = self.registry.name(&at.pointer, wanted);
        if new {
            self.registry
                .waiting
                .push_back((at.pointer.clone(), name.clone()));
        }
        name
    }

    /// Makes every type that was asked for, and those that these ask for. A queue, since definitions refer
    /// to one another in chains of any length.
    pub(super) fn define_waiting(&mut self) {
        while let Some((pointer, name)) = self.registry.waiting.pop_front() {
            if let Some(at) = Cursor::at(self.document, &pointer) {
                let kind = self.kind_of(&at, &name);
                self.add_type(&at, &name, at.text("description"), kind);
            }
        }
    }

    fn kind_of(&mut self, at: &Cursor<'_>, name: &str) -> Kind {
        let (values, _) = enum_values(at);
        let closed = at.flag("x-closed");
        let names = value_names(at);
        if are_integers(at, &values) {
            let mut texts: Vec<_> = values.iter().map(ToString::to_string).collect();
            let mut seen = BTreeSet::new();
            texts.retain(|text| seen.insert(text.clone()));
            return Kind::IntegerEnum(StringEnum {
                values: texts,
                names,
                closed,
            });
        }
        if !values.is_empty() && texts(&values).len() == values.len() {
            let values = self.distinct(at, &values);
            return Kind::Enum(StringEnum {
                values,
                names,
                closed,
            });
        }
        if let Some(types) = several_types(at) {
            return Kind::Union(self.union_of_types(at, name, &types));
        }
        if let Some(union) = self.distributed(at, name) {
            return Kind::Union(union);
        }
        if is_union(at) {
            return Kind::Union(self.union(at, name));
        }
        if let Some(union) = self.inherited(at, name) {
            return Kind::Union(union);
        }
        Kind::Object(self.object_fields(at, name))
    }

    fn distinct(&mut self, at: &Cursor<'_>, values: &[&Value]) -> Vec<String> {
        let mut unique: Vec<String> = Vec::new();
        for text in texts(values) {
            if unique.iter().any(|seen| seen == text) {
                self.note(at, format!("`{text}` stands in this enumeration twice"));
            } else {
                unique.push(text.to_owned());
            }
        }
        unique
    }
}

/// The type of what is of both types, if one says all that the other does.
fn narrower<'s>(one: &'s Shape, other: &'s Shape) -> Option<&'s Shape> {
    match (one, other) {
        (Shape::Any, narrow) | (narrow, Shape::Any) => Some(narrow),
        (one, other) if one == other => Some(one),
        (Shape::Number, narrow @ Shape::Integer(_))
        | (narrow @ Shape::Integer(_), Shape::Number) => Some(narrow),
        (Shape::Integer(IntFormat::Int64), narrow @ Shape::Integer(_))
        | (narrow @ Shape::Integer(_), Shape::Integer(IntFormat::Int64)) => Some(narrow),
        (Shape::String(StringFormat::Plain), narrow @ (Shape::String(_) | Shape::Named(_)))
        | (narrow @ (Shape::String(_) | Shape::Named(_)), Shape::String(StringFormat::Plain)) => {
            Some(narrow)
        }
        _ => None,
    }
}
