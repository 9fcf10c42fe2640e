//! Compares the properties of two objects.

use std::collections::BTreeSet;

use bpx_contract::Cursor;

use super::super::level::{Level, Parts};
use super::{Both, Walk, pointers};
use crate::rules::Rule;
use crate::side::Side;

pub(super) fn properties<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let (old, new) = (&both.old.properties, &both.new.properties);
    let required = |level: &Level<'_>, name: &str| level.required.contains(name);
    for (name, parts) in new {
        let Some(known) = old.get(name) else {
            let rule = match both.side {
                Side::Response => Rule::ResponseFieldAdded,
                _ if required(&both.new, name) => Rule::RequestRequiredFieldAdded,
                _ => Rule::RequestFieldAdded,
            };
            property(walk, both, rule, name, parts);
            let rest = additional(&both.old);
            beside_the_rest(walk, both, name, rest.map(|rest| (rest, parts)));
            continue;
        };
        requiredness(walk, both, name, parts);
        let label = format!("{}.{name}", both.open.label);
        let is_optional = !required(&both.old, name);
        let key = walk.go(
            (both.side, is_optional),
            &label,
            &BTreeSet::new(),
            (known, parts),
        );
        walk.link(both, key);
    }
    for (name, parts) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let rule = match both.side {
            Side::Response if required(&both.old, name) => Rule::ResponseFieldRemoved,
            Side::Response => Rule::ResponseOptionalFieldRemoved,
            _ if both.new.is_closed() => Rule::RequestNarrowed,
            _ => Rule::RequestFieldRemoved,
        };
        property(walk, both, rule, name, parts);
        let rest = additional(&both.new);
        beside_the_rest(walk, both, name, rest.map(|rest| (parts, rest)));
    }
    let unnamed = |name: &&&str| !old.contains_key(**name) && !new.contains_key(**name);
    let (old, new) = (&both.old.required, &both.new.required);
    for name in old.symmetric_difference(new).filter(|name| unnamed(name)) {
        let rule = match (both.side, new.contains(name)) {
            (Side::Response, true) => Rule::ResponseFieldAdded,
            (Side::Response, false) => Rule::ResponseFieldRemoved,
            (_, true) => Rule::RequestRequiredFieldAdded,
            (_, false) => Rule::RequestFieldRemoved,
        };
        property(walk, both, rule, name, &[]);
    }
}

/// The schemas of properties that a level does not name.
fn additional<'l, 'a>(level: &'l Level<'a>) -> Option<&'l Parts<'a>> {
    let keywords = ["additionalProperties", "unevaluatedProperties"];
    let mut found = keywords
        .into_iter()
        .filter_map(|it| level.inside.get(&(it, String::new())));
    found.find(|parts| parts.iter().all(|it| it.value.is_object()))
}

/// Compares a property that one document names with what the other says of properties without a name.
fn beside_the_rest<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    name: &str,
    parts: Option<(&Parts<'a>, &Parts<'a>)>,
) {
    if let Some((old, new)) = parts {
        let label = format!("{}.{name}", both.open.label);
        let key = walk.go((both.side, true), &label, &BTreeSet::new(), (old, new));
        walk.link(both, key);
    }
}

/// A change of one property, at its own location.
fn property<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    rule: Rule,
    name: &str,
    parts: &[Cursor<'a>],
) {
    walk.add(both, rule, String::new(), &format!(".{name}"));
    let visited = walk.all.visited.get_mut(&both.open.key);
    let found = visited.and_then(|it| it.found.last_mut());
    if let (Some(found), Some(at)) = (found, parts.first()) {
        found.pointers.extend(pointers(parts));
        let is_new = both.new.properties.contains_key(name);
        match is_new {
            true => found.places.1 = at.place(),
            false => found.places.0 = at.place(),
        }
    }
}

fn requiredness<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    name: &str,
    parts: &[Cursor<'a>],
) {
    let (old, new) = (
        both.old.required.contains(name),
        both.new.required.contains(name),
    );
    let rule = match (both.side, old, new) {
        (Side::Response, true, false) => Rule::ResponseFieldOptional,
        (Side::Response, false, true) => Rule::ResponseFieldRequired,
        (_, true, false) => Rule::RequestFieldOptional,
        (_, false, true) => Rule::RequestFieldRequired,
        _ => return,
    };
    property(walk, both, rule, name, parts);
}
