//! A table of edits: what each is called, how it is judged, whether a counterexample is given, which version it asks for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bpx_contract::Api;
use bpx_evolve::{Diff, Rule};
use serde::Deserialize;

use crate::pairs;
use crate::support::{compared, edited, line, ours};

/// Beside the code, since another test generates clients from the same edits.
const EDITS: &str = include_str!("edits.json");

#[derive(Deserialize)]
struct Row {
    says: String,
    patch: json_patch::Patch,
    /// `breaking! response-field-removed Order.price major`, with `!` for a witness.
    changes: Vec<String>,
    /// The same, when the edit is taken back.
    back: Vec<String>,
}

/// An edit, carried out.
pub(crate) struct Edited {
    pub(crate) new: Api,
    pub(crate) found: Diff,
    back: Diff,
    row: Row,
}

/// All of them; each takes its time, so that the tests share them.
pub(crate) static EDITED: LazyLock<Vec<Edited>> = LazyLock::new(|| {
    let old = ours();
    let rows: Vec<Row> = serde_json::from_str(EDITS).unwrap();
    let edited = rows.into_iter().map(|row| {
        let new = edited(&row.patch);
        Edited {
            found: compared(&old, &new),
            back: compared(&new, &old),
            new,
            row,
        }
    });
    edited.collect()
});

impl Edited {
    pub(crate) fn says(&self) -> &str {
        &self.row.says
    }
}

fn lines(found: &Diff) -> Vec<String> {
    found.changes.iter().map(line).collect()
}

#[test]
fn every_edit_is_named_and_judged_both_ways() {
    assert!(EDITED.len() > 50);
    for edit in EDITED.iter() {
        let says = edit.says();
        assert_eq!(lines(&edit.found), edit.row.changes, "{says}");
        assert_eq!(lines(&edit.back), edit.row.back, "{says}, taken back");
    }
}

/// Held by tests of their own, on documents made for them.
const ELSEWHERE: &[Rule] = &[
    Rule::RequestRefused,
    Rule::ResponseClosedValueAdded,
    Rule::ResponseUnexpected,
];

#[test]
fn every_rule_has_an_edit_or_a_pair_or_a_test_of_its_own() {
    let edits = EDITED.iter().flat_map(|edit| [&edit.found, &edit.back]);
    let seen: BTreeSet<_> = edits.flat_map(|it| &it.changes).map(|it| it.rule).collect();
    let seen: BTreeSet<_> = seen.union(&pairs::rules()).copied().collect();
    let never: Vec<_> = Rule::ALL.iter().filter(|it| !seen.contains(it)).collect();
    assert_eq!(never, ELSEWHERE.iter().collect::<Vec<_>>());
}

#[test]
fn every_rule_is_written_as_its_id() {
    for rule in Rule::ALL {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.id());
    }
}
