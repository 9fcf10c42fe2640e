//! What can be said of parameters and bodies only once all types are known.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Kind, Location, Model, Operation, Param, Shape, StringFormat, TypeDef};
use crate::{Diagnostic, Place};

/// Faults of every operation's path and parameters; times in a path or header become plain text.
pub(super) fn check(model: &mut Model) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for operation in model.operations.values_mut() {
        faults.extend(check_path(operation));
        for shape in operation.bodies_mut() {
            bare_as_text(shape);
        }
        for param in &mut operation.params {
            // Their form is the venue's affair: only in JSON and queries is it agreed.
            let time = matches!(
                param.shape,
                Shape::String(StringFormat::NaiveDateTime | StringFormat::DateTime)
            );
            if time && param.location != Location::Query {
                param.shape = Shape::String(StringFormat::Plain);
            }
            let query = param.location == Location::Query;
            let flat = match &param.shape {
                Shape::Array(item) => query && is_scalar(item, &model.types, true),
                Shape::Any => query,
                shape => is_scalar(shape, &model.types, query),
            };
            if !flat {
                faults.push(unfit(operation.place.clone(), param));
            }
        }
    }
    faults
}

/// A decimal or time reads exactly as the field of a type; where a whole body is one, or a list of them, it
/// has no field, and stays text.
fn bare_as_text(shape: &mut Shape) {
    match shape {
        Shape::String(format @ (StringFormat::Decimal | StringFormat::NaiveDateTime)) => {
            *format = StringFormat::Plain
        }
        Shape::Array(item) | Shape::Map(item) => bare_as_text(item),
        _ => {}
    }
}

fn unfit(place: Place, param: &Param) -> Diagnostic {
    Diagnostic::new(
        place,
        format!(
            "parameter `{}` holds more than one value, which has no agreed form in a {}",
            param.name,
            param.location.as_str()
        ),
        "make it a scalar (in a query also a list of scalars), or move it to the body",
    )
}

/// In a query, a choice between scalars is written as whichever it is.
fn is_scalar(shape: &Shape, types: &BTreeMap<String, TypeDef>, query: bool) -> bool {
    match shape {
        Shape::Array(_) | Shape::Map(_) | Shape::Any => false,
        Shape::Named(name) => match types.get(name).map(|def| &def.kind) {
            Some(Kind::Enum(_)) => true,
            Some(Kind::Union(union)) => {
                query
                    && union.tag.is_none()
                    && union
                        .arms
                        .iter()
                        .all(|arm| is_scalar(&arm.shape, types, false))
            }
            Some(Kind::Object(_)) | None => false,
        },
        Shape::Boolean | Shape::Integer(_) | Shape::Number | Shape::String(_) => true,
    }
}

fn check_path(operation: &Operation) -> Vec<Diagnostic> {
    let path = &operation.path;
    let fault = |problem: String, fix: &str| Diagnostic::new(operation.place.clone(), problem, fix);
    let Some(in_path) = template(path) else {
        return vec![fault(
            format!("`{path}` is no path template"),
            "begin it with `/`, close each `{name}`, and leave the query to parameters",
        )];
    };
    let params = operation
        .params
        .iter()
        .filter(|param| param.location == Location::Path);
    let declared: BTreeSet<_> = params.map(|param| param.name.as_str()).collect();
    let one_sided = in_path.symmetric_difference(&declared);
    let faults = one_sided.map(|name| {
        fault(
            format!("`{name}` stands either in the path `{path}` or among the path parameters, not in both"),
            "declare the path parameter under the name that the template uses",
        )
    });
    faults.collect()
}

/// The names in a path template (OpenAPI 3.0.3, 4.8.8); `None` if it is none.
fn template(path: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let mut rest = path.strip_prefix('/')?;
    if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
        return None;
    }
    while let Some((constant, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if constant.contains('}') || name.is_empty() || name.contains(['{', '/']) {
            return None;
        }
        names.insert(name);
        rest = after;
    }
    (!rest.contains('}')).then_some(names)
}
