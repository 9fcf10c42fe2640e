//! `with`: what a route or a tool gives to the inputs of the operation that it calls.

use bpx_contract::Cursor;
use serde_json::Value;

use super::model::{Given, Input, Source};
use super::reader::Reader;
use super::scope::Scope;
use super::warning::Rule;

/// Parts of a request that stand before the name in a reference such as `rest.path.id`.
const PARTS: [&str; 5] = ["path", "query", "header", "headers", "body"];

/// The server whose route or tool this is.
#[derive(Clone, Copy)]
pub(super) struct Server<'a> {
    pub(super) namespace: &'a str,
    /// The word that stands for it in lenient references.
    pub(super) alias: &'a str,
}

/// What a reference says.
enum Reference {
    Source(Source),
    /// It refers to something that no caller gives.
    Foreign(&'static str),
    /// It is no reference.
    None,
}

impl Reader<'_> {
    /// Reads `with`.
    pub(super) fn given(
        &mut self,
        at: &Cursor<'_>,
        server: Server<'_>,
        inputs: &[Input],
        scope: &Scope<'_>,
    ) -> Vec<Given> {
        let mut given = Vec::new();
        for (name, value) in at.entries("with") {
            let reference = match value.value.as_str() {
                Some(text) => self.reference(text, server, inputs, scope),
                None if holds_braces(value.value) => Reference::Foreign("is made of parts"),
                None => Reference::None,
            };
            let source = match reference {
                Reference::Source(source) => source,
                Reference::None => Source::Constant(value.value.clone()),
                Reference::Foreign(why) => {
                    let problem = format!("`with` gives `{name}` {}, which {why}", value.value);
                    let fix = "refer to an input of this server, or write a constant";
                    self.fault(&value, problem, fix);
                    continue;
                }
            };
            let place = value.place();
            if let (Some(text), false) =
                (value.value.as_str(), matches!(source, Source::Constant(_)))
            {
                self.lenient(&value, (name, text), &source, server, inputs);
            }
            given.push(Given {
                name: name.to_owned(),
                source,
                place,
            });
        }
        given
    }

    /// Warns of a reference that the format does not have.
    fn lenient(
        &mut self,
        at: &Cursor<'_>,
        (name, text): (&str, &str),
        source: &Source,
        server: Server<'_>,
        inputs: &[Input],
    ) {
        let referred = match source {
            Source::Argument(referred) => referred,
            _ => name,
        };
        let is_declared = inputs.iter().any(|input| input.name == referred);
        let is_formal = text == format!("{}.{referred}", server.namespace)
            || text.trim_start().starts_with("{{");
        if is_declared && is_formal {
            return;
        }
        let problem = match is_declared {
            true => format!("`{text}` is no reference of the format"),
            false => format!("`{text}` refers to an input that is not declared"),
        };
        let reading = match source {
            Source::Body => "what the caller sends as the body",
            _ => "the caller's argument of this name",
        };
        self.warn(at, Rule::Reference, problem, reading);
    }

    fn reference(
        &self,
        text: &str,
        server: Server<'_>,
        inputs: &[Input],
        scope: &Scope<'_>,
    ) -> Reference {
        let text = text.trim();
        let inside = text
            .strip_prefix("{{")
            .and_then(|text| text.strip_suffix("}}"))
            .map(str::trim);
        let Some(inside) = inside else {
            return match text.contains("{{") {
                true => Reference::Foreign("is made of parts"),
                false => plain(text, server, inputs, scope),
            };
        };
        let is_input = inputs.iter().any(|input| input.name == inside);
        let name = inside.split_once('.').map_or(inside, |(_, name)| name);
        let namespace = inside.split_once('.').map(|(namespace, _)| namespace);
        let is_bound = self.binds.iter().any(|bind| {
            bind.keys.contains_key(name) && namespace.is_none_or(|it| it == bind.namespace)
        });
        if is_bound && !is_input {
            return Reference::Foreign(
                "is a variable: callers' arguments are kept apart from those",
            );
        }
        match plain(inside, server, inputs, scope) {
            Reference::None if !inside.contains(['.', '{']) => {
                Reference::Source(Source::Argument(inside.to_owned()))
            }
            Reference::None => Reference::Foreign("names no input"),
            found => found,
        }
    }
}

/// A text that may be a reference to an input of the server.
fn plain(text: &str, server: Server<'_>, inputs: &[Input], scope: &Scope<'_>) -> Reference {
    let Some((head, rest)) = text.split_once('.') else {
        return Reference::None;
    };
    if head != server.namespace && head != server.alias {
        return match scope.servers.iter().any(|known| known == head) {
            true => Reference::Foreign("refers to another server"),
            false => Reference::None,
        };
    }
    let declared = |name: &str| inputs.iter().find(|input| input.name == name);
    if let Some(input) = declared(rest) {
        return Reference::Source(match input.is_body() {
            true => Source::Body,
            false => Source::Argument(rest.to_owned()),
        });
    }
    let parts: Vec<_> = rest.split('.').collect();
    match parts.as_slice() {
        ["body"] => Reference::Source(Source::Body),
        [part, name] if PARTS.contains(part) && !name.is_empty() => {
            Reference::Source(Source::Argument((*name).to_owned()))
        }
        [name] if !name.is_empty() => Reference::Source(Source::Argument((*name).to_owned())),
        _ => Reference::Foreign("is a path that no input has"),
    }
}

/// Whether some text in a value refers to something.
fn holds_braces(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(holds_braces),
        Value::Object(members) => members.values().any(holds_braces),
        _ => false,
    }
}
