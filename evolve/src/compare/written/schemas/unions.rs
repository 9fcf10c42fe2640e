//! Compares lists of alternatives: `oneOf` and `anyOf`.

use std::collections::BTreeSet;
use std::ptr;
use std::slice::from_ref;

use super::super::super::algebra::covers;
use super::super::expanded::{plain, written_out};
use super::super::level::{Level, Parts};
use super::super::relation::{Relation, between_whole};
use super::super::union::{Arm, Union};
use super::{Both, Walk};
use crate::change::Answer;
use crate::rules::Rule;
use crate::side::Side;

/// A union where there was none, or none where there was one.
pub(super) fn reshaped<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>) {
    let (before, after) = written_out(both.side, &both.open.old, &both.open.new);
    let mut relation = between_whole(before.as_ref(), after.as_ref());
    if !matches!(
        relation,
        Relation::Same | Relation::Wider | Relation::Narrower
    ) {
        let holds = |level: &Level<'a>, other: &Parts<'a>| {
            let other = other.iter().map(|it| plain(it)).collect::<Vec<_>>();
            let mut arms = level.unions.iter().flat_map(|it| &it.arms);
            level.unions.len() == 1 && arms.any(|arm| other == [plain(&arm.at)])
        };
        if holds(&both.new, &both.open.old) {
            relation = Relation::Wider;
        } else if holds(&both.old, &both.open.new) {
            relation = Relation::Narrower;
        }
    }
    let all = both.old.unions.iter().chain(&both.new.unions);
    let is_exclusive = all.into_iter().any(|it| it.is_exclusive);
    let keyword = if is_exclusive { "oneOf" } else { "anyOf" };
    let detail = "the alternatives differ".to_owned();
    walk.relation(both, relation, detail, keyword);
}

pub(super) fn union<'a>(
    walk: &mut Walk<'a, '_>,
    both: &Both<'a, '_>,
    old: &Union<'a>,
    new: &Union<'a>,
) {
    let paired = paired(old, new);
    for (known, arm) in &paired {
        let label = format!(":{}", arm.name);
        walk.inner(both, &label, (from_ref(&known.at), from_ref(&arm.at)));
    }
    let (added, removed) = match (both.side, new.tag) {
        (Side::Response, Some(_)) => (Rule::ResponseArmAdded, Rule::ResponseArmRemoved),
        (Side::Response, None) => (Rule::ResponseShapeAdded, Rule::ResponseArmRemoved),
        _ => (Rule::RequestArmAdded, Rule::RequestArmRemoved),
    };
    let is_left = |arm: &Arm<'a>| {
        let mut pairs = paired.iter();
        let is_it = |it: &Arm<'a>| ptr::eq(it.at.value, arm.at.value) && it.name == arm.name;
        !pairs.any(|(old, new)| is_it(old) || is_it(new))
    };
    for arm in new.arms.iter().filter(|it| is_left(it)) {
        walk.add(both, added, String::new(), &format!(":{}", arm.name));
    }
    for arm in old.arms.iter().filter(|it| is_left(it)) {
        walk.add(both, removed, String::new(), &format!(":{}", arm.name));
    }
    let mut lost = match both.side {
        Side::Response => new.arms.iter(),
        _ => old.arms.iter(),
    };
    if !lost.any(is_left) {
        choice(walk, both, old, new);
    }
}

/// How the alternatives are told apart, and whether exactly one has to be met.
fn choice<'a>(walk: &mut Walk<'a, '_>, both: &Both<'a, '_>, old: &Union<'a>, new: &Union<'a>) {
    let whole = || written_out(both.side, &both.open.old, &both.open.new);
    if old.tag != new.tag {
        let (before, after) = whole();
        let relation = between_whole(before.as_ref(), after.as_ref());
        let tag = |union: &Union<'_>| union.tag.unwrap_or("none").to_owned();
        let detail = format!("discriminator {} becomes {}", tag(old), tag(new));
        return walk.relation(both, relation, detail, "discriminator");
    }
    let all = |union: &Union<'a>| {
        union
            .arms
            .iter()
            .map(|arm| plain(&arm.at))
            .collect::<Vec<_>>()
    };
    // A tag tells the alternatives apart, so that no value meets two.
    let is_other = old.is_exclusive != new.is_exclusive && new.tag.is_none();
    let (receiver, harmless) = match both.side {
        Side::Response => (old, Relation::Narrower),
        _ => (new, Relation::Wider),
    };
    let is_open =
        receiver.is_exclusive && receiver.tag.is_none() && !are_disjoint(both.side, receiver);
    let relation = if is_open && (is_other || all(old) != all(new)) {
        let (before, after) = whole();
        let (sent, taken) = match both.side {
            Side::Response => (&after, &before),
            _ => (&before, &after),
        };
        match (covers(taken.as_ref(), sent.as_ref()), is_other) {
            (Answer::Yes, false) => Relation::Same,
            (Answer::Yes, true) => harmless,
            (Answer::No, _) => Relation::Other,
            (Answer::Undecided, _) => Relation::Unknown,
        }
    } else if is_other {
        harmless
    } else {
        Relation::Same
    };
    let word = |union: &Union<'_>| if union.is_exclusive { "oneOf" } else { "anyOf" };
    let detail = match is_other {
        true => format!("{} becomes {}", word(old), word(new)),
        false => "more than one alternative may be met".to_owned(),
    };
    let keyword = if new.is_exclusive { "oneOf" } else { "anyOf" };
    walk.relation(both, relation, detail, keyword);
}

/// Whether no value meets two alternatives: their types differ, or the values of a property that all require.
fn are_disjoint(side: Side, union: &Union<'_>) -> bool {
    let levels = union
        .arms
        .iter()
        .map(|arm| Level::of(side, from_ref(&arm.at)));
    let levels: Vec<_> = levels.collect();
    let values = |level: &Level<'_>, name: &str| {
        let values = Level::of(side, level.properties.get(name)?).values?;
        Some(values.into_iter().cloned().collect::<Vec<_>>())
    };
    let apart = |a: &Level<'_>, b: &Level<'_>| {
        let is_typed = a.types.is_some() && b.types.is_some() && !(a.null && b.null);
        let types = (a.type_names(), b.type_names());
        let is_number =
            |types: &BTreeSet<&str>| types.contains("integer") || types.contains("number");
        if is_typed
            && types.0.is_disjoint(&types.1)
            && !(is_number(&types.0) && is_number(&types.1))
        {
            return true;
        }
        a.required.intersection(&b.required).any(|name| {
            let pair = values(a, name).zip(values(b, name));
            pair.is_some_and(|(a, b)| a.iter().all(|it| !b.contains(it)))
        })
    };
    let rest = |index: usize| levels.get(index + 1..).unwrap_or_default();
    levels
        .iter()
        .enumerate()
        .all(|(index, a)| rest(index).iter().all(|b| apart(a, b)))
}

/// Alternatives that stand for each other: by the value of the tag or the name, by what they say, by position.
fn paired<'a, 'u>(old: &'u Union<'a>, new: &'u Union<'a>) -> Vec<(&'u Arm<'a>, &'u Arm<'a>)> {
    let is_tagged = old.tag.is_some();
    let is_named = |arm: &Arm<'_>| is_tagged || arm.at.value.get("$ref").is_some();
    let mut left = (old.arms.iter().collect(), new.arms.iter().collect());
    let by_name =
        |old: &Arm<'_>, new: &Arm<'_>| is_named(old) && is_named(new) && old.name == new.name;
    let mut pairs = take_pairs(&mut left, by_name);
    if !is_tagged {
        let is_equal = |old: &Arm<'_>, new: &Arm<'_>| plain(&old.at) == plain(&new.at);
        pairs.extend(take_pairs(&mut left, is_equal));
        let is_even = left.0.len() == left.1.len();
        let by_position =
            |old: &Arm<'_>, new: &Arm<'_>| is_even && !is_named(old) && !is_named(new);
        pairs.extend(take_pairs(&mut left, by_position));
    }
    pairs
}

fn take_pairs<'a, 'u>(
    (old, new): &mut (Arms<'a, 'u>, Arms<'a, 'u>),
    same: impl Fn(&Arm<'a>, &Arm<'a>) -> bool,
) -> Vec<(&'u Arm<'a>, &'u Arm<'a>)> {
    let mut pairs = Vec::new();
    new.retain(|arm| {
        let index = old.iter().position(|it| same(it, arm));
        pairs.extend(index.map(|index| (old.remove(index), *arm)));
        index.is_none()
    });
    pairs
}

type Arms<'a, 'u> = Vec<&'u Arm<'a>>;
