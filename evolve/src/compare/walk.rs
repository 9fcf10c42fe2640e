//! A walk through two bodies, side by side: the open positions, and the changes found so far.

use std::collections::{BTreeSet, VecDeque};

use bpx_contract::model::Shape;

use super::algebra::direction;
use super::comparison::Comparison;
use super::drafts::Draft;
use super::instances::{DEPTH_MAX, Segment};
use super::witness::{Probe, Visit};
use crate::element::Element;

/// Walks from a pair of bodies to every pair of shapes inside.
pub(super) struct Walk<'a, 'b> {
    pub(super) both: &'b Comparison<'a>,
    pub(super) drafts: Vec<(Draft, Visit<'a>)>,
    pub(super) open: VecDeque<Visit<'a>>,
    pub(super) seen: BTreeSet<(&'a str, &'a str)>,
}

/// The name of a shape that is itself a named type.
pub(super) fn name(shape: &Shape) -> Option<&str> {
    match shape {
        Shape::Named(name) => Some(name),
        _ => None,
    }
}

impl<'a> Walk<'a, '_> {
    /// Visits the shapes one segment further inside.
    pub(super) fn go(
        &mut self,
        from: &Visit<'a>,
        (segment, holder): (Segment, Element),
        (old, new): (&'a Shape, &'a Shape),
    ) {
        let inside = match &segment {
            Segment::Field(name) => format!(".{name}"),
            Segment::Item => "[]".to_owned(),
            Segment::Key => "{}".to_owned(),
            Segment::Arm(value) => format!(":{value}"),
        };
        let label = name(old).map_or_else(|| from.label.clone() + &inside, str::to_owned);
        let short = from.path.as_ref().filter(|path| path.len() < DEPTH_MAX);
        let path = short.map(|path| path.iter().cloned().chain([segment]).collect());
        self.open.push_back(Visit {
            side: from.side,
            root: from.root,
            path,
            label,
            holder,
            old,
            new,
        });
    }

    pub(super) fn add(&mut self, visit: &Visit<'a>, draft: Draft) {
        self.drafts.push((draft, visit.clone()));
    }

    /// Adds a change for shapes of different kinds.
    pub(super) fn differ(&mut self, visit: &Visit<'a>) {
        let (old, new) = self.both.strict(visit.side);
        let (before, after) = (old.shape(visit.old), new.shape(visit.new));
        let rule = direction(visit.side, before.as_ref(), after.as_ref());
        let surfaces = self.both.surfaces();
        let lines = (surfaces.0.shape(visit.old), surfaces.1.shape(visit.new));
        let places = self.both.type_places(visit.old, visit.new);
        let draft = Draft::new(rule, &visit.label, places)
            .element(visit.inside(Element::Type))
            .probe(Probe::Several)
            .detail(self.both.becomes(visit.old, visit.new))
            .lines(Some(lines.0), Some(lines.1));
        self.add(visit, draft);
    }
}
