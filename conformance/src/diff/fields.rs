//! Two objects, field by field.

use std::collections::BTreeSet;

use bpx_contract::model::{Field, Shape, TypeDef};

use super::algebra::{is_looser, is_within};
use super::bodies::{Walk, direction};
use super::instances::Way;
use super::witness::{Probe, Visit};
use super::{Edit, Rule, Side};

impl<'a> Walk<'a, '_> {
    pub(super) fn fields(
        &mut self,
        visit: &Visit<'a>,
        (before, old): (&'a TypeDef, &'a [Field]),
        (after, new): (&'a TypeDef, &'a [Field]),
    ) {
        let find = |fields: &'a [Field], name: &str| fields.iter().find(|it| it.name == name);
        for field in new {
            match find(old, &field.name) {
                Some(known) => self.field(visit, (before, known), (after, field)),
                None => self.field_added(visit, before, (after, field)),
            }
        }
        for field in old.iter().filter(|it| find(new, &it.name).is_none()) {
            self.field_removed(visit, (before, field), after);
        }
    }

    fn field_added(
        &mut self,
        visit: &Visit<'a>,
        before: &TypeDef,
        (after, field): (&TypeDef, &Field),
    ) {
        let (rule, probe) = match (visit.side, field.required) {
            (Side::Request, true) => (
                Rule::RequestRequiredFieldAdded,
                Probe::Without(field.name.clone()),
            ),
            (Side::Request, false) => (Rule::RequestFieldAdded, Probe::None),
            _ => (Rule::ResponseFieldAdded, Probe::None),
        };
        let line = self.both.surfaces().1.field(field);
        let edit = Edit::new(rule, &format!("{}.{}", visit.label, field.name))
            .probe(probe)
            .places((
                before.place.clone(),
                self.both.field_place(after, &field.name, true),
            ))
            .lines(None, Some(line));
        self.add(visit, edit);
    }

    fn field_removed(
        &mut self,
        visit: &Visit<'a>,
        (before, field): (&TypeDef, &Field),
        after: &TypeDef,
    ) {
        let (rule, probe) = match (visit.side, field.required) {
            (Side::Response, true) => (
                Rule::ResponseFieldRemoved,
                Probe::Without(field.name.clone()),
            ),
            (Side::Response, false) => (Rule::ResponseOptionalFieldRemoved, Probe::None),
            _ => (Rule::RequestFieldRemoved, Probe::None),
        };
        let line = self.both.surfaces().0.field(field);
        let edit = Edit::new(rule, &format!("{}.{}", visit.label, field.name))
            .probe(probe)
            .places((
                self.both.field_place(before, &field.name, false),
                after.place.clone(),
            ))
            .of_old()
            .lines(Some(line), None);
        self.add(visit, edit);
    }

    /// A field that both have.
    fn field(
        &mut self,
        visit: &Visit<'a>,
        (before, old): (&'a TypeDef, &'a Field),
        (after, new): (&'a TypeDef, &'a Field),
    ) {
        let surfaces = self.both.surfaces();
        let lines = (surfaces.0.field(old), surfaces.1.field(new));
        let places = (
            self.both.field_place(before, &old.name, false),
            self.both.field_place(after, &new.name, true),
        );
        let edit = |rule, probe| {
            Edit::new(rule, &format!("{}.{}", visit.label, old.name))
                .probe(probe)
                .places(places.clone())
                .lines(Some(lines.0.clone()), Some(lines.1.clone()))
        };
        if let Some((rule, probe)) = requiredness(visit.side, old, new) {
            self.add(visit, edit(rule, probe));
        }
        if let Some((rule, probe)) = nullness(visit.side, old, new) {
            self.add(visit, edit(rule, probe));
        }
        let descends = self.same_kind(&old.shape, &new.shape);
        if let Some(rule) = self.values_of_field(visit.side, old, new, descends) {
            let detail = match old.shape == new.shape || descends {
                true => limits(old, new),
                false => self.both.becomes(&old.shape, &new.shape),
            };
            self.add(
                visit,
                edit(rule, Probe::Field(old.name.clone())).detail(detail),
            );
        }
        if descends {
            let name = format!(".{}", old.name);
            self.go(
                visit,
                Way::Field(old.name.clone()),
                &name,
                &old.shape,
                &new.shape,
            );
        }
    }

    /// Whether the shapes are compared by what is in them.
    fn same_kind(&self, old: &Shape, new: &Shape) -> bool {
        match (old, new) {
            (Shape::Array(_), Shape::Array(_)) | (Shape::Map(_), Shape::Map(_)) => true,
            (Shape::Named(a), Shape::Named(b)) => {
                let (old, new) = self.both.types();
                let kind = |def: &TypeDef| std::mem::discriminant(&def.kind);
                let kinds = (old.get(a).map(kind), new.get(b).map(kind));
                kinds.0.is_some() && kinds.0 == kinds.1
            }
            _ => false,
        }
    }

    /// Whether a field takes other values than before; where its shape is walked into, by its limits alone.
    fn values_of_field(
        &self,
        side: Side,
        old: &Field,
        new: &Field,
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
        let (old_schema, mut new_schema) = self.both.strict(side);
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
