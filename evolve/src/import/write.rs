//! Writes shapes, fields, parameters and types of the model as schemas.

use bpx_contract::model::{
    Arm, Direction, Field, Kind, Param, Shape, StringFormat, Style as ParamStyle, TypeDef, Union,
};
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

    /// A schema whose `$ref` has no siblings, since OpenAPI 3.0 ignores them.
    pub(super) fn wrapped(&self, schema: Value) -> Value {
        let Value::Object(mut members) = schema else {
            return schema;
        };
        if *self == Self::OpenApi
            && members.len() > 1
            && let Some(reference) = members.shift_remove("$ref")
        {
            members.insert("allOf".to_owned(), json!([{"$ref": reference}]));
        }
        Value::Object(members)
    }
}

/// Members of a written schema or parameter that are prose, or about prose.
const PROSE: [&str; 5] = [
    "title",
    "description",
    "example",
    "examples",
    "externalDocs",
];

/// A new node with the prose and the extensions of the one it replaces, in front. Whether an enum is closed is a fact.
pub(super) fn carried(node: Value, written: &Map<String, Value>) -> Value {
    let Value::Object(node) = node else {
        return node;
    };
    let is_prose = |key: &str| {
        let is_extension = key.starts_with("x-") && key != "x-closed";
        let is_of_document = key.starts_with('$') && key != "$ref";
        PROSE.contains(&key) || is_extension || is_of_document
    };
    let kept = written.iter().filter(|(key, _)| is_prose(key));
    let kept = kept.map(|(key, value)| (key.clone(), value.clone()));
    let mut members: Map<_, _> = kept.collect();
    members.extend(node);
    Value::Object(members)
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
        annotate(schema, field.default.as_ref(), field.deprecated);
        let direction = match field.direction {
            Direction::Both => None,
            Direction::Read => Some("readOnly"),
            Direction::Write => Some("writeOnly"),
        };
        schema.extend(direction.map(|key| (key.to_owned(), json!(true))));
    }
    style.wrapped(schema)
}

fn annotate(schema: &mut Map<String, Value>, default: Option<&Value>, deprecated: bool) {
    schema.extend(default.map(|value| ("default".to_owned(), value.clone())));
    if deprecated {
        schema.insert("deprecated".to_owned(), json!(true));
    }
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
        annotate(schema, param.default.as_ref(), false);
    }
    let schema = style.wrapped(schema);
    let mut node = Map::new();
    node.insert("name".to_owned(), json!(param.name));
    node.insert("in".to_owned(), json!(param.location.as_str()));
    if param.required {
        node.insert("required".to_owned(), json!(true));
    }
    if param.deprecated {
        node.insert("deprecated".to_owned(), json!(true));
    }
    if param.style == ParamStyle::Json {
        let content = json!({"application/json": {"schema": schema}});
        node.insert("content".to_owned(), content);
        return Value::Object(node);
    }
    if param.style != ParamStyle::default_in(param.location) {
        let (name, explode) = param.style.keywords();
        node.insert("style".to_owned(), json!(name));
        node.insert("explode".to_owned(), json!(explode));
    }
    node.insert("schema".to_owned(), schema);
    Value::Object(node)
}

pub(super) fn type_json(def: &TypeDef, style: &Style) -> Value {
    let mut node = kind_json(&def.kind, style);
    if let Some(node) = node.as_object_mut() {
        let extra = def.extra.as_ref();
        let extra = extra.map(|shape| schema_json(shape, style));
        node.extend(extra.map(|extra| ("additionalProperties".to_owned(), extra)));
        annotate(node, None, def.deprecated);
    }
    node
}

fn kind_json(kind: &Kind, style: &Style) -> Value {
    match kind {
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
    let arms = union.arms.iter();
    let arms: Vec<_> = arms.map(|arm| arm_json(union, arm, style)).collect();
    match &union.tag {
        None => json!({"anyOf": arms}),
        Some(tag) => json!({"anyOf": arms, "discriminator": {"propertyName": tag}}),
    }
}

/// An arm with its tag, if the union has one.
pub(super) fn arm_json(union: &Union, arm: &Arm, style: &Style) -> Value {
    let body = schema_json(&arm.shape, style);
    let Some(tag) = &union.tag else { return body };
    let properties = json!({tag: {"type": "string", "enum": [arm.value]}});
    json!({"allOf": [{"type": "object", "required": [tag], "properties": properties}, body]})
}
