//! Differences that have no verdict.

use std::collections::{BTreeMap, BTreeSet};

use super::keywords::Use;

/// Differences without a verdict, each by its location and keyword: what both directions use counts once.
#[derive(Debug, Default)]
pub(super) struct Counts(BTreeSet<(Use, String, String)>);

impl Counts {
    pub(super) fn add(&mut self, used: Use, pointer: &str, key: &str) {
        if matches!(used, Use::Prose | Use::Example | Use::Annotation) {
            self.0.insert((used, pointer.to_owned(), key.to_owned()));
        }
    }

    pub(super) fn of(&self, wanted: Use) -> usize {
        self.0.iter().filter(|(used, ..)| *used == wanted).count()
    }

    /// How many members differ that mean nothing to callers of JSON, by their names.
    pub(super) fn uncompared(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for (_, _, key) in self.0.iter().filter(|(used, ..)| *used == Use::Annotation) {
            *counted.entry(key.clone()).or_default() += 1;
        }
        counted
    }
}
