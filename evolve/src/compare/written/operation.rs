//! Compares two operations as they are written: everything but how their schemas differ inside.

use std::collections::BTreeSet;

use bpx_contract::Cursor;
use serde_json::Value;

use super::super::sites::{METHODS, Matched, Site, matched, of_callback, resolved};
use super::keywords::Use;
use super::walk::{CALLBACK, Sides, Walk};
use super::{media, security};
use crate::rules::Rule;
use crate::side::Side;

const COMPARED: [&str; 9] = [
    "callbacks",
    "deprecated",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "servers",
    "x-sunset",
];
/// Members that the rules about signing read.
const SIGNING: [&str; 2] = ["x-instruction", "x-instruction-batch"];

/// Compares two operations.
pub(super) fn compare<'a>(
    walk: &mut Walk<'a, '_>,
    sides: Sides,
    old: &Site<'a>,
    new: &Site<'a>,
    is_signed: bool,
) {
    lifetime(walk, old, new);
    servers(walk, old, new);
    if !is_signed && sides.sent == Side::Request {
        security::compare(walk, old, new);
    }
    super::parameters::compare(walk, sides, old, new, is_signed);
    media::request(walk, sides.sent, &old.at, &new.at);
    media::responses(walk, sides.answered, &old.at, &new.at);
    callbacks(walk, old, new);
    let of_item = ["$ref", "additionalOperations", "parameters"];
    let of_item: Vec<_> = METHODS.iter().chain(&of_item).copied().collect();
    walk.rest(&old.item, &new.item, &of_item);
    let compared: Vec<_> = COMPARED.iter().chain(&SIGNING).copied().collect();
    walk.rest(&old.at, &new.at, &compared);
}

fn lifetime<'a>(walk: &mut Walk<'a, '_>, old: &Site<'a>, new: &Site<'a>) {
    let at = (&old.at, &new.at);
    let rules = (Rule::OperationDeprecated, Rule::OperationUndeprecated);
    walk.flag(Side::Operation, (&new.id, "deprecated"), rules, at);
    let sunset = |site: &Site<'_>| site.at.value.get("x-sunset").cloned();
    let (before, after) = (sunset(old), sunset(new));
    if before != after {
        let word =
            |value: Option<&Value>| value.map_or_else(|| "none".to_owned(), Value::to_string);
        let detail = format!("{} becomes {}", word(before.as_ref()), word(after.as_ref()));
        let is_later = match (&before, &after) {
            (None, _) => true,
            (Some(Value::String(before)), Some(Value::String(after))) => after > before,
            _ => after.is_none(),
        };
        let rule = if is_later {
            Rule::SunsetAnnounced
        } else {
            Rule::SunsetMoved
        };
        walk.add_at(Side::Operation, rule, (&new.id, "x-sunset"), detail, at);
    }
}

/// Compares the URLs of an operation: a prefix may move from the servers to the paths.
fn servers<'a>(walk: &mut Walk<'a, '_>, old: &Site<'a>, new: &Site<'a>) {
    let urls = |site: &Site<'_>, path: &str| -> BTreeSet<String> {
        site.servers()
            .into_iter()
            .map(|server| server + path)
            .collect()
    };
    let (same, plain) = (
        urls(old, old.path) == urls(new, new.path),
        urls(old, "") == urls(new, ""),
    );
    if same || plain {
        let listed = |site: &Site<'_>| site.at.value.get("servers").cloned();
        if listed(old) != listed(new) {
            walk.schemas
                .counts
                .add(Use::Annotation, &new.at.pointer, "servers");
        }
        return;
    }
    let (before, after) = (urls(old, ""), urls(new, ""));
    for url in before.difference(&after) {
        walk.add_at(
            Side::Operation,
            Rule::ServerRemoved,
            (url, "servers"),
            String::new(),
            (&old.at, &new.at),
        );
    }
    for url in after.difference(&before) {
        walk.add_at(
            Side::Operation,
            Rule::ServerAdded,
            (url, "servers"),
            String::new(),
            (&old.at, &new.at),
        );
    }
}

fn callbacks<'a>(walk: &mut Walk<'a, '_>, old: &Site<'a>, new: &Site<'a>) {
    let callbacks = |site: &Site<'a>| site.at.entries("callbacks").into_iter();
    let names = callbacks(old).chain(callbacks(new)).map(|(name, _)| name);
    for name in names.collect::<BTreeSet<_>>() {
        match (callback(old, name), callback(new, name)) {
            (Some(before), Some(after)) => {
                let found = matched(of_callback(&before), of_callback(&after));
                hooks(walk, &found, name, (&old.at, &new.at));
            }
            (Some(_), None) => walk.add(
                Side::Operation,
                Rule::WebhookRemoved,
                name,
                String::new(),
                (&old.at, &new.at),
            ),
            _ => walk.add(
                Side::Operation,
                Rule::WebhookAdded,
                name,
                String::new(),
                (&old.at, &new.at),
            ),
        }
    }
}

fn callback<'a>(site: &Site<'a>, name: &str) -> Option<Cursor<'a>> {
    site.at.get("callbacks")?.get(name).map(resolved)
}

/// Requests that the server sends.
pub(super) fn hooks<'a>(
    walk: &mut Walk<'a, '_>,
    found: &Matched<'a>,
    name: &str,
    at: (&Cursor<'a>, &Cursor<'a>),
) {
    let label = |site: &Site<'_>| match name.is_empty() {
        true => site.path.to_owned(),
        false => format!("{name} {}", site.path),
    };
    for site in &found.removed {
        walk.add(
            Side::Operation,
            Rule::WebhookRemoved,
            &label(site),
            String::new(),
            at,
        );
    }
    for site in &found.added {
        walk.add(
            Side::Operation,
            Rule::WebhookAdded,
            &label(site),
            String::new(),
            at,
        );
    }
    for (before, after) in &found.pairs {
        if (before.method, before.path) == (after.method, after.path) {
            compare(walk, CALLBACK, before, after, false);
            continue;
        }
        for (site, rule) in [(before, Rule::WebhookRemoved), (after, Rule::WebhookAdded)] {
            let detail = format!("{} {}", site.method.to_uppercase(), site.path);
            walk.add(Side::Operation, rule, &label(site), detail, at);
        }
    }
}
