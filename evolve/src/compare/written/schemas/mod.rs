//! Walks through two schemas side by side, level by level.

mod inside;
mod meanings;
mod members;
mod unions;
mod values;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bpx_contract::{Cursor, Place, pointer};
use serde_json::Value;

use super::counts::Counts;
use super::expanded::written_out;
use super::level::{Level, Parts};
use super::relation::{Relation, of_types};
use super::unchanged::Unchanged;
use super::union::last;
use crate::rules::Rule;
use crate::side::Side;

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
    /// Whether schemas are meant that were not compared.
    has_subtypes: bool,
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

/// Every pair of schemas that was compared.
#[derive(Debug, Default)]
pub(super) struct Schemas<'a> {
    visited: BTreeMap<Key, Visited<'a>>,
    pub(super) counts: Counts,
    unchanged: Unchanged,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(unchanged: Unchanged) -> Self {
        Self {
            unchanged,
            ..Self::default()
        }
    }

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
        let found = self.reached(root).into_iter().flat_map(|visited| {
            visited.found.iter().map(|it| {
                let mut it = it.clone();
                it.pointers.extend(visited.trail.iter().cloned());
                it
            })
        });
        found.collect()
    }

    /// Whether nothing was found in a pair or inside it, and nothing was left out.
    pub(super) fn is_same(&self, root: &Key) -> bool {
        let reached = self.reached(root);
        reached
            .iter()
            .all(|it| it.found.is_empty() && !it.has_subtypes)
    }

    fn reached(&self, root: &Key) -> Vec<&Visited<'a>> {
        let (mut open, mut seen, mut reached) = (vec![root], BTreeSet::new(), Vec::new());
        while let Some(key) = open.pop() {
            let Some(visited) = self.visited.get(key).filter(|_| seen.insert(key)) else {
                continue;
            };
            reached.push(visited);
            open.extend(&visited.inside);
        }
        reached
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

/// Where a keyword stands; where it would stand, if no part has it.
fn keyword_place(level: &Level<'_>, start: &[Cursor<'_>], keyword: &str) -> Place {
    let mut parts = level.parts.iter();
    let part = parts
        .find(|it| it.value.get(keyword).is_some())
        .or(start.first());
    part.map_or_else(
        || Place::file(""),
        |part| Place::at(&*part.document.file, pointer::join(&part.pointer, keyword)),
    )
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
        let is_equal = match (old, new) {
            ([old], [new]) => self.all.unchanged.has(old, new),
            _ => false,
        };
        if is_new && !is_equal {
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
        let has_subtypes = both.old.has_subtypes() || both.new.has_subtypes();
        if let Some(visited) = self.all.visited.get_mut(&open.key) {
            visited.has_subtypes = has_subtypes;
        }
        meanings::counts(self, &both);
        meanings::meanings(self, &both);
        if both.old.broken != both.new.broken {
            self.add(&both, Rule::Unread, String::new(), "$ref");
        }
        if both.old.unions.len() != both.new.unions.len() {
            return unions::reshaped(self, &both);
        }
        let types = of_types(&both.old, &both.new);
        let (old, new) = (both.old.type_names(), both.new.type_names());
        if old.is_disjoint(&new) && types == Relation::Other && both.old.unions.is_empty() {
            return self.relation(&both, types, values::types_detail(&both), "type");
        }
        values::null(self, &both);
        values::values(self, &both, types);
        values::limits(self, &both);
        members::properties(self, &both);
        inside::inside(self, &both);
        for (old, new) in both.old.unions.iter().zip(&both.new.unions) {
            unions::union(self, &both, old, new);
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

    /// A change of what one keyword says, located there.
    fn keyword(&mut self, both: &Both<'a, '_>, rule: Rule, detail: String, keyword: &str) {
        self.add(both, rule, detail, "");
        let visited = self.all.visited.get_mut(&both.open.key);
        if let Some(found) = visited.and_then(|it| it.found.last_mut()) {
            found.places = (
                keyword_place(&both.old, &both.open.old, keyword),
                keyword_place(&both.new, &both.open.new, keyword),
            );
        }
    }

    fn relation(&mut self, both: &Both<'a, '_>, relation: Relation, detail: String, keyword: &str) {
        if let Some(rule) = relation.rule(both.side) {
            self.keyword(both, rule, detail, keyword);
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
