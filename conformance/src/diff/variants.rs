//! Two enumerations value by value, two unions arm by arm.

use bpx_contract::OPEN_ARM;
use bpx_contract::model::{StringEnum, TypeDef, Union};
use serde_json::json;

use super::bodies::Walk;
use super::instances::Way;
use super::witness::{Probe, Visit};
use super::{Edit, Rule, Side};

impl<'a> Walk<'a, '_> {
    pub(super) fn values(
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
        // The arm that open enums have in Rust.
        let arm = Some(format!("{OPEN_ARM}(String)"));
        let (rule, before, after) = match (old.closed, new.closed) {
            (true, false) if request => (Rule::RequestEnumOpened, None, arm),
            (true, false) => (Rule::EnumOpened, None, arm),
            (false, true) => (Rule::EnumClosed, arm, None),
            _ => return,
        };
        let edit = Edit::new(rule, &visit.label).lines(before, after);
        self.add(visit, edit.places(places.clone()));
    }

    pub(super) fn arms(
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
