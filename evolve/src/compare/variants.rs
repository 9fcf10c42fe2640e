//! Compares two enums value by value, and two unions variant by variant.

use bpx_contract::OPEN_ARM;
use bpx_contract::model::{Kind, StringEnum, TypeDef, Union};
use serde_json::{Value, json};

use super::drafts::Draft;
use super::instances::Segment;
use super::walk::{Walk, name};
use super::witness::{Probe, Visit};
use crate::element::Element;
use crate::rules::Rule;
use crate::side::Side;

pub(super) fn values<'a>(
    walk: &mut Walk<'a, '_>,
    visit: &Visit<'a>,
    (before, old): (&TypeDef, &StringEnum),
    (after, new): (&TypeDef, &StringEnum),
) {
    let surfaces = walk.both.surfaces();
    let places = (
        walk.both.values_place(before, false),
        walk.both.values_place(after, true),
    );
    let draft = |rule, subject: &str| {
        Draft::new(rule, subject, places.clone()).element(visit.inside(Element::Type))
    };
    let of_value = |rule, value: &String| draft(rule, &format!("{}={value}", visit.label));
    for value in new.values.iter().filter(|it| !old.values.contains(it)) {
        let (rule, probe) = match (visit.side, new.closed, old.closed) {
            (Side::Response, _, true) => (
                Rule::ResponseClosedValueAdded,
                Probe::Value(written(after, value)),
            ),
            (Side::Response, _, false) => (
                Rule::ResponseValueAdded,
                Probe::Value(written(after, value)),
            ),
            (_, true, _) => (Rule::RequestClosedValueAdded, Probe::None),
            (_, false, _) => (Rule::RequestValueAdded, Probe::None),
        };
        let line = name(visit.new).map(|name| surfaces.1.variant(name, value));
        walk.add(visit, of_value(rule, value).probe(probe).lines(None, line));
    }
    for value in old.values.iter().filter(|it| !new.values.contains(it)) {
        let (rule, probe) = match visit.side {
            Side::Response => (Rule::ResponseValueRemoved, Probe::None),
            _ => (
                Rule::RequestValueRemoved,
                Probe::Value(written(before, value)),
            ),
        };
        let line = name(visit.old).map(|name| surfaces.0.variant(name, value));
        let draft = of_value(rule, value).probe(probe).removed();
        walk.add(visit, draft.lines(line, None));
    }
    // The variant that open enums have in Rust.
    let holds = match before.kind {
        Kind::IntegerEnum(_) => "i64",
        _ => "String",
    };
    let open = Some(format!("{OPEN_ARM}({holds})"));
    let (rule, before, after) = match (old.closed, new.closed, visit.side) {
        (true, false, Side::Response) => (Rule::EnumOpened, None, open),
        (true, false, _) => (Rule::RequestEnumOpened, None, open),
        (false, true, _) => (Rule::EnumClosed, open, None),
        _ => return,
    };
    walk.add(visit, draft(rule, &visit.label).lines(before, after));
}

/// A value of an enum as it is sent. The model keeps integers as text.
fn written(def: &TypeDef, value: &str) -> Value {
    match (&def.kind, value.parse::<i64>()) {
        (Kind::IntegerEnum(_), Ok(integer)) => json!(integer),
        _ => json!(value),
    }
}

pub(super) fn arms<'a>(
    walk: &mut Walk<'a, '_>,
    visit: &Visit<'a>,
    (before, old): (&'a TypeDef, &'a Union),
    (after, new): (&'a TypeDef, &'a Union),
) {
    let surfaces = walk.both.surfaces();
    let places = (before.place.clone(), after.place.clone());
    let element = visit.inside(Element::Type);
    let draft = |rule, value: &str| {
        let subject = format!("{}:{value}", visit.label);
        Draft::new(rule, &subject, places.clone()).element(element.clone())
    };
    for arm in &new.arms {
        let value = &arm.value;
        if let Some(known) = old.arms.iter().find(|it| it.value == *value) {
            let segment = Segment::Arm(value.clone());
            walk.go(
                visit,
                (segment, element.clone()),
                (&known.shape, &arm.shape),
            );
            continue;
        }
        let (rule, probe) = match (visit.side, &new.tag) {
            (Side::Response, Some(_)) => (Rule::ResponseArmAdded, Probe::Arm(value.clone())),
            (Side::Response, None) => (Rule::ResponseShapeAdded, Probe::Arm(value.clone())),
            _ => (Rule::RequestArmAdded, Probe::None),
        };
        let line = name(visit.new).map(|name| surfaces.1.arm(name, arm));
        walk.add(visit, draft(rule, value).probe(probe).lines(None, line));
    }
    let is_removed = |value: &String| new.arms.iter().all(|it| it.value != *value);
    for arm in old.arms.iter().filter(|it| is_removed(&it.value)) {
        let (rule, probe) = match visit.side {
            Side::Response => (Rule::ResponseArmRemoved, Probe::None),
            _ => (Rule::RequestArmRemoved, Probe::Arm(arm.value.clone())),
        };
        let line = name(visit.old).map(|name| surfaces.0.arm(name, arm));
        let draft = draft(rule, &arm.value).probe(probe).removed();
        walk.add(visit, draft.lines(line, None));
    }
}
