//! Changes as they are found, before their verdicts are settled.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Place;
use serde_json::Value;

use super::steps::step;
use super::witness::{Probe, Visit};
use crate::change::Witness;
use crate::element::Element;
use crate::rules::{Class, Rule, Step};
use crate::side::Side;

/// A change as it is found.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) rule: Rule,
    pub(super) subject: String,
    pub(super) detail: String,
    pub(super) elements: BTreeSet<Element>,
    pub(super) probe: Probe,
    /// The location that reports show.
    pub(super) place: Place,
    /// The location in the old document.
    pub(super) old_place: Place,
    /// The location in the new document.
    pub(super) new_place: Place,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) witness: Option<Witness>,
}

impl Known {
    pub(super) fn subject(&self) -> &str {
        &self.key.2
    }

    /// Whether it is about a value as a whole, which has no place of its own.
    pub(super) fn is_whole(&self) -> bool {
        self.pointers.is_empty()
    }

    /// Whether it can be the difference that a rule is about: of the same class, in the same direction.
    pub(super) fn fits(&self, side: Side, rule: Rule) -> bool {
        let (own, known, ..) = &self.key;
        let is_null = rule.class() == Class::Null && known.class() == Class::Values;
        let is_class = match rule.class() {
            Class::Other => rule == *known,
            class => class == known.class() || is_null,
        };
        is_class && (*own == side || *own == Side::Operation)
    }
}

impl Draft {
    /// A change of `subject`, with its locations in the old and the new document.
    pub(super) fn new(rule: Rule, subject: &str, (old, new): (Place, Place)) -> Self {
        Self {
            rule,
            subject: subject.to_owned(),
            detail: String::new(),
            elements: BTreeSet::new(),
            probe: Probe::None,
            place: new.clone(),
            old_place: old,
            new_place: new,
            before: None,
            after: None,
            witness: None,
        }
    }

    pub(super) fn element(mut self, element: Element) -> Self {
        self.elements.insert(element);
        self
    }

    pub(super) fn detail(self, detail: String) -> Self {
        Self { detail, ..self }
    }

    pub(super) fn probe(self, probe: Probe) -> Self {
        Self { probe, ..self }
    }

    /// Reports show the location in the old document, the only one that has what was removed.
    pub(super) fn removed(self) -> Self {
        let place = self.old_place.clone();
        Self { place, ..self }
    }

    /// The lines of the public Rust surface that disappear and appear.
    pub(super) fn lines(self, before: Option<String>, after: Option<String>) -> Self {
        Self {
            before,
            after,
            ..self
        }
    }

    pub(super) fn witness(self, witness: Option<Witness>) -> Self {
        Self { witness, ..self }
    }

    /// The same change for a value that is sent as the parameter `name`.
    pub(super) fn of_parameter(self, name: &str) -> Self {
        let text = match &self.probe {
            Probe::Value(Value::String(text)) => Some(format!("{name}={text}")),
            Probe::Value(value) => Some(format!("{name}={value}")),
            _ => None,
        };
        self.witness(text.map(Witness::Parameter))
    }
}

/// Drafts with the same key are one change, whichever operations they reach: direction, rule, subject and detail.
pub(super) type Key = (Side, Rule, String, String);

/// A change that was found, and its locations in both documents.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) key: Key,
    pub(super) pointers: BTreeSet<String>,
}

/// A draft, and the operations it reaches, each with the position in a body where it was found.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    pub(super) draft: Draft,
    pub(super) operations: BTreeMap<String, Option<Visit<'a>>>,
}

/// Every change that was found.
#[derive(Debug, Default)]
pub(super) struct Drafts<'a>(BTreeMap<Key, Gathered<'a>>);

impl<'a> Drafts<'a> {
    pub(super) fn add(
        &mut self,
        operation: &str,
        side: Side,
        draft: Draft,
        visit: Option<Visit<'a>>,
    ) {
        let gathered = self.gathered(side, draft);
        let first = gathered.operations.entry(operation.to_owned());
        first.or_insert(visit);
    }

    /// Adds a change that may reach no operation.
    pub(super) fn add_to_all(&mut self, operations: Vec<&str>, side: Side, draft: Draft) {
        let operations = operations.into_iter().map(|id| (id.to_owned(), None));
        self.gathered(side, draft).operations.extend(operations);
    }

    fn gathered(&mut self, side: Side, mut draft: Draft) -> &mut Gathered<'a> {
        let key = (
            side,
            draft.rule,
            draft.subject.clone(),
            draft.detail.clone(),
        );
        let elements = std::mem::take(&mut draft.elements);
        let gathered = self.0.entry(key).or_insert_with(|| Gathered {
            draft,
            operations: BTreeMap::new(),
        });
        gathered.draft.elements.extend(elements);
        gathered
    }

    /// The changes of an operation.
    pub(super) fn known(&self, operation: &str) -> Vec<Known> {
        let reaches = |it: &&Gathered<'_>| it.operations.contains_key(operation);
        let drafts = self.0.iter().filter(|(_, gathered)| reaches(gathered));
        let known = drafts.map(|(key, gathered)| {
            let places = [&gathered.draft.place, &gathered.draft.old_place];
            let pointers = places.into_iter().filter_map(|it| it.pointer.as_deref());
            let schema = |it: &str| it.strip_suffix("/enum").unwrap_or(it).to_owned();
            Known {
                key: key.clone(),
                pointers: pointers.map(schema).collect(),
            }
        });
        known.collect()
    }

    /// Gives a change of an operation another rule.
    pub(super) fn judge(&mut self, operation: &str, key: &Key, rule: Rule) {
        let Some(gathered) = self.0.get_mut(key) else {
            return;
        };
        let visit = gathered.operations.remove(operation).flatten();
        let draft = Draft {
            rule,
            ..gathered.draft.clone()
        };
        if gathered.operations.is_empty() {
            self.0.remove(key);
        }
        self.add(operation, key.0, draft, visit);
    }

    /// The Rust lines that disappear and appear by the changes of one rule.
    pub(super) fn lines_of(&self, rule: Rule) -> (BTreeSet<String>, BTreeSet<String>) {
        let drafts = self.0.values().map(|it| &it.draft);
        let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
        for draft in drafts.filter(|it| it.rule == rule) {
            before.extend(draft.before.clone());
            after.extend(draft.after.clone());
        }
        (before, after)
    }

    /// The subjects of changes that need a major version.
    pub(super) fn major(&self) -> BTreeSet<String> {
        let drafts = self.0.values().map(|it| &it.draft);
        let major = drafts.filter(|it| step(it.rule, &it.before, &it.after) == Step::Major);
        major.map(|it| it.subject.clone()).collect()
    }

    /// The rules of an operation's changes in one direction.
    pub(super) fn of(&self, operation: &str, side: Side) -> impl Iterator<Item = Rule> {
        let reaches = move |it: &Gathered<'_>| it.operations.contains_key(operation);
        let drafts = self.0.iter();
        drafts
            .filter(move |((own, ..), gathered)| *own == side && reaches(gathered))
            .map(|((_, rule, ..), _)| *rule)
    }

    /// Every change with its direction.
    pub(super) fn into_sides(self) -> impl Iterator<Item = (Side, Gathered<'a>)> {
        self.0
            .into_iter()
            .map(|((side, ..), gathered)| (side, gathered))
    }
}
