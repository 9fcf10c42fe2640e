//! A comparison as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::replay::{Replay, Spot, Turn};
use super::{Change, Diff, OperationDiff, Step, Verdict};
use crate::rules::Rule;
use crate::{Contract, Error};

#[derive(Serialize)]
struct Report<'a> {
    old: Input<'a>,
    new: Input<'a>,
    summary: Summary,
    changes: &'a [Change],
    operations: &'a BTreeMap<String, OperationDiff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<Replayed<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    file: &'a str,
    title: &'a str,
    version: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Summary {
    breaking: usize,
    risky: usize,
    undecided: usize,
    safe: usize,
    /// The version step of a Rust client; none where nothing changed but words.
    semver: Option<Step>,
    /// Descriptions that differ.
    descriptions: usize,
}

#[derive(Serialize)]
struct Replayed<'a> {
    exchanges: u64,
    ok_to_finding: u64,
    finding_to_ok: u64,
    other_findings: u64,
    same: u64,
    unread: u64,
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    operation: &'a str,
    rule: Rule,
    turn: Turn,
    exchanges: u64,
    first: &'a BTreeSet<Spot>,
}

/// The comparison as one JSON object, with what replaying recordings showed.
///
/// # Errors
/// None in practice: the model is made of what JSON holds.
pub fn json(
    old: &Contract,
    new: &Contract,
    diff: &Diff,
    replay: Option<&Replay>,
) -> Result<String, Error> {
    let report = Report {
        old: input(old),
        new: input(new),
        summary: Summary {
            breaking: diff.count(Verdict::Breaking),
            risky: diff.count(Verdict::Risky),
            undecided: diff.count(Verdict::Undecided),
            safe: diff.count(Verdict::Safe),
            semver: diff.step(),
            descriptions: diff.descriptions,
        },
        changes: &diff.changes,
        operations: &diff.operations,
        replay: replay.map(replayed),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn input(contract: &Contract) -> Input<'_> {
    Input {
        file: contract.file(),
        title: &contract.model().title,
        version: &contract.model().version,
        sha256: &contract.document().sha256,
    }
}

fn replayed(replay: &Replay) -> Replayed<'_> {
    let rows = replay
        .moved
        .iter()
        .map(|((operation, rule, turn), moved)| Row {
            operation,
            rule: *rule,
            turn: *turn,
            exchanges: moved.exchanges,
            first: &moved.first,
        });
    Replayed {
        exchanges: replay.exchanges,
        ok_to_finding: replay.broken,
        finding_to_ok: replay.mended,
        other_findings: replay.otherwise,
        same: replay.same,
        unread: replay.unread,
        findings: rows.collect(),
    }
}
