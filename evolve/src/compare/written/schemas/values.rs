//! Compares what a value itself is: null, types, listed values, limits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::super::algebra::covers;
use super::super::level::Level;
use super::super::relation::{Relation, of_limits, of_values};
use super::{Both, Walk, list, text};
use crate::change::Answer;
use crate::rules::Rule;
use crate::side::Side;

pub(super) fn null<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let is_typed = |level: &Level<'_>| level.types.is_some() || !level.unions.is_empty();
    if !is_typed(&both.old) || !is_typed(&both.new) {
        return;
    }
    let rule = match (both.side, both.old.null, both.new.null) {
        (Side::Response, false, true) if both.open.key.1 => Rule::ResponseOptionalNullAdded,
        (Side::Response, false, true) => Rule::ResponseNullAdded,
        (Side::Response, true, false) => Rule::ResponseNullRemoved,
        (_, false, true) => Rule::RequestNullAllowed,
        (_, true, false) => Rule::RequestNullRefused,
        _ => return,
    };
    walk.add(both, rule, String::new(), "");
}

pub(super) fn values<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>, types: Relation) {
    let (Some(old), Some(new)) = (&both.old.values, &both.new.values) else {
        let relation = match (&both.old.values, &both.new.values) {
            (None, Some(_)) if matches!(types, Relation::Same | Relation::Narrower) => {
                Relation::Narrower
            }
            (Some(_), None) if matches!(types, Relation::Same | Relation::Wider) => Relation::Wider,
            (None, None) => types,
            _ => Relation::Other,
        };
        let keyword = match (&both.old.values, &both.new.values) {
            (None, None) => "type",
            _ => "enum",
        };
        return walk.relation(both, relation, types_detail(both), keyword);
    };
    if both.side == Side::Response
        && !old.is_empty()
        && of_values(old, new) == Relation::Other
        && old.iter().all(|it| !new.contains(it))
    {
        let detail = format!("{} becomes {}", list(old), list(new));
        return walk.add(both, Rule::ResponseValuesReplaced, detail, "");
    }
    let (added, removed) = match both.side {
        Side::Response => (Rule::ResponseValueAdded, Rule::ResponseValueRemoved),
        _ => (Rule::RequestValueAdded, Rule::RequestValueRemoved),
    };
    for value in new.iter().filter(|it| !old.contains(it)) {
        walk.add(both, added, String::new(), &format!("={}", text(value)));
    }
    for value in old.iter().filter(|it| !new.contains(it)) {
        walk.add(both, removed, String::new(), &format!("={}", text(value)));
    }
}

/// The limits of the value itwalk. What one keyword no longer refuses another may refuse, which the algebra knows.
pub(super) fn limits<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let (old, new) = (&both.old.limits, &both.new.limits);
    if old == new {
        return;
    }
    let (before, after) = (both.old.local(), both.new.local());
    let (sent, taken) = match both.side {
        Side::Response => (&after, &before),
        _ => (&before, &after),
    };
    let is_covered = covers(Some(taken), Some(sent)) == Answer::Yes;
    let keywords: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    for keyword in keywords {
        let of = |level: &BTreeMap<&str, Vec<&'a Value>>| {
            level.get(keyword).cloned().unwrap_or_default()
        };
        let (old, new) = (of(old), of(new));
        let is_covered = is_covered && !OPAQUE.contains(&keyword);
        let relation = match (of_limits(keyword, &old, &new), both.side) {
            (Relation::Same, _) => continue,
            (_, Side::Response) if is_covered => Relation::Narrower,
            _ if is_covered => Relation::Wider,
            (relation, _) => relation,
        };
        let detail = format!("{keyword} {} becomes {}", list(&old), list(&new));
        walk.relation(both, relation, detail, keyword);
        let visited = walk.all.visited.get_mut(&both.open.key);
        if let Some(found) = visited.and_then(|it| it.found.last_mut()) {
            found.is_provable &= !OPAQUE.contains(&keyword);
        }
    }
}

pub(super) fn types_detail(both: &Both<'_, '_>) -> String {
    let word = |level: &Level<'_>| match (&level.values, &level.types) {
        (Some(values), _) => list(values),
        (None, Some(types)) => types.iter().copied().collect::<Vec<_>>().join(" or "),
        (None, None) => "any".to_owned(),
    };
    format!("{} becomes {}", word(&both.old), word(&both.new))
}

/// Limits that the algebra does not understand, at least not all of their values.
const OPAQUE: [&str; 7] = [
    "$dynamicRef",
    "contentEncoding",
    "contentMediaType",
    "dependencies",
    "format",
    "maxContains",
    "minContains",
];
