//! Compiles the tables from a contract's model.

use std::collections::BTreeSet;

use bpx_contract::model::{self, Direction, Kind as Def, Model, Shape, StringFormat};
use bpx_contract::schema::constraints;
use serde_json::{Map, Value};

use super::table::{Alternative, Arm, Field, Form, Json, Kind, Null, Object, Type};
use super::words::Name;

/// The types of a model, in its order. `slots` are the numbers of their first counters.
pub(super) fn types(model: &Model, slots: &[usize]) -> Vec<Type> {
    let types = model.types.values().zip(slots);
    types
        .map(|(def, slot)| Type {
            slot: *slot,
            form: whole_form(model, def).unwrap_or(Form::Doubt),
        })
        .collect()
}

/// What a value of this shape must be.
pub(super) fn kind(model: &Model, shape: &Shape) -> Kind {
    match shape {
        Shape::Boolean => Kind::Flag,
        Shape::Integer(format) => {
            let (least, greatest) = format.bounds();
            whole(least, greatest)
        }
        Shape::Number => Kind::Number,
        Shape::String(StringFormat::Plain) => Kind::Text,
        Shape::String(StringFormat::Decimal) => Kind::Decimal,
        Shape::String(StringFormat::NaiveDateTime) => Kind::NaiveDateTime,
        Shape::String(StringFormat::DateTime) => Kind::DateTime,
        Shape::Array(item) => Kind::List(Box::new(kind(model, item))),
        Shape::Map(value) => Kind::Map(Box::new(kind(model, value))),
        Shape::Named(name) => {
            let number = model.types.keys().position(|known| known == name);
            number.map_or(Kind::Doubt, Kind::Named)
        }
        Shape::Any => Kind::Any,
        Shape::String(_) | Shape::Tuple(_) | Shape::Nullable(_) => Kind::Doubt,
    }
}

fn whole(least: i128, greatest: i128) -> Kind {
    match (i64::try_from(least), u64::try_from(greatest)) {
        (Ok(least), Ok(greatest)) => Kind::Whole(least, greatest),
        _ => Kind::Doubt,
    }
}

/// Undeclared properties with a schema, and properties of one direction, are left to the oracle.
fn whole_form(model: &Model, def: &model::TypeDef) -> Option<Form> {
    let is_open = def.extra.as_ref().is_none_or(|extra| *extra == Shape::Any);
    let is_directed = match &def.kind {
        Def::Object(fields) => fields
            .iter()
            .any(|field| field.direction != Direction::Both),
        _ => false,
    };
    (is_open && !is_directed)
        .then(|| form(model, &def.kind))
        .flatten()
}

fn form(model: &Model, def: &Def) -> Option<Form> {
    match def {
        Def::Object(fields) => {
            let fields = fields.iter().map(|it| field(model, it)).collect();
            Object::new(fields).map(|object| Form::Object(Box::new(object)))
        }
        Def::Enum(values) => {
            let values = &values.values;
            is_each_once(values)
                .then(|| Form::Values(values.iter().map(|it| &**it).map(Box::from).collect()))
        }
        Def::IntegerEnum(_) => None,
        Def::Union(model::Union {
            tag: Some(tag),
            arms,
            ..
        }) => is_each_once(arms.iter().map(|arm| &arm.value)).then(|| {
            let arms = arms.iter().map(|arm| Arm {
                value: arm.value.as_str().into(),
                kind: kind(model, &arm.shape),
            });
            Form::Tagged(Name::new(tag), arms.collect())
        }),
        Def::Union(union) => {
            let arms = union.arms.iter().map(|arm| alternative(model, &arm.shape));
            arms.collect::<Option<_>>().map(Form::Untagged)
        }
    }
}

fn is_each_once<'a>(texts: impl IntoIterator<Item = &'a String>) -> bool {
    let mut known = BTreeSet::new();
    texts.into_iter().all(|text| known.insert(text))
}

fn field(model: &Model, field: &model::Field) -> Field {
    let kind = match field.constraints.is_empty() {
        true => kind(model, &field.shape),
        false => limited(field),
    };
    Field {
        name: Name::new(&field.name),
        kind,
        required: field.required,
        null: null(field),
    }
}

/// In a field that can do without a value, the oracle accepts `null` whatever the type and its limits.
fn null(field: &model::Field) -> Null {
    let is_any = field.shape == Shape::Any;
    match &field.shape {
        Shape::Any if !field.constraints.is_empty() => Null::Doubt,
        _ if field.nullable || (is_any && field.required) => Null::Fine,
        _ if !field.required => Null::Undeclared,
        Shape::Named(_) => Null::Doubt,
        _ => Null::Wrong,
    }
}

/// A field with further limits: bounds of integers and lengths of strings are compiled.
fn limited(field: &model::Field) -> Kind {
    let Value::Object(limits) = constraints(field) else {
        return Kind::Doubt;
    };
    let limited = match &field.shape {
        Shape::Integer(format) => bounded(format.bounds(), limits),
        Shape::String(StringFormat::Plain) => sized(limits),
        _ => None,
    };
    limited.unwrap_or(Kind::Doubt)
}

fn bounded((least, greatest): (i128, i128), mut limits: Map<String, Value>) -> Option<Kind> {
    let mut limit = |name: &str, step: i128| match limits.remove(name) {
        Some(limit) => limit.as_i64().map(|limit| Some(i128::from(limit) + step)),
        None => Some(None),
    };
    let least = [limit("minimum", 0)?, limit("exclusiveMinimum", 1)?]
        .into_iter()
        .flatten()
        .fold(least, i128::max);
    let greatest = [limit("maximum", 0)?, limit("exclusiveMaximum", -1)?]
        .into_iter()
        .flatten()
        .fold(greatest, i128::min);
    limits.is_empty().then(|| whole(least, greatest))
}

fn sized(mut limits: Map<String, Value>) -> Option<Kind> {
    let mut limit = |name: &str, default: usize| match limits.remove(name) {
        Some(limit) => limit.as_u64().and_then(|limit| usize::try_from(limit).ok()),
        None => Some(default),
    };
    let (least, greatest) = (limit("minLength", 0)?, limit("maxLength", usize::MAX)?);
    limits.is_empty().then_some(Kind::Sized(least, greatest))
}

/// `None` where values can be of several JSON types.
fn alternative(model: &Model, shape: &Shape) -> Option<Alternative> {
    let def = match shape {
        Shape::Named(name) => model.types.get(name).map(|def| &def.kind),
        _ => None,
    };
    let required: Vec<&str> = match def {
        Some(Def::Object(fields)) => {
            let required = fields.iter().filter(|field| field.required);
            required.map(|field| field.name.as_str()).collect()
        }
        Some(Def::Union(union)) => union.tag.as_deref().into_iter().collect(),
        _ => Vec::new(),
    };
    let json = match (shape, def) {
        (Shape::Boolean, _) => Json::Boolean,
        (Shape::Integer(_) | Shape::Number, _) => Json::Number,
        (Shape::String(_), _) | (_, Some(Def::Enum(_))) => Json::String,
        (Shape::Array(_), _) => Json::Array,
        (Shape::Map(_), _) | (_, Some(Def::Object(_))) => Json::Object,
        (_, Some(Def::Union(union))) if union.tag.is_some() => Json::Object,
        _ => return None,
    };
    Some(Alternative {
        kind: kind(model, shape),
        json,
        required: required.into_iter().map(Name::new).collect(),
    })
}
