//! Compares two objects field by field.

use std::collections::BTreeSet;

use bpx_contract::model::{Field, Shape, TypeDef};

use super::algebra::{direction, is_looser, is_within};
use super::comparison::Comparison;
use super::drafts::Draft;
use super::instances::Segment;
use super::walk::Walk;
use super::witness::{Probe, Visit};
use crate::element::Element;
use crate::rules::Rule;
use crate::side::Side;

pub(super) fn compare<'a>(
    walk: &mut Walk<'a, '_>,
    visit: &Visit<'a>,
    (before, old): (&'a TypeDef, &'a [Field]),
    (after, new): (&'a TypeDef, &'a [Field]),
) {
    let find = |fields: &'a [Field], name: &str| fields.iter().find(|it| it.name == name);
    for field in new {
        match find(old, &field.name) {
            Some(known) => both(walk, visit, (before, known), (after, field)),
            None => added(walk, visit, before, (after, field)),
        }
    }
    for field in old.iter().filter(|it| find(new, &it.name).is_none()) {
        removed(walk, visit, (before, field), after);
    }
}

fn element(visit: &Visit<'_>, field: &Field) -> Element {
    let name = field.name.clone();
    visit.inside(|ty| Element::Field { ty, name })
}

fn subject(visit: &Visit<'_>, field: &Field) -> String {
    format!("{}.{}", visit.label, field.name)
}

fn added<'a>(
    walk: &mut Walk<'a, '_>,
    visit: &Visit<'a>,
    before: &TypeDef,
    (after, field): (&TypeDef, &Field),
) {
    let without = Probe::Without(field.name.clone());
    let (rule, probe) = match (visit.side, field.required) {
        (Side::Request, true) => (Rule::RequestRequiredFieldAdded, without),
        (Side::Request, false) => (Rule::RequestFieldAdded, Probe::None),
        _ => (Rule::ResponseFieldAdded, Probe::None),
    };
    let line = walk.both.surfaces().1.field(visit.new, field);
    let place = walk.both.field_place(after, &field.name, true);
    let draft = Draft::new(rule, &subject(visit, field), (before.place.clone(), place))
        .element(element(visit, field))
        .probe(probe)
        .lines(None, Some(line));
    walk.add(visit, draft);
}

fn removed<'a>(
    walk: &mut Walk<'a, '_>,
    visit: &Visit<'a>,
    (before, field): (&TypeDef, &Field),
    after: &TypeDef,
) {
    let without = Probe::Without(field.name.clone());
    let (rule, probe) = match (visit.side, field.required) {
        (Side::Response, true) => (Rule::ResponseFieldRemoved, without),
        (Side::Response, false) => (Rule::ResponseOptionalFieldRemoved, Probe::None),
        _ => (Rule::RequestFieldRemoved, Probe::None),
    };
    let line = walk.both.surfaces().0.field(visit.old, field);
    let place = walk.both.field_place(before, &field.name, false);
    let draft = Draft::new(rule, &subject(visit, field), (place, after.place.clone()))
        .element(element(visit, field))
        .probe(probe)
        .removed()
        .lines(Some(line), None);
    walk.add(visit, draft);
}

/// A field that both objects have.
fn both<'a>(
    walk: &mut Walk<'a, '_>,
    visit: &Visit<'a>,
    (before, old): (&'a TypeDef, &'a Field),
    (after, new): (&'a TypeDef, &'a Field),
) {
    let surfaces = walk.both.surfaces();
    let lines = (
        surfaces.0.field(visit.old, old),
        surfaces.1.field(visit.new, new),
    );
    let places = (
        walk.both.field_place(before, &old.name, false),
        walk.both.field_place(after, &new.name, true),
    );
    let draft = |(rule, probe)| {
        Draft::new(rule, &subject(visit, old), places.clone())
            .element(element(visit, old))
            .probe(probe)
            .lines(Some(lines.0.clone()), Some(lines.1.clone()))
    };
    if let Some(found) = requiredness(visit.side, old, new) {
        walk.add(visit, draft(found));
    }
    if let Some(found) = nullness(visit.side, old, new) {
        walk.add(visit, draft(found));
    }
    let descends = is_same_kind(walk.both, &old.shape, &new.shape);
    if let Some(rule) = values(walk.both, visit.side, (old, new), descends) {
        let detail = match old.shape == new.shape || descends {
            true => limits(old, new),
            false => walk.both.becomes(&old.shape, &new.shape),
        };
        let draft = draft((rule, Probe::Field(old.name.clone()))).detail(detail);
        walk.add(visit, draft);
    }
    if descends {
        let segment = Segment::Field(old.name.clone());
        let holder = element(visit, old);
        walk.go(visit, (segment, holder), (&old.shape, &new.shape));
    }
}

/// Whether the shapes are compared by what is inside them.
fn is_same_kind(both: &Comparison<'_>, old: &Shape, new: &Shape) -> bool {
    match (old, new) {
        (Shape::Array(_), Shape::Array(_)) | (Shape::Map(_), Shape::Map(_)) => true,
        (Shape::Named(a), Shape::Named(b)) => {
            let (old, new) = both.types();
            let kind = |def: &TypeDef| std::mem::discriminant(&def.kind);
            let kinds = (old.get(a).map(kind), new.get(b).map(kind));
            kinds.0.is_some() && kinds.0 == kinds.1
        }
        _ => false,
    }
}

/// Whether a field has other values than before. If its shape is walked into, only its limits are compared.
fn values(
    both: &Comparison<'_>,
    side: Side,
    (old, new): (&Field, &Field),
    descends: bool,
) -> Option<Rule> {
    let same = old.constraints == new.constraints;
    if same && (descends || old.shape == new.shape) {
        return None;
    }
    let (sent, taken) = match side {
        Side::Response => (new, old),
        _ => (old, new),
    };
    if (descends || is_within(&sent.shape, &taken.shape))
        && is_looser(&taken.constraints, &sent.constraints)
    {
        return Some(match side {
            Side::Response => Rule::ResponseNarrowed,
            _ => Rule::RequestWidened,
        });
    }
    let (old_schema, mut new_schema) = both.strict(side);
    let bare = |field: &Field, shape: &Shape| Field {
        shape: shape.clone(),
        nullable: false,
        ..field.clone()
    };
    let shape = if descends { &old.shape } else { &new.shape };
    if descends {
        new_schema.types = old_schema.types;
    }
    let before = old_schema.field(&bare(old, &old.shape));
    let after = new_schema.field(&bare(new, shape));
    Some(direction(side, before.as_ref(), after.as_ref()))
}

fn requiredness(side: Side, old: &Field, new: &Field) -> Option<(Rule, Probe)> {
    let without = Probe::Without(old.name.clone());
    match (side, old.required, new.required) {
        (Side::Request, false, true) => Some((Rule::RequestFieldRequired, without)),
        (Side::Request, true, false) => Some((Rule::RequestFieldOptional, Probe::None)),
        (Side::Response, true, false) => Some((Rule::ResponseFieldOptional, without)),
        (Side::Response, false, true) => Some((Rule::ResponseFieldRequired, Probe::None)),
        _ => None,
    }
}

fn nullness(side: Side, old: &Field, new: &Field) -> Option<(Rule, Probe)> {
    let null = Probe::Null(old.name.clone());
    match (side, old.nullable, new.nullable) {
        (Side::Request, false, true) => Some((Rule::RequestNullAllowed, Probe::None)),
        (Side::Request, true, false) => Some((Rule::RequestNullRefused, null)),
        (Side::Response, false, true) if old.required => Some((Rule::ResponseNullAdded, null)),
        (Side::Response, false, true) => Some((Rule::ResponseOptionalNullAdded, null)),
        (Side::Response, true, false) => Some((Rule::ResponseNullRemoved, Probe::None)),
        _ => None,
    }
}

/// The validation keywords that differ.
fn limits(old: &Field, new: &Field) -> String {
    let names: BTreeSet<_> = old
        .constraints
        .keys()
        .chain(new.constraints.keys())
        .collect();
    let changed = names.into_iter().filter_map(|name| {
        let (before, after) = (old.constraints.get(name), new.constraints.get(name));
        let word = |value: Option<&serde_json::Value>| {
            value.map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        (before != after).then(|| format!("{name} {} becomes {}", word(before), word(after)))
    });
    changed.collect::<Vec<_>>().join(", ")
}
