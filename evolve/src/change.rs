//! The result of a comparison: every change, with its verdict, evidence and effect on Rust callers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bpx_contract::{Lines, Place};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::element::Element;
use crate::rules::{Rule, Step, Verdict};
use crate::side::Side;

/// What Rust callers see once the client is generated again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The effect in one sentence.
    pub text: &'static str,
    /// The line of the public surface (`SURFACE.md`) that disappears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The line that appears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The version step that the client needs.
    pub step: Step,
}

/// A request or response that shows the change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Witness {
    /// A whole body that is valid by the sender's document and invalid by the receiver's.
    Body(Value),
    /// A parameter as it is sent, `name=value`.
    Parameter(String),
    /// A request that was valid without this parameter.
    WithoutParameter(String),
    /// A response without a body, by its status.
    EmptyResponse(u16),
}

/// The answer to a question about sets of values. For several questions, the greatest answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Proven.
    Yes,
    /// Neither proven nor refuted.
    Undecided,
    /// Refuted.
    No,
}

/// Whether existing callers keep working, judged by whole bodies. `None` where there is no body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Every request body that was valid is still accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Answer>,
    /// Every response body that can be received was possible before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Answer>,
}

impl Proof {
    /// The answer for one direction.
    #[must_use]
    pub fn of(&self, side: Side) -> Option<Answer> {
        match side {
            Side::Operation => None,
            Side::Request => self.request,
            Side::Response => self.response,
        }
    }

    /// Keeps the greater of the known and the given answer.
    pub(crate) fn raise(&mut self, side: Side, answer: Answer) {
        let known = match side {
            Side::Operation => return,
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        };
        *known = (*known).max(Some(answer));
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it means for callers that stay as they are.
    pub verdict: Verdict,
    /// The kind of change.
    pub rule: Rule,
    /// The direction in which the changed data is sent.
    pub side: Side,
    /// What changed: `Pet.name`, `Status=sold`, `Animal:Dog`, the name of a parameter, a status.
    pub subject: String,
    /// The change in one sentence, with the old and the new form.
    pub problem: String,
    /// The ids of the operations it reaches.
    pub operations: BTreeSet<String>,
    /// The parts of the contract that differ. Empty where the model does not keep what changed.
    #[serde(skip)]
    pub elements: BTreeSet<Element>,
    /// Its location: in the new document, or in the old one if it was removed.
    #[serde(serialize_with = "as_text")]
    pub place: Place,
    /// Its location in the old document: the whole file, if the old document does not have it.
    pub old: Place,
    /// Its location in the new document: the whole file, if the new document does not have it.
    pub new: Place,
    /// The effect on Rust callers.
    pub rust: Effect,
    /// An example that shows the change, if one was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

impl Change {
    /// Adds the lines of its locations. What a document does not have gets the line of the nearest parent that it has.
    pub fn locate(&mut self, old: &Lines, new: &Lines) {
        let known = |own: &Place, other: &Place| own.pointer.clone().or(other.pointer.clone());
        let line = |lines: &Lines, pointer: Option<String>| lines.line(&pointer?);
        let is_in_new = self.place == self.new;
        let (before, after) = (known(&self.old, &self.new), known(&self.new, &self.old));
        self.old.line = line(old, before);
        self.new.line = line(new, after);
        self.place = match is_in_new {
            true => self.new.clone(),
            false => self.old.clone(),
        };
    }
}

/// `breaking[response-field-removed] Pet.name: A field that was always present was removed`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, rule) = (self.verdict.as_str(), self.rule);
        write!(f, "{verdict}[{rule}] {}: {}", self.subject, self.problem)
    }
}

/// The changes of one operation in summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperationDiff {
    /// The worst verdict of its changes.
    pub verdict: Verdict,
    /// What is proven about its bodies.
    #[serde(flatten)]
    pub proof: Proof,
}

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// Every change, the worst first.
    pub changes: Vec<Change>,
    /// The operations with changes, by id.
    pub operations: BTreeMap<String, OperationDiff>,
    /// How many descriptions, titles and tags differ. They are counted, not judged.
    pub descriptions: usize,
    /// How many examples differ.
    pub examples: usize,
    /// How many members differ that are not compared, by their names: extensions, and what only other formats use.
    pub uncompared: BTreeMap<String, usize>,
}

impl Diff {
    /// Gives every change of these rules the verdict that is wanted for them, whatever was found out about it.
    pub fn judge(&mut self, verdicts: &BTreeMap<Rule, Verdict>) {
        if verdicts.is_empty() {
            return;
        }
        for change in &mut self.changes {
            change.verdict = *verdicts.get(&change.rule).unwrap_or(&change.verdict);
        }
        self.changes.sort_by_key(|it| Reverse(it.verdict));
        for (id, row) in &mut self.operations {
            let reached = self.changes.iter().filter(|it| it.operations.contains(id));
            row.verdict = reached.map(|it| it.verdict).max().unwrap_or(row.verdict);
        }
    }

    /// How many changes have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let changes = self.changes.iter();
        changes.filter(|it| it.verdict == verdict).count()
    }

    /// The version step that all changes together need; `None` if nothing but descriptions changed.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.changes.iter().map(|it| it.rust.step).max()
    }

    /// `2 breaking, 1 risky, 5 safe`
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = self.count(verdict);
            let always = verdict != Verdict::Undecided;
            (always || count > 0).then(|| format!("{count} {}", verdict.as_str()))
        });
        counted.collect::<Vec<_>>().join(", ")
    }
}

fn as_text<S: Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(place)
}
