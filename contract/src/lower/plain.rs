//! Schemas of one JSON type: scalars with their formats, lists, maps.

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::look::{enum_values, has_fields, is_like_object, types_of};
use super::params::bare_as_text;
use super::tag::untagged_arms;
use crate::cursor::Cursor;
use crate::model::{IntFormat, Shape, StringFormat, Union};

/// The longest tuple that serde reads.
const TUPLE_ITEMS_MAX: usize = 12;

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
            [] if at.value.get("items").is_some() || at.value.get("prefixItems").is_some() => {
                self.list(at, hint)
            }
            [] => Shape::Any,
            _ => Shape::Any,
        }
    }

    /// A schema that allows several JSON types, as a union of them.
    pub(super) fn union_of_types(&mut self, at: &Cursor<'_>, name: &str, types: &[&str]) -> Union {
        let shape = |this: &mut Self, kind: &str| match kind {
            "boolean" => Shape::Boolean,
            "integer" => Shape::Integer(IntFormat::Int64),
            "number" => Shape::Number,
            "string" => Shape::String(this.string_format(at)),
            "array" => this.list(at, &Hint::new(name, "list")),
            // Its fields, if it has any, keep their names as keys of the map.
            "object" => Shape::Map(Box::new(Shape::Any)),
            _ => Shape::Any,
        };
        let shapes = types.iter().map(|kind| shape(self, kind)).collect();
        Union {
            tag: None,
            arms: untagged_arms(shapes),
            statuses: Vec::new(),
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
        if let Some(tuple) = self.tuple(at, hint) {
            return tuple;
        }
        let item = match at.get("items") {
            Some(items) => self.use_without_null(&items, &hint.item()),
            None => Shape::Any,
        };
        Shape::Array(Box::new(item))
    }

    /// A list whose first items have schemas of their own (`prefixItems`, or `items` as a list before 2020-12).
    fn tuple(&mut self, at: &Cursor<'_>, hint: &Hint) -> Option<Shape> {
        let is_old = at.value.get("items").is_some_and(Value::is_array);
        let (prefix, rest) = match is_old {
            true => (at.items("items"), at.get("additionalItems")),
            false => (at.items("prefixItems"), at.get("items")),
        };
        if prefix.is_empty() {
            return None;
        }
        let mut items: Vec<_> = prefix
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let name = format!("{}_{}", hint.name(), index + 1);
                self.use_without_null(item, &hint.renamed(&name))
            })
            .collect();
        let is_longer = rest.is_some_and(|rest| rest.value != &Value::Bool(false));
        let max = at.value.get("maxItems").and_then(Value::as_u64);
        let is_bounded =
            max.is_some_and(|max| usize::try_from(max).is_ok_and(|max| max <= items.len()));
        if items.len() <= TUPLE_ITEMS_MAX && (!is_longer || is_bounded) {
            let min = at.value.get("minItems").and_then(Value::as_u64);
            if min.is_none_or(|min| usize::try_from(min).is_ok_and(|min| min < items.len())) {
                self.note(
                    at,
                    "shorter and longer lists than `prefixItems` are refused",
                );
            }
            if items.iter().all(has_notation) {
                return Some(Shape::Tuple(items));
            }
            // The exact notation is not written beside types of the contract: there a decimal stays text.
            items.iter_mut().for_each(bare_as_text);
            return Some(Shape::Tuple(items));
        }
        let first = items.first().cloned().unwrap_or(Shape::Any);
        let item = if items.iter().all(|item| *item == first) && !is_longer {
            first
        } else {
            self.widened(
                at,
                "a list whose items differ and whose length is open holds any JSON values",
            );
            Shape::Any
        };
        Some(Shape::Array(Box::new(item)))
    }

    fn map_or_object(&mut self, at: &Cursor<'_>, hint: &Hint) -> Shape {
        if has_fields(at) {
            return self.define_inline(at, hint);
        }
        let values = at.get("additionalProperties").or_else(|| {
            let patterns = at.entries("patternProperties");
            let [(_, only)] = patterns.as_slice() else {
                return None;
            };
            Some(only.clone())
        });
        let value = match values {
            Some(values) if values.value.is_object() => {
                self.use_without_null(&values, &hint.item())
            }
            _ => Shape::Any,
        };
        Shape::Map(Box::new(value))
    }

    fn int_format(&mut self, at: &Cursor<'_>) -> IntFormat {
        // Bounds may be written as floats.
        let is_beyond = |value: &Value| {
            value.as_i64().is_none() && value.as_f64() >= Some(9_223_372_036_854_775_808.0)
        };
        let least = at.value.get("minimum").and_then(Value::as_f64);
        let is_signed = least.is_some_and(|least| least < 0.0);
        let greatest = at.value.get("maximum").into_iter();
        let widest = match greatest.chain(enum_values(at).0).any(is_beyond) {
            true if !is_signed => IntFormat::Uint64,
            _ => IntFormat::Int64,
        };
        let Some(format) = at.str("format") else {
            return widest;
        };
        IntFormat::parse(format).unwrap_or_else(|| {
            let text = format!("integer format `{format}` is taken as {}", widest.as_str());
            self.note(at, text);
            widest
        })
    }

    fn string_format(&mut self, at: &Cursor<'_>) -> StringFormat {
        let Some(format) = at.str("format") else {
            return StringFormat::Plain;
        };
        StringFormat::parse(format).unwrap_or_else(|| {
            self.note(
                at,
                format!("string format `{format}` is taken as plain text"),
            );
            StringFormat::Plain
        })
    }
}

/// Whether the runtime writes the shape in its exact notation, or as serde does where there is none.
fn has_notation(shape: &Shape) -> bool {
    match shape {
        Shape::Boolean | Shape::Integer(_) | Shape::Number | Shape::Any => true,
        Shape::String(format) => matches!(
            format,
            StringFormat::Plain
                | StringFormat::Decimal
                | StringFormat::NaiveDateTime
                | StringFormat::Binary
        ),
        Shape::Array(item) | Shape::Map(item) | Shape::Nullable(item) => has_notation(item),
        Shape::Tuple(items) => items.iter().all(has_notation),
        Shape::Named(_) => false,
    }
}
