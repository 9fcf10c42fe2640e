//! The model's shapes as strict JSON Schema 2020-12: `null` is valid only where it is declared.
//!
//! The schemas of [`bpx_contract::schema`] are lenient about nulls and give readable errors; these are for the algebra.
//! A sender sends nothing that its document does not name; a receiver ignores what it does not know.

use std::collections::BTreeMap;

use bpx_contract::model::{Field, Kind, Shape, TypeDef, Union};
use bpx_contract::schema::{constraints, integers, key, of, reached};
use serde_json::{Map, Value, json};

/// Tagged unions inside tagged unions are expanded to this depth; deeper ones have no schema.
const DEPTH_MAX: usize = 3;

pub(super) type Types = BTreeMap<String, TypeDef>;

/// Whose values a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Party {
    Sender,
    Receiver,
}

/// A document's types, from the point of view of one party.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strict<'a> {
    pub(super) types: &'a Types,
    pub(super) party: Party,
}

impl Strict<'_> {
    /// The schema of a shape.
    pub(super) fn shape(&self, shape: &Shape) -> Option<Value> {
        self.alone(of(self.types, shape), shape)
    }

    /// The schema of a field's value.
    pub(super) fn field(&self, field: &Field) -> Option<Value> {
        self.alone(self.property(field), &field.shape)
    }

    /// The schema with the definitions of every type that the shape reaches.
    fn alone(&self, mut schema: Value, shape: &Shape) -> Option<Value> {
        let definition = |name: &str| {
            let definition = self.definition(self.types.get(name)?)?;
            Some((key(self.types, name)?, definition))
        };
        let names = reached(self.types, [shape]).into_iter();
        let defs: Map<_, _> = names.map(definition).collect::<Option<_>>()?;
        if let (Value::Object(object), false) = (&mut schema, defs.is_empty()) {
            object.insert("$defs".to_owned(), Value::Object(defs));
        }
        Some(schema)
    }

    fn definition(&self, def: &TypeDef) -> Option<Value> {
        if def.extra.as_ref().is_some_and(|extra| *extra != Shape::Any) {
            // What undeclared properties hold is not compared, so nothing is proven of the object.
            return None;
        }
        Some(match &def.kind {
            Kind::Enum(values) => json!({"enum": values.values}),
            Kind::IntegerEnum(values) => json!({"enum": integers(values).collect::<Vec<_>>()}),
            Kind::Object(fields) => self.object(fields, &[]),
            Kind::Union(union) => json!({"anyOf": self.arms(union, &[])?}),
        })
    }

    /// An object, with the tags of the unions that it is a variant of.
    fn object(&self, fields: &[Field], tags: &[(&str, &str)]) -> Value {
        let is_tag = |name: &str| tags.iter().any(|(tag, _)| *tag == name);
        let own = fields.iter().filter(|field| !is_tag(&field.name));
        let own = own.map(|field| (field.name.clone(), self.property(field)));
        let constants = tags
            .iter()
            .map(|(tag, value)| ((*tag).to_owned(), json!({"const": value})));
        let properties: Map<_, _> = own.chain(constants).collect();
        let required = fields
            .iter()
            .filter(|field| field.required && !is_tag(&field.name));
        let required = required.map(|field| field.name.as_str());
        let required: Vec<_> = required.chain(tags.iter().map(|(tag, _)| *tag)).collect();
        let mut object = json!({"type": "object", "required": required, "properties": properties});
        if let (Party::Sender, Value::Object(members)) = (self.party, &mut object) {
            members.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        object
    }

    fn property(&self, field: &Field) -> Value {
        let schema = of(self.types, &field.shape);
        let schema = match field.constraints.is_empty() {
            true => schema,
            false => json!({"allOf": [schema, constraints(field)]}),
        };
        match field.nullable {
            true => json!({"anyOf": [{"type": "null"}, schema]}),
            false => schema,
        }
    }

    fn arms(&self, union: &Union, tags: &[(&str, &str)]) -> Option<Vec<Value>> {
        let arms = union.arms.iter().map(|arm| match &union.tag {
            None => self.arm(&arm.shape, tags),
            Some(tag) => {
                let own = (tag.as_str(), arm.value.as_str());
                let tags: Vec<_> = tags.iter().copied().chain([own]).collect();
                self.arm(&arm.shape, &tags)
            }
        });
        Some(arms.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The tags are properties of the object itself, also where unions are variants of unions.
    fn arm(&self, shape: &Shape, tags: &[(&str, &str)]) -> Option<Vec<Value>> {
        if tags.is_empty() {
            return Some(vec![of(self.types, shape)]);
        }
        let def = match shape {
            Shape::Named(name) => self.types.get(name),
            _ => None,
        };
        match def.map(|def| &def.kind) {
            Some(Kind::Object(fields)) => Some(vec![self.object(fields, tags)]),
            Some(Kind::Union(union)) if tags.len() < DEPTH_MAX => self.arms(union, tags),
            _ => None,
        }
    }
}
