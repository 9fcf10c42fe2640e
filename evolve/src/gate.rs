//! The gate for a new document: which changes count, and which were accepted before.

use serde::Serialize;

use crate::accepted::{Accepted, Stale};
use crate::change::{Change, Diff};
use crate::rules::Verdict;

/// A change and what was decided about it.
#[derive(Debug, Clone, Serialize)]
pub struct Judged<'a> {
    /// The change.
    #[serde(flatten)]
    pub change: &'a Change,
    /// Why it is accepted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<&'a str>,
    /// Whether it fails the gate.
    pub fails: bool,
}

/// A comparison, judged.
#[derive(Debug, Clone)]
pub struct Gate<'a> {
    /// The comparison.
    pub diff: &'a Diff,
    /// Its changes in their order.
    pub changes: Vec<Judged<'a>>,
    /// Accepted changes that match none of them. They fail the gate.
    pub stale: Vec<Stale>,
    /// The least verdict that fails.
    pub fail_on: Verdict,
}

impl<'a> Gate<'a> {
    /// Judges a comparison. A change fails if its verdict is at least `fail_on` and it is not accepted.
    #[must_use]
    pub fn new(diff: &'a Diff, accepted: &'a Accepted, fail_on: Verdict) -> Self {
        let changes = diff.changes.iter().map(|change| {
            let accepted = accepted.reason(change);
            let fails = accepted.is_none() && change.verdict >= fail_on;
            Judged {
                change,
                accepted,
                fails,
            }
        });
        Self {
            diff,
            changes: changes.collect(),
            stale: accepted.stale(diff),
            fail_on,
        }
    }

    /// How many changes are accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        let accepted = self.changes.iter().filter(|it| it.accepted.is_some());
        accepted.count()
    }

    /// The changes that fail.
    pub fn failing(&self) -> impl Iterator<Item = &Change> {
        let failing = self.changes.iter().filter(|it| it.fails);
        failing.map(|it| it.change)
    }

    /// How many changes have this verdict, neither fail nor are accepted.
    #[must_use]
    pub fn uncounted(&self, verdict: Verdict) -> usize {
        let open = self
            .changes
            .iter()
            .filter(|it| !it.fails && it.accepted.is_none());
        open.filter(|it| it.change.verdict == verdict).count()
    }

    /// Whether nothing fails.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.stale.is_empty() && self.failing().next().is_none()
    }
}
