//! The arguments of an operation: parameters and body as one flat object keyed by wire name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Api;
use crate::Diagnostic;
use crate::model::{self, Field, IntFormat, Model, Operation, Param, Shape, StringFormat, Style};
use crate::prose::flowed;

/// How a decimal argument is written, as a regular expression.
pub const DECIMAL_PATTERN: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$";

/// The longest decimal argument, in characters: every decimal up to this length fits 96 bits.
pub const DECIMAL_LENGTH_MAX: usize = 28;

/// A request body, and how arguments become one.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// No body.
    None,
    /// An object: each field is an argument of its own.
    Object {
        /// Its fields, in the document's order.
        fields: Vec<Argument>,
        /// The component that describes it.
        component: String,
        /// Its description.
        doc: String,
    },
    /// A list of objects, which is one argument.
    Array {
        /// The list.
        argument: Argument,
        /// The fields of each object.
        fields: Vec<Argument>,
        /// The component that describes each object.
        component: String,
        /// The description of each object.
        doc: String,
    },
    /// Anything else, which is one argument.
    Value {
        /// The whole body.
        argument: Argument,
    },
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name on the wire.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Whether a call needs it. An optional one is left out; `null` is no value.
    pub required: bool,
    /// What it holds.
    pub kind: Kind,
    /// Its type in the model.
    pub shape: Shape,
    /// Further limits: keywords of JSON Schema.
    pub constraints: BTreeMap<String, Value>,
    /// Its description, with that of its enum values; may be empty.
    pub doc: String,
    /// How more than one value is written in a path, query, header or cookie.
    pub style: Style,
}

/// Where an argument travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Location {
    Query,
    Header,
    Path,
    Cookie,
    Body,
}

/// What an argument holds, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A decimal as a string, within [`DECIMAL_PATTERN`] and [`DECIMAL_LENGTH_MAX`].
    Decimal,
    /// An integer within bounds.
    Integer {
        /// The least.
        min: i128,
        /// The greatest.
        max: i128,
    },
    /// `true` or `false`.
    Boolean,
    /// One string out of a list.
    Enum {
        /// The list.
        values: Vec<String>,
        /// Whether the document promises that no further value will come. None is accepted from callers either way.
        closed: bool,
    },
    /// A list.
    Many(Box<Kind>),
    /// What only the schemas describe.
    Json,
}

impl Api {
    /// Names that two arguments of one operation share, which a flat object cannot hold both.
    #[must_use]
    pub fn collisions(&self) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for operation in self.operations() {
            let mut seen = BTreeSet::new();
            for argument in operation.arguments() {
                if !seen.insert(&argument.name)
                    && let Some(described) = operation.described()
                {
                    faults.push(Diagnostic::new(
                        described.place.clone(),
                        format!(
                            "two arguments of `{}` are called `{}`",
                            operation.id, argument.name
                        ),
                        "rename or remove one in the document, or with an overlay (--overlay)",
                    ));
                }
            }
        }
        faults
    }
}

pub(super) fn params(operation: &Operation, model: &Model) -> Vec<Argument> {
    let params = operation.params.iter();
    params.map(|param| of_param(param, model)).collect()
}

fn of_param(param: &Param, model: &Model) -> Argument {
    let location = match param.location {
        model::Location::Query => Location::Query,
        model::Location::Header => Location::Header,
        model::Location::Path => Location::Path,
        model::Location::Cookie => Location::Cookie,
        model::Location::Part => Location::Body,
    };
    let constraints = param.constraints.clone();
    let doc = described(&param.doc, &param.shape, model);
    let argument = argument(
        &param.name,
        location,
        param.required,
        (&param.shape, constraints),
        doc,
        model,
    );
    Argument {
        style: param.style,
        ..argument
    }
}

/// A field of an object as an argument.
pub(super) fn of_field(field: &Field, model: &Model) -> Argument {
    let doc = described(&field.doc, &field.shape, model);
    let shape = (&field.shape, field.constraints.clone());
    argument(
        &field.name,
        Location::Body,
        !field.optional(),
        shape,
        doc,
        model,
    )
}

fn argument(
    name: &str,
    location: Location,
    required: bool,
    (shape, mut constraints): (&Shape, BTreeMap<String, Value>),
    doc: String,
    model: &Model,
) -> Argument {
    let kind = match shape {
        Shape::Integer(format) => within(*format, &mut constraints),
        shape => kind(shape, model),
    };
    Argument {
        name: name.to_owned(),
        location,
        required,
        kind,
        shape: shape.clone(),
        constraints,
        doc,
        style: Style::FormExploded,
    }
}

fn kind(shape: &Shape, model: &Model) -> Kind {
    match shape {
        Shape::Boolean => Kind::Boolean,
        Shape::String(StringFormat::Plain) => Kind::Text,
        Shape::String(StringFormat::Decimal) => Kind::Decimal,
        Shape::Integer(format) => within(*format, &mut BTreeMap::new()),
        Shape::Array(item) => Kind::Many(Box::new(kind(item, model))),
        Shape::Named(name) => match model.types.get(name).map(|def| &def.kind) {
            Some(model::Kind::Enum(listed)) => Kind::Enum {
                values: listed.values.clone(),
                closed: listed.closed,
            },
            _ => Kind::Json,
        },
        _ => Kind::Json,
    }
}

pub(super) fn body(operation: &Operation, model: &Model) -> Body {
    let Some(body) = &operation.body else {
        return Body::None;
    };
    let whole = |name: &str| {
        let doc = match flowed(&body.doc) {
            doc if doc.is_empty() => "The whole request body.".to_owned(),
            doc => doc,
        };
        let shape = (&body.shape, BTreeMap::new());
        argument(name, Location::Body, true, shape, doc, model)
    };
    match &body.shape {
        Shape::Named(name) => match fields(name, model) {
            Some((fields, doc)) => Body::Object {
                fields,
                component: name.clone(),
                doc,
            },
            None => Body::Value {
                argument: whole("body"),
            },
        },
        Shape::Array(item) => {
            let argument = whole(list_name(&operation.path));
            let object = match item.as_ref() {
                Shape::Named(name) => fields(name, model).map(|fields| (name, fields)),
                _ => None,
            };
            match object {
                Some((name, (fields, doc))) => Body::Array {
                    argument,
                    fields,
                    component: name.clone(),
                    doc,
                },
                None => Body::Value { argument },
            }
        }
        _ => Body::Value {
            argument: whole("body"),
        },
    }
}

/// The fields of an object and its description.
fn fields(name: &str, model: &Model) -> Option<(Vec<Argument>, String)> {
    let def = model.types.get(name)?;
    let model::Kind::Object(fields) = &def.kind else {
        return None;
    };
    let fields = fields.iter().map(|field| of_field(field, model)).collect();
    Some((fields, flowed(&def.doc)))
}

/// The bounds of an integer: those of its format, narrowed by the constraints that say the same.
fn within(format: IntFormat, constraints: &mut BTreeMap<String, Value>) -> Kind {
    let (min, max) = format.bounds();
    let mut stated = |keyword| {
        let whole = constraints.get(keyword).and_then(whole_number)?;
        constraints.remove(keyword);
        Some(whole)
    };
    Kind::Integer {
        min: stated("minimum").map_or(min, |least| least.max(min)),
        max: stated("maximum").map_or(max, |greatest| greatest.min(max)),
    }
}

fn whole_number(value: &Value) -> Option<i128> {
    let signed = value.as_i64().map(i128::from);
    signed.or_else(|| value.as_u64().map(i128::from))
}

/// A list has no name of its own: the last constant segment of the path names what it is a list of.
fn list_name(path: &str) -> &str {
    let mut segments = path.rsplit('/');
    let constant = segments.find(|segment| !segment.is_empty() && !segment.contains('{'));
    constant.unwrap_or("items")
}

/// The description of an argument, and of the values it can take.
fn described(doc: &str, shape: &Shape, model: &Model) -> String {
    let mut text = flowed(doc);
    let def = shape.named().and_then(|name| model.types.get(name));
    if let Some((def, model::Kind::Enum(listed))) = def.map(|def| (def, &def.kind)) {
        let all = flowed(&def.doc);
        for paragraph in all.split("\n\n") {
            let message = about_values(paragraph, &listed.values);
            text.push_str(if text.is_empty() || message.is_empty() {
                ""
            } else {
                " "
            });
            text.push_str(message);
        }
    }
    text
}

/// The sentences of a paragraph from the first one that names a value.
fn about_values<'a>(paragraph: &'a str, values: &[String]) -> &'a str {
    let mut named = values.iter().map(|value| format!("`{value}`"));
    let first = named
        .by_ref()
        .filter_map(|value| paragraph.find(&value))
        .min();
    let Some(before) = first.and_then(|first| paragraph.get(..first)) else {
        return "";
    };
    let start = before.rfind(". ").map_or(0, |end| end + ". ".len());
    paragraph.get(start..).unwrap_or_default()
}
