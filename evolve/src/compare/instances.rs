//! Makes example values of a shape: the smallest one, those at its limits, and bodies around them.

use bpx_contract::model::{Arm, Field, IntFormat, Kind, Shape, StringFormat, Union};
use bpx_contract::schema::{compiled, integers as listed_integers};
use serde_json::{Map, Value, json};

use super::strict::{Party, Strict, Types};

/// Values nest no deeper. A type that needs more has no example.
pub(super) const DEPTH_MAX: usize = 48;
/// Values have no more parts.
const PARTS_MAX: usize = 4096;
/// How many values of an enum, and which lengths of lists and texts, are tried at most.
const TRIED_MAX: usize = 64;

/// One step of a path into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Field(String),
    Item,
    Key,
    Arm(String),
}

/// Makes values of a document's types.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instances<'a> {
    pub(super) types: &'a Types,
}

impl<'a> Instances<'a> {
    /// The smallest value: optional properties are left out.
    pub(super) fn least(&self, shape: &Shape) -> Option<Value> {
        self.at(shape, &mut Budget::default())
    }

    /// Values of a shape: of each kind, at each limit.
    pub(super) fn several(&self, shape: &Shape) -> Vec<Value> {
        match shape {
            Shape::Boolean => vec![json!(true), json!(false)],
            Shape::Integer(format) => integers(*format),
            Shape::Number => vec![json!(0.5), json!(-1.5), json!(0), json!(1e30)],
            Shape::String(format) => texts(*format).iter().map(|text| json!(text)).collect(),
            Shape::Array(item) => self.around(item, json!([]), |value| json!([value])),
            Shape::Map(value) => self.around(value, json!({}), |value| json!({"key": value})),
            Shape::Any => vec![
                json!("x"),
                json!(true),
                json!(0.5),
                json!([]),
                json!({}),
                json!(null),
            ],
            Shape::Tuple(_) => self.least(shape).into_iter().collect(),
            Shape::Nullable(shape) => {
                let mut values = self.several(shape);
                values.push(Value::Null);
                values
            }
            Shape::Named(name) => self.several_named(name),
        }
    }

    /// An object with the required properties and this one.
    pub(super) fn with_field(&self, shape: &Shape, name: &str, value: Value) -> Option<Value> {
        let mut object = self.least(shape)?;
        object.as_object_mut()?.insert(name.to_owned(), value);
        Some(object)
    }

    /// Values of a field, at its own limits and at those of another field.
    pub(super) fn of_field(&self, field: &Field, other: &Field) -> Vec<Value> {
        let mut values = self.several(&field.shape);
        for limited in [field, other] {
            for (keyword, limit) in &limited.constraints {
                values.extend(at_limit(keyword, limit));
            }
        }
        values
    }

    /// A value of one variant of a union.
    pub(super) fn arm(&self, union: &Union, arm: &Arm) -> Option<Value> {
        tagged(union, arm, self.least(&arm.shape)?)
    }

    /// A value of `shape` that holds `inner` at the end of the path.
    pub(super) fn along(&self, shape: &Shape, path: &[Segment], inner: Value) -> Option<Value> {
        let Some((step, rest)) = path.split_first() else {
            return Some(inner);
        };
        match (step, shape) {
            (Segment::Item, Shape::Array(item)) => Some(json!([self.along(item, rest, inner)?])),
            (Segment::Key, Shape::Map(value)) => {
                Some(json!({"key": self.along(value, rest, inner)?}))
            }
            (Segment::Field(name), Shape::Named(owner)) => {
                let field = self
                    .fields(owner)?
                    .iter()
                    .find(|field| field.name == *name)?;
                let value = self.along(&field.shape, rest, inner)?;
                self.with_field(shape, name, value)
            }
            (Segment::Arm(value), Shape::Named(owner)) => {
                let union = self.union(owner)?;
                let arm = union.arms.iter().find(|arm| arm.value == *value)?;
                tagged(union, arm, self.along(&arm.shape, rest, inner)?)
            }
            _ => None,
        }
    }

    pub(super) fn union(&self, name: &str) -> Option<&'a Union> {
        match &self.types.get(name)?.kind {
            Kind::Union(union) => Some(union),
            _ => None,
        }
    }

    pub(super) fn fields(&self, name: &str) -> Option<&'a [Field]> {
        match &self.types.get(name)?.kind {
            Kind::Object(fields) => Some(fields),
            _ => None,
        }
    }

    fn at(&self, shape: &Shape, budget: &mut Budget) -> Option<Value> {
        let depth = budget.depth;
        budget.enter()?;
        let value = match shape {
            Shape::Boolean => Some(json!(false)),
            Shape::Integer(_) => Some(json!(1)),
            Shape::Number => Some(json!(0.5)),
            Shape::String(format) => texts(*format).first().map(|text| json!(text)),
            Shape::Array(_) => Some(json!([])),
            Shape::Map(_) | Shape::Any => Some(json!({})),
            Shape::Tuple(items) => {
                let items = items.iter().map(|item| self.at(item, budget));
                items.collect::<Option<Vec<_>>>().map(Value::Array)
            }
            Shape::Nullable(_) => Some(Value::Null),
            Shape::Named(name) => self.named(name, budget),
        };
        budget.depth = depth;
        value
    }

    fn named(&self, name: &str, budget: &mut Budget) -> Option<Value> {
        match &self.types.get(name)?.kind {
            Kind::Enum(listed) => listed.values.first().map(|value| json!(value)),
            Kind::IntegerEnum(listed) => listed_integers(listed).next().map(|value| json!(value)),
            Kind::Object(fields) => self.object(fields.iter().filter(|it| it.required), budget),
            Kind::Union(union) => {
                let mut arms = union.arms.iter();
                arms.find_map(|arm| tagged(union, arm, self.at(&arm.shape, budget)?))
            }
        }
    }

    fn object<'f>(
        &self,
        fields: impl Iterator<Item = &'f Field>,
        budget: &mut Budget,
    ) -> Option<Value> {
        let members: Option<Map<_, _>> = fields
            .map(|field| Some((field.name.clone(), self.field(field, budget)?)))
            .collect();
        members.map(Value::Object)
    }

    /// The smallest value of a field that respects its limits.
    fn field(&self, field: &Field, budget: &mut Budget) -> Option<Value> {
        let plain = self.at(&field.shape, budget);
        if field.constraints.is_empty() {
            return plain;
        }
        let (types, party) = (self.types, Party::Sender);
        let schema = Strict { types, party }.field(field)?;
        let validator = compiled(&schema).ok()?;
        let others = match field.shape.named() {
            Some(_) => Vec::new(),
            None => self.of_field(field, field),
        };
        let mut tried = plain.into_iter().chain(others);
        tried.find(|value| validator.is_valid(value))
    }

    fn around(&self, shape: &Shape, empty: Value, wrap: impl Fn(Value) -> Value) -> Vec<Value> {
        let inner = match shape {
            Shape::Array(_) | Shape::Map(_) => self.least(shape).into_iter().collect(),
            scalar => self.several(scalar),
        };
        std::iter::once(empty)
            .chain(inner.into_iter().map(wrap))
            .collect()
    }

    fn several_named(&self, name: &str) -> Vec<Value> {
        match self.types.get(name).map(|def| &def.kind) {
            Some(Kind::Enum(listed)) => listed
                .values
                .iter()
                .take(TRIED_MAX)
                .map(|value| json!(value))
                .collect(),
            Some(Kind::IntegerEnum(listed)) => listed_integers(listed)
                .take(TRIED_MAX)
                .map(|value| json!(value))
                .collect(),
            Some(Kind::Union(union)) => union
                .arms
                .iter()
                .filter_map(|arm| self.arm(union, arm))
                .collect(),
            Some(Kind::Object(fields)) => {
                let least = self.object(
                    fields.iter().filter(|it| it.required),
                    &mut Budget::default(),
                );
                let full = self.object(fields.iter(), &mut Budget::default());
                least.into_iter().chain(full).collect()
            }
            None => Vec::new(),
        }
    }
}

/// How much more a value may hold.
#[derive(Debug)]
struct Budget {
    depth: usize,
    parts: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            depth: DEPTH_MAX,
            parts: PARTS_MAX,
        }
    }
}

impl Budget {
    fn enter(&mut self) -> Option<()> {
        self.parts = self.parts.checked_sub(1)?;
        self.depth = self.depth.checked_sub(1)?;
        Some(())
    }
}

/// Adds the tag to the object of a variant.
fn tagged(union: &Union, arm: &Arm, mut value: Value) -> Option<Value> {
    if let Some(tag) = &union.tag {
        value.as_object_mut()?.insert(tag.clone(), json!(arm.value));
    }
    Some(value)
}

fn integers(format: IntFormat) -> Vec<Value> {
    let (least, greatest) = format.bounds();
    [1, greatest, least, 0]
        .into_iter()
        .filter_map(integer)
        .collect()
}

fn integer(number: i128) -> Option<Value> {
    let signed = i64::try_from(number).map(|number| json!(number));
    signed
        .or_else(|_| u64::try_from(number).map(|number| json!(number)))
        .ok()
}

fn texts(format: StringFormat) -> &'static [&'static str] {
    match format {
        StringFormat::Plain => &["x", "", "1", "true", "2026-11-20T00:00:00Z"],
        StringFormat::Decimal => &["1", "0.5", "-1.5"],
        StringFormat::NaiveDateTime => &["2026-11-20T00:00:00", "2026-11-20T00:00:00.5"],
        StringFormat::DateTime => &["2026-11-20T00:00:00Z", "2026-11-20T00:00:00.5+01:00"],
        StringFormat::Date => &["2026-11-20"],
        StringFormat::Uuid => &["01939f3e-9d3c-7000-8000-000000000001"],
        StringFormat::Ipv4 => &["192.0.2.1"],
        StringFormat::Ipv6 => &["2001:db8::1"],
        StringFormat::Binary => &["x", ""],
    }
}

/// Values on both sides of a limit.
fn at_limit(keyword: &str, limit: &Value) -> Vec<Value> {
    let length = limit
        .as_u64()
        .and_then(|length| usize::try_from(length).ok());
    let lengths = length.filter(|length| *length < TRIED_MAX).into_iter();
    let around = lengths.flat_map(|length| length.saturating_sub(1)..=length + 1);
    match keyword {
        "minLength" | "maxLength" => around.map(|length| json!("1".repeat(length))).collect(),
        "minItems" | "maxItems" => around.map(|length| json!(vec![1; length])).collect(),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            match (limit.as_i64(), limit.as_f64()) {
                (Some(limit), _) => [-1, 0, 1]
                    .into_iter()
                    .filter_map(|step| limit.checked_add(step))
                    .map(|number| json!(number))
                    .collect(),
                (None, Some(limit)) => vec![json!(limit - 0.5), json!(limit), json!(limit + 0.5)],
                (None, None) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
