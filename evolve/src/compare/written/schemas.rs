//! Walks through two schemas side by side, level by level.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bpx_contract::{Cursor, Place};
use serde_json::Value;

use super::super::algebra::covers;
use super::expanded::{plain, schema};
use super::keywords::{Domain, Holds, Use, of_schema};
use super::level::{Arm, Level, Parts, Union, last};
use super::relation::{Relation, between, of_limits, of_types, of_values};
use crate::change::{Answer, Side};
use crate::rules::Rule;

/// A difference, as the documents have it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) rule: Rule,
    pub(super) subject: String,
    pub(super) detail: String,
    /// In the old and in the new document.
    pub(super) places: (Place, Place),
    /// Whether the algebra understands what differs.
    pub(super) is_provable: bool,
    /// Every location, in either document, where other means would report it.
    pub(super) pointers: BTreeSet<String>,
}

/// A pair of schemas in one direction; whether a value may be missing.
pub(super) type Key = (Side, bool, Vec<String>, Vec<String>);

/// A pair that was compared.
#[derive(Debug, Default)]
struct Visited<'a> {
    found: Vec<Found>,
    inside: BTreeSet<Key>,
    /// Where the walk came from.
    trail: BTreeSet<String>,
    old: Parts<'a>,
    new: Parts<'a>,
}

/// A pair that is to be compared.
struct Open<'a> {
    key: Key,
    label: String,
    old: Parts<'a>,
    new: Parts<'a>,
}

/// Differences that have no verdict, each by its location and keyword: what both directions use counts once.
#[derive(Debug, Default)]
pub(super) struct Counts(BTreeSet<(Use, String, String)>);

/// Every pair of schemas that was compared.
#[derive(Debug, Default)]
pub(super) struct Schemas<'a> {
    visited: BTreeMap<Key, Visited<'a>>,
    pub(super) counts: Counts,
}

impl<'a> Schemas<'a> {
    /// Compares two schemas and everything inside them. `holders` are the pointers of what they describe.
    pub(super) fn compare(
        &mut self,
        side: Side,
        label: &str,
        old: &Cursor<'a>,
        new: &Cursor<'a>,
        holders: &BTreeSet<String>,
    ) -> Key {
        let (old, new) = (vec![old.clone()], vec![new.clone()]);
        let mut walk = Walk {
            all: self,
            open: VecDeque::new(),
        };
        let root = walk.go((side, false), label, holders, (&old, &new));
        while let Some(open) = walk.open.pop_front() {
            walk.level(&open);
        }
        root
    }

    /// Both schemas of a pair, written out for the algebra.
    pub(super) fn written_out(&self, key: &Key) -> (Option<Value>, Option<Value>) {
        let Some(visited) = self.visited.get(key) else {
            return (None, None);
        };
        written_out(key.0, &visited.old, &visited.new)
    }

    /// What was found in a pair and inside it, each with all its locations.
    pub(super) fn found(&self, root: &Key) -> Vec<Found> {
        let (mut open, mut seen, mut found) = (vec![root], BTreeSet::new(), Vec::new());
        while let Some(key) = open.pop() {
            let Some(visited) = self.visited.get(key).filter(|_| seen.insert(key)) else {
                continue;
            };
            found.extend(visited.found.iter().map(|it| {
                let mut it = it.clone();
                it.pointers.extend(visited.trail.iter().cloned());
                it
            }));
            open.extend(&visited.inside);
        }
        found
    }
}

struct Walk<'a, 'b> {
    all: &'b mut Schemas<'a>,
    open: VecDeque<Open<'a>>,
}

/// One level of two schemas.
struct Both<'a, 'b> {
    open: &'b Open<'a>,
    side: Side,
    old: Level<'a>,
    new: Level<'a>,
}

fn pointers(parts: &[Cursor<'_>]) -> Vec<String> {
    parts.iter().map(|it| it.pointer.clone()).collect()
}

/// The name of a schema that is referred to, alone or with words around it; else what its position is called.
fn named(parts: &[Cursor<'_>], label: &str) -> String {
    let own = parts.iter().find_map(|part| part.str("$ref"));
    let around = || match parts.first()?.items("allOf").as_slice() {
        [only] => only.str("$ref"),
        _ => None,
    };
    let reference = own.or_else(around);
    reference.map_or_else(|| label.to_owned(), |it| last(it).to_owned())
}

impl<'a> Walk<'a, '_> {
    fn go(
        &mut self,
        (side, is_optional): (Side, bool),
        label: &str,
        trail: &BTreeSet<String>,
        (old, new): (&[Cursor<'a>], &[Cursor<'a>]),
    ) -> Key {
        let key = (side, is_optional, pointers(old), pointers(new));
        let is_new = !self.all.visited.contains_key(&key);
        let visited = self.all.visited.entry(key.clone()).or_default();
        visited.trail.extend(trail.iter().cloned());
        (visited.old, visited.new) = (old.to_vec(), new.to_vec());
        if is_new {
            self.open.push_back(Open {
                key: key.clone(),
                label: named(old, label),
                old: old.to_vec(),
                new: new.to_vec(),
            });
        }
        key
    }

    fn level(&mut self, open: &Open<'a>) {
        let side = open.key.0;
        let (old, new) = Level::pair(side, &open.old, &open.new);
        let both = Both {
            open,
            side,
            old,
            new,
        };
        self.counts(&both);
        self.meanings(&both);
        if both.old.broken != both.new.broken {
            self.add(&both, Rule::Unread, String::new(), "$ref");
        }
        if both.old.unions.len() != both.new.unions.len() {
            return self.reshaped(&both);
        }
        let types = of_types(&both.old, &both.new);
        let (old, new) = (both.old.type_names(), both.new.type_names());
        if old.is_disjoint(&new) && types == Relation::Other && both.old.unions.is_empty() {
            return self.relation(&both, types, types_detail(&both));
        }
        self.null(&both);
        self.values(&both, types);
        self.limits(&both);
        self.properties(&both);
        self.inside(&both);
        for (old, new) in both.old.unions.iter().zip(&both.new.unions) {
            self.union(&both, old, new);
        }
    }

    fn add(&mut self, both: &Both<'a, '_>, rule: Rule, detail: String, subject: &str) {
        let place = |parts: &Parts<'a>| parts.first().map(Cursor::place);
        let (Some(old), Some(new)) = (place(&both.open.old), place(&both.open.new)) else {
            return;
        };
        let parts = both.old.parts.iter().chain(&both.new.parts);
        let found = Found {
            rule,
            subject: format!("{}{subject}", both.open.label),
            detail,
            places: (old, new),
            is_provable: true,
            pointers: parts.map(|it| it.pointer.clone()).collect(),
        };
        let visited = self.all.visited.entry(both.open.key.clone()).or_default();
        visited.found.push(found);
    }

    fn relation(&mut self, both: &Both<'a, '_>, relation: Relation, detail: String) {
        if let Some(rule) = relation.rule(both.side) {
            self.add(both, rule, detail, "");
        }
    }

    /// Goes on inside, where the position has no name of its own.
    fn inner(&mut self, both: &Both<'a, '_>, label: &str, parts: (&[Cursor<'a>], &[Cursor<'a>])) {
        let own = both.old.parts.iter().chain(&both.new.parts);
        let mut trail: BTreeSet<_> = own.map(|it| it.pointer.clone()).collect();
        let visited = self.all.visited.get(&both.open.key);
        trail.extend(visited.iter().flat_map(|it| it.trail.iter().cloned()));
        let label = format!("{}{label}", both.open.label);
        let key = self.go((both.side, false), &label, &trail, parts);
        self.link(both, key);
    }

    fn link(&mut self, both: &Both<'a, '_>, inside: Key) {
        let visited = self.all.visited.entry(both.open.key.clone()).or_default();
        visited.inside.insert(inside);
    }

    fn null(&mut self, both: &Both<'a, '_>) {
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
        self.add(both, rule, String::new(), "");
    }

    fn values(&mut self, both: &Both<'a, '_>, types: Relation) {
        let (Some(old), Some(new)) = (&both.old.values, &both.new.values) else {
            let relation = match (&both.old.values, &both.new.values) {
                (None, Some(_)) if matches!(types, Relation::Same | Relation::Narrower) => {
                    Relation::Narrower
                }
                (Some(_), None) if matches!(types, Relation::Same | Relation::Wider) => {
                    Relation::Wider
                }
                (None, None) => types,
                _ => Relation::Other,
            };
            return self.relation(both, relation, types_detail(both));
        };
        if both.side == Side::Response
            && !old.is_empty()
            && of_values(old, new) == Relation::Other
            && old.iter().all(|it| !new.contains(it))
        {
            let detail = format!("{} becomes {}", list(old), list(new));
            return self.add(both, Rule::ResponseValuesReplaced, detail, "");
        }
        let (added, removed) = match both.side {
            Side::Response => (Rule::ResponseValueAdded, Rule::ResponseValueRemoved),
            _ => (Rule::RequestValueAdded, Rule::RequestValueRemoved),
        };
        for value in new.iter().filter(|it| !old.contains(it)) {
            self.add(both, added, String::new(), &format!("={}", text(value)));
        }
        for value in old.iter().filter(|it| !new.contains(it)) {
            self.add(both, removed, String::new(), &format!("={}", text(value)));
        }
    }

    /// The limits of the value itself. What one keyword no longer refuses another may refuse, which the algebra knows.
    fn limits(&mut self, both: &Both<'a, '_>) {
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
            self.relation(both, relation, detail);
            let visited = self.all.visited.get_mut(&both.open.key);
            if let Some(found) = visited.and_then(|it| it.found.last_mut()) {
                found.is_provable &= !OPAQUE.contains(&keyword);
            }
        }
    }

    fn properties(&mut self, both: &Both<'a, '_>) {
        let (old, new) = (&both.old.properties, &both.new.properties);
        let required = |level: &Level<'_>, name: &str| level.required.contains(name);
        for (name, parts) in new {
            let Some(known) = old.get(name) else {
                let rule = match both.side {
                    Side::Response => Rule::ResponseFieldAdded,
                    _ if required(&both.new, name) => Rule::RequestRequiredFieldAdded,
                    _ => Rule::RequestFieldAdded,
                };
                self.property(both, rule, name, parts);
                continue;
            };
            self.requiredness(both, name, parts);
            let label = format!("{}.{name}", both.open.label);
            let is_optional = !required(&both.old, name);
            let key = self.go(
                (both.side, is_optional),
                &label,
                &BTreeSet::new(),
                (known, parts),
            );
            self.link(both, key);
        }
        for (name, parts) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            let rule = match both.side {
                Side::Response if required(&both.old, name) => Rule::ResponseFieldRemoved,
                Side::Response => Rule::ResponseOptionalFieldRemoved,
                _ if both.new.is_closed() => Rule::RequestNarrowed,
                _ => Rule::RequestFieldRemoved,
            };
            self.property(both, rule, name, parts);
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
            self.property(both, rule, name, &[]);
        }
    }

    /// A change of one property, at its own location.
    fn property(&mut self, both: &Both<'a, '_>, rule: Rule, name: &str, parts: &[Cursor<'a>]) {
        self.add(both, rule, String::new(), &format!(".{name}"));
        let visited = self.all.visited.get_mut(&both.open.key);
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

    fn requiredness(&mut self, both: &Both<'a, '_>, name: &str, parts: &[Cursor<'a>]) {
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
        self.property(both, rule, name, parts);
    }

    fn inside(&mut self, both: &Both<'a, '_>) {
        let (old, new) = (&both.old.inside, &both.new.inside);
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let (keyword, name) = (key.0, &key.1);
            match (old.get(key), new.get(key)) {
                (Some(before), Some(after)) if is_false(before) == is_false(after) => {
                    if is_opaque(keyword) {
                        self.opaque(both, keyword, (before, after));
                    } else if !is_false(before) {
                        let label = label(keyword, name);
                        self.inner(both, &label, (before, after));
                    }
                }
                (before, after) => self.inside_added(both, key, (before, after)),
            }
        }
    }

    /// A keyword with a schema that only one document has, or that refuses everything in one.
    fn inside_added(
        &mut self,
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
                return self.add(both, Rule::RequestClosed, key.0.to_owned(), "");
            }
            _ if is_additional && is_closed(before) && both.side == Side::Response => {
                return self.add(both, Rule::ResponseOpened, key.0.to_owned(), "");
            }
            _ if is_opaque(key.0) => Relation::Unknown,
            (None, Some(_)) => Relation::Narrower,
            (Some(_), None) => Relation::Wider,
            (before, _) if is_closed(before) => Relation::Wider,
            _ => Relation::Narrower,
        };
        self.relation(both, relation, format!("{} differs", key.0));
    }

    /// A schema that limits in a way that the walk does not follow.
    fn opaque(&mut self, both: &Both<'a, '_>, keyword: &str, (old, new): (&Parts<'a>, &Parts<'a>)) {
        let all = |parts: &Parts<'a>| parts.iter().map(plain).collect::<Vec<_>>();
        let (before, after) = (all(old), all(new));
        if before != after {
            let (before, after) = written_out(both.side, &both.open.old, &both.open.new);
            let relation = between_whole(before.as_ref(), after.as_ref());
            self.relation(both, relation, format!("{keyword} differs"));
        }
    }

    /// A union where there was none, or none where there was one.
    fn reshaped(&mut self, both: &Both<'a, '_>) {
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
        self.relation(both, relation, "the alternatives differ".to_owned());
    }

    fn union(&mut self, both: &Both<'a, '_>, old: &Union<'a>, new: &Union<'a>) {
        let paired = paired(old, new);
        for (known, arm) in &paired {
            let label = format!(":{}", arm.name);
            self.inner(both, &label, (&[known.at.clone()], &[arm.at.clone()]));
        }
        let (added, removed) = match (both.side, new.tag) {
            (Side::Response, Some(_)) => (Rule::ResponseArmAdded, Rule::ResponseArmRemoved),
            (Side::Response, None) => (Rule::ResponseShapeAdded, Rule::ResponseArmRemoved),
            _ => (Rule::RequestArmAdded, Rule::RequestArmRemoved),
        };
        let is_left = |arm: &Arm<'a>| {
            let mut pairs = paired.iter();
            pairs.all(|(old, new)| {
                ![&old.at, &new.at]
                    .iter()
                    .any(|it| std::ptr::eq(it.value, arm.at.value))
            })
        };
        for arm in new.arms.iter().filter(|it| is_left(it)) {
            self.add(both, added, String::new(), &format!(":{}", arm.name));
        }
        for arm in old.arms.iter().filter(|it| is_left(it)) {
            self.add(both, removed, String::new(), &format!(":{}", arm.name));
        }
        let mut lost = match both.side {
            Side::Response => new.arms.iter(),
            _ => old.arms.iter(),
        };
        if !lost.any(is_left) {
            self.choice(both, old, new);
        }
    }

    /// How the alternatives are told apart, and whether exactly one has to be met.
    fn choice(&mut self, both: &Both<'a, '_>, old: &Union<'a>, new: &Union<'a>) {
        let whole = || written_out(both.side, &both.open.old, &both.open.new);
        if old.tag != new.tag {
            let (before, after) = whole();
            let relation = between_whole(before.as_ref(), after.as_ref());
            let tag = |union: &Union<'_>| union.tag.unwrap_or("none").to_owned();
            let detail = format!("discriminator {} becomes {}", tag(old), tag(new));
            return self.relation(both, relation, detail);
        }
        let all = |union: &Union<'a>| {
            union
                .arms
                .iter()
                .map(|arm| plain(&arm.at))
                .collect::<Vec<_>>()
        };
        let is_other = old.is_exclusive != new.is_exclusive;
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
        self.relation(both, relation, detail);
    }

    /// Keywords with a rule of their own.
    fn meanings(&mut self, both: &Both<'a, '_>) {
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
            self.add(both, rule, detail, "");
        }
        let is_deprecated = |level: &Level<'a>| level.parts.iter().any(|it| it.flag("deprecated"));
        match (is_deprecated(&both.old), is_deprecated(&both.new)) {
            (false, true) => self.add(both, Rule::FieldDeprecated, String::new(), ""),
            (true, false) => self.add(both, Rule::FieldUndeprecated, String::new(), ""),
            _ => {}
        }
        if let Some((old, new)) = differs("x-extensible-enum") {
            self.extensible(both, &old, &new);
        }
    }

    /// Values of an enum that may grow, which its readers have to expect (Zalando guideline 112).
    fn extensible(&mut self, both: &Both<'a, '_>, old: &[&'a Value], new: &[&'a Value]) {
        let values = |lists: &[&'a Value]| {
            let lists = lists.iter().filter_map(|it| it.as_array());
            lists.flatten().collect::<Vec<_>>()
        };
        let (old, new) = (values(old), values(new));
        for value in new.iter().filter(|it| !old.contains(it)) {
            self.add(
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
            self.add(both, removed, String::new(), &format!("={}", text(value)));
        }
    }

    fn counts(&mut self, both: &Both<'a, '_>) {
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
                self.all.counts.add(of_schema(key), at, key);
            }
        }
    }
}

impl Counts {
    pub(super) fn add(&mut self, used: Use, pointer: &str, key: &str) {
        if matches!(used, Use::Prose | Use::Example | Use::Annotation) {
            self.0.insert((used, pointer.to_owned(), key.to_owned()));
        }
    }

    pub(super) fn of(&self, wanted: Use) -> usize {
        self.0.iter().filter(|(used, ..)| *used == wanted).count()
    }

    /// How many members differ that mean nothing to callers of JSON, by their names.
    pub(super) fn uncompared(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for (_, _, key) in self.0.iter().filter(|(used, ..)| *used == Use::Annotation) {
            *counted.entry(key.clone()).or_default() += 1;
        }
        counted
    }
}

/// Both schemas for the algebra: the caller keeps to the old document, the server to the new one.
fn written_out(
    side: Side,
    old: &[Cursor<'_>],
    new: &[Cursor<'_>],
) -> (Option<Value>, Option<Value>) {
    let is_sent = side == Side::Request;
    (schema(side, old, is_sent), schema(side, new, !is_sent))
}

/// Whether no value meets two alternatives: their types differ, or the values of a property that all require.
fn are_disjoint(side: Side, union: &Union<'_>) -> bool {
    let levels = union
        .arms
        .iter()
        .map(|arm| Level::of(side, std::slice::from_ref(&arm.at)));
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

fn between_whole(old: Option<&Value>, new: Option<&Value>) -> Relation {
    match (old, new) {
        (Some(old), Some(new)) => between(old, new),
        _ => Relation::Unknown,
    }
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

type Arms<'a, 'u> = Vec<&'u Arm<'a>>;

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

fn types_detail(both: &Both<'_, '_>) -> String {
    let word = |level: &Level<'_>| match (&level.values, &level.types) {
        (Some(values), _) => list(values),
        (None, Some(types)) => types.iter().copied().collect::<Vec<_>>().join(" or "),
        (None, None) => "any".to_owned(),
    };
    format!("{} becomes {}", word(&both.old), word(&both.new))
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

/// Whether both lists have the same values, whatever their order and however often.
fn all_same(old: &[&Value], new: &[&Value]) -> bool {
    old.iter().all(|it| new.contains(it)) && new.iter().all(|it| old.contains(it))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn list(values: &[&Value]) -> String {
    match values {
        [] => "none".to_owned(),
        values => values
            .iter()
            .map(|it| it.to_string())
            .collect::<Vec<_>>()
            .join(", "),
    }
}
