//! JSON Schemas of arguments and results, for readers of JSON Schema such as MCP clients and REST callers.
//!
//! What is sent is described strictly, what comes back as openly as readers have to take it. No `$schema`: the dialect
//! is 2020-12, which protocols assume, and some readers fail at the mere word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::arguments::{Argument, Body, DECIMAL_LENGTH_MAX, DECIMAL_PATTERN, Kind, of_field};
use crate::model::{
    self, Content, Field, IntFormat, Model, Shape, StringEnum, StringFormat, Union,
};
use crate::prose::flowed;
use crate::schema::integers;

const NAIVE_DATE_TIME_PATTERN: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$";

/// The schema of an operation's arguments.
pub(super) fn input(params: &[Argument], body: &Body, model: &Model) -> Value {
    let mut schemas = Schemas::new(model, Side::Sent);
    let mut members = Vec::new();
    for argument in params {
        members.push((
            argument.name.as_str(),
            argument.required,
            schemas.argument(argument).into(),
        ));
    }
    let mut doc = String::new();
    match body {
        Body::None => {}
        Body::Object {
            fields,
            doc: of_object,
            ..
        } => {
            doc.clone_from(of_object);
            for field in fields {
                members.push((
                    field.name.as_str(),
                    field.required,
                    schemas.argument(field).into(),
                ));
            }
        }
        // The objects of a list stand where they are used.
        Body::Array {
            argument,
            fields,
            doc,
            ..
        } => {
            let mut list = Map::new();
            list.insert("type".to_owned(), "array".into());
            list.insert("items".to_owned(), schemas.items(fields, doc));
            describe(&mut list, &argument.doc);
            members.push((argument.name.as_str(), argument.required, list.into()));
        }
        Body::Value { argument } => {
            members.push((
                argument.name.as_str(),
                argument.required,
                schemas.argument(argument).into(),
            ));
        }
    }
    let mut schema = object(members);
    schema.insert("additionalProperties".to_owned(), false.into());
    describe(&mut schema, &doc);
    schemas.with_definitions(schema)
}

/// The schema of `{"result": …}` around a success.
pub(super) fn output(operation: &model::Operation, model: &Model) -> Value {
    let mut schemas = Schemas::new(model, Side::Read);
    let success = &operation.success;
    let result = match &success.content {
        Content::Json(shape) => schemas.shape(shape),
        Content::Text | Content::Bytes | Content::Events(_) => json!({"type": "string"}),
        Content::Empty => json!({"type": "null"}),
    };
    let result = if success.accepted || success.absent {
        or_null(result)
    } else {
        result
    };
    let statuses = success.statuses.iter().filter(|(_, doc)| !doc.is_empty());
    let message: Vec<_> = statuses
        .map(|(status, doc)| format!("{status}: {}", flowed(doc)))
        .collect();
    let mut result = result.as_object().cloned().unwrap_or_default();
    describe(&mut result, &message.join(" "));
    schemas.with_definitions(object(vec![("result", true, result.into())]))
}

/// Which way values travel.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    /// Strictly what the contract lists.
    Sent,
    /// What the contract lists, and what a later version of it may.
    Read,
}

/// Schemas under construction, and the types they refer to.
struct Schemas<'a> {
    model: &'a Model,
    side: Side,
    waiting: Vec<String>,
    seen: BTreeSet<String>,
}

impl<'a> Schemas<'a> {
    fn new(model: &'a Model, side: Side) -> Self {
        Self {
            model,
            side,
            waiting: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    fn argument(&mut self, argument: &Argument) -> Map<String, Value> {
        let schema = self.shape(&argument.shape);
        let mut schema = schema.as_object().cloned().unwrap_or_default();
        if let Kind::Integer { min, max } = argument.kind {
            schema.insert("minimum".to_owned(), number(min));
            schema.insert("maximum".to_owned(), number(max));
        }
        describe(&mut schema, &argument.doc);
        constrain(&mut schema, &argument.constraints);
        schema
    }

    /// The items of a list of objects that is an argument.
    fn items(&mut self, fields: &[Argument], doc: &str) -> Value {
        let members = fields.iter();
        let members = members
            .map(|field| {
                (
                    field.name.as_str(),
                    field.required,
                    self.argument(field).into(),
                )
            })
            .collect();
        let mut schema = object(members);
        schema.insert("additionalProperties".to_owned(), false.into());
        describe(&mut schema, doc);
        schema.into()
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Boolean => json!({"type": "boolean"}),
            Shape::Integer(format) => self.integer(*format),
            Shape::Number => json!({"type": "number"}),
            Shape::String(format) => self.string(*format),
            Shape::Array(item) => json!({"type": "array", "items": self.shape(item)}),
            Shape::Map(value) => {
                json!({"type": "object", "additionalProperties": self.shape(value)})
            }
            Shape::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|item| self.shape(item)).collect();
                json!({"type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len()})
            }
            Shape::Nullable(shape) => or_null(self.shape(shape)),
            Shape::Named(name) => self.named(name),
            Shape::Any => json!({}),
        }
    }

    fn integer(&self, format: IntFormat) -> Value {
        if self.side == Side::Read {
            return json!({"type": "integer"});
        }
        let (min, max) = format.bounds();
        json!({"type": "integer", "minimum": number(min), "maximum": number(max)})
    }

    fn string(&self, format: StringFormat) -> Value {
        let Some(name) = format.as_str() else {
            return json!({"type": "string"});
        };
        match (self.side, format) {
            (Side::Sent, StringFormat::Decimal) => {
                json!({"type": "string", "format": name, "pattern": DECIMAL_PATTERN, "maxLength": DECIMAL_LENGTH_MAX})
            }
            (Side::Sent, StringFormat::NaiveDateTime) => {
                json!({"type": "string", "format": name, "pattern": NAIVE_DATE_TIME_PATTERN})
            }
            _ => json!({"type": "string", "format": name}),
        }
    }

    /// Enumerations stand where they are used; objects and unions are defined once.
    fn named(&mut self, name: &str) -> Value {
        match self.model.types.get(name).map(|def| &def.kind) {
            Some(model::Kind::Enum(listed)) => self.enumeration(listed),
            Some(model::Kind::IntegerEnum(listed)) => {
                let values: Vec<_> = integers(listed).collect();
                match self.side == Side::Read && !listed.closed {
                    true => json!({"anyOf": [{"enum": values}, {"type": "integer"}]}),
                    false => json!({"type": "integer", "enum": values}),
                }
            }
            Some(_) => {
                if self.seen.insert(name.to_owned()) {
                    self.waiting.push(name.to_owned());
                }
                json!({"$ref": format!("#/$defs/{}", name)})
            }
            None => json!({}),
        }
    }

    fn enumeration(&self, listed: &StringEnum) -> Value {
        let values = &listed.values;
        if self.side == Side::Read && !listed.closed {
            return json!({"anyOf": [{"enum": values}, {"type": "string"}]});
        }
        json!({"type": "string", "enum": values})
    }

    fn definition(&mut self, name: &str) -> Value {
        match self.model.types.get(name).map(|def| &def.kind) {
            Some(model::Kind::Object(fields)) => self.fields(fields),
            Some(model::Kind::Union(union)) => self.union(union),
            _ => json!({}),
        }
    }

    fn fields(&mut self, fields: &[Field]) -> Value {
        let mut members = Vec::new();
        for field in fields {
            let schema = match self.side {
                Side::Sent => self.argument(&of_field(field, self.model)).into(),
                Side::Read if field.optional() => or_null(self.shape(&field.shape)),
                Side::Read => self.shape(&field.shape),
            };
            members.push((field.name.as_str(), !field.optional(), schema));
        }
        object(members).into()
    }

    fn union(&mut self, union: &Union) -> Value {
        let mut arms: Vec<_> = union
            .arms
            .iter()
            .map(|arm| self.arm(&arm.shape, union.tag.as_deref(), &arm.value))
            .collect();
        if let (Some(tag), Side::Read) = (&union.tag, self.side) {
            let known: Vec<_> = union.arms.iter().map(|arm| &arm.value).collect();
            let other = json!({"type": "string", "not": {"enum": known}});
            arms.push(object(vec![(tag, true, other)]).into());
        }
        json!({"anyOf": arms})
    }

    fn arm(&mut self, shape: &Shape, tag: Option<&str>, value: &str) -> Value {
        let mut schema = self.shape(shape);
        if let (Some(tag), Some(members)) = (tag, schema.as_object_mut()) {
            members.insert("properties".to_owned(), json!({tag: {"const": value}}));
            members.insert("required".to_owned(), json!([tag]));
        }
        schema
    }

    /// Adds every type that was referred to, and those that these refer to.
    fn with_definitions(mut self, mut schema: Map<String, Value>) -> Value {
        let mut definitions = BTreeMap::new();
        while let Some(name) = self.waiting.pop() {
            let definition = self.definition(&name);
            definitions.insert(name, definition);
        }
        if !definitions.is_empty() {
            schema.insert("$defs".to_owned(), json!(definitions));
        }
        schema.into()
    }
}

fn number(value: i128) -> Value {
    match u64::try_from(value) {
        Ok(value) => value.into(),
        Err(_) => i64::try_from(value).unwrap_or(i64::MIN).into(),
    }
}

fn object(members: Vec<(&str, bool, Value)>) -> Map<String, Value> {
    let required: Vec<_> = members
        .iter()
        .filter_map(|(name, required, _)| required.then_some(*name))
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    let members = members.into_iter();
    let properties = members.map(|(name, _, schema)| (name.to_owned(), schema));
    schema.insert(
        "properties".to_owned(),
        Value::Object(properties.collect::<Map<_, _>>()),
    );
    schema
}

fn describe(schema: &mut Map<String, Value>, text: &str) {
    if !text.is_empty() {
        schema.insert("description".to_owned(), text.into());
    }
}

/// Both hold where a keyword is there already.
fn constrain(schema: &mut Map<String, Value>, constraints: &BTreeMap<String, Value>) {
    let mut further = Map::new();
    for (keyword, value) in constraints {
        let target = if schema.contains_key(keyword) {
            &mut further
        } else {
            &mut *schema
        };
        target.insert(keyword.clone(), value.clone());
    }
    if !further.is_empty() {
        schema.insert("allOf".to_owned(), json!([further]));
    }
}

fn or_null(mut schema: Value) -> Value {
    let Some(members) = schema.as_object_mut() else {
        return schema;
    };
    match members.get("type") {
        Some(Value::String(kind)) if !members.contains_key("enum") => {
            let either = json!([kind, "null"]);
            members.insert("type".to_owned(), either);
            schema
        }
        None if members.is_empty() => schema,
        _ => match members.get_mut("anyOf") {
            Some(Value::Array(arms)) => {
                arms.push(json!({"type": "null"}));
                schema
            }
            _ => json!({"anyOf": [schema, {"type": "null"}]}),
        },
    }
}
