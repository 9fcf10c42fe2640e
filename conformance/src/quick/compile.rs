//! Compiles the tables from a contract's model and the document's schemas.
//!
//! The model gives types, fields and what is counted. A value is followed only where each keyword of its schema is covered
//! by what the tables check; everything else is [`Kind::Doubt`].

use std::collections::BTreeSet;

use bpx_contract::model::{self, Kind as Def, Model, Shape, StringFormat};
use bpx_contract::oracle::Schemas;
use serde_json::{Map, Value};

use super::nodes::{Nodes, is, is_object, is_same, nodes, only, required, single, without_null};
use super::table::{Field, Form, Kind, Null, Object, Type};
use super::words::Name;
use crate::leniency::Leniency;

/// What tables are compiled from.
#[derive(Clone, Copy)]
pub(super) struct Compiler<'a> {
    pub(super) model: &'a Model,
    pub(super) schemas: &'a Schemas,
    pub(super) leniency: Leniency,
}

impl<'a> Compiler<'a> {
    /// The types of a model, in its order. `slots` are the numbers of their first counters.
    pub(super) fn types(self, slots: &[usize]) -> Vec<Type> {
        let types = self.model.types.values().zip(slots);
        types
            .map(|(def, slot)| Type {
                slot: *slot,
                form: self.form(def).unwrap_or(Form::Doubt),
            })
            .collect()
    }

    /// What a value of this shape must be, where this is its schema.
    pub(super) fn kind(self, shape: &Shape, schema: &Value) -> Kind {
        let nodes = nodes(self.schemas, schema);
        let kind = nodes.and_then(|nodes| self.kind_of(shape, &nodes));
        kind.unwrap_or(Kind::Doubt)
    }

    pub(super) fn kind_of(self, shape: &Shape, nodes: &Nodes) -> Option<Kind> {
        let has = |kind: &str| nodes.iter().any(|node| is(node, kind));
        let one = |keyword: &str| {
            let mut all = nodes.iter().filter_map(|node| node.get(keyword));
            (all.next(), all.next())
        };
        match shape {
            Shape::Boolean if has("boolean") && only(nodes, &["type"]) => Some(Kind::Flag),
            Shape::Integer(_) if has("integer") => whole(nodes),
            Shape::Number if has("number") && only(nodes, &["type", "format"]) => {
                Some(Kind::Number)
            }
            Shape::String(format) if has("string") => text(*format, nodes),
            Shape::Array(item) if has("array") && only(nodes, &["type", "items"]) => {
                match one("items") {
                    (Some(items), None) => Some(Kind::List(Box::new(self.kind(item, items)))),
                    (None, _) => Some(Kind::List(Box::new(Kind::Any))),
                    _ => None,
                }
            }
            Shape::Map(value)
                if has("object") && only(nodes, &["type", "additionalProperties"]) =>
            {
                match one("additionalProperties") {
                    (Some(extra), None) => Some(Kind::Map(Box::new(self.kind(value, extra)))),
                    (None, _) => Some(Kind::Map(Box::new(Kind::Any))),
                    _ => None,
                }
            }
            Shape::Any if nodes.is_empty() => Some(Kind::Any),
            Shape::Named(name) => {
                let def = self.model.types.get(name)?;
                let is_covered = match &def.kind {
                    Def::Enum(listed) => is_enum(nodes, &listed.values),
                    _ => is_same(nodes, &self.own(def)?) && self.tags(def)?.is_empty(),
                };
                is_covered.then(|| self.number(name)).flatten()
            }
            _ => None,
        }
    }

    pub(super) fn number(self, name: &str) -> Option<Kind> {
        let number = self.model.types.keys().position(|known| known == name);
        number.map(Kind::Named)
    }

    /// The parts of a type's own schema.
    pub(super) fn own(self, def: &model::TypeDef) -> Option<Nodes> {
        let schema = self.schemas.get(def.place.pointer.as_deref()?)?;
        nodes(self.schemas, without_null(schema).1)
    }

    /// Properties that the model leaves out of the type since they select it: names, each with its one value.
    pub(super) fn tags(self, def: &model::TypeDef) -> Option<Vec<(String, String)>> {
        let nodes = self.own(def)?;
        let fields: &[model::Field] = match &def.kind {
            Def::Object(fields) => fields,
            _ => &[],
        };
        let required = required(&nodes);
        let mut tags = Vec::new();
        for (name, schema) in properties(&nodes) {
            if !fields.iter().any(|field| field.name == *name) {
                let value = single(self.schemas, schema)?;
                required.contains(name.as_str()).then_some(())?;
                tags.push((name.clone(), value));
            }
        }
        Some(tags)
    }

    fn form(self, def: &model::TypeDef) -> Option<Form> {
        let nodes = self.own(def)?;
        match &def.kind {
            Def::Object(fields) => {
                let is_open = |extra: &Value| {
                    *extra == Value::Bool(true) || *extra == Value::Object(Map::new())
                };
                let extras = nodes
                    .iter()
                    .filter_map(|node| node.get("additionalProperties"));
                let is_covered = is_object(self.schemas, &nodes)
                    && only(
                        &nodes,
                        &["type", "properties", "required", "additionalProperties"],
                    )
                    && extras.into_iter().all(is_open)
                    && self.tags(def).is_some();
                let is_closed = self.leniency.is_strict && def.extra.is_none();
                let fields = fields.iter().map(|field| self.field(field, &nodes));
                let object = Object::new(fields.collect(), is_closed);
                let object = object.filter(|_| is_covered);
                object.map(|object| Form::Object(Box::new(object)))
            }
            Def::Enum(listed) => {
                let values = &listed.values;
                let values = || values.iter().map(|it| &**it).map(Box::from).collect();
                (is_enum(&nodes, &listed.values) && is_each_once(&listed.values))
                    .then(|| Form::Values(values()))
            }
            Def::IntegerEnum(_) => None,
            Def::Union(union) => self.union(union, &nodes),
        }
    }

    fn field(self, field: &model::Field, of: &Nodes) -> Field {
        let schemas: Vec<_> = properties(of)
            .filter(|(name, _)| **name == field.name)
            .map(|(_, schema)| schema)
            .collect();
        let is_required = required(of).contains(field.name.as_str());
        let (takes_null, kind) = match schemas.as_slice() {
            [] => (true, Kind::Any),
            [schema] => self.nullable(field, schema),
            _ => (false, Kind::Doubt),
        };
        let is_counted = self.leniency.takes_null && !field.nullable && !field.required;
        let null = match kind {
            Kind::Doubt | Kind::Named(_) if !takes_null => Null::Doubt,
            _ if takes_null && is_counted => Null::Undeclared,
            _ if takes_null || matches!(kind, Kind::Any) => Null::Fine,
            _ => Null::Wrong,
        };
        Field {
            name: Name::new(&field.name),
            kind,
            required: is_required,
            null,
        }
    }

    /// Whether a property's schema takes `null`, and what other values must be.
    fn nullable(self, field: &model::Field, schema: &Value) -> (bool, Kind) {
        let (mut takes_null, schema) = without_null(schema);
        let (again, schema) = without_null(schema);
        takes_null |= again;
        let Some(mut nodes) = nodes(self.schemas, schema) else {
            return (false, Kind::Doubt);
        };
        if let [node] = nodes.as_mut_slice() {
            takes_null |= narrowed(node);
        }
        let shape = match &field.shape {
            Shape::Nullable(shape) => shape,
            shape => shape,
        };
        let kind = self.kind_of(shape, &nodes).unwrap_or(Kind::Doubt);
        let takes_null = takes_null || matches!(kind, Kind::Any);
        (takes_null, kind)
    }
}

/// Takes `null` out of a list of types, and of an enumeration.
fn narrowed(node: &mut Map<String, Value>) -> bool {
    let kinds = node.get("type").and_then(Value::as_array);
    let Some([Value::String(kind), Value::String(null)]) = kinds.map(Vec::as_slice) else {
        return false;
    };
    if null != "null" {
        return false;
    }
    let kind = Value::from(kind.as_str());
    let listed = node.get("enum").and_then(Value::as_array);
    if listed.is_some_and(|values| !values.contains(&Value::Null)) {
        return false;
    }
    if let Some(Value::Array(values)) = node.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    node.insert("type".to_owned(), kind);
    true
}

/// Names and schemas of all properties; a name comes once for each part that has it.
fn properties(nodes: &Nodes) -> impl Iterator<Item = (&String, &Value)> {
    let maps = nodes
        .iter()
        .filter_map(|node| node.get("properties")?.as_object());
    maps.flatten()
}

fn is_enum(nodes: &Nodes, values: &[String]) -> bool {
    let [node] = nodes.as_slice() else {
        return false;
    };
    let listed = node.get("enum").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().map(Value::as_str);
    let listed: Option<BTreeSet<_>> = listed.collect();
    let known: BTreeSet<_> = values.iter().map(String::as_str).collect();
    let is_text = !node.contains_key("type") || is(node, "string");
    is_text && only(nodes, &["type", "enum"]) && listed.is_some_and(|listed| listed == known)
}

pub(super) fn is_each_once<'a>(texts: impl IntoIterator<Item = &'a String>) -> bool {
    let mut known = BTreeSet::new();
    texts.into_iter().all(|text| known.insert(text))
}

/// An integer between the bounds of all parts; formats of integers are bounds already.
fn whole(nodes: &Nodes) -> Option<Kind> {
    const BOUNDS: [(&str, i128); 4] = [
        ("minimum", 0),
        ("exclusiveMinimum", 1),
        ("maximum", 0),
        ("exclusiveMaximum", -1),
    ];
    let [a, b, c, d] = BOUNDS.map(|(name, _)| name);
    if !only(nodes, &["type", "format", a, b, c, d]) {
        return None;
    }
    let (mut least, mut greatest) = (i128::from(i64::MIN), i128::from(u64::MAX));
    for node in nodes {
        for (name, step) in BOUNDS {
            let Some(limit) = node.get(name) else {
                continue;
            };
            let signed = limit.as_i64().map(i128::from);
            let limit = signed.or_else(|| limit.as_u64().map(i128::from))? + step;
            match name.ends_with("inimum") {
                true => least = least.max(limit),
                false => greatest = greatest.min(limit),
            }
        }
    }
    Some(Kind::Whole(
        i64::try_from(least).ok()?,
        u64::try_from(greatest).ok()?,
    ))
}

/// A string with a form that the tables follow, or within lengths.
fn text(format: StringFormat, nodes: &Nodes) -> Option<Kind> {
    let [node] = nodes.as_slice() else {
        return None;
    };
    let written = node.get("format").and_then(Value::as_str);
    let kind = match format {
        _ if written != format.as_str() => return None,
        StringFormat::Plain if only(nodes, &["type"]) => Kind::Text,
        StringFormat::Plain => return sized(node),
        StringFormat::Decimal => Kind::Decimal,
        StringFormat::NaiveDateTime => Kind::NaiveDateTime,
        StringFormat::DateTime => Kind::DateTime,
        _ => return None,
    };
    only(nodes, &["type", "format"]).then_some(kind)
}

fn sized(node: &Map<String, Value>) -> Option<Kind> {
    let limit = |name: &str, default: usize| match node.get(name) {
        Some(limit) => limit.as_u64().and_then(|limit| usize::try_from(limit).ok()),
        None => Some(default),
    };
    let is_covered = only(&vec![node.clone()], &["type", "minLength", "maxLength"]);
    let (least, greatest) = (limit("minLength", 0)?, limit("maxLength", usize::MAX)?);
    is_covered.then_some(Kind::Sized(least, greatest))
}
