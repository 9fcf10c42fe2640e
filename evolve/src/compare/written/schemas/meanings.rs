//! Compares keywords with a rule of their own, and counts those that have none.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::keywords::of_schema;
use super::super::level::Level;
use super::{Both, Walk, list, text};
use crate::rules::Rule;
use crate::side::Side;

/// Keywords with a rule of their own.
pub(super) fn meanings<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let of = |level: &Level<'a>, keyword| {
        let values = level
            .parts
            .iter()
            .filter_map(move |it| it.value.get(keyword));
        values.collect::<Vec<_>>()
    };
    let differs = |keyword| {
        let (old, new) = (of(&both.old, keyword), of(&both.new, keyword));
        (!all_same(&old, &new)).then_some((old, new))
    };
    if let Some((old, new)) = differs("default") {
        let rule = match both.side {
            Side::Response => Rule::ResponseDefaultChanged,
            _ => Rule::RequestDefaultChanged,
        };
        let detail = format!("{} becomes {}", list(&old), list(&new));
        walk.keyword(both, rule, detail, "default");
    }
    let is_deprecated = |level: &Level<'a>| level.parts.iter().any(|it| it.flag("deprecated"));
    match (is_deprecated(&both.old), is_deprecated(&both.new)) {
        (false, true) => walk.keyword(both, Rule::FieldDeprecated, String::new(), "deprecated"),
        (true, false) => walk.keyword(both, Rule::FieldUndeprecated, String::new(), "deprecated"),
        _ => {}
    }
    if let Some((old, new)) = differs("x-extensible-enum") {
        extensible(walk, both, &old, &new);
    }
}

/// Values of an enum that may grow, which its readers have to expect (Zalando guideline 112).
fn extensible<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    old: &[&'a Value],
    new: &[&'a Value],
) {
    let values = |lists: &[&'a Value]| {
        let lists = lists.iter().filter_map(|it| it.as_array());
        lists.flatten().collect::<Vec<_>>()
    };
    let (old, new) = (values(old), values(new));
    for value in new.iter().filter(|it| !old.contains(it)) {
        walk.add(
            both,
            Rule::ExtensibleValueAdded,
            String::new(),
            &format!("={}", text(value)),
        );
    }
    let removed = match both.side {
        Side::Response => Rule::ExtensibleValueDropped,
        _ => Rule::ExtensibleValueRefused,
    };
    for value in old.iter().filter(|it| !new.contains(it)) {
        walk.add(both, removed, String::new(), &format!("={}", text(value)));
    }
}

pub(super) fn counts<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let keys = |level: &Level<'a>| {
        let members = level.parts.iter().filter_map(|it| it.value.as_object());
        members
            .flatten()
            .map(|(key, _)| key.as_str())
            .collect::<BTreeSet<_>>()
    };
    let keys: BTreeSet<_> = keys(&both.old).union(&keys(&both.new)).copied().collect();
    for key in keys {
        let of = |level: &Level<'a>| {
            let values = level.parts.iter().filter_map(|it| it.value.get(key));
            values.collect::<Vec<_>>()
        };
        if !all_same(&of(&both.old), &of(&both.new)) {
            let at = both.open.new.first().map_or("", |it| &it.pointer);
            walk.all.counts.add(of_schema(key), at, key);
        }
    }
}

/// Whether both lists have the same values, whatever their order and however often.
fn all_same(old: &[&Value], new: &[&Value]) -> bool {
    old.iter().all(|it| new.contains(it)) && new.iter().all(|it| old.contains(it))
}
