//! One schema node to one [`Shape`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use crate::cursor::{Cursor, ref_name};
use crate::model::{IntFormat, Kind, Shape, StringEnum, StringFormat};

/// Keywords that say what a value is; a schema without any is decoration.
const STRUCTURAL: &[&str] = &[
    "$ref",
    "type",
    "properties",
    "enum",
    "const",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
    "additionalProperties",
    "format",
    "required",
    "prefixItems",
];

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
}

impl Use {
    fn of(shape: Shape) -> Self {
        Self {
            shape,
            nullable: false,
            constraints: BTreeMap::new(),
        }
    }
}

pub(super) fn is_decoration(at: &Cursor<'_>) -> bool {
    at.value
        .as_object()
        .is_some_and(|object| !object.keys().any(|key| STRUCTURAL.contains(&key.as_str())))
}

fn is_null(at: &Cursor<'_>) -> bool {
    at.str("type") == Some("null") || at.value.get("const").is_some_and(Value::is_null)
}

/// The arms of a `oneOf` or `anyOf` that are not `null`, and whether one was.
pub(super) fn arms<'a>(at: &Cursor<'a>) -> (Vec<Cursor<'a>>, bool) {
    let all: Vec<_> = at
        .items("oneOf")
        .into_iter()
        .chain(at.items("anyOf"))
        .collect();
    let count = all.len();
    let kept: Vec<_> = all.into_iter().filter(|arm| !is_null(arm)).collect();
    let nullable = kept.len() < count;
    (kept, nullable)
}

/// `type`, without `null`; and whether `null` is among the types.
fn types_of<'a>(at: &Cursor<'a>) -> (Vec<&'a str>, bool) {
    match at.value.get("type") {
        Some(Value::String(one)) => (vec![one.as_str()], false),
        Some(Value::Array(many)) => {
            let names = many.iter().filter_map(Value::as_str);
            let (nulls, rest): (Vec<_>, Vec<_>) = names.partition(|name| *name == "null");
            (rest, !nulls.is_empty())
        }
        _ => (Vec::new(), false),
    }
}

/// The parts of an `allOf` that say something, the schema's own keywords included.
pub(super) fn parts<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    at.items("allOf")
        .into_iter()
        .filter(|part| !is_decoration(part))
        .collect()
}

impl Lowerer<'_> {
    /// What a value of the schema is; types it needs are defined on the way.
    pub(super) fn use_of(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let mut found = self.bare_use(at, hint);
        found.nullable |= at.flag("nullable") || types_of(at).1;
        for keyword in CONSTRAINTS {
            if let Some(value) = at.value.get(*keyword) {
                found
                    .constraints
                    .insert((*keyword).to_owned(), value.clone());
            }
        }
        found
    }

    fn bare_use(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        if let Some(target) = at.str("$ref") {
            return self.reference(at, target);
        }
        if at.value.get("enum").is_some() || at.value.get("const").is_some() {
            return self.inline_enum(at, hint);
        }
        if at.value.get("oneOf").is_some() || at.value.get("anyOf").is_some() {
            return self.choice(at, hint);
        }
        if at.value.get("allOf").is_some() {
            return self.all_of(at, hint);
        }
        Use::of(self.plain(at, hint))
    }

    /// A reference: to a definition of its own, or to something small enough to stand in its place.
    fn reference(&mut self, at: &Cursor<'_>, target: &str) -> Use {
        let name = ref_name(target);
        let Some(definition) = self.ok(at.target(target)) else {
            return Use::of(Shape::Any);
        };
        if defines_type(&definition) {
            self.define(&definition, &name);
            return Use {
                nullable: definition.flag("nullable"),
                ..Use::of(Shape::Named(name))
            };
        }
        if !self.begun.insert(format!("alias {}", definition.pointer)) {
            // A list or map that contains itself has no name a Rust type could use.
            self.note(
                &definition,
                "a list or map that contains itself is taken as any JSON value",
            );
            return Use::of(Shape::Any);
        }
        let found = self.use_of(&definition, &Hint::new("", &name));
        self.begun.remove(&format!("alias {}", definition.pointer));
        found
    }

    fn all_of(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let parts = parts(at);
        match parts.as_slice() {
            [] => Use::of(self.plain(at, hint)),
            [only] if at.value.get("properties").is_none() => {
                self.note(at, "`allOf` around a single schema is taken as that schema");
                self.use_of(only, hint)
            }
            _ => Use::of(self.define_inline(at, hint)),
        }
    }

    fn choice(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let (arms, nullable) = arms(at);
        let shape = match arms.as_slice() {
            [] => Shape::Any,
            [only] if !is_union(at) => self.use_of(only, hint).shape,
            _ => self.define_inline(at, hint),
        };
        Use {
            nullable,
            ..Use::of(shape)
        }
    }

    /// A schema of one JSON type.
    fn plain(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        let (types, _) = types_of(at);
        match types.as_slice() {
            ["boolean"] => Shape::Boolean,
            ["integer"] => Shape::Integer(self.int_format(at)),
            ["number"] => Shape::Number,
            ["string"] => Shape::String(self.string_format(at)),
            ["array"] => self.list(at, hint),
            ["object"] => self.map_or_object(at, hint),
            [] if at.value.get("properties").is_some() => self.define_inline(at, hint),
            [] if at.value.get("items").is_some() => self.list(at, hint),
            [] => Shape::Any,
            _ => {
                self.note(at, "several JSON types at once are taken as any JSON value");
                Shape::Any
            }
        }
    }

    fn list(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        match at.get("items") {
            Some(items) if items.value.is_object() => {
                let item = self.use_of(&items, &hint.item());
                Shape::Array(Box::new(item.shape))
            }
            _ => Shape::Array(Box::new(Shape::Any)),
        }
    }

    fn map_or_object(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        if at.value.get("properties").is_some() {
            return self.define_inline(at, hint);
        }
        match at.get("additionalProperties") {
            Some(values) if values.value.is_object() => {
                let value = self.use_of(&values, &hint.item());
                Shape::Map(Box::new(value.shape))
            }
            _ => Shape::Map(Box::new(Shape::Any)),
        }
    }

    /// Gives an anonymous object or union a name made of where it stands.
    fn define_inline(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        let name = hint.type_name();
        self.note(at, format!("the anonymous type here is named `{name}`"));
        self.define(at, &name);
        Shape::Named(name)
    }

    fn inline_enum(&mut self, at: &Cursor<'_>, hint: &Hint) -> Use {
        let (values, nullable) = enum_values(at);
        if values.is_empty() || values.len() != texts(&values).len() {
            self.note(
                at,
                "an enumeration of values that are not strings is taken as their JSON type",
            );
            return Use {
                nullable,
                ..Use::of(self.plain(at, hint))
            };
        }
        let texts = texts(&values).into_iter().map(str::to_owned).collect();
        Use {
            nullable,
            ..Use::of(self.hoisted.add(at, texts, hint))
        }
    }

    /// Defines the type `name` once; recursion meets a name that is already begun.
    pub(super) fn define(&mut self, at: &Cursor<'_>, name: &str) {
        if !self.begun.insert(name.to_owned()) {
            return;
        }
        let kind = if at.value.get("enum").is_some() || at.value.get("const").is_some() {
            self.named_enum(at)
        } else if is_union(at) {
            Kind::Union(self.union(at, name))
        } else {
            Kind::Object(self.object_fields(at, name))
        };
        self.add_type(at, name, at.text("description"), kind);
    }

    fn named_enum(&mut self, at: &Cursor<'_>) -> Kind {
        let (values, _) = enum_values(at);
        let mut unique: Vec<String> = Vec::new();
        for text in texts(&values) {
            if unique.iter().any(|seen| seen == text) {
                self.note(at, format!("`{text}` stands in this enumeration twice"));
            } else {
                unique.push(text.to_owned());
            }
        }
        Kind::Enum(StringEnum {
            values: unique,
            closed: at.flag("x-closed"),
        })
    }

    fn int_format(&mut self, at: &Cursor<'_>) -> IntFormat {
        let Some(format) = at.str("format") else {
            return IntFormat::Int64;
        };
        IntFormat::parse(format).unwrap_or_else(|| {
            self.note(at, format!("integer format `{format}` is taken as int64"));
            IntFormat::Int64
        })
    }

    fn string_format(&mut self, at: &Cursor<'_>) -> StringFormat {
        let known = [
            StringFormat::Decimal,
            StringFormat::NaiveDateTime,
            StringFormat::DateTime,
        ];
        let Some(format) = at.str("format") else {
            return StringFormat::Plain;
        };
        if let Some(found) = known
            .into_iter()
            .find(|known| known.as_str() == Some(format))
        {
            return found;
        }
        self.note(
            at,
            format!("string format `{format}` is taken as plain text"),
        );
        StringFormat::Plain
    }
}

/// The values of `enum` or `const` other than `null`, and whether `null` was one.
fn enum_values<'a>(at: &Cursor<'a>) -> (Vec<&'a Value>, bool) {
    let listed: Vec<&Value> = match at.value.get("enum") {
        Some(Value::Array(values)) => values.iter().collect(),
        _ => at.value.get("const").into_iter().collect(),
    };
    let count = listed.len();
    let kept: Vec<_> = listed
        .into_iter()
        .filter(|value| !value.is_null())
        .collect();
    let nullable = kept.len() < count;
    (kept, nullable)
}

fn texts<'a>(values: &[&'a Value]) -> Vec<&'a str> {
    values.iter().filter_map(|value| value.as_str()).collect()
}

/// Whether a definition deserves a Rust type of its own: an object with fields, a string enum, a union.
fn defines_type(at: &Cursor<'_>) -> bool {
    let (values, _) = enum_values(at);
    if !values.is_empty() {
        return texts(&values).len() == values.len();
    }
    at.value.get("properties").is_some() || is_union(at) || parts(at).len() > 1
}

/// Several arms, or a single one that still carries its tag.
fn is_union(at: &Cursor<'_>) -> bool {
    match arms(at).0.len() {
        0 => false,
        1 => at.value.get("discriminator").is_some(),
        _ => true,
    }
}
