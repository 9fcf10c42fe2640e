//! Compares the headers of two responses as they are written.

use std::collections::BTreeMap;

use bpx_contract::Cursor;
use serde_json::json;

use super::super::sites::resolved;
use super::parameters::{accepts_any_text, is_written_as_text};
use super::walk::{Root, Walk, level};
use crate::rules::Rule;
use crate::side::Side;

pub(super) fn headers<'a>(walk: &mut Walk<'a, '_>, side: Side, old: &Cursor<'a>, new: &Cursor<'a>) {
    let is_described = |name: &&str| !name.eq_ignore_ascii_case("content-type");
    let names = |at: &Cursor<'_>| -> BTreeMap<String, String> {
        let listed = at.entries("headers").into_iter().map(|(name, _)| name);
        let listed = listed.filter(is_described);
        listed
            .map(|name| (name.to_lowercase(), name.to_owned()))
            .collect()
    };
    let mut all = names(new);
    all.extend(names(old));
    for name in all.values() {
        match (of(old, "headers", name), of(new, "headers", name)) {
            (Some(before), Some(after)) => {
                let rules = match side {
                    Side::Response => (Rule::ResponseHeaderRequired, Rule::ResponseHeaderOptional),
                    _ => (Rule::RequestFieldRequired, Rule::RequestFieldOptional),
                };
                walk.flag(side, (name, "required"), rules, (&before, &after));
                header(walk, side, name, (&before, &after));
            }
            (Some(before), None) => {
                let rule = match (side, before.flag("required")) {
                    (Side::Response, true) => Rule::ResponseHeaderRemoved,
                    (Side::Response, false) => Rule::ResponseOptionalHeaderRemoved,
                    _ => Rule::RequestFieldRemoved,
                };
                walk.add(side, rule, name, String::new(), (&before, new));
            }
            (None, Some(after)) => {
                let rule = match (side, after.flag("required")) {
                    (Side::Response, _) => Rule::ResponseHeaderAdded,
                    (_, true) => Rule::RequestRequiredFieldAdded,
                    (_, false) => Rule::RequestFieldAdded,
                };
                walk.add(side, rule, name, String::new(), (old, &after));
            }
            (None, None) => {}
        }
    }
}

fn header<'a>(
    walk: &mut Walk<'a, '_>,
    side: Side,
    name: &str,
    (old, new): (&Cursor<'a>, &Cursor<'a>),
) {
    // Every scalar is written as text.
    let levels = level(old).zip(level(new));
    let is_text =
        levels.is_some_and(|(old, new)| accepts_any_text(&old) && is_written_as_text(&new));
    match is_text && side == Side::Response {
        true => walk.add(
            side,
            Rule::ResponseNarrowed,
            name,
            "still a text".to_owned(),
            (old, new),
        ),
        false => walk.schema(side, Root::Body, name, old, new),
    }
    for key in ["content", "explode", "style"] {
        let default = match key {
            "explode" => Some(json!(false)),
            "style" => Some(json!("simple")),
            _ => None,
        };
        let value = |at: &Cursor<'_>| at.value.get(key).cloned().or(default.clone());
        if value(old) != value(new) {
            walk.add(
                Side::Operation,
                Rule::Unread,
                name,
                format!("{key} of a header"),
                (old, new),
            );
        }
    }
    walk.rest(
        old,
        new,
        &["content", "explode", "required", "schema", "style"],
    );
}

/// The member of `key` that is called `name`, in upper or lower case.
pub(super) fn of<'a>(at: &Cursor<'a>, key: &str, name: &str) -> Option<Cursor<'a>> {
    let mut listed = at.entries(key).into_iter();
    let found = listed.find(|(it, _)| it.eq_ignore_ascii_case(name));
    found.map(|(_, it)| resolved(it))
}
