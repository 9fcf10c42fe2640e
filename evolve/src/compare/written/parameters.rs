//! Compares the parameters of two operations as they are written.

use std::slice::from_ref;

use bpx_contract::{Cursor, is_signing_header};

use super::super::params::path_names;
use super::super::sites::{Site, resolved};
use super::level::Level;
use super::union::Arm;
use super::walk::{Root, Sides, Walk, holders, level};
use crate::rules::Rule;
use crate::side::Side;

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

/// A parameter, and what makes it the same in both documents: its place in the path, else where it is sent and its name.
struct Declared<'a> {
    key: (&'a str, String),
    name: &'a str,
    at: Cursor<'a>,
}

fn declared<'a>(site: &Site<'a>, is_signed: bool) -> Vec<Declared<'a>> {
    let names = path_names(site.path);
    let all = site.parameters().into_iter().map(|at| {
        let (name, location) = (
            at.str("name").unwrap_or_default(),
            at.str("in").unwrap_or_default(),
        );
        let position = names.iter().position(|it| *it == name);
        let own = match (location, position) {
            ("path", Some(position)) => position.to_string(),
            ("header", _) => name.to_lowercase(),
            _ => name.to_owned(),
        };
        Declared {
            key: (location, own),
            name,
            at,
        }
    });
    all.filter(|it| !is_signed || !is_signing_header(it.name))
        .collect()
}

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
    let (before, after) = (declared(old, is_signed), declared(new, is_signed));
    let is_gone = |it: &&Declared<'a>| after.iter().all(|now| now.key != it.key);
    let mut gone: Vec<_> = before.iter().filter(is_gone).collect();
    for parameter in &after {
        if let Some(known) = before.iter().find(|it| it.key == parameter.key) {
            both(walk, parameter.name, &known.at, &parameter.at);
            continue;
        }
        let elsewhere = gone
            .iter()
            .position(|it| it.name.eq_ignore_ascii_case(parameter.name));
        match elsewhere.map(|index| gone.remove(index)) {
            Some(known) => moved(walk, known, parameter),
            None => added(walk, old, parameter),
        }
    }
    for parameter in gone {
        let at = (&parameter.at, &new.at);
        walk.add(
            Side::Request,
            Rule::ParameterRemoved,
            parameter.name,
            String::new(),
            at,
        );
    }
}

fn moved<'a>(walk: &mut Walk<'a, '_>, old: &Declared<'a>, new: &Declared<'a>) {
    let detail = format!("{} becomes {}", old.key.0, new.key.0);
    walk.add(
        Side::Request,
        Rule::ParameterMoved,
        new.name,
        detail,
        (&old.at, &new.at),
    );
}

fn added<'a>(walk: &mut Walk<'a, '_>, old: &Site<'a>, parameter: &Declared<'a>) {
    let rule = match parameter.at.flag("required") {
        true => Rule::ParameterRequiredAdded,
        false => Rule::ParameterAdded,
    };
    walk.add(
        Side::Request,
        rule,
        parameter.name,
        String::new(),
        (&old.at, &parameter.at),
    );
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
            Some(now) => {
                let rules = (Rule::ResponseFieldRequired, Rule::ResponseFieldOptional);
                walk.flag(Side::Response, (label, "required"), rules, (parameter, now));
                walk.schema(Side::Response, Root::Body, label, parameter, now);
            }
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
    let at = (old, new);
    let mut flag = |key, set, unset| walk.flag(Side::Request, (name, key), (set, unset), at);
    if new.str("in") != Some("path") {
        flag("required", Rule::ParameterRequired, Rule::ParameterOptional);
    }
    flag(
        "deprecated",
        Rule::ParameterDeprecated,
        Rule::ParameterUndeprecated,
    );
    flag(
        "allowEmptyValue",
        Rule::ParameterWidened,
        Rule::ParameterNarrowed,
    );
    let (before, after) = (written(old), written(new));
    let is_one = |style: &str| style.starts_with(ONE);
    let is_list = |style: &str| !is_one(style) && !style.contains('/');
    let becomes_list = is_one(&before) && is_list(&after) || is_list(&before) && is_one(&after);
    if before != after && !becomes_list {
        let detail = format!("{before} becomes {after}");
        walk.add_at(
            Side::Request,
            Rule::ParameterStyle,
            (name, "style"),
            detail,
            at,
        );
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
    // The style table of OpenAPI 3.0.4: `simple` writes a list in one way.
    let explodes = explodes && (style != "simple" || types.contains("object"));
    match (is_several, explodes) {
        (true, true) => format!("{style}, exploded{reserved}"),
        (true, false) => format!("{style}{reserved}"),
        (false, _) if matches!(style, "form" | "simple") => format!("{ONE}{reserved}"),
        (false, _) => format!("{style}{reserved}"),
    }
}

fn schema<'a>(walk: &mut Walk<'a, '_>, name: &str, old: &Cursor<'a>, new: &Cursor<'a>) {
    let old = media(old).unwrap_or_else(|| old.clone());
    let new = media(new).unwrap_or_else(|| new.clone());
    let levels = level(&old).zip(level(&new));
    if levels.is_some_and(|(before, after)| accepts_any_text(&after) && is_written_as_text(&before))
    {
        let detail = "any text".to_owned();
        return walk.add(
            Side::Request,
            Rule::ParameterWidened,
            name,
            detail,
            (&old, &new),
        );
    }
    match listed(&old, &new) {
        Some((one, item, least)) => {
            if least > 1 {
                let detail = "more than one value".to_owned();
                walk.add(
                    Side::Request,
                    Rule::ParameterNarrowed,
                    name,
                    detail,
                    (&old, &new),
                );
            }
            let key = walk
                .schemas
                .compare(Side::Request, name, &one, &item, &holders(&old, &new));
            walk.roots.push((Root::Parameter, key));
            let detail = "one value becomes a list".to_owned();
            walk.add(
                Side::Request,
                Rule::ParameterWidened,
                name,
                detail,
                (&old, &new),
            );
        }
        None => walk.schema(Side::Request, Root::Parameter, name, &old, &new),
    }
}

const SCALARS: [&str; 4] = ["boolean", "integer", "number", "string"];

fn is_of(level: &Level<'_>, wanted: &[&str]) -> bool {
    let types = level.types.iter().flatten();
    level.types.as_ref().is_some_and(|it| !it.is_empty())
        && types.into_iter().all(|it| wanted.contains(it))
}

pub(super) fn accepts_any_text(level: &Level<'_>) -> bool {
    let is_limited = !level.limits.is_empty() || level.values.is_some() || !level.unions.is_empty();
    is_of(level, &["string"]) && !is_limited
}

/// Whether its values are scalars, of more types than text.
pub(super) fn is_written_as_text(level: &Level<'_>) -> bool {
    let is_scalar = |arm: &Arm<'_>| is_of(&Level::of(Side::Request, from_ref(&arm.at)), &SCALARS);
    match level.unions.as_slice() {
        [] => is_of(level, &SCALARS) && !is_of(level, &["string"]),
        [only] => only.arms.iter().all(is_scalar),
        _ => false,
    }
}

/// The schema of a single value that became a list, and that of the list's items: a text that was one value is a list of
/// one. Also how many values the list needs.
fn listed<'a>(old: &Cursor<'a>, new: &Cursor<'a>) -> Option<(Cursor<'a>, Cursor<'a>, u64)> {
    let (before, after) = level(old).zip(level(new))?;
    let is_listed = is_of(&before, &SCALARS) && is_of(&after, &["array"]);
    let item = resolved(new.get("schema")?)
        .get("items")
        .filter(|_| is_listed)?;
    let least = after
        .limits
        .get("minItems")
        .and_then(|it| it.first()?.as_u64());
    Some((old.get("schema")?, item, least.unwrap_or_default()))
}
