//! A comparison as JSON.

use std::collections::BTreeMap;

use bpx_contract::Api;
use serde::Serialize;

use crate::accepted::Stale;
use crate::change::OperationDiff;
use crate::gate::{Gate, Judged};
use crate::rules::{Step, Verdict};

/// A comparison with the documents it is about, to be serialized.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    old: Input<'a>,
    new: Input<'a>,
    summary: Summary<'a>,
    changes: &'a [Judged<'a>],
    operations: &'a BTreeMap<String, OperationDiff>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stale: &'a [Stale],
}

#[derive(Debug, Serialize)]
struct Input<'a> {
    file: &'a str,
    title: &'a str,
    version: &'a str,
    sha256: &'a str,
}

#[derive(Debug, Serialize)]
struct Summary<'a> {
    breaking: usize,
    risky: usize,
    undecided: usize,
    safe: usize,
    /// How many of all changes are accepted.
    accepted: usize,
    /// The least verdict that fails.
    fail_on: Verdict,
    /// Whether the new document may replace the old one.
    passed: bool,
    /// The version step of a Rust client; `null` if nothing but descriptions changed.
    semver: Option<Step>,
    descriptions: usize,
    examples: usize,
    /// Members that are not compared and differ, by name.
    uncompared: &'a BTreeMap<String, usize>,
}

impl<'a> Report<'a> {
    /// The report of a gate for the result of comparing `old` with `new`.
    #[must_use]
    pub fn new(old: &'a Api, new: &'a Api, gate: &'a Gate<'a>) -> Self {
        let diff = gate.diff;
        Self {
            old: input(old),
            new: input(new),
            summary: Summary {
                breaking: diff.count(Verdict::Breaking),
                risky: diff.count(Verdict::Risky),
                undecided: diff.count(Verdict::Undecided),
                safe: diff.count(Verdict::Safe),
                accepted: gate.accepted(),
                fail_on: gate.fail_on,
                passed: gate.is_passed(),
                semver: diff.step(),
                descriptions: diff.descriptions,
                examples: diff.examples,
                uncompared: &diff.uncompared,
            },
            changes: &gate.changes,
            operations: &diff.operations,
            stale: &gate.stale,
        }
    }
}

fn input(api: &Api) -> Input<'_> {
    Input {
        file: &api.document().file,
        title: api.title(),
        version: &api.model().version,
        sha256: &api.document().sha256,
    }
}
