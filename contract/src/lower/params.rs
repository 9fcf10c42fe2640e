//! What can be said of parameters and bodies only once all types are known.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Field, Kind, Location, Loss, LossKind, Model, Note, Operation, Param, Shape, StringFormat,
    Style, TypeDef,
};
use crate::{Diagnostic, Place};

/// Holds paths against their parameters, and leaves out what cannot be written; times in a path or header become text.
pub(super) fn check(model: &mut Model, losses: &mut Vec<Loss>) {
    let types = &model.types;
    let mut unusable = Vec::new();
    for (id, operation) in &mut model.operations {
        if let Some(text) = without_query(operation) {
            let place = operation.place.clone();
            model.notes.push(Note {
                place,
                text,
                is_loss: false,
            });
        }
        match check_path(operation) {
            Ok(found) => losses.extend(found),
            Err(fault) => {
                losses.push(Loss::new(LossKind::LeftOut, fault));
                unusable.push(id.clone());
                continue;
            }
        }
        for shape in operation.bodies_mut() {
            bare_as_text(shape);
        }
        let place = operation.place.clone();
        operation.params.retain_mut(|param| {
            // Their form is the venue's affair: only in JSON and queries is it agreed.
            let is_time = matches!(
                param.shape,
                Shape::String(StringFormat::NaiveDateTime | StringFormat::DateTime)
            );
            if is_time && param.location != Location::Query {
                param.shape = Shape::String(StringFormat::Plain);
            }
            if param.location == Location::Part || is_writable(&param.shape, param.style, types) {
                return true;
            }
            if param.required {
                unusable.push(id.clone());
            }
            losses.push(Loss::new(LossKind::LeftOut, unfit(place.clone(), param)));
            param.required
        });
    }
    for id in unusable {
        model.operations.remove(&id);
    }
}

/// Whether a value of the shape can be written in the style: at most a list or an object of scalars.
fn is_writable(shape: &Shape, style: Style, types: &BTreeMap<String, TypeDef>) -> bool {
    let flat = |shape: &Shape| is_scalar(shape, types);
    match shape {
        _ if style == Style::Json => true,
        Shape::Any => true,
        Shape::Nullable(shape) => is_writable(shape, style, types),
        Shape::Array(item) | Shape::Map(item) => flat(item) || style == Style::DeepObject,
        Shape::Tuple(items) => items.iter().all(flat),
        Shape::Named(name) => match types.get(name).map(|def| &def.kind) {
            Some(Kind::Object(fields)) => {
                let is_flat = |field: &Field| match &field.shape {
                    Shape::Array(item) => flat(item),
                    shape => flat(shape),
                };
                style == Style::DeepObject || fields.iter().all(is_flat)
            }
            Some(Kind::Union(union)) => union
                .arms
                .iter()
                .all(|arm| is_writable(&arm.shape, style, types)),
            _ => true,
        },
        _ => true,
    }
}

/// A decimal or time reads exactly as the field of a type; where a whole body is one, or a list of them, it
/// has no field, and stays text.
pub(super) fn bare_as_text(shape: &mut Shape) {
    match shape {
        Shape::String(format @ (StringFormat::Decimal | StringFormat::NaiveDateTime)) => {
            *format = StringFormat::Plain
        }
        Shape::Array(item) | Shape::Map(item) | Shape::Nullable(item) => bare_as_text(item),
        Shape::Tuple(items) => items.iter_mut().for_each(bare_as_text),
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
        "make it a scalar, a list of scalars or an object of scalars, or give it a `content` instead of a schema",
    )
}

/// A choice between scalars is written as whichever it is.
fn is_scalar(shape: &Shape, types: &BTreeMap<String, TypeDef>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        match shape {
            Shape::Array(_) | Shape::Map(_) | Shape::Tuple(_) => return false,
            Shape::Nullable(shape) => open.push(shape),
            Shape::Named(name) if seen.insert(name) => match types.get(name).map(|def| &def.kind) {
                Some(Kind::Union(union)) if union.tag.is_none() => {
                    open.extend(union.arms.iter().map(|arm| &arm.shape));
                }
                Some(Kind::Enum(_) | Kind::IntegerEnum(_)) => {}
                _ => return false,
            },
            _ => {}
        }
    }
    true
}

/// Brings path and path parameters into line: one that only the path has is text, one that it has not is left out.
///
/// # Errors
/// A path that is no template.
fn check_path(operation: &mut Operation) -> Result<Vec<Loss>, Diagnostic> {
    let place = operation.place.clone();
    let path = operation.path.clone();
    let Some(in_path) = template(&path) else {
        return Err(Diagnostic::new(
            place,
            format!("`{path}` is no path template"),
            "begin it with `/`, and close each `{name}`",
        ));
    };
    let params = operation.params.iter();
    let params = params.filter(|param| param.location == Location::Path);
    let declared: BTreeSet<_> = params.map(|param| param.name.clone()).collect();
    let mut in_path: BTreeSet<_> = in_path.into_iter().map(str::to_owned).collect();
    for declared in declared.difference(&in_path.clone()) {
        for template in [format!("+{declared}"), format!("{declared}+")] {
            if in_path.remove(&template) {
                let template = format!("{{{template}}}");
                operation.path = operation
                    .path
                    .replace(&template, &format!("{{{declared}}}"));
                in_path.insert(declared.clone());
            }
        }
    }
    let one_sided = in_path.symmetric_difference(&declared);
    let losses = one_sided.map(|name| {
        let kind = match in_path.contains(name) {
            true => LossKind::Widened,
            false => LossKind::LeftOut,
        };
        let problem = format!(
            "`{name}` stands either in the path `{path}` or among the path parameters, not in both"
        );
        let fix = "declare the path parameter under the name that the template uses";
        Loss::new(kind, Diagnostic::new(place.clone(), problem, fix))
    });
    let losses = losses.collect();
    let params = &mut operation.params;
    params.retain(|param| param.location != Location::Path || in_path.contains(&param.name));
    let undeclared = in_path.difference(&declared);
    params.extend(undeclared.map(|name| text(name, Location::Path)));
    Ok(losses)
}

/// A required parameter of which nothing else is known.
fn text(name: &str, location: Location) -> Param {
    Param {
        name: name.to_owned(),
        location,
        doc: String::new(),
        shape: Shape::String(StringFormat::Plain),
        required: true,
        constraints: BTreeMap::new(),
        default: None,
        style: Style::default_in(location),
        deprecated: false,
    }
}

/// Takes a fragment off the path, and parameters out of its query; what else the query says is sent with every request.
fn without_query(operation: &mut Operation) -> Option<String> {
    let path = operation.path.clone();
    let params = &mut operation.params;
    let (whole, fragment) = path.split_once('#').unwrap_or((&path, ""));
    let (bare, query) = whole.split_once('?').unwrap_or((whole, ""));
    let mut constant = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = value.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
            constant.push(pair);
            continue;
        };
        let is =
            |param: &Param, name: &str, location| param.name == name && param.location == location;
        if params.iter().any(|param| is(param, key, Location::Query)) {
            continue;
        }
        match params
            .iter_mut()
            .find(|param| is(param, name, Location::Path))
        {
            Some(param) => {
                param.name = key.to_owned();
                param.location = Location::Query;
                param.style = Style::default_in(Location::Query);
            }
            None => params.push(text(key, Location::Query)),
        }
    }
    operation.path = match constant.as_slice() {
        [] => bare.to_owned(),
        pairs => format!("{bare}?{}", pairs.join("&")),
    };
    let text = "the path has a query, which is sent with every request; its `{name}`s are query parameters";
    let text = if query.is_empty() {
        "the fragment of the path is not sent"
    } else {
        text
    };
    (!query.is_empty() || !fragment.is_empty()).then(|| text.to_owned())
}

/// The names in a path template (OpenAPI 3.0.3, 4.8.8); `None` if it is none.
fn template(path: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let (mut rest, query) = path.split_once('?').unwrap_or((path, ""));
    if !rest.starts_with('/') || query.contains(['{', '}']) {
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
