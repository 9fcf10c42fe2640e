//! `SURFACE.md`: what callers can see, one line each, so that a review reads what changed for them.

use std::fmt::Write as _;

use bpx_capability::Exposed;
use bpx_capability::exposed::Hints;
use bpx_contract::api::Argument;
use bpx_contract::model::{Field, Kind, Model, Operation, TypeDef};
use bpx_contract::{Api, Names, OPEN_ARM};

use super::Workflows;
use super::builders::{Rows, param_text, signature};
use super::docs::{code, one_line};
use super::shapes::{is_boxed, type_text};

pub(super) fn digest(
    api: &Api,
    names: &Names,
    exposed: Option<&Exposed>,
    workflows: &Workflows<'_>,
) -> String {
    let model = api.model().as_ref();
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
    table(&mut text, api, names);
    if let Some(exposed) = exposed {
        servers(&mut text, exposed);
    }
    text.push_str("\n## Types\n");
    types(&mut text, &model.types, names, model);
    if !workflows.is_empty() {
        text.push_str("\n## Workflows\n\n");
        listed(&mut text, workflows, names);
        types(&mut text, workflows.defined(), names, model);
    }
    text
}

fn types<'a>(
    text: &mut String,
    types: impl IntoIterator<Item = (&'a String, &'a TypeDef)>,
    names: &Names,
    model: &Model,
) {
    for (name, def) in types {
        let (rust, kind, sides) = (names.ty(name), kind(def), sides(def));
        let _ = writeln!(text, "\n### `{rust}` ({kind}, {sides})\n");
        members(text, name, def, names, model);
    }
}

fn listed(text: &mut String, workflows: &Workflows<'_>, names: &Names) {
    for typed in &workflows.all {
        let file = workflows.documents.get(typed.document).map(|it| &it.file);
        let _ = writeln!(
            text,
            "- `{}` = {} of {}; takes `{}`, gives `{}`",
            names.ty(&typed.marker),
            code(&typed.id),
            code(file.map_or("", String::as_str)),
            names.ty(&typed.inputs),
            names.ty(&typed.outputs),
        );
    }
}

/// The operation table: what each operation does and takes, by wire name.
fn table(text: &mut String, api: &Api, names: &Names) {
    text.push_str("\n## Arguments, by operation\n\n");
    for operation in api.operations() {
        let effect = match operation.effect.only_reads() {
            true => "reads",
            false => "changes",
        };
        let taken: Vec<_> = operation
            .arguments()
            .map(|it| argument(it, names))
            .collect();
        let taken = match taken.is_empty() {
            true => "nothing".to_owned(),
            false => taken.join(", "),
        };
        let _ = writeln!(text, "- {} {effect}; {taken}", code(&operation.id));
    }
}

fn argument(argument: &Argument, names: &Names) -> String {
    let optional = if argument.required { "" } else { "?" };
    let ty = type_text(&argument.shape, names);
    code(&format!("{}{optional}: {ty}", argument.name))
}

/// What the capability exposes.
fn servers(text: &mut String, exposed: &Exposed) {
    for server in &exposed.rest {
        let (name, port) = (code(&server.namespace), server.port);
        let _ = writeln!(text, "\n## REST server {name}, port {port}\n");
        for route in &server.routes {
            let request = code(&format!("{} {}", route.method, route.path));
            let _ = writeln!(text, "- {request} → {}", code(&route.operation.id));
        }
    }
    for server in &exposed.mcp {
        let port = server.port.map(|port| format!(", port {port}"));
        let (name, port) = (code(&server.namespace), port.unwrap_or_default());
        let _ = writeln!(text, "\n## MCP server {name}{port}\n");
        for tool in &server.tools {
            let (name, operation) = (code(&tool.name), code(&tool.operation.id));
            let _ = writeln!(text, "- {name} → {operation}; {}", hint_words(tool.hints));
        }
    }
}

/// The hints that hold, in words.
fn hint_words(hints: Hints) -> String {
    let words = [
        (hints.read_only, "read-only"),
        (hints.destructive, "destructive"),
        (hints.idempotent, "idempotent"),
        (hints.open_world, "open world"),
    ];
    let held = words.into_iter().filter(|(holds, _)| *holds);
    held.map(|(_, word)| word).collect::<Vec<_>>().join(", ")
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
