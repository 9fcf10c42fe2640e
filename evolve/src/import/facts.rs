//! Finds the elements whose facts differ. Facts are what the model keeps, without prose.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::{
    Arm, Content, Field, Kind, Model, Operation, Param, Shape, StringEnum, Style, TypeDef, Union,
};

use bpx_contract::pointer::unescape;

use crate::change::Change;
use crate::element::Element;

/// Every element that differs between two models.
pub(super) fn differing(ours: &Model, new: &Model) -> BTreeSet<Element> {
    let mut found = BTreeSet::new();
    let ids: BTreeSet<_> = ours
        .operations
        .keys()
        .chain(new.operations.keys())
        .collect();
    for id in ids {
        match (ours.operations.get(id), new.operations.get(id)) {
            (Some(known), Some(operation)) => {
                operations(id, (ours, known), (new, operation), &mut found);
            }
            _ => drop(found.insert(Element::Operation(id.clone()))),
        }
    }
    let names: BTreeSet<_> = ours.types.keys().chain(new.types.keys()).collect();
    for name in names {
        match (ours.types.get(name), new.types.get(name)) {
            // A type that a status selects is written as the bodies of the statuses.
            (known, def) if [known, def].into_iter().flatten().any(is_by_status) => {}
            (Some(known), Some(def)) => types(name, known, def, &mut found),
            _ => drop(found.insert(Element::Type(name.clone()))),
        }
    }
    found
}

fn is_by_status(def: &TypeDef) -> bool {
    matches!(&def.kind, Kind::Union(union) if !union.statuses.is_empty())
}

fn operations(
    id: &str,
    (ours, a): (&Model, &Operation),
    (new, b): (&Model, &Operation),
    found: &mut BTreeSet<Element>,
) {
    let own = |it: &Operation| {
        let paged = it.success.paged();
        (
            it.method,
            it.path.clone(),
            it.signing.clone(),
            it.deprecated,
            paged,
        )
    };
    if own(a) != own(b) {
        found.insert(Element::Operation(id.to_owned()));
    }
    for param in a.params.iter().chain(&b.params) {
        let find = |model: &Model, it: &Operation| {
            let mut params = it.params.iter();
            let found = params.find(|it| it.is(&param.name, param.location));
            found.map(|it| bare_param(model, it))
        };
        if find(ours, a) != find(new, b) {
            found.insert(Element::Parameter {
                operation: id.to_owned(),
                name: param.name.clone(),
                location: param.location,
            });
        }
    }
    let body = |it: &Operation| {
        let body = it.body.as_ref();
        body.map(|it| (it.shape.clone(), it.media.clone(), it.required))
    };
    if body(a) != body(b) {
        found.insert(Element::RequestBody(id.to_owned()));
    }
    for status in statuses(a).chain(statuses(b)) {
        if content_of(ours, a, status) != content_of(new, b, status) {
            found.insert(Element::Response {
                operation: id.to_owned(),
                status: status.to_owned(),
            });
        }
    }
}

fn statuses(operation: &Operation) -> impl Iterator<Item = &str> {
    let successes = operation
        .success
        .statuses
        .iter()
        .map(|(status, _)| &**status);
    successes.chain(operation.errors.iter().map(|it| &*it.status))
}

/// The content of one status of an operation; `None` if the operation does not document the status.
pub(super) fn content_of(model: &Model, operation: &Operation, status: &str) -> Option<Content> {
    let mut failures = operation.errors.iter();
    if let Some(failure) = failures.find(|failure| failure.status == status) {
        return Some(failure.content.clone());
    }
    let success = &operation.success;
    let mut statuses = success.statuses.iter();
    statuses.find(|(documented, _)| documented == status)?;
    let is_empty = (status == "202" && success.accepted) || (status == "204" && success.absent);
    if is_empty {
        return Some(Content::Empty);
    }
    let name = success.content.json().and_then(|shape| shape.named());
    let arm = match name
        .and_then(|name| model.types.get(name))
        .map(|it| &it.kind)
    {
        Some(Kind::Union(union)) => {
            let has = |statuses: &&Vec<String>| statuses.iter().any(|it| it == status);
            let index = union.statuses.iter().position(|it| has(&it));
            index.and_then(|index| union.arms.get(index))
        }
        _ => None,
    };
    Some(arm.map_or(success.content.clone(), |arm| {
        Content::Json(arm.shape.clone())
    }))
}

fn types(name: &str, a: &TypeDef, b: &TypeDef, found: &mut BTreeSet<Element>) {
    let is_same = same_kind(&a.kind, &b.kind) && own_members(name, a) == own_members(name, b);
    let (Kind::Object(old), Kind::Object(new)) = (&a.kind, &b.kind) else {
        if !is_same {
            found.insert(Element::Type(name.to_owned()));
        }
        return;
    };
    if own_members(name, a) != own_members(name, b) {
        found.insert(Element::Type(name.to_owned()));
    }
    for field in old.iter().chain(new) {
        let find = |fields: &[Field]| {
            let mut fields = fields.iter();
            fields.find(|it| it.name == field.name).map(bare_field)
        };
        if find(old) != find(new) {
            found.insert(Element::Field {
                ty: name.to_owned(),
                name: field.name.clone(),
            });
        }
    }
}

/// What a type says beside its kind. Where it is written inline, it is the property that is deprecated.
fn own_members<'a>(name: &str, def: &'a TypeDef) -> (Option<&'a Shape>, bool) {
    (def.extra.as_ref(), def.deprecated && is_named(name, def))
}

/// Whether a type is defined under its name.
pub(super) fn is_named(name: &str, def: &TypeDef) -> bool {
    let pointer = def.place.pointer.as_deref().unwrap_or_default();
    let last = pointer.rsplit('/').next().unwrap_or_default();
    last.is_empty() || unescape(last) == name
}

/// Whether two kinds hold the same values. The order of values, fields and arms says nothing.
pub(super) fn same_kind(a: &Kind, b: &Kind) -> bool {
    match (a, b) {
        (Kind::Object(a), Kind::Object(b)) => {
            let fields = |it: &[Field]| -> BTreeMap<String, Field> {
                it.iter()
                    .map(|it| (it.name.clone(), bare_field(it)))
                    .collect()
            };
            fields(a) == fields(b)
        }
        (Kind::Enum(a), Kind::Enum(b)) | (Kind::IntegerEnum(a), Kind::IntegerEnum(b)) => {
            let values = |it: &StringEnum| it.values.iter().cloned().collect::<BTreeSet<_>>();
            values(a) == values(b) && a.closed == b.closed
        }
        (Kind::Union(a), Kind::Union(b)) => {
            let arms = |it: &Union| -> BTreeSet<_> {
                let arm = |it: &Arm| (it.value.clone(), it.shape.clone());
                it.arms.iter().map(arm).collect()
            };
            a.tag == b.tag && arms(a) == arms(b)
        }
        _ => false,
    }
}

fn bare_field(field: &Field) -> Field {
    let doc = String::new();
    Field {
        doc,
        ..field.clone()
    }
}

/// A parameter without its prose, and without a style that makes no difference.
pub(super) fn bare_param(model: &Model, param: &Param) -> Param {
    let doc = String::new();
    let style = match param.style {
        Style::Json => Style::Json,
        _ if is_scalar(model, &param.shape) => Style::default_in(param.location),
        style => style,
    };
    Param {
        doc,
        style,
        ..param.clone()
    }
}

fn is_scalar(model: &Model, shape: &Shape) -> bool {
    match shape {
        Shape::Nullable(shape) => is_scalar(model, shape),
        Shape::Named(name) => {
            let kind = model.types.get(name).map(|it| &it.kind);
            matches!(kind, Some(Kind::Enum(_) | Kind::IntegerEnum(_)))
        }
        Shape::Array(_) | Shape::Map(_) | Shape::Tuple(_) | Shape::Any => false,
        _ => true,
    }
}

/// Whether a change is not about values that both models describe in the same way.
pub(super) fn is_real(change: &Change, ours: &Model, new: &Model) -> bool {
    let is_of_operation = |it: &Element| matches!(it, Element::Operation(_));
    let elements = &change.elements;
    elements.is_empty() || elements.iter().any(is_of_operation) || !differing(ours, new).is_empty()
}

/// An element in words.
pub(super) fn label(element: &Element) -> String {
    match element {
        Element::Operation(id) => format!("operation {id}"),
        Element::Parameter {
            operation, name, ..
        } => format!("parameter {name} of {operation}"),
        Element::RequestBody(id) => format!("request body of {id}"),
        Element::Response { operation, status } => format!("status {status} of {operation}"),
        Element::SuccessBody(id) => format!("success body of {id}"),
        Element::ErrorBody(id) => format!("error body of {id}"),
        Element::Type(name) => format!("type {name}"),
        Element::Field { ty, name } => format!("{ty}.{name}"),
    }
}
