//! The arguments of an operation: parameters and body as one flat object keyed by wire name.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Diagnostic;
use bpx_contract::model::{Field, Kind, Location, Model, Operation, Param, Shape};
use serde_json::Value;

use super::prose::flowed;

/// One argument.
pub(super) struct Argument<'a> {
    pub(super) name: &'a str,
    /// None for what stands in the body.
    pub(super) location: Option<Location>,
    pub(super) required: bool,
    pub(super) shape: &'a Shape,
    /// Of a whole number: the least and the greatest.
    pub(super) bounds: Option<(i128, i128)>,
    /// What neither shape nor bounds express.
    pub(super) constraints: BTreeMap<String, Value>,
    pub(super) doc: String,
}

/// How arguments become the request body.
pub(super) enum Body<'a> {
    None,
    Object(Fields<'a>),
    Array(Argument<'a>, Fields<'a>),
    Value(Argument<'a>),
}

/// The fields of a named object.
pub(super) struct Fields<'a> {
    /// The component.
    pub(super) name: &'a str,
    pub(super) doc: &'a str,
    pub(super) fields: Vec<Argument<'a>>,
}

/// Everything a caller gives an operation.
pub(super) struct Arguments<'a> {
    pub(super) params: Vec<Argument<'a>>,
    pub(super) body: Body<'a>,
}

impl<'a> Arguments<'a> {
    pub(super) fn of(operation: &'a Operation, model: &'a Model) -> Self {
        let params = operation.params.iter();
        Self {
            params: params.map(|param| of_param(param, model)).collect(),
            body: body(operation, model),
        }
    }

    /// The parameters, then the body's fields, or the one argument that is the body.
    pub(super) fn all(&self) -> impl Iterator<Item = &Argument<'a>> {
        let body = match &self.body {
            Body::None => &[],
            Body::Object(object) => object.fields.as_slice(),
            Body::Array(argument, _) | Body::Value(argument) => std::slice::from_ref(argument),
        };
        self.params.iter().chain(body)
    }
}

/// Names that two arguments of one operation share.
pub(crate) fn collisions(model: &Model) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (id, operation) in &model.operations {
        let mut seen = BTreeSet::new();
        for argument in Arguments::of(operation, model).all() {
            if !seen.insert(argument.name) {
                faults.push(Diagnostic::new(
                    operation.place.clone(),
                    format!("two arguments of `{id}` are called `{}`", argument.name),
                    "rename or remove one in the document, or with an overlay (--overlay)",
                ));
            }
        }
    }
    faults
}

fn of_param<'a>(param: &'a Param, model: &Model) -> Argument<'a> {
    let mut constraints = param.constraints.clone();
    Argument {
        name: &param.name,
        location: Some(param.location),
        required: param.required,
        shape: &param.shape,
        bounds: within(&param.shape, &mut constraints),
        constraints,
        doc: described(&param.doc, &param.shape, model),
    }
}

/// A field of an object as an argument.
pub(super) fn of_field<'a>(field: &'a Field, model: &Model) -> Argument<'a> {
    let mut constraints = field.constraints.clone();
    Argument {
        name: &field.name,
        location: None,
        required: !field.optional(),
        shape: &field.shape,
        bounds: within(&field.shape, &mut constraints),
        constraints,
        doc: described(&field.doc, &field.shape, model),
    }
}

fn body<'a>(operation: &'a Operation, model: &'a Model) -> Body<'a> {
    let Some(body) = &operation.body else {
        return Body::None;
    };
    let whole = |name| Argument {
        name,
        location: None,
        required: true,
        shape: &body.shape,
        bounds: None,
        constraints: BTreeMap::new(),
        doc: if body.doc.is_empty() {
            "The whole request body.".to_owned()
        } else {
            flowed(&body.doc)
        },
    };
    match &body.shape {
        Shape::Named(name) => match fields(name, model) {
            Some(object) => Body::Object(object),
            None => Body::Value(whole("body")),
        },
        Shape::Array(item) => {
            let argument = whole(list_name(&operation.path));
            let object = match item.as_ref() {
                Shape::Named(name) => fields(name, model),
                _ => None,
            };
            match object {
                Some(object) => Body::Array(argument, object),
                None => Body::Value(argument),
            }
        }
        _ => Body::Value(whole("body")),
    }
}

fn fields<'a>(name: &'a str, model: &'a Model) -> Option<Fields<'a>> {
    let def = model.types.get(name)?;
    let Kind::Object(fields) = &def.kind else {
        return None;
    };
    Some(Fields {
        name,
        doc: &def.doc,
        fields: fields.iter().map(|field| of_field(field, model)).collect(),
    })
}

/// The bounds of a whole number: those of its format, narrowed by the constraints that say the same.
fn within(shape: &Shape, constraints: &mut BTreeMap<String, Value>) -> Option<(i128, i128)> {
    let Shape::Integer(format) = shape else {
        return None;
    };
    let (min, max) = format.bounds();
    let mut stated = |keyword| {
        let whole = constraints.get(keyword).and_then(whole_number)?;
        constraints.remove(keyword);
        Some(whole)
    };
    let least = stated("minimum").map_or(min, |least| least.max(min));
    let greatest = stated("maximum").map_or(max, |greatest| greatest.min(max));
    Some((least, greatest))
}

fn whole_number(value: &Value) -> Option<i128> {
    let signed = value.as_i64().map(i128::from);
    signed.or_else(|| value.as_u64().map(i128::from))
}

/// A list has no name of its own; the path's last word says what it is a list of.
fn list_name(path: &str) -> &str {
    let mut segments = path.rsplit('/');
    let constant = segments.find(|segment| !segment.is_empty() && !segment.contains('{'));
    constant.unwrap_or("items")
}

/// What the contract says of an argument, and of the values it can take.
fn described(doc: &str, shape: &Shape, model: &Model) -> String {
    let mut text = flowed(doc);
    let def = shape.named().and_then(|name| model.types.get(name));
    if let Some((def, Kind::Enum(listed))) = def.map(|def| (def, &def.kind)) {
        let all = flowed(&def.doc);
        for paragraph in all.split("\n\n") {
            let told = about_values(paragraph, &listed.values);
            text.push_str(if text.is_empty() || told.is_empty() {
                ""
            } else {
                " "
            });
            text.push_str(told);
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
