//! `SURFACE.md`: what callers can see, one line each, so that a review reads what changed for them.

use std::fmt::Write as _;

use bpx_capability::Exposed;
use bpx_capability::exposed::Hints;
use bpx_contract::api::{self, Argument, Body, Location};
use bpx_contract::model::{self, Kind, Model, Operation, Signed, Streams, TypeDef};
use bpx_contract::{Api, Names, OPEN_ARM};

use super::accessors;
use super::backend::{Builder, Decided, Structs, plain, text as type_text, written};
use super::builders::{Answers, Rows};
use super::docs::{code, one_line};
use super::streams::{self, Typed};
use super::{Source, Workflows};

pub(super) fn digest(source: &Source<'_>, decided: &Decided) -> String {
    let &Source {
        api,
        model,
        names,
        exposed,
        workflows,
        ..
    } = source;
    let mut text = format!(
        "# Public surface: {} {}\n\n## Operations\n\n",
        one_line(&model.title),
        one_line(&model.version)
    );
    for (id, operation) in &model.operations {
        if let Some(builder) = decided.builders.get(id) {
            described(&mut text, id, (operation, builder), names, model);
        }
    }
    table(&mut text, api, names, decided);
    if let Some(streams) = streams::of(model) {
        subscribed(&mut text, streams, names, decided);
    }
    if let Some(exposed) = exposed {
        servers(&mut text, exposed);
    }
    text.push_str("\n## Types\n");
    types(&mut text, &model.types, names, (model, &decided.structs));
    if !workflows.is_empty() {
        text.push_str("\n## Workflows\n\n");
        listed(&mut text, workflows, names);
        types(
            &mut text,
            workflows.defined(),
            names,
            (&decided.model, &decided.structs),
        );
    }
    text
}

/// An operation: its call, its request, its rows.
fn described(
    text: &mut String,
    id: &str,
    (operation, builder): (&Operation, &Builder),
    names: &Names,
    model: &Model,
) {
    let answers = Answers {
        operation,
        builder,
        model,
    };
    let success = answers.success_type();
    let _ = writeln!(
        text,
        "- `{}` → `{}`, else `{}`",
        call(id, (operation, builder), names),
        written(success),
        type_text(&builder.error)
    );
    let _ = writeln!(text, "  - {}", wire(operation));
    if let Some(rows) = Rows::of((id, operation, builder), names, model) {
        let _ = writeln!(text, "  - {}", rows.digest());
    }
}

/// What can be subscribed to.
fn subscribed(text: &mut String, streams: &Streams, names: &Names, decided: &Decided) {
    let server = code(&streams.url);
    let _ = writeln!(text, "\n## Streams, over one connection to {server}\n");
    for Typed { call, message } in streams::typed(streams, decided) {
        let address = call.narrower.map_or(call.address, |(longer, _)| longer);
        let optional = streams::optional(&call);
        let arguments = call.params().iter().map(|param| {
            let name = names.stream_param(address, &param.name);
            let is_optional = optional.is_some_and(|it| it.name == param.name);
            let mark = if is_optional { "?" } else { "" };
            format!("{name}{mark}: {}", streams::argument_text(param, names))
        });
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let (method, message) = (names.stream(call.address), type_text(message));
        let signed = match call.channel.signed {
            Signed::Yes => "signed",
            Signed::No => "public",
            Signed::Unknown => "not said whether signed",
        };
        let addresses = streams::addresses(&call);
        let _ = writeln!(
            text,
            "- `{method}({arguments})` → `{message}`\n  - {addresses}, {signed}"
        );
    }
}

fn types<'a>(
    text: &mut String,
    types: impl IntoIterator<Item = (&'a String, &'a TypeDef)>,
    names: &Names,
    (model, structs): (&Model, &Structs),
) {
    for (name, def) in types {
        let (rust, kind, sides) = (names.ty(name), kind(def), sides(def));
        let _ = writeln!(text, "\n### `{rust}` ({kind}, {sides})\n");
        members(text, name, (def, model), names, structs);
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

/// What each operation does and takes, by wire name.
fn table(text: &mut String, api: &Api, names: &Names, decided: &Decided) {
    text.push_str("\n## Arguments, by operation\n\n");
    for operation in api.operations() {
        let effect = match operation.effect.only_reads() {
            true => "reads",
            false => "changes",
        };
        let taken: Vec<_> = operation
            .arguments()
            .map(|it| argument(it, operation, names, decided))
            .collect();
        let taken = match taken.is_empty() {
            true => "nothing".to_owned(),
            false => taken.join(", "),
        };
        let _ = writeln!(text, "- {} {effect}; {taken}", code(&operation.id));
    }
}

fn argument(
    argument: &Argument,
    operation: &api::Operation,
    names: &Names,
    decided: &Decided,
) -> String {
    let builder = decided.builders.get(&operation.id);
    let given = |name: &str| {
        builder
            .and_then(|builder| builder.given(name))
            .map(type_text)
    };
    let name = &argument.name;
    let ty = match (argument.location, &operation.body) {
        (Location::Body, Body::Object { component, .. }) => {
            let ty = decided
                .structs
                .field(component, names.field(component, name));
            ty.map(|ty| type_text(plain(ty)))
        }
        (Location::Body, _) => given("body"),
        (location, _) => {
            let location = match location {
                Location::Header => model::Location::Header,
                Location::Path => model::Location::Path,
                Location::Cookie => model::Location::Cookie,
                _ => model::Location::Query,
            };
            given(names.param(&operation.id, name, location))
        }
    };
    let optional = if argument.required { "" } else { "?" };
    let ty = ty.unwrap_or_default();
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

fn call(id: &str, (operation, builder): (&Operation, &Builder), names: &Names) -> String {
    let given = |name: &str| builder.given(name).map(type_text).unwrap_or_default();
    let params = operation.params.iter().map(|param| {
        let optional = if param.required { "" } else { "?" };
        let name = names.param(id, &param.name, param.location);
        format!("{name}{optional}: {}", given(name))
    });
    let body = operation.body.iter().map(|body| match body.required {
        true => format!("body: {}", given("body")),
        false => format!("body?: {}", given("body")),
    });
    let params: Vec<_> = params.chain(body).collect();
    format!("{}({})", names.method(id), params.join(", "))
}

fn wire(operation: &Operation) -> String {
    let signed = match &operation.signing {
        Some(signing) => format!("signed `{}`", signing.instruction),
        None if operation.security.is_empty() => "unsigned".to_owned(),
        None => {
            let each = operation
                .security
                .iter()
                .map(|names| match names.is_empty() {
                    true => "nothing".to_owned(),
                    false => names.join(" and "),
                });
            format!("with {}", each.collect::<Vec<_>>().join(" or "))
        }
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
        Kind::IntegerEnum(listed) if listed.closed => "closed enum of integers",
        Kind::IntegerEnum(_) => "open enum of integers",
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

fn members(
    text: &mut String,
    name: &str,
    (def, model): (&TypeDef, &Model),
    names: &Names,
    structs: &Structs,
) {
    match &def.kind {
        Kind::Object(fields) => {
            for (field, ty) in fields.iter().zip(structs.types(name)) {
                let rust = names.field(name, &field.name);
                let wire = (rust != field.name).then(|| format!(" = {}", code(&field.name)));
                let (ty, wire) = (type_text(ty), wire.unwrap_or_default());
                let _ = writeln!(text, "- `{rust}: {ty}`{wire}");
            }
        }
        Kind::Enum(listed) | Kind::IntegerEnum(listed) => {
            for value in &listed.values {
                let _ = writeln!(text, "- `{}` = {}", names.variant(name, value), code(value));
            }
            if !listed.closed {
                let holds = if matches!(def.kind, Kind::Enum(_)) {
                    "String"
                } else {
                    "i64"
                };
                let _ = writeln!(text, "- `{OPEN_ARM}({holds})`");
            }
        }
        Kind::Union(union) => {
            for (arm, ty) in union.arms.iter().zip(structs.types(name)) {
                let tag = union.tag.as_ref();
                let tag = tag.map(|tag| format!(" where {} = {}", code(tag), code(&arm.value)));
                let (variant, ty) = (names.variant(name, &arm.value), type_text(plain(ty)));
                let _ = writeln!(text, "- `{variant}({ty})`{}", tag.unwrap_or_default());
            }
            if union.tag.is_some() {
                let _ = writeln!(text, "- `{OPEN_ARM}(Value)`");
                for it in accessors::shared(union, model, structs) {
                    let _ = writeln!(text, "- `{}()` → `{}`", it.name, written(it.given));
                }
            }
        }
    }
}
