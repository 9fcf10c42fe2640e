//! The state of one reading, with its faults and notes.

use super::Extensions;
use crate::expression::Rules;
use bpx_contract::model::Note;
use bpx_contract::{Cursor, Diagnostic};

/// Members whose names begin with `x-`.
pub(super) fn extensions(at: &Cursor<'_>) -> Extensions {
    let members = at.value.as_object().into_iter().flatten();
    members
        .filter(|(key, _)| key.starts_with("x-"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// State of one reading.
pub(super) struct Reader<'a> {
    pub(super) root: Cursor<'a>,
    pub(super) rules: Rules,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Reader<'a> {
    pub(super) fn fault(
        &mut self,
        at: &Cursor<'_>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.faults.push(at.fault(problem, fix));
    }

    pub(super) fn note(&mut self, at: &Cursor<'_>, text: impl Into<String>) {
        self.notes.push(Note {
            place: at.place(),
            is_loss: false,
            text: text.into(),
        });
    }
}
