//! What a newer model says differently from an older one.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::{Arm, Content, Field, Kind, Method, Model, Operation, Param, Shape, TypeDef};

/// One fact that changed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "the fields say which operation, type or member it is"
)]
pub enum Change {
    /// A new operation.
    OperationAdded { id: String },
    /// An operation is gone.
    OperationRemoved { id: String },
    /// Method or path differ.
    OperationMoved {
        id: String,
        method: Method,
        path: String,
    },
    /// The signing instruction differs.
    InstructionChanged {
        id: String,
        instruction: Option<String>,
        batch: bool,
    },
    /// A new parameter.
    ParamAdded { id: String, param: Param },
    /// A parameter is gone.
    ParamRemoved { id: String, param: Param },
    /// A parameter's type, limits or requiredness differ.
    ParamChanged { id: String, param: Param },
    /// The request body differs.
    BodyChanged { id: String, shape: Option<Shape> },
    /// A new status; `content` is its body.
    StatusAdded {
        id: String,
        status: String,
        content: Content,
    },
    /// A status is gone.
    StatusRemoved { id: String, status: String },
    /// The body of the success differs.
    AnswerChanged { id: String, content: Content },
    /// The page headers came or went.
    PagesChanged { id: String, paged: bool },
    /// A new type.
    TypeAdded { name: String },
    /// A type is gone, or nothing uses it any more.
    TypeRemoved { name: String },
    /// A type is of another kind, or its union has other arms.
    TypeChanged { name: String },
    /// A new field.
    FieldAdded { ty: String, field: Field },
    /// A field is gone.
    FieldRemoved { ty: String, field: String },
    /// A field's type, limits or requiredness differ.
    FieldChanged { ty: String, field: Field },
    /// A new enum value.
    ValueAdded { ty: String, value: String },
    /// An enum value is gone.
    ValueRemoved { ty: String, value: String },
    /// An enum was closed or opened.
    ClosedChanged { ty: String, closed: bool },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OperationAdded { id } => write!(f, "+ operation {id}"),
            Self::OperationRemoved { id } => write!(f, "- operation {id}"),
            Self::OperationMoved { id, method, path } => {
                write!(f, "~ operation {id} is now {} {path}", method.as_str())
            }
            Self::InstructionChanged {
                id, instruction, ..
            } => {
                write!(
                    f,
                    "~ operation {id}: instruction {}",
                    instruction.as_deref().unwrap_or("none")
                )
            }
            Self::ParamAdded { id, param } => write!(
                f,
                "+ parameter {id}.{}: {}",
                param.name,
                shown(&param.shape)
            ),
            Self::ParamRemoved { id, param } => write!(f, "- parameter {id}.{}", param.name),
            Self::ParamChanged { id, param } => {
                write!(
                    f,
                    "~ parameter {id}.{}: {}{}",
                    param.name,
                    shown(&param.shape),
                    must(param.required)
                )
            }
            Self::BodyChanged { id, .. } => write!(f, "~ body of {id}"),
            Self::StatusAdded { id, status, .. } => write!(f, "+ status {id} {status}"),
            Self::StatusRemoved { id, status } => write!(f, "- status {id} {status}"),
            Self::AnswerChanged { id, .. } => write!(f, "~ answer of {id}"),
            Self::PagesChanged { id, paged } => {
                write!(f, "~ {id} is {}paged", if *paged { "" } else { "not " })
            }
            Self::TypeAdded { name } => write!(f, "+ type {name}"),
            Self::TypeRemoved { name } => write!(f, "- type {name}"),
            Self::TypeChanged { name } => write!(f, "~ type {name} is made otherwise"),
            Self::FieldAdded { ty, field } => {
                write!(
                    f,
                    "+ field {ty}.{}: {}{}",
                    field.name,
                    shown(&field.shape),
                    must(field.required)
                )
            }
            Self::FieldRemoved { ty, field } => write!(f, "- field {ty}.{field}"),
            Self::FieldChanged { ty, field } => {
                write!(
                    f,
                    "~ field {ty}.{}: {}{}",
                    field.name,
                    shown(&field.shape),
                    must(field.required)
                )
            }
            Self::ValueAdded { ty, value } => write!(f, "+ value {ty}::{value}"),
            Self::ValueRemoved { ty, value } => write!(f, "- value {ty}::{value}"),
            Self::ClosedChanged { ty, closed } => write!(
                f,
                "~ enum {ty} is {}",
                if *closed { "closed" } else { "open" }
            ),
        }
    }
}

fn must(required: bool) -> &'static str {
    if required { ", required" } else { ", optional" }
}

fn shown(shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "boolean".to_owned(),
        Shape::Integer(format) => format.as_str().to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::String(format) => format.as_str().unwrap_or("string").to_owned(),
        Shape::Array(item) => format!("list of {}", shown(item)),
        Shape::Map(value) => format!("map of {}", shown(value)),
        Shape::Named(name) => name.clone(),
        Shape::Any => "any value".to_owned(),
    }
}

/// Every difference, operations first, each group sorted by name.
pub fn compare(old: &Model, new: &Model) -> Vec<Change> {
    let mut changes = Vec::new();
    for (id, operation) in &new.operations {
        match old.operations.get(id) {
            None => changes.push(Change::OperationAdded { id: id.clone() }),
            Some(before) => compare_operation(id, before, operation, &mut changes),
        }
    }
    let gone = old
        .operations
        .keys()
        .filter(|id| !new.operations.contains_key(*id));
    changes.extend(gone.map(|id| Change::OperationRemoved { id: id.clone() }));
    for (name, def) in &new.types {
        match old.types.get(name) {
            None => changes.push(Change::TypeAdded { name: name.clone() }),
            Some(before) => compare_type(name, before, def, &mut changes),
        }
    }
    let gone = old
        .types
        .keys()
        .filter(|name| !new.types.contains_key(*name));
    changes.extend(gone.map(|name| Change::TypeRemoved { name: name.clone() }));
    changes
}

fn compare_operation(id: &str, old: &Operation, new: &Operation, changes: &mut Vec<Change>) {
    let id = id.to_owned();
    if (old.method, &old.path) != (new.method, &new.path) {
        changes.push(Change::OperationMoved {
            id: id.clone(),
            method: new.method,
            path: new.path.clone(),
        });
    }
    if old.signing != new.signing {
        let instruction = new
            .signing
            .as_ref()
            .map(|signing| signing.instruction.clone());
        let batch = new.signing.as_ref().is_some_and(|signing| signing.batch);
        changes.push(Change::InstructionChanged {
            id: id.clone(),
            instruction,
            batch,
        });
    }
    compare_params(&id, old, new, changes);
    let body = |operation: &Operation| operation.body.as_ref().map(|body| body.shape.clone());
    if body(old) != body(new) {
        changes.push(Change::BodyChanged {
            id: id.clone(),
            shape: body(new),
        });
    }
    compare_statuses(&id, old, new, changes);
    if old.success.content != new.success.content {
        changes.push(Change::AnswerChanged {
            id: id.clone(),
            content: new.success.content.clone(),
        });
    }
    if old.success.paged() != new.success.paged() {
        changes.push(Change::PagesChanged {
            id,
            paged: new.success.paged(),
        });
    }
}

fn compare_params(id: &str, old: &Operation, new: &Operation, changes: &mut Vec<Change>) {
    let find = |operation: &Operation, wanted: &Param| {
        let same = |param: &&Param| param.name == wanted.name && param.location == wanted.location;
        operation.params.iter().find(same).cloned()
    };
    for param in &new.params {
        let (id, param) = (id.to_owned(), param.clone());
        match find(old, &param) {
            None => changes.push(Change::ParamAdded { id, param }),
            Some(before) if same_param(&before, &param) => {}
            Some(_) => changes.push(Change::ParamChanged { id, param }),
        }
    }
    for param in old.params.iter().filter(|param| find(new, param).is_none()) {
        changes.push(Change::ParamRemoved {
            id: id.to_owned(),
            param: param.clone(),
        });
    }
}

fn same_param(old: &Param, new: &Param) -> bool {
    (&old.shape, old.required, &old.constraints) == (&new.shape, new.required, &new.constraints)
}

fn compare_statuses(id: &str, old: &Operation, new: &Operation, changes: &mut Vec<Change>) {
    let (before, after) = (statuses(old), statuses(new));
    for status in after.difference(&before) {
        let content = content_of(new, status);
        changes.push(Change::StatusAdded {
            id: id.to_owned(),
            status: (*status).to_owned(),
            content,
        });
    }
    for status in before.difference(&after) {
        changes.push(Change::StatusRemoved {
            id: id.to_owned(),
            status: (*status).to_owned(),
        });
    }
}

fn statuses(operation: &Operation) -> BTreeSet<&str> {
    let good = operation
        .success
        .statuses
        .iter()
        .map(|(status, _)| status.as_str());
    good.chain(
        operation
            .errors
            .iter()
            .map(|failure| failure.status.as_str()),
    )
    .collect()
}

/// The body of one status of an operation.
pub(super) fn content_of(operation: &Operation, status: &str) -> Content {
    if let Some(failure) = operation
        .errors
        .iter()
        .find(|failure| failure.status == status)
    {
        return match (&operation.error, failure.body) {
            (Some(shape), true) => Content::Json(shape.clone()),
            _ => Content::Empty,
        };
    }
    let success = &operation.success;
    let empty = (status == "202" && success.accepted) || (status == "204" && success.absent);
    if empty {
        Content::Empty
    } else {
        success.content.clone()
    }
}

fn compare_type(name: &str, old: &TypeDef, new: &TypeDef, changes: &mut Vec<Change>) {
    match (&old.kind, &new.kind) {
        (Kind::Object(before), Kind::Object(after)) => compare_fields(name, before, after, changes),
        (Kind::Enum(before), Kind::Enum(after)) => {
            let ty = name.to_owned();
            let added = after
                .values
                .iter()
                .filter(|value| !before.values.contains(value));
            changes.extend(added.map(|value| Change::ValueAdded {
                ty: ty.clone(),
                value: value.clone(),
            }));
            let removed = before
                .values
                .iter()
                .filter(|value| !after.values.contains(value));
            changes.extend(removed.map(|value| Change::ValueRemoved {
                ty: ty.clone(),
                value: value.clone(),
            }));
            if before.closed != after.closed {
                changes.push(Change::ClosedChanged {
                    ty,
                    closed: after.closed,
                });
            }
        }
        (Kind::Union(before), Kind::Union(after))
            if before.tag == after.tag && same_arms(&before.arms, &after.arms) => {}
        _ => changes.push(Change::TypeChanged {
            name: name.to_owned(),
        }),
    }
}

/// The same arms in any order.
fn same_arms(old: &[Arm], new: &[Arm]) -> bool {
    old.len() == new.len() && new.iter().all(|arm| old.contains(arm))
}

fn compare_fields(name: &str, old: &[Field], new: &[Field], changes: &mut Vec<Change>) {
    for field in new {
        let (ty, field) = (name.to_owned(), field.clone());
        match old.iter().find(|before| before.name == field.name) {
            None => changes.push(Change::FieldAdded { ty, field }),
            Some(before) if same_field(before, &field) => {}
            Some(_) => changes.push(Change::FieldChanged { ty, field }),
        }
    }
    for field in old
        .iter()
        .filter(|field| !new.iter().any(|after| after.name == field.name))
    {
        changes.push(Change::FieldRemoved {
            ty: name.to_owned(),
            field: field.name.clone(),
        });
    }
}

fn same_field(old: &Field, new: &Field) -> bool {
    (&old.shape, old.required, old.nullable, &old.constraints)
        == (&new.shape, new.required, new.nullable, &new.constraints)
}
