//! The model's shapes and types written as schemas.

use serde_json::{Map, Value, json};

use crate::model::{Field, Kind, Param, Shape, StringFormat, TypeDef};

/// Where definitions stand in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Style {
    /// OpenAPI 3.0: `components/schemas`, no siblings of `$ref`.
    OpenApi,
    /// JSON Schema 2020-12: `$defs`; the named type is the root itself.
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
            _ => format!(
                "{}/{}",
                self.definitions(),
                name.replace('~', "~0").replace('/', "~1")
            ),
        }
    }

    /// A schema with a description; OpenAPI 3.0 ignores what stands beside `$ref`.
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
        Shape::Named(name) => json!({"$ref": format!("#{}/{name}", style.definitions())}),
        Shape::Any => json!({}),
    }
}

/// A field's schema: its shape, whether it may be null, its limits.
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

/// The schema, or `null`, in the words of its dialect: OpenAPI 3.0 has `nullable`, which is nothing beside `$ref`; JSON
/// Schema lists `null` among the types.
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
        Kind::Enum(listed) => {
            let mut node = json!({"type": "string", "enum": listed.values});
            if let (true, Some(node)) = (listed.closed, node.as_object_mut()) {
                node.insert("x-closed".to_owned(), json!(true));
            }
            node
        }
        Kind::Object(fields) => {
            let required: Vec<_> = fields
                .iter()
                .filter(|field| field.required)
                .map(|field| &field.name)
                .collect();
            let mut node = json!({"type": "object"});
            if let Some(node) = node.as_object_mut() {
                if !required.is_empty() {
                    node.insert("required".to_owned(), json!(required));
                }
                let properties = fields
                    .iter()
                    .map(|field| (field.name.clone(), field_json(field, style)));
                node.insert("properties".to_owned(), Value::Object(properties.collect()));
            }
            node
        }
        Kind::Union(union) => {
            let arms = union.arms.iter().map(|arm| {
                let body = schema_json(&arm.shape, style);
                match &union.tag {
                    None => body,
                    Some(tag) => {
                        let mut properties = Map::new();
                        properties.insert(tag.clone(), json!({"type": "string", "enum": [arm.value]}));
                        json!({"allOf": [{"type": "object", "required": [tag], "properties": properties}, body]})
                    }
                }
            });
            let mut node = json!({"anyOf": arms.collect::<Vec<_>>()});
            if let (Some(tag), Some(node)) = (&union.tag, node.as_object_mut()) {
                node.insert("discriminator".to_owned(), json!({"propertyName": tag}));
            }
            node
        }
    }
}
