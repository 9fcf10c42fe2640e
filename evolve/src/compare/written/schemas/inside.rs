//! Compares keywords that hold schemas: items, additional properties, conditions.

use std::collections::BTreeSet;

use bpx_contract::Cursor;
use serde_json::Value;

use super::super::expanded::{plain, written_out};
use super::super::keywords::{Domain, Holds, Use, of_schema};
use super::super::level::Parts;
use super::super::relation::{Relation, between_whole};
use super::{Both, Walk};
use crate::rules::Rule;
use crate::side::Side;

pub(super) fn inside<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let (old, new) = (&both.old.inside, &both.new.inside);
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (keyword, name) = (key.0, &key.1);
        match (old.get(key), new.get(key)) {
            (Some(before), Some(after)) if is_false(before) == is_false(after) => {
                if is_opaque(keyword) {
                    opaque(walk, both, keyword, (before, after));
                } else if !is_false(before) {
                    let label = label(keyword, name);
                    walk.inner(both, &label, (before, after));
                }
            }
            (before, after) => inside_added(walk, both, key, (before, after)),
        }
    }
}

/// A keyword with a schema that only one document has, or that refuses everything in one.
fn inside_added<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    key: &(&'a str, String),
    parts: (Option<&Parts<'a>>, Option<&Parts<'a>>),
) {
    let (before, after) = parts;
    let is_closed = |parts: Option<&Parts<'a>>| parts.is_some_and(|it| is_false(it));
    let is_additional = matches!(key.0, "additionalProperties" | "unevaluatedProperties");
    let is_named = both
        .old
        .parts
        .iter()
        .any(|it| it.value.get(key.0).is_some());
    let relation = match (before, after) {
        _ if is_additional && is_closed(after) && both.side == Side::Request && !is_named => {
            return walk.keyword(both, Rule::RequestClosed, key.0.to_owned(), key.0);
        }
        _ if is_additional && is_closed(before) && both.side == Side::Response => {
            return walk.keyword(both, Rule::ResponseOpened, key.0.to_owned(), key.0);
        }
        _ if is_opaque(key.0) || (key.0 == "patternProperties" && names_the_rest(both)) => {
            Relation::Unknown
        }
        (None, Some(_)) => Relation::Narrower,
        (Some(_), None) => Relation::Wider,
        (before, _) if is_closed(before) => Relation::Wider,
        _ => Relation::Narrower,
    };
    walk.relation(both, relation, format!("{} differs", key.0), key.0);
}

/// A schema that limits in a way that the walk does not follow.
fn opaque<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    keyword: &str,
    (old, new): (&Parts<'a>, &Parts<'a>),
) {
    let all = |parts: &Parts<'a>| parts.iter().map(plain).collect::<Vec<_>>();
    let (before, after) = (all(old), all(new));
    if before != after {
        let (before, after) = written_out(both.side, &both.open.old, &both.open.new);
        let relation = between_whole(before.as_ref(), after.as_ref());
        walk.relation(both, relation, format!("{keyword} differs"), keyword);
    }
}

/// Whether what is said of additional properties depends on which properties are named.
fn names_the_rest(both: &Both<'_, '_>) -> bool {
    let rest = ["additionalProperties", "unevaluatedProperties"];
    let all = both.old.inside.keys().chain(both.new.inside.keys());
    all.into_iter().any(|(keyword, _)| rest.contains(keyword))
}

fn is_false(parts: &[Cursor<'_>]) -> bool {
    parts.iter().any(|it| it.value == &Value::Bool(false))
}

fn is_opaque(keyword: &str) -> bool {
    matches!(
        of_schema(keyword),
        Use::Inside(_, Holds::Opaque) | Use::Limit(Domain::Any)
    )
}

fn label(keyword: &str, name: &str) -> String {
    match keyword {
        "items" | "unevaluatedItems" => "[]".to_owned(),
        "additionalProperties" | "unevaluatedProperties" => "{}".to_owned(),
        "prefixItems" => format!("[{name}]"),
        _ => format!("<{keyword} {name}>"),
    }
}
