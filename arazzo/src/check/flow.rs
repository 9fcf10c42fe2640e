//! In which order the steps of a workflow can run, and what may have been changed by then.

use std::cell::OnceCell;
use std::collections::{BTreeMap, VecDeque};

use super::Changed;
use super::types::Tables;
use super::worlds::{World, only_refusals};
use crate::{Destination, Step, Then};

/// Steps as nodes, and how control passes between them.
#[derive(Debug, Default)]
pub(super) struct Flow {
    edges: Vec<Vec<Edge>>,
    /// What has been asked before: a workflow can have a thousand steps, and each output asks again.
    reached: OnceCell<Vec<bool>>,
    before: Vec<OnceCell<(Vec<bool>, Vec<bool>)>>,
    changed: OnceCell<(Vec<bool>, Vec<bool>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    to: usize,
    success: bool,
    /// Something may have been changed on the way.
    changes: bool,
    /// Part of a retry, which has a limit of its own.
    retry: bool,
}

/// What the flow needs to know of a step.
pub(super) struct Node<'a> {
    pub(super) step: &'a Step,
    pub(super) changes: bool,
    pub(super) failing: &'a [World],
}

/// Whether a step has succeeded before another runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Never,
    Maybe,
    Always,
}

impl Flow {
    pub(super) fn of(nodes: &[Node<'_>], tables: Tables<'_>) -> Self {
        let ids: BTreeMap<_, _> = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (node.step.id.as_str(), index))
            .collect();
        let mut flow = Self {
            edges: vec![Vec::new(); nodes.len()],
            before: vec![OnceCell::new(); nodes.len()],
            ..Self::default()
        };
        for (index, node) in nodes.iter().enumerate() {
            let decided = flow.actions(index, node, &ids, true, tables);
            if !decided && index + 1 < nodes.len() {
                let next = Edge {
                    to: index + 1,
                    success: true,
                    changes: node.changes,
                    retry: false,
                };
                flow.add(index, next);
            }
            flow.actions(index, node, &ids, false, tables);
        }
        flow
    }

    /// Adds what the actions lead to; says whether one of them is always taken.
    fn actions(
        &mut self,
        index: usize,
        node: &Node<'_>,
        ids: &BTreeMap<&str, usize>,
        success: bool,
        tables: Tables<'_>,
    ) -> bool {
        let actions = if success {
            &node.step.on_success
        } else {
            &node.step.on_failure
        };
        for action in actions {
            let changes = if success {
                node.changes
            } else {
                node.changes && !only_refusals(node.failing, &action.criteria, tables)
            };
            let edge = |to: usize, retry: bool| Edge {
                to,
                success,
                changes,
                retry,
            };
            match &action.then {
                Then::Goto(Destination::Step(id)) => {
                    if let Some(to) = ids.get(id.as_str()) {
                        self.add(index, edge(*to, false));
                    }
                }
                Then::Retry { first, .. } => {
                    // What an earlier try may have changed stays changed when a later one is refused.
                    self.add(index, edge(index, true));
                    if let Some(Destination::Step(id)) = first
                        && let Some(first) = ids.get(id.as_str())
                    {
                        self.add(index, edge(*first, true));
                        self.add(*first, edge(index, true));
                    }
                }
                Then::Goto(Destination::Workflow(_)) | Then::End => {}
            }
            if action.criteria.is_empty() && !matches!(action.then, Then::Retry { .. }) {
                return true;
            }
        }
        false
    }

    fn add(&mut self, from: usize, edge: Edge) {
        self.edges
            .get_mut(from)
            .into_iter()
            .for_each(|edges| edges.push(edge));
    }

    /// The steps that can be reached from a step over the edges that count, the step itself only over a loop.
    fn reach(&self, from: usize, counts: impl Fn(usize, &Edge) -> bool) -> Vec<bool> {
        let mut seen = vec![false; self.edges.len()];
        let mut open = VecDeque::from([from]);
        while let Some(at) = open.pop_front() {
            for edge in self.edges.get(at).into_iter().flatten() {
                if counts(at, edge)
                    && let Some(seen) = seen.get_mut(edge.to)
                    && !*seen
                {
                    *seen = true;
                    open.push_back(edge.to);
                }
            }
        }
        seen
    }

    /// As [`Flow::reach`] from the first step, which counts as reached.
    fn reach_from_start(&self, counts: impl Fn(usize, &Edge) -> bool) -> Vec<bool> {
        let mut seen = self.reach(0, counts);
        seen.first_mut().into_iter().for_each(|first| *first = true);
        seen
    }

    pub(super) fn is_reached(&self, step: usize) -> bool {
        let reached = self
            .reached
            .get_or_init(|| self.reach_from_start(|_, _| true));
        at(reached, step)
    }

    /// Whether `first` has succeeded before `then` runs.
    pub(super) fn before(&self, first: usize, then: usize) -> Before {
        let Some(known) = self.before.get(first) else {
            return Before::Never;
        };
        let (after, without) = known.get_or_init(|| {
            let own = |at: usize, edge: &Edge| at == first && edge.success;
            (
                self.reach(first, |at, edge| at != first || own(at, edge)),
                self.reach_from_start(|at, edge| !own(at, edge)),
            )
        });
        match (at(after, then) && self.is_reached(first), at(without, then)) {
            (false, _) => Before::Never,
            (true, true) => Before::Maybe,
            (true, false) => Before::Always,
        }
    }

    /// Whether something has been changed before a step runs.
    pub(super) fn changed(&self, step: usize) -> Changed {
        let (unchanged, changed) = self.changed.get_or_init(|| self.changes());
        match (at(changed, step), at(unchanged, step)) {
            (false, _) => Changed::Never,
            (true, true) => Changed::Maybe,
            (true, false) => Changed::Always,
        }
    }

    /// The steps that can run while nothing has been changed, and those that can run after something has.
    fn changes(&self) -> (Vec<bool>, Vec<bool>) {
        let unchanged = self.reach_from_start(|_, edge| !edge.changes);
        let mut changed = vec![false; self.edges.len()];
        let mut open = VecDeque::new();
        for (from, edges) in self.edges.iter().enumerate() {
            let changing = edges.iter().filter(|edge| edge.changes);
            open.extend(
                changing
                    .filter(|_| self.is_reached(from))
                    .map(|edge| edge.to),
            );
        }
        while let Some(at) = open.pop_front() {
            let first = changed
                .get_mut(at)
                .is_some_and(|it| !std::mem::replace(it, true));
            let next = self.edges.get(at).into_iter().flatten().filter(|_| first);
            open.extend(next.map(|edge| edge.to));
        }
        (unchanged, changed)
    }

    /// The first step that can run again after itself, other than by a retry.
    pub(super) fn looping(&self) -> Option<usize> {
        (0..self.edges.len()).find(|step| at(&self.reach(*step, |_, edge| !edge.retry), *step))
    }
}

fn at(flags: &[bool], step: usize) -> bool {
    flags.get(step).copied().unwrap_or(false)
}
