//! Writes shapes, fields, parameters and types of the model as schemas.

use bpx_contract::model::{Field, Kind, Param, Shape, StringFormat, TypeDef, Union};
use bpx_contract::pointer;
use bpx_contract::schema::integers;
use serde_json::{Map, Value, json};

/// The dialect of a document, and where it keeps its definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Style {
    /// OpenAPI 3.0: `components/schemas`. Siblings of `$ref` are ignored.
    OpenApi,
    /// JSON Schema 2020-12: `$defs`. The named type is the root itself.
    JsonSchema(String),
}

impl Style {
    pub(super) fn definitions(&self) -> &'static str {
        match self {
            Self::OpenApi => "/components/schemas",
            Self::JsonSchema(_) => "/$defs",
        }
    }

    /// The JSON Pointer of a type's definition.
    pub(super) fn pointer(&self, name: &str) -> String {
        match self {
            Self::JsonSchema(root) if root == name => String::new(),
            _ => pointer::join(self.definitions(), name),
        }
    }

    /// A schema with a description. OpenAPI 3.0 ignores the siblings of `$ref`.
    pub(super) fn described(&self, schema: Value, description: Value) -> Value {
        let mut members = Map::new();
        members.insert("description".to_owned(), description);
        match schema {
            Value::Object(schema) if *self == Self::OpenApi && schema.contains_key("$ref") => {
                members.insert("allOf".to_owned(), json!([schema]));
            }
            Value::Object(schema) => members.extend(schema),
            _ => {}
        }
        Value::Object(members)
    }
}

pub(super) fn schema_json(shape: &Shape, style: &Style) -> Value {
    match shape {
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Integer(format) => json!({"type": "integer", "format": format.as_str()}),
        Shape::Number => json!({"type": "number"}),
        Shape::String(StringFormat::Plain) => json!({"type": "string"}),
        Shape::String(format) => json!({"type": "string", "format": format.as_str()}),
        Shape::Array(item) => json!({"type": "array", "items": schema_json(item, style)}),
        Shape::Map(value) => {
            json!({"type": "object", "additionalProperties": schema_json(value, style)})
        }
        Shape::Tuple(items) => {
            let items: Vec<_> = items.iter().map(|item| schema_json(item, style)).collect();
            let count = items.len();
            json!({"type": "array", "prefixItems": items, "minItems": count, "maxItems": count})
        }
        Shape::Nullable(shape) => or_null(schema_json(shape, style), style),
        Shape::Named(name) => json!({"$ref": format!("#{}", style.pointer(name))}),
        Shape::Any => json!({}),
    }
}

/// The schema of a field: its shape, whether it may be null, its limits.
pub(super) fn field_json(field: &Field, style: &Style) -> Value {
    let mut schema = schema_json(&field.shape, style);
    if field.nullable {
        schema = or_null(schema, style);
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(field.constraints.clone());
    }
    schema
}

/// The schema, or `null`. OpenAPI 3.0 writes `nullable`, which it ignores beside `$ref`; JSON Schema adds the type
/// `null`.
fn or_null(mut schema: Value, style: &Style) -> Value {
    if schema == json!({}) {
        return schema;
    }
    let is_reference = schema.get("$ref").is_some();
    let (key, value) = match (style, schema.get("type")) {
        (Style::OpenApi, _) if is_reference => {
            return json!({"nullable": true, "allOf": [schema]});
        }
        (Style::OpenApi, _) => ("nullable", json!(true)),
        (Style::JsonSchema(_), Some(kind)) => ("type", json!([kind, "null"])),
        (Style::JsonSchema(_), None) => return json!({"anyOf": [schema, {"type": "null"}]}),
    };
    if let Some(members) = schema.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
    schema
}

pub(super) fn param_json(param: &Param, style: &Style) -> Value {
    let mut schema = schema_json(&param.shape, style);
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(param.constraints.clone());
    }
    let mut node = json!({"name": param.name, "in": param.location.as_str()});
    if let Some(node) = node.as_object_mut() {
        if param.required {
            node.insert("required".to_owned(), json!(true));
        }
        node.insert("schema".to_owned(), schema);
    }
    node
}

pub(super) fn type_json(def: &TypeDef, style: &Style) -> Value {
    match &def.kind {
        Kind::Enum(listed) if listed.closed => {
            json!({"type": "string", "enum": listed.values, "x-closed": true})
        }
        Kind::Enum(listed) => json!({"type": "string", "enum": listed.values}),
        Kind::IntegerEnum(listed) => {
            json!({"type": "integer", "enum": integers(listed).collect::<Vec<_>>()})
        }
        Kind::Object(fields) => object_json(fields, style),
        Kind::Union(union) => union_json(union, style),
    }
}

fn object_json(fields: &[Field], style: &Style) -> Value {
    let required = fields.iter().filter(|field| field.required);
    let required: Vec<_> = required.map(|field| &field.name).collect();
    let properties = fields
        .iter()
        .map(|field| (field.name.clone(), field_json(field, style)));
    let properties: Map<_, _> = properties.collect();
    match required.is_empty() {
        true => json!({"type": "object", "properties": properties}),
        false => json!({"type": "object", "required": required, "properties": properties}),
    }
}

fn union_json(union: &Union, style: &Style) -> Value {
    let arms = union.arms.iter().map(|arm| {
        let body = schema_json(&arm.shape, style);
        let Some(tag) = &union.tag else { return body };
        let properties = json!({tag: {"type": "string", "enum": [arm.value]}});
        json!({"allOf": [{"type": "object", "required": [tag], "properties": properties}, body]})
    });
    let arms: Vec<_> = arms.collect();
    match &union.tag {
        None => json!({"anyOf": arms}),
        Some(tag) => json!({"anyOf": arms, "discriminator": {"propertyName": tag}}),
    }
}
