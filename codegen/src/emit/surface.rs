//! `SURFACE.md`: what callers can see, one line each, so that a review reads what changed for them.

use std::fmt::Write as _;

use bpx_contract::model::{Field, Kind, Model, Operation, TypeDef};
use bpx_contract::{Names, OPEN_ARM};

use super::builders::{Rows, param_text, signature};
use super::docs::{code, one_line};
use super::shapes::{is_boxed, type_text};

pub(super) fn digest(model: &Model, names: &Names) -> String {
    let mut text = format!(
        "# Public surface: {} {}\n\n## Operations\n\n",
        one_line(&model.title),
        one_line(&model.version)
    );
    for (id, operation) in &model.operations {
        let (success, error) = signature(model, names, id).unwrap_or_default();
        let _ = writeln!(
            text,
            "- `{}` → `{success}`, else `{error}`",
            call(id, operation, names)
        );
        let _ = writeln!(text, "  - {}", wire(operation));
        if let Some(rows) = Rows::of(operation, names, model) {
            let _ = writeln!(text, "  - {}", rows.digest());
        }
    }
    text.push_str("\n## Types\n");
    for (name, def) in &model.types {
        let _ = writeln!(
            text,
            "\n### `{}` ({}, {})\n",
            names.ty(name),
            kind(def),
            sides(def)
        );
        members(&mut text, name, def, names, model);
    }
    text
}

fn call(id: &str, operation: &Operation, names: &Names) -> String {
    let mut params: Vec<_> = operation
        .params
        .iter()
        .map(|param| param_text(param, names))
        .collect();
    params.extend(
        operation
            .body
            .iter()
            .map(|body| format!("body: {}", type_text(&body.shape, names))),
    );
    format!("{}({})", names.method(id), params.join(", "))
}

fn wire(operation: &Operation) -> String {
    let signed = match &operation.signing {
        Some(signing) => format!("signed `{}`", signing.instruction),
        None => "unsigned".to_owned(),
    };
    let successes = operation
        .success
        .statuses
        .iter()
        .map(|(status, _)| status.as_str());
    let failures = operation
        .errors
        .iter()
        .map(|failure| failure.status.as_str());
    let statuses: Vec<_> = successes.chain(failures).collect();
    format!(
        "`{} {}`, {signed}, {}",
        operation.method.as_str(),
        operation.path,
        statuses.join(" ")
    )
}

fn kind(def: &TypeDef) -> &'static str {
    match &def.kind {
        Kind::Object(_) => "struct",
        Kind::Enum(listed) if listed.closed => "closed enum",
        Kind::Enum(_) => "open enum",
        Kind::Union(union) if union.tag.is_some() => "tagged union",
        Kind::Union(_) => "untagged union",
    }
}

fn sides(def: &TypeDef) -> &'static str {
    match (def.sent, def.read) {
        (true, true) => "sent and read",
        (true, false) => "sent",
        _ => "read",
    }
}

fn members(text: &mut String, name: &str, def: &TypeDef, names: &Names, model: &Model) {
    match &def.kind {
        Kind::Object(fields) => {
            for field in fields {
                member(text, field, is_boxed(name, &field.shape, model), names);
            }
        }
        Kind::Enum(listed) => {
            for value in &listed.values {
                let _ = writeln!(text, "- `{}` = {}", names.variant(name, value), code(value));
            }
            if !listed.closed {
                let _ = writeln!(text, "- `{OPEN_ARM}(String)`");
            }
        }
        Kind::Union(union) => {
            for arm in &union.arms {
                let tag = union
                    .tag
                    .as_ref()
                    .map(|tag| format!(" where {} = {}", code(tag), code(&arm.value)))
                    .unwrap_or_default();
                let _ = writeln!(
                    text,
                    "- `{}({})`{tag}",
                    names.variant(name, &arm.value),
                    type_text(&arm.shape, names)
                );
            }
            if union.tag.is_some() {
                let _ = writeln!(text, "- `{OPEN_ARM}(Value)`");
            }
        }
    }
}

fn member(text: &mut String, field: &Field, boxed: bool, names: &Names) {
    let rust = names.field(&field.name);
    let ty = type_text(&field.shape, names);
    let ty = if boxed { format!("Box<{ty}>") } else { ty };
    let ty = if field.optional() {
        format!("Option<{ty}>")
    } else {
        ty
    };
    let wire = if rust == field.name {
        String::new()
    } else {
        format!(" = {}", code(&field.name))
    };
    let _ = writeln!(text, "- `{rust}: {ty}`{wire}");
}
