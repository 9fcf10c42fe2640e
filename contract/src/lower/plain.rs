//! Schemas of one JSON type: scalars with their formats, lists, maps.

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::schema::has_fields;
use crate::cursor::Cursor;
use crate::model::{IntFormat, Shape, StringFormat};

impl Lowerer<'_> {
    /// A schema without alternatives.
    pub(super) fn plain(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        match types_of(at).as_slice() {
            ["boolean"] => Shape::Boolean,
            ["integer"] => Shape::Integer(self.int_format(at)),
            ["number"] => Shape::Number,
            ["string"] => Shape::String(self.string_format(at)),
            ["array"] => self.list(at, hint),
            ["object"] => self.map_or_object(at, hint),
            [] if is_like_object(at) => self.map_or_object(at, hint),
            [] if at.value.get("items").is_some() => self.list(at, hint),
            [] => Shape::Any,
            _ => {
                self.note(at, "several JSON types at once are taken as any JSON value");
                Shape::Any
            }
        }
    }

    /// An enumeration of numbers or booleans, by its `type` or else by its values.
    pub(super) fn plain_of_values(
        &mut self,
        at: &Cursor<'_>,
        values: &[&Value],
        hint: &Hint,
    ) -> Shape {
        let all =
            |is: fn(&Value) -> bool| !values.is_empty() && values.iter().all(|value| is(value));
        match types_of(at).is_empty() {
            true if all(Value::is_boolean) => Shape::Boolean,
            true if all(Value::is_i64) => Shape::Integer(IntFormat::Int64),
            true if all(Value::is_number) => Shape::Number,
            _ => self.plain(at, hint),
        }
    }

    fn list(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        let item = match at.get("items") {
            Some(items) => self.use_without_null(&items, &hint.item()),
            None => Shape::Any,
        };
        Shape::Array(Box::new(item))
    }

    fn map_or_object(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        if has_fields(at) {
            return self.define_inline(at, hint);
        }
        let value = match at.get("additionalProperties") {
            Some(values) if values.value.is_object() => {
                self.use_without_null(&values, &hint.item())
            }
            _ => Shape::Any,
        };
        Shape::Map(Box::new(value))
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
        let found = known
            .into_iter()
            .find(|known| known.as_str() == Some(format));
        found.unwrap_or_else(|| {
            self.note(
                at,
                format!("string format `{format}` is taken as plain text"),
            );
            StringFormat::Plain
        })
    }
}

/// `type`, without `null`.
fn types_of<'a>(at: &Cursor<'a>) -> Vec<&'a str> {
    match at.value.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        _ => Vec::new(),
    }
}

/// Keywords that only objects have, where `type` is left out.
fn is_like_object(at: &Cursor<'_>) -> bool {
    let open = at
        .value
        .get("additionalProperties")
        .is_some_and(Value::is_object);
    at.value.get("properties").is_some() || open
}
