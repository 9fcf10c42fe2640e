//! Parameters, headers and properties of forms, with what their schemas say about how values are written.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::oracle::{Schemas, Side};
use bpx_contract::written::{WrittenMedia, WrittenParameter};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Contract;

/// A form, its properties, and their items or properties.
const LEVELS: usize = 3;

/// A parameter, a header, a property of a form, or a whole form.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) written: WrittenParameter,
    pub(crate) root: Option<usize>,
    pub(crate) form: Form,
    /// The properties of a form.
    pub(crate) fields: Vec<Parameter>,
}

/// What a schema, in all its parts, says about the JSON types of values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    /// Names of JSON types; none where any is taken.
    types: BTreeSet<String>,
    /// Items by position.
    prefix: Vec<Form>,
    items: Option<Box<Form>>,
    pub(crate) members: BTreeMap<String, Form>,
    extra: Option<Box<Form>>,
    /// Other members are refused.
    pub(crate) is_closed: bool,
    /// The value is described as bytes.
    pub(crate) is_bytes: bool,
}

/// The form of values about which nothing is said.
static ANY: Form = Form {
    types: BTreeSet::new(),
    prefix: Vec::new(),
    items: None,
    members: BTreeMap::new(),
    extra: None,
    is_closed: false,
    is_bytes: false,
};

impl Form {
    pub(crate) fn of(schemas: &Schemas, pointer: &str) -> Self {
        let schema = schemas.get(pointer);
        schema.map_or_else(Self::default, |it| Self::deep(schemas, it, LEVELS))
    }

    fn deep(schemas: &Schemas, schema: &Value, levels: usize) -> Self {
        let mut form = Self::default();
        let mut seen = BTreeSet::new();
        each(schemas, schema, &mut seen, &mut |part| {
            form.add(schemas, part, levels);
        });
        form
    }

    fn add(&mut self, schemas: &Schemas, part: &Value, levels: usize) {
        match part.get("type") {
            Some(Value::String(kind)) => {
                self.types.insert(kind.clone());
            }
            Some(Value::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                self.types.extend(kinds.map(str::to_owned));
            }
            _ => {}
        }
        let listed = part.get("enum").and_then(Value::as_array);
        let listed = listed.into_iter().flatten().chain(part.get("const"));
        self.types
            .extend(listed.map(|value| kind_of(value).to_owned()));
        for (keyword, kind) in [
            ("properties", "object"),
            ("prefixItems", "array"),
            ("items", "array"),
        ] {
            self.types
                .extend(part.get(keyword).map(|_| kind.to_owned()));
        }
        self.is_bytes |= part.get("format").is_some_and(|it| it == "binary")
            || part.get("contentMediaType").is_some() && part.get("contentEncoding").is_none();
        let Some(levels) = levels.checked_sub(1) else {
            return;
        };
        let deep = |schema: &Value| Self::deep(schemas, schema, levels);
        let properties = part.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            self.members
                .entry(name.clone())
                .or_insert_with(|| deep(property));
        }
        let prefix = part.get("prefixItems").and_then(Value::as_array);
        self.prefix.extend(prefix.into_iter().flatten().map(deep));
        if let (None, Some(items)) = (&self.items, part.get("items")) {
            self.items = Some(Box::new(deep(items)));
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            match part.get(keyword) {
                Some(Value::Bool(false)) => self.is_closed = true,
                Some(extra @ Value::Object(_)) => self.extra = Some(Box::new(deep(extra))),
                _ => {}
            }
        }
    }

    pub(crate) fn takes(&self, kind: &str) -> bool {
        self.types.contains(kind)
    }

    /// Whether the schema says nothing about types.
    pub(crate) fn takes_any(&self) -> bool {
        self.types.is_empty()
    }

    /// Whether every value is a text, or any value is.
    pub(crate) fn is_text(&self) -> bool {
        self.types.iter().all(|kind| kind == "string")
    }

    pub(crate) fn item(&self, index: usize) -> &Self {
        let item = self.prefix.get(index).or(self.items.as_deref());
        item.unwrap_or(&ANY)
    }

    pub(crate) fn member(&self, name: &str) -> &Self {
        let member = self.members.get(name).or(self.extra.as_deref());
        member.unwrap_or(&ANY)
    }
}

/// Visits a schema, its parts, and where they lead, each once.
fn each<'a>(
    schemas: &'a Schemas,
    schema: &'a Value,
    seen: &mut BTreeSet<&'a str>,
    visit: &mut impl FnMut(&'a Value),
) {
    visit(schema);
    let reference = schema.get("$ref").and_then(Value::as_str);
    if let Some((_, fragment)) = reference.and_then(|it| it.split_once('#'))
        && seen.insert(fragment)
    {
        let pointer = percent_decode_str(fragment).decode_utf8_lossy();
        if let Some(target) = schemas.get(&pointer) {
            each(schemas, target, seen, visit);
        }
    }
    let listed = ["allOf", "anyOf", "oneOf"].iter();
    let listed = listed.filter_map(|name| schema.get(*name)?.as_array());
    let single = ["then", "else"].iter().filter_map(|name| schema.get(*name));
    for part in listed.flatten().chain(single) {
        each(schemas, part, seen, visit);
    }
}

impl Contract {
    pub(super) fn parameter(&mut self, side: Side, written: &WrittenParameter) -> Parameter {
        let schema = written.schema.as_deref();
        let root = schema.map(|schema| self.add_root(side, schema, None));
        let form = schema.map(|schema| Form::of(self.schemas(side), schema));
        let form = form.unwrap_or_default();
        // The whole query as a form.
        let is_form = written.location == "querystring" && written.media.as_deref() == Some(FORM);
        Parameter {
            fields: if is_form {
                fields(&form, &[])
            } else {
                Vec::new()
            },
            written: written.clone(),
            root,
            form,
        }
    }

    /// A body that is a form or a text.
    pub(super) fn add_form(&mut self, side: Side, root: usize, media: &WrittenMedia) {
        let essence = media.range.split(';').next().unwrap_or_default().trim();
        let is_range = essence.ends_with("/*");
        if ![FORM, MULTIPART].contains(&essence) && !essence.starts_with("text/") && !is_range {
            return;
        }
        let form = Form::of(
            self.schemas(side),
            media.schema.as_deref().unwrap_or_default(),
        );
        let parameter = Parameter {
            written: WrittenParameter::property("", None),
            root: Some(root),
            fields: fields(&form, &media.encoding),
            form,
        };
        self.forms.insert(root, parameter);
    }
}

/// The media type of urlencoded forms.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// The media type of forms in parts.
pub(crate) const MULTIPART: &str = "multipart/form-data";

/// The properties of a form. Without an encoding, objects are written as JSON.
fn fields(form: &Form, encoding: &[WrittenParameter]) -> Vec<Parameter> {
    let field = |(name, form): (&String, &Form)| {
        let written = encoding.iter().find(|it| it.name == *name).cloned();
        let json = form.takes("object").then(|| "application/json".to_owned());
        Parameter {
            written: written.unwrap_or_else(|| WrittenParameter::property(name, json)),
            root: None,
            form: form.clone(),
            fields: Vec::new(),
        }
    };
    form.members.iter().map(field).collect()
}

/// The name of a value's JSON type.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
