//! A walk through two operations as they are written: what was found, and which schemas are compared.

use std::collections::BTreeSet;

use bpx_contract::{Cursor, Place, pointer};
use serde_json::Value;

use super::counts::Counts;
use super::keywords::of_object;
use super::level::Level;
use super::schemas::{Found, Key, Schemas};
use crate::rules::Rule;
use crate::side::Side;

/// The direction in which the two sides of an operation send: the server calls back in webhooks and callbacks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    pub(super) sent: Side,
    pub(super) answered: Side,
}

pub(super) const CALL: Sides = Sides {
    sent: Side::Request,
    answered: Side::Response,
};
pub(super) const CALLBACK: Sides = Sides {
    sent: Side::Response,
    answered: Side::Request,
};

/// What the comparison of one operation found.
pub(super) struct Walk<'a, 's> {
    pub(super) schemas: &'s mut Schemas<'a>,
    pub(super) found: Vec<(Side, Found)>,
    /// The pairs of schemas that it uses. Those of parameters have rules of their own.
    pub(super) roots: Vec<(Root, Key)>,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Body,
    Parameter,
}

impl<'a> Walk<'a, '_> {
    pub(super) fn add(
        &mut self,
        side: Side,
        rule: Rule,
        subject: &str,
        detail: String,
        (old, new): (&Cursor<'_>, &Cursor<'_>),
    ) {
        self.found.push((
            side,
            Found {
                rule,
                subject: subject.to_owned(),
                detail,
                places: (old.place(), new.place()),
                is_provable: true,
                pointers: match (rule.is_removal(), rule.is_addition()) {
                    (true, _) => BTreeSet::from([old.pointer.clone()]),
                    (_, true) => BTreeSet::from([new.pointer.clone()]),
                    _ => holders(old, new),
                },
            },
        ));
    }

    /// A change of what one member says, located there.
    pub(super) fn add_at(
        &mut self,
        side: Side,
        rule: Rule,
        (subject, key): (&str, &str),
        detail: String,
        (old, new): (&Cursor<'_>, &Cursor<'_>),
    ) {
        self.add(side, rule, subject, detail, (old, new));
        if let Some((_, found)) = self.found.last_mut() {
            let place =
                |at: &Cursor<'_>| Place::at(&*at.document.file, pointer::join(&at.pointer, key));
            found.places = (place(old), place(new));
        }
    }

    /// A member that is `true` in one of two objects only: the rules for one that is set now, and for one that was.
    pub(super) fn flag(
        &mut self,
        side: Side,
        (subject, key): (&str, &str),
        (set, unset): (Rule, Rule),
        at: (&Cursor<'_>, &Cursor<'_>),
    ) {
        let rule = match (at.0.flag(key), at.1.flag(key)) {
            (false, true) => set,
            (true, false) => unset,
            _ => return,
        };
        self.add_at(side, rule, (subject, key), String::new(), at);
    }

    /// Compares the schemas of two objects that both have one.
    pub(super) fn schema(
        &mut self,
        side: Side,
        root: Root,
        label: &str,
        old: &Cursor<'a>,
        new: &Cursor<'a>,
    ) {
        match (old.get("schema"), new.get("schema")) {
            (Some(before), Some(after)) => {
                let key = self
                    .schemas
                    .compare(side, label, &before, &after, &holders(old, new));
                self.roots.push((root, key));
            }
            (None, None) => {}
            (before, _) => {
                let rule = match (side, before.is_some()) {
                    (Side::Response, true) => Rule::ResponseWidened,
                    (Side::Response, false) => Rule::ResponseNarrowed,
                    (_, true) => Rule::RequestWidened,
                    (_, false) => Rule::RequestNarrowed,
                };
                self.add(side, rule, label, "a schema or none".to_owned(), (old, new));
            }
        }
    }

    /// Counts or reports the members of two objects that no rule is about.
    pub(super) fn rest(&mut self, old: &Cursor<'_>, new: &Cursor<'_>, compared: &[&str]) {
        rest(&mut self.schemas.counts, old, new, compared);
    }
}

/// The pointers of two objects that hold the schemas that are compared.
pub(super) fn holders(old: &Cursor<'_>, new: &Cursor<'_>) -> BTreeSet<String> {
    BTreeSet::from([old.pointer.clone(), new.pointer.clone()])
}

/// Counts the members of two objects that differ and that no rule is about.
pub(super) fn rest(counts: &mut Counts, old: &Cursor<'_>, new: &Cursor<'_>, compared: &[&str]) {
    let keys = |at: &Cursor<'_>| -> BTreeSet<String> {
        at.members()
            .into_iter()
            .map(|(key, _)| key.to_owned())
            .collect()
    };
    // A flag that is not set says as much as none.
    let value = |at: &Cursor<'_>, key: &str| {
        let value = at.value.get(key).filter(|it| **it != Value::Bool(false));
        value.cloned()
    };
    for key in keys(old).union(&keys(new)) {
        if !compared.contains(&&**key) && value(old, key) != value(new, key) {
            counts.add(of_object(key), &new.pointer, key);
        }
    }
}

/// The level of an object's schema, in the direction of a request.
pub(super) fn level<'a>(at: &Cursor<'a>) -> Option<Level<'a>> {
    Some(Level::of(Side::Request, &[at.get("schema")?]))
}
