//! JSON schemas of the notations, always inlined.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{As, Wire};

impl<T: Wire> JsonSchema for As<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "As".into()
    }

    fn schema_id() -> Cow<'static, str> {
        std::any::type_name::<Self>().into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

pub(super) fn decimal() -> Schema {
    json_schema!({
        "type": "string",
        "format": "decimal",
        "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
    })
}

pub(super) fn naive_date_time() -> Schema {
    json_schema!({
        "type": "string",
        "format": "naive-date-time",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$"
    })
}

pub(super) fn nullable(schema: Schema) -> Schema {
    json_schema!({"anyOf": [schema, {"type": "null"}]})
}
