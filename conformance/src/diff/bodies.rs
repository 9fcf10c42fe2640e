//! Two bodies, walked side by side: what stands in the same place is compared, whatever its type is called.

use std::collections::{BTreeSet, VecDeque};

use bpx_contract::model::{Kind, Shape};
use serde_json::Value;

use super::algebra::{Answer, covers};
use super::instances::{DEPTH_MAX, Way};
use super::witness::{Probe, Visit};
use super::{Both, Edit, Rule, Side};

/// Walks from one pair of bodies to every pair of shapes inside.
pub(super) struct Walk<'a, 'b> {
    pub(super) both: &'b Both<'a>,
    edits: Vec<(Edit, Visit<'a>)>,
    open: VecDeque<Visit<'a>>,
    seen: BTreeSet<(&'a str, &'a str)>,
}

/// Every change of a body, with the place it was found at.
pub(super) fn changes<'a>(
    both: &Both<'a>,
    side: Side,
    label: &str,
    old: &'a Shape,
    new: &'a Shape,
) -> Vec<(Edit, Visit<'a>)> {
    let label = name(old).unwrap_or(label);
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
        // Types are walked once; what has no name is of its place, and leads to types or ends.
        let names = name(visit.old).zip(name(visit.new));
        if names.is_none_or(|names| walk.seen.insert(names)) {
            walk.visit(&visit);
        }
    }
    walk.edits
}

fn name(shape: &Shape) -> Option<&str> {
    match shape {
        Shape::Named(name) => Some(name),
        _ => None,
    }
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

    pub(super) fn go(
        &mut self,
        from: &Visit<'a>,
        way: Way,
        inside: &str,
        old: &'a Shape,
        new: &'a Shape,
    ) {
        let label = name(old).map_or_else(|| format!("{}{inside}", from.label), str::to_owned);
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

    pub(super) fn add(&mut self, visit: &Visit<'a>, edit: Edit) {
        self.edits.push((edit, visit.clone()));
    }

    /// Shapes of different kinds.
    fn otherwise(&mut self, visit: &Visit<'a>) {
        let (old, new) = self.both.strict(visit.side);
        let (before, after) = (old.shape(visit.old), new.shape(visit.new));
        let rule = direction(visit.side, before.as_ref(), after.as_ref());
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
}

/// How the values of one place changed, seen from whoever receives them.
pub(super) fn direction(side: Side, old: Option<&Value>, new: Option<&Value>) -> Rule {
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
