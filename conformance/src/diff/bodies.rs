//! Two bodies, walked side by side: what stands in the same place is compared, whatever its type is called.

use std::collections::{BTreeSet, VecDeque};

use bpx_contract::model::{Field, Kind, Shape, StringEnum, TypeDef, Union};
use serde_json::json;

use super::algebra::{Answer, covers, is_within};
use super::instances::{DEPTH_MAX, Way};
use super::witness::{Probe, Visit};
use super::{Both, Edit, Rule, Side};

/// Walks from one pair of bodies to every pair of shapes inside.
pub(super) struct Walk<'a, 'b> {
    both: &'b Both<'a>,
    edits: Vec<(Edit, Visit<'a>)>,
    open: VecDeque<Visit<'a>>,
    seen: BTreeSet<(&'a Shape, &'a Shape)>,
}

/// Every change of a body, with the place it was found at.
pub(super) fn changes<'a>(
    both: &Both<'a>,
    side: Side,
    label: &str,
    old: &'a Shape,
    new: &'a Shape,
) -> Vec<(Edit, Visit<'a>)> {
    let label = match old {
        Shape::Named(name) => name,
        _ => label,
    };
    let start = Visit {
        side,
        root: (old, new),
        way: Some(Vec::new()),
        label: label.to_owned(),
        old,
        new,
    };
    let mut walk = Walk {
        both,
        edits: Vec::new(),
        open: VecDeque::from([start]),
        seen: BTreeSet::new(),
    };
    while let Some(visit) = walk.open.pop_front() {
        if walk.seen.insert((visit.old, visit.new)) {
            walk.visit(&visit);
        }
    }
    walk.edits
}

impl<'a> Walk<'a, '_> {
    fn visit(&mut self, visit: &Visit<'a>) {
        match (visit.old, visit.new) {
            (Shape::Array(old), Shape::Array(new)) => self.go(visit, Way::Item, "[]", old, new),
            (Shape::Map(old), Shape::Map(new)) => self.go(visit, Way::Key, "{}", old, new),
            (Shape::Named(old), Shape::Named(new)) => self.named(visit, old, new),
            (old, new) if old == new => {}
            _ => self.otherwise(visit),
        }
    }

    fn go(&mut self, from: &Visit<'a>, way: Way, name: &str, old: &'a Shape, new: &'a Shape) {
        let label = match old {
            Shape::Named(name) => name.clone(),
            _ => format!("{}{name}", from.label),
        };
        let short = from.way.as_ref().filter(|before| before.len() < DEPTH_MAX);
        let way = short.map(|before| before.iter().cloned().chain([way]).collect());
        self.open.push_back(Visit {
            side: from.side,
            root: from.root,
            way,
            label,
            old,
            new,
        });
    }

    fn add(&mut self, visit: &Visit<'a>, edit: Edit) {
        self.edits.push((edit, visit.clone()));
    }

    /// Shapes of different kinds.
    fn otherwise(&mut self, visit: &Visit<'a>) {
        let (old, new) = self.both.strict(visit.side);
        let (before, after) = (old.shape(visit.old), new.shape(visit.new));
        let rule = direction(visit.side, &before, &after);
        let surfaces = self.both.surfaces();
        let lines = (surfaces.0.shape(visit.old), surfaces.1.shape(visit.new));
        let edit = Edit::new(rule, &visit.label)
            .probe(Probe::Several)
            .detail(self.both.becomes(visit.old, visit.new))
            .places(self.both.of_types(visit.old, visit.new))
            .lines(Some(lines.0), Some(lines.1));
        self.add(visit, edit);
    }

    fn named(&mut self, visit: &Visit<'a>, old: &'a str, new: &'a str) {
        let (old_types, new_types) = self.both.types();
        let (Some(before), Some(after)) = (old_types.get(old), new_types.get(new)) else {
            return;
        };
        if old != new {
            let (surface_old, surface_new) = self.both.surfaces();
            let edit = Edit::new(Rule::TypeRenamed, old)
                .detail(format!("`{old}` becomes `{new}`"))
                .places((before.place.clone(), after.place.clone()))
                .lines(Some(surface_old.ty(old)), Some(surface_new.ty(new)));
            self.add(visit, edit);
        }
        match (&before.kind, &after.kind) {
            (Kind::Object(a), Kind::Object(b)) => self.fields(visit, (before, a), (after, b)),
            (Kind::Enum(a), Kind::Enum(b)) => self.values(visit, (before, a), (after, b)),
            (Kind::Union(a), Kind::Union(b)) if a.tag == b.tag => {
                self.arms(visit, (before, a), (after, b));
            }
            _ => self.otherwise(visit),
        }
    }

    fn fields(
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
            Side::Response => (&new.shape, &old.shape),
            _ => (&old.shape, &new.shape),
        };
        if same && is_within(sent, taken) {
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
        Some(direction(side, &before, &after))
    }

    fn values(
        &mut self,
        visit: &Visit<'a>,
        (before, old): (&TypeDef, &StringEnum),
        (after, new): (&TypeDef, &StringEnum),
    ) {
        let surfaces = self.both.surfaces();
        let places = (
            self.both.values_place(before, false),
            self.both.values_place(after, true),
        );
        let request = visit.side == Side::Request;
        let edit = |rule, value: &String| {
            Edit::new(rule, &format!("{}={value}", visit.label)).places(places.clone())
        };
        for value in new.values.iter().filter(|it| !old.values.contains(it)) {
            let rule = match (request, new.closed, old.closed) {
                (true, true, _) => Rule::RequestClosedValueAdded,
                (true, false, _) => Rule::RequestValueAdded,
                (false, _, true) => Rule::ResponseClosedValueAdded,
                (false, _, false) => Rule::ResponseValueAdded,
            };
            let line = visit
                .new
                .named()
                .map(|name| surfaces.1.variant(name, value));
            let probe = if request {
                Probe::None
            } else {
                Probe::Value(json!(value))
            };
            self.add(visit, edit(rule, value).probe(probe).lines(None, line));
        }
        for value in old.values.iter().filter(|it| !new.values.contains(it)) {
            let (rule, probe) = match request {
                true => (Rule::RequestValueRemoved, Probe::Value(json!(value))),
                false => (Rule::ResponseValueRemoved, Probe::None),
            };
            let line = visit
                .old
                .named()
                .map(|name| surfaces.0.variant(name, value));
            self.add(
                visit,
                edit(rule, value).probe(probe).of_old().lines(line, None),
            );
        }
        let rule = match (old.closed, new.closed) {
            (true, false) if request => Rule::RequestEnumOpened,
            (true, false) => Rule::EnumOpened,
            (false, true) => Rule::EnumClosed,
            _ => return,
        };
        self.add(visit, Edit::new(rule, &visit.label).places(places.clone()));
    }

    fn arms(
        &mut self,
        visit: &Visit<'a>,
        (before, old): (&'a TypeDef, &'a Union),
        (after, new): (&'a TypeDef, &'a Union),
    ) {
        let surfaces = self.both.surfaces();
        let places = (before.place.clone(), after.place.clone());
        let request = visit.side == Side::Request;
        for arm in &new.arms {
            if let Some(known) = old.arms.iter().find(|it| it.value == arm.value) {
                let name = format!(":{}", arm.value);
                self.go(
                    visit,
                    Way::Arm(arm.value.clone()),
                    &name,
                    &known.shape,
                    &arm.shape,
                );
                continue;
            }
            let rule = match (request, &new.tag) {
                (true, _) => Rule::RequestArmAdded,
                (false, Some(_)) => Rule::ResponseArmAdded,
                (false, None) => Rule::ResponseShapeAdded,
            };
            let probe = if request {
                Probe::None
            } else {
                Probe::Arm(arm.value.clone())
            };
            let line = visit.new.named().map(|name| surfaces.1.arm(name, arm));
            let edit = Edit::new(rule, &format!("{}:{}", visit.label, arm.value));
            self.add(
                visit,
                edit.probe(probe).places(places.clone()).lines(None, line),
            );
        }
        let gone = |value: &String| new.arms.iter().all(|it| it.value != *value);
        for arm in old.arms.iter().filter(|it| gone(&it.value)) {
            let (rule, probe) = match request {
                true => (Rule::RequestArmRemoved, Probe::Arm(arm.value.clone())),
                false => (Rule::ResponseArmRemoved, Probe::None),
            };
            let line = visit.old.named().map(|name| surfaces.0.arm(name, arm));
            let edit = Edit::new(rule, &format!("{}:{}", visit.label, arm.value));
            self.add(
                visit,
                edit.probe(probe)
                    .places(places.clone())
                    .of_old()
                    .lines(line, None),
            );
        }
    }
}

/// How the values of one place changed, seen from whoever receives them.
pub(super) fn direction(side: Side, old: &serde_json::Value, new: &serde_json::Value) -> Rule {
    let answer = match side {
        Side::Response => covers(old, new),
        _ => covers(new, old),
    };
    match (side, answer) {
        (Side::Response, Answer::Yes) => Rule::ResponseNarrowed,
        (Side::Response, Answer::No) => Rule::ResponseWidened,
        (Side::Response, Answer::Undecided) => Rule::ResponseUndecided,
        (_, Answer::Yes) => Rule::RequestWidened,
        (_, Answer::No) => Rule::RequestNarrowed,
        (_, Answer::Undecided) => Rule::RequestUndecided,
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
