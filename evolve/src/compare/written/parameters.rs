//! Compares the parameters of two operations as they are written.

use std::collections::BTreeSet;

use bpx_contract::{Cursor, is_signing_header};

use super::super::params::path_names;
use super::level::Level;
use super::operation::{Root, Sides, Walk, holders, level};
use super::sites::{Site, resolved};
use crate::change::Side;
use crate::rules::Rule;

const COMPARED: [&str; 11] = [
    "allowEmptyValue",
    "allowReserved",
    "content",
    "default",
    "deprecated",
    "explode",
    "in",
    "name",
    "required",
    "schema",
    "style",
];

pub(super) fn compare<'a>(
    walk: &mut Walk<'a, '_>,
    sides: Sides,
    old: &Site<'a>,
    new: &Site<'a>,
    is_signed: bool,
) {
    if sides.sent == Side::Response {
        return received(walk, old, new);
    }
    let is_kept =
        |it: &Cursor<'_>| !is_signed || !is_signing_header(it.str("name").unwrap_or_default());
    let before: Vec<_> = old.parameters().into_iter().filter(is_kept).collect();
    let after: Vec<_> = new.parameters().into_iter().filter(is_kept).collect();
    let (old_names, new_names) = (path_names(old.path), path_names(new.path));
    let key = |at: &Cursor<'_>, names: &[&str]| {
        let (name, location) = (
            at.str("name").unwrap_or_default(),
            at.str("in").unwrap_or_default(),
        );
        let position = names.iter().position(|it| *it == name);
        match (location, position) {
            ("path", Some(position)) => format!("path {position}"),
            ("header", _) => format!("header {}", name.to_lowercase()),
            _ => format!("{location} {name}"),
        }
    };
    let mut known = BTreeSet::new();
    for parameter in &after {
        let wanted = key(parameter, &new_names);
        let name = parameter.str("name").unwrap_or_default();
        match before.iter().find(|it| key(it, &old_names) == wanted) {
            Some(before) => {
                known.insert(wanted);
                both(walk, name, before, parameter);
            }
            None => {
                let is_gone = |it: &&Cursor<'a>| {
                    after
                        .iter()
                        .all(|now| key(now, &new_names) != key(it, &old_names))
                };
                let is_same = |it: &&Cursor<'a>| {
                    it.str("name")
                        .is_some_and(|it| it.eq_ignore_ascii_case(name))
                        && is_gone(it)
                };
                if let Some(moved) = before.iter().find(is_same) {
                    known.insert(key(moved, &old_names));
                    let detail = [moved, parameter]
                        .map(|it| it.str("in").unwrap_or_default())
                        .join(" becomes ");
                    walk.add(
                        Side::Request,
                        Rule::ParameterMoved,
                        name,
                        detail,
                        (moved, parameter),
                    );
                    continue;
                }
                let rule = match parameter.flag("required") {
                    true => Rule::ParameterRequiredAdded,
                    false => Rule::ParameterAdded,
                };
                walk.add(
                    Side::Request,
                    rule,
                    name,
                    String::new(),
                    (&old.at, parameter),
                );
            }
        }
    }
    for parameter in before
        .iter()
        .filter(|it| !known.contains(&key(it, &old_names)))
    {
        let name = parameter.str("name").unwrap_or_default();
        walk.add(
            Side::Request,
            Rule::ParameterRemoved,
            name,
            String::new(),
            (parameter, &new.at),
        );
    }
}

/// Parameters of requests that the server sends are read like the properties of a response.
fn received<'a>(walk: &mut Walk<'a, '_>, old: &Site<'a>, new: &Site<'a>) {
    let (before, after) = (old.parameters(), new.parameters());
    let name = |it: &Cursor<'_>| {
        (
            it.str("in").map(str::to_owned),
            it.str("name").map(str::to_lowercase),
        )
    };
    for parameter in &before {
        let label = parameter.str("name").unwrap_or_default();
        match after.iter().find(|it| name(it) == name(parameter)) {
            Some(now) => walk.schema(Side::Response, Root::Body, label, parameter, now),
            None => walk.add(
                Side::Response,
                Rule::ResponseFieldRemoved,
                label,
                String::new(),
                (parameter, &new.at),
            ),
        }
    }
    for parameter in after
        .iter()
        .filter(|it| before.iter().all(|known| name(known) != name(it)))
    {
        let label = parameter.str("name").unwrap_or_default();
        walk.add(
            Side::Response,
            Rule::ResponseFieldAdded,
            label,
            String::new(),
            (&old.at, parameter),
        );
    }
}

fn both<'a>(walk: &mut Walk<'a, '_>, name: &str, old: &Cursor<'a>, new: &Cursor<'a>) {
    let mut add = |rule, detail| walk.add(Side::Request, rule, name, detail, (old, new));
    let is_path = new.str("in") == Some("path");
    match (
        old.flag("required") || is_path,
        new.flag("required") || is_path,
    ) {
        (false, true) => add(Rule::ParameterRequired, String::new()),
        (true, false) => add(Rule::ParameterOptional, String::new()),
        _ => {}
    }
    match (old.flag("deprecated"), new.flag("deprecated")) {
        (false, true) => add(Rule::ParameterDeprecated, String::new()),
        (true, false) => add(Rule::ParameterUndeprecated, String::new()),
        _ => {}
    }
    match (old.flag("allowEmptyValue"), new.flag("allowEmptyValue")) {
        (false, true) => add(Rule::ParameterWidened, "may be empty".to_owned()),
        (true, false) => add(Rule::ParameterNarrowed, "may no longer be empty".to_owned()),
        _ => {}
    }
    let (before, after) = (written(old), written(new));
    let is_one = |style: &str| style.starts_with(ONE);
    let is_list = |style: &str| !is_one(style) && !style.contains('/');
    let becomes_list = is_one(&before) && is_list(&after) || is_list(&before) && is_one(&after);
    if before != after && !becomes_list {
        add(Rule::ParameterStyle, format!("{before} becomes {after}"));
    }
    walk.rest(old, new, &COMPARED);
    schema(walk, name, old, new);
}

fn media<'a>(parameter: &Cursor<'a>) -> Option<Cursor<'a>> {
    let content = parameter.entries("content").into_iter().next();
    content.map(|(_, media)| media)
}

/// How a single value is written, whatever the style.
const ONE: &str = "one value";

/// How the values are written, where that can be seen (OpenAPI 3.0.4, Style Values).
fn written(parameter: &Cursor<'_>) -> String {
    if let Some((media, _)) = parameter.entries("content").first() {
        return (*media).to_owned();
    }
    let style = parameter.str("style").unwrap_or(match parameter.str("in") {
        Some("query" | "cookie") => "form",
        _ => "simple",
    });
    let explodes = parameter
        .get("explode")
        .map_or(style == "form", |_| parameter.flag("explode"));
    let reserved = if parameter.flag("allowReserved") {
        ", reserved characters as they are"
    } else {
        ""
    };
    let types = level(parameter).and_then(|it| it.types).unwrap_or_default();
    let is_several = types.contains("array") || types.contains("object");
    match (is_several, explodes) {
        (true, true) => format!("{style}, exploded{reserved}"),
        (true, false) => format!("{style}{reserved}"),
        (false, _) if matches!(style, "form" | "simple") => format!("{ONE}{reserved}"),
        (false, _) => format!("{style}{reserved}"),
    }
}

fn schema<'a>(walk: &mut Walk<'a, '_>, name: &str, old: &Cursor<'a>, new: &Cursor<'a>) {
    let (old, new) = (
        media(old).unwrap_or_else(|| old.clone()),
        media(new).unwrap_or_else(|| new.clone()),
    );
    let (Some(before), Some(after)) = (level(&old), level(&new)) else {
        return walk.schema(Side::Request, Root::Parameter, name, &old, &new);
    };
    let is = |types: &Option<BTreeSet<&str>>, wanted: &[&str]| {
        types
            .as_ref()
            .is_some_and(|types| !types.is_empty() && types.iter().all(|it| wanted.contains(it)))
    };
    let scalars = ["boolean", "integer", "number", "string"];
    let is_text =
        is(&after.types, &["string"]) && after.limits.is_empty() && after.values.is_none();
    let is_other = |types: &Option<BTreeSet<&str>>| is(types, &scalars) && !is(types, &["string"]);
    let mut arms = before.unions.iter().flat_map(|it| &it.arms);
    let is_choice = before.unions.len() == 1
        && arms.all(|arm| {
            is(
                &Level::of(Side::Request, std::slice::from_ref(&arm.at)).types,
                &scalars,
            )
        });
    if is_text && after.unions.is_empty() && (is_other(&before.types) || is_choice) {
        return walk.add(
            Side::Request,
            Rule::ParameterWidened,
            name,
            "any text".to_owned(),
            (&old, &new),
        );
    }
    let item = new
        .get("schema")
        .map(resolved)
        .and_then(|it| it.get("items"));
    match (
        is(&before.types, &scalars),
        is(&after.types, &["array"]),
        item,
        old.get("schema"),
    ) {
        // A text that was one value is a list of one.
        (true, true, Some(item), Some(one)) => {
            let minimum = after
                .limits
                .get("minItems")
                .and_then(|it| it.first()?.as_u64());
            if minimum.is_some_and(|least| least > 1) {
                walk.add(
                    Side::Request,
                    Rule::ParameterNarrowed,
                    name,
                    "more than one value".to_owned(),
                    (&old, &new),
                );
            }
            let key = walk
                .schemas
                .compare(Side::Request, name, &one, &item, &holders(&old, &new));
            walk.roots.push((Root::Parameter, key));
            walk.add(
                Side::Request,
                Rule::ParameterWidened,
                name,
                "one value becomes a list".to_owned(),
                (&old, &new),
            );
        }
        _ => walk.schema(Side::Request, Root::Parameter, name, &old, &new),
    }
}
