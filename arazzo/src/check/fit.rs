//! Whether a value can stand where a type is wanted.

use serde_json::Value;

use super::Origin;
use super::callee::Fault;
use super::types::{Tables, Type};
use crate::near::name_one_of;
use crate::number::is_number;
use bpx_contract::model::{IntFormat, Kind, Shape, StringFormat};

/// Objects that hold objects are compared this deep.
const DEPTH_MAX: usize = 8;

impl Tables<'_> {
    /// Whether what has the type `given` can stand where `wanted` is. What only the value decides is left to the run.
    pub(super) fn fits(&self, given: &Type, wanted: &Type) -> bool {
        self.fits_at(given, wanted, 0)
    }

    fn fits_at(&self, given: &Type, wanted: &Type, depth: usize) -> bool {
        if depth == DEPTH_MAX || (given.shape == wanted.shape && given.origin == wanted.origin) {
            return true;
        }
        let inner = |of: &Type, shape: &Shape| Type {
            shape: shape.clone(),
            ..of.clone()
        };
        if let Shape::Nullable(shape) = &given.shape {
            return self.fits_at(&inner(given, shape), wanted, depth + 1);
        }
        if let Shape::Nullable(shape) = &wanted.shape {
            return self.fits_at(given, &inner(wanted, shape), depth + 1);
        }
        match (self.kind(given), self.kind(wanted)) {
            (Some(Kind::Union(union)), _) => union
                .arms
                .iter()
                .any(|arm| self.fits_at(&inner(given, &arm.shape), wanted, depth + 1)),
            (_, Some(Kind::Union(union))) => union
                .arms
                .iter()
                .any(|arm| self.fits_at(given, &inner(wanted, &arm.shape), depth + 1)),
            (Some(Kind::Enum(given)), Some(Kind::Enum(wanted))) => {
                given.values.iter().any(|it| wanted.values.contains(it))
            }
            (Some(Kind::IntegerEnum(given)), Some(Kind::IntegerEnum(wanted))) => {
                given.values.iter().any(|it| wanted.values.contains(it))
            }
            (Some(Kind::IntegerEnum(_)), None) => {
                matches!(wanted.shape, Shape::Any | Shape::Integer(_) | Shape::Number)
            }
            (None, Some(Kind::IntegerEnum(_))) => {
                matches!(given.shape, Shape::Any | Shape::Integer(_) | Shape::Number)
            }
            (Some(Kind::IntegerEnum(_)), Some(_)) | (Some(_), Some(Kind::IntegerEnum(_))) => false,
            (Some(Kind::Enum(_)), None) => matches!(
                wanted.shape,
                Shape::Any | Shape::String(StringFormat::Plain)
            ),
            (None, Some(Kind::Enum(_))) => {
                matches!(given.shape, Shape::Any | Shape::String(StringFormat::Plain))
            }
            (Some(Kind::Object(given_fields)), Some(Kind::Object(fields))) => {
                fields.iter().filter(|it| it.required).all(|field| {
                    let same = given_fields.iter().find(|it| it.name == field.name);
                    same.is_some_and(|it| {
                        let (it, field) = (inner(given, &it.shape), inner(wanted, &field.shape));
                        self.fits_at(&it, &field, depth + 1)
                    })
                })
            }
            (Some(Kind::Object(_)), None) => matches!(wanted.shape, Shape::Any | Shape::Map(_)),
            (None, Some(Kind::Object(_))) => matches!(given.shape, Shape::Any | Shape::Map(_)),
            (None, None) => self.plain_fits(given, wanted, depth),
            (Some(Kind::Object(_)), Some(Kind::Enum(_)))
            | (Some(Kind::Enum(_)), Some(Kind::Object(_))) => false,
        }
    }

    fn plain_fits(&self, given: &Type, wanted: &Type, depth: usize) -> bool {
        let inner = |of: &Type, shape: &Shape| Type {
            shape: shape.clone(),
            ..of.clone()
        };
        match (&given.shape, &wanted.shape) {
            (Shape::Any, _) | (_, Shape::Any) => true,
            (Shape::Boolean, Shape::Boolean)
            | (Shape::Integer(_), Shape::Integer(_) | Shape::Number)
            | (Shape::Number, Shape::Number)
            | (Shape::String(_), Shape::String(_)) => true,
            (Shape::Array(a), Shape::Array(b)) | (Shape::Map(a), Shape::Map(b)) => {
                self.fits_at(&inner(given, a), &inner(wanted, b), depth + 1)
            }
            _ => false,
        }
    }

    /// Whether a value is one text, number or boolean.
    pub(super) fn is_scalar(&self, ty: &Type) -> bool {
        match &ty.shape {
            Shape::Boolean | Shape::Integer(_) | Shape::Number | Shape::String(_) => true,
            Shape::Nullable(inner) => self.is_scalar(&Type {
                shape: inner.as_ref().clone(),
                ..ty.clone()
            }),
            _ => matches!(self.kind(ty), Some(Kind::Enum(_) | Kind::IntegerEnum(_))),
        }
    }

    /// Whether a literal would fit if it were written the other way: `'7'` for a number, or `7` for a text.
    pub(super) fn is_respelled(&self, value: &Value, wanted: &Type) -> bool {
        let other = match value {
            Value::String(text) => serde_json::from_str(text).ok(),
            Value::Number(_) | Value::Bool(_) => Some(Value::from(value.to_string())),
            _ => None,
        };
        let other = other.filter(|it: &Value| !it.is_array() && !it.is_object());
        other.is_some_and(|it| !it.is_null() && self.literal(&it, wanted).is_ok())
    }

    /// Why a literal cannot stand where a type is wanted.
    pub(super) fn literal(&self, value: &Value, wanted: &Type) -> Result<(), Fault> {
        if let (Some(Kind::Enum(listed)), Some(text)) = (self.kind(wanted), value.as_str()) {
            if listed.values.iter().any(|it| it == text) {
                return Ok(());
            }
            let known = listed.values.iter().map(String::as_str);
            let problem = format!("`{text}` is not a value of {}", self.describe(wanted));
            return Err((problem, name_one_of(text, known)));
        }
        let fits = match (&wanted.shape, value) {
            (Shape::Any, _) => true,
            (_, Value::Null) => wanted.optional,
            (Shape::Integer(format), Value::Number(number)) => in_range(*format, number),
            (Shape::String(StringFormat::Decimal), Value::String(text)) => is_number(text),
            (Shape::Named(_), _) => match self.union(wanted) {
                Some(union) => union.arms.iter().any(|arm| {
                    let arm = Type {
                        shape: arm.shape.clone(),
                        ..wanted.clone()
                    };
                    !matches!(arm.shape, Shape::Named(_)) && self.literal(value, &arm).is_ok()
                }),
                None => false,
            },
            _ => self.fits(&type_of(value), wanted),
        };
        if fits {
            return Ok(());
        }
        let problem = format!("`{value}` is not {}", self.describe(wanted));
        let quoted = matches!(wanted.shape, Shape::String(_)) && value.is_number();
        let fix = if quoted {
            format!("write it in quotes: '{value}'")
        } else {
            format!("give {}", self.describe(wanted))
        };
        Err((problem, fix))
    }
}

fn in_range(format: IntFormat, number: &serde_json::Number) -> bool {
    let (low, high) = format.bounds();
    number
        .as_i128()
        .is_some_and(|value| (low..=high).contains(&value))
}

/// What a literal is by itself.
pub(super) fn type_of(value: &Value) -> Type {
    let shape = match value {
        Value::Null => Shape::Any,
        Value::Bool(_) => Shape::Boolean,
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            Shape::Integer(IntFormat::Int64)
        }
        Value::Number(_) => Shape::Number,
        Value::String(_) => Shape::String(StringFormat::Plain),
        Value::Array(_) => Shape::Array(Box::new(Shape::Any)),
        Value::Object(_) => Shape::Map(Box::new(Shape::Any)),
    };
    Type {
        shape,
        origin: Origin::Plain,
        optional: value.is_null(),
        doc: String::new(),
    }
}
