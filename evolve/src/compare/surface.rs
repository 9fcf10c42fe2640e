//! The public Rust surface of a document, in the notation of the generated client's `SURFACE.md`.

use std::collections::BTreeSet;

use bpx_contract::Names;
use bpx_contract::model::{
    Arm, Content, Field, Kind, Model, Operation, Param, Shape, StringFormat, TypeDef,
};
use toml::Table;

/// The Rust names of one document.
#[derive(Debug)]
pub(super) struct Surface {
    names: Names,
}

impl Surface {
    /// Names by the rule and by those rows of the table that apply to the document. If names collide, types keep the
    /// names of the document.
    pub(super) fn of(model: &Model, table: Option<(&str, &str)>) -> Self {
        let fitting = table.map(|(file, text)| (file, fitting(model, text)));
        let table = fitting.as_ref().map(|(file, text)| (*file, text.as_str()));
        let names = Names::resolve(model, table).unwrap_or_default();
        Self { names }
    }

    pub(super) fn ty(&self, component: &str) -> String {
        or(self.names.ty(component), component)
    }

    pub(super) fn method(&self, operation: &str) -> String {
        or(self.names.method(operation), operation)
    }

    /// A field with its type, as in the struct.
    pub(super) fn field(&self, owner: &Shape, field: &Field) -> String {
        let component = owner.named().unwrap_or_default();
        let given = self.names.member_type(component, &field.name);
        let ty = given.map_or_else(|| self.shape(&field.shape), str::to_owned);
        let is_any = field.shape == Shape::Any;
        let ty = match (field.required, field.nullable && !is_any) {
            (true, false) if !field.optional() => ty,
            (false, true) => format!("Option<Option<{ty}>>"),
            _ => format!("Option<{ty}>"),
        };
        format!(
            "{}: {ty}",
            or(self.names.field(component, &field.name), &field.name)
        )
    }

    pub(super) fn variant(&self, component: &str, value: &str) -> String {
        or(self.names.variant(component, value), value)
    }

    pub(super) fn arm(&self, component: &str, arm: &Arm) -> String {
        let variant = self.variant(component, &arm.value);
        format!("{variant}({})", self.shape(&arm.shape))
    }

    pub(super) fn param_name(&self, operation: &str, param: &Param) -> String {
        let name = self.names.param(operation, &param.name, param.location);
        or(name, &param.name)
    }

    /// A parameter with its type. A question mark marks an optional parameter.
    pub(super) fn param(&self, operation: &str, param: &Param) -> String {
        let optional = if param.required { "" } else { "?" };
        let name = self.param_name(operation, param);
        format!("{name}{optional}: {}", self.shape(&param.shape))
    }

    /// What `send` returns.
    pub(super) fn returned(&self, operation: &Operation) -> String {
        let success = &operation.success;
        let body = match &success.content {
            Content::Empty => "()".to_owned(),
            Content::Text => "String".to_owned(),
            Content::Bytes => "Bytes".to_owned(),
            Content::Events(shape) => {
                let event = shape.as_ref().map(|shape| self.shape(shape));
                format!("Events<{}>", event.unwrap_or_else(|| "String".to_owned()))
            }
            Content::Json(Shape::Array(item)) if success.paged() => {
                format!("Page<{}>", self.shape(item))
            }
            Content::Json(shape) => self.shape(shape),
        };
        let body = if success.absent {
            format!("Option<{body}>")
        } else {
            body
        };
        let body = if success.accepted {
            format!("Outcome<{body}>")
        } else {
            body
        };
        let error = operation.error.as_ref().map(|shape| self.shape(shape));
        format!(
            "{body}`, else `{}",
            error.unwrap_or_else(|| "()".to_owned())
        )
    }

    pub(super) fn shape(&self, shape: &Shape) -> String {
        match shape {
            Shape::Boolean => "bool".to_owned(),
            Shape::Integer(format) => format.rust().to_owned(),
            Shape::Number => "f64".to_owned(),
            Shape::String(StringFormat::Plain) => "String".to_owned(),
            Shape::String(StringFormat::Decimal) => "Decimal".to_owned(),
            Shape::String(StringFormat::NaiveDateTime) => "NaiveDateTime".to_owned(),
            Shape::String(StringFormat::DateTime) => "DateTime<Utc>".to_owned(),
            Shape::String(StringFormat::Date) => "NaiveDate".to_owned(),
            Shape::String(StringFormat::Uuid) => "Uuid".to_owned(),
            Shape::String(StringFormat::Ipv4) => "Ipv4Addr".to_owned(),
            Shape::String(StringFormat::Ipv6) => "Ipv6Addr".to_owned(),
            Shape::String(StringFormat::Binary) => "String".to_owned(),
            Shape::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|item| self.shape(item)).collect();
                format!("({})", items.join(", "))
            }
            Shape::Nullable(shape) => format!("Option<{}>", self.shape(shape)),
            Shape::Array(item) => format!("Vec<{}>", self.shape(item)),
            Shape::Map(value) => format!("BTreeMap<String, {}>", self.shape(value)),
            Shape::Named(name) => self.ty(name),
            Shape::Any => "Value".to_owned(),
        }
    }
}

fn or(name: &str, wire: &str) -> String {
    let name = if name.is_empty() { wire } else { name };
    name.to_owned()
}

/// The rows of a table of names that apply to this document.
fn fitting(model: &Model, text: &str) -> String {
    let Ok(mut table) = text.parse::<Table>() else {
        return String::new();
    };
    let words = |row: &toml::Value, key: &str| row.get(key)?.as_str().map(str::to_owned);
    for (key, value) in &mut table {
        let Some(rows) = value.as_array_mut() else {
            continue;
        };
        rows.retain(|row| {
            if key == "member" {
                let mut types = model.types.values();
                return types.any(|def| {
                    let wire = words(row, "wire");
                    matches!(&def.kind, Kind::Object(fields) if fields.iter().any(|it| Some(&it.name) == wire.as_ref()))
                });
            }
            let def = words(row, "component").and_then(|name| model.types.get(&name));
            def.is_some_and(|def| {
                key == "type" || words(row, "wire").is_some_and(|wire| values(def).contains(&*wire))
            })
        });
    }
    toml::to_string(&table).unwrap_or_default()
}

/// The wire values that become variants.
fn values(def: &TypeDef) -> BTreeSet<&str> {
    match &def.kind {
        Kind::Enum(listed) | Kind::IntegerEnum(listed) => {
            listed.values.iter().map(String::as_str).collect()
        }
        Kind::Union(union) => union.arms.iter().map(|arm| arm.value.as_str()).collect(),
        Kind::Object(_) => BTreeSet::new(),
    }
}
