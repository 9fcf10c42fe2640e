//! Compares two bodies: what is at the same position is compared, whatever its type is called.

use std::collections::{BTreeSet, VecDeque};

use bpx_contract::model::{Kind, Shape};

use super::comparison::{Body, Comparison};
use super::drafts::Draft;
use super::instances::Segment;
use super::walk::{Walk, name};
use super::witness::Visit;
use super::{fields, variants};
use crate::element::Element;
use crate::rules::Rule;

/// Every change of a body, with the position where it was found.
pub(super) fn changes<'a>(both: &Comparison<'a>, body: &Body<'a>) -> Vec<(Draft, Visit<'a>)> {
    let start = Visit {
        side: body.side,
        root: (body.old, body.new),
        path: Some(Vec::new()),
        label: name(body.old).unwrap_or(body.label).to_owned(),
        holder: body.element.clone(),
        old: body.old,
        new: body.new,
    };
    let mut walk = Walk {
        both,
        drafts: Vec::new(),
        open: VecDeque::from([start]),
        seen: BTreeSet::new(),
    };
    while let Some(next) = walk.open.pop_front() {
        visit(&mut walk, &next);
    }
    walk.drafts
}

fn visit<'a>(walk: &mut Walk<'a, '_>, visit: &Visit<'a>) {
    match (visit.old, visit.new) {
        (Shape::Array(old), Shape::Array(new)) => {
            walk.go(visit, (Segment::Item, visit.holder.clone()), (old, new));
        }
        (Shape::Map(old), Shape::Map(new)) => {
            walk.go(visit, (Segment::Key, visit.holder.clone()), (old, new));
        }
        (Shape::Named(old), Shape::Named(new)) => {
            if old != new {
                renamed(walk, visit, old, new);
            }
            // Types are compared once.
            if walk.seen.insert((old, new)) {
                named(walk, visit, old, new);
            }
        }
        (old, new) if old == new => {}
        _ => walk.differ(visit),
    }
}

/// Adds a change for another type in this position. Its old and its new type may have come or gone with it.
fn renamed<'a>(walk: &mut Walk<'a, '_>, visit: &Visit<'a>, old: &str, new: &str) {
    let (before, after) = walk.both.surfaces();
    let places = walk.both.type_places(visit.old, visit.new);
    let draft = Draft::new(Rule::TypeRenamed, old, places)
        .element(visit.holder.clone())
        .element(Element::Type(old.to_owned()))
        .element(Element::Type(new.to_owned()))
        .detail(format!("`{old}` becomes `{new}`"))
        .lines(Some(before.ty(old)), Some(after.ty(new)));
    walk.add(visit, draft);
}

fn named<'a>(walk: &mut Walk<'a, '_>, visit: &Visit<'a>, old: &str, new: &str) {
    let (old_types, new_types) = walk.both.types();
    let (Some(before), Some(after)) = (old_types.get(old), new_types.get(new)) else {
        return;
    };
    match (&before.kind, &after.kind) {
        (Kind::Object(a), Kind::Object(b)) => {
            fields::compare(walk, visit, (before, a), (after, b));
        }
        (Kind::Enum(a), Kind::Enum(b)) | (Kind::IntegerEnum(a), Kind::IntegerEnum(b)) => {
            variants::values(walk, visit, (before, a), (after, b));
        }
        (Kind::Union(a), Kind::Union(b)) if a.tag == b.tag => {
            variants::arms(walk, visit, (before, a), (after, b));
        }
        _ => walk.differ(visit),
    }
}
