//! What every format of a comparison shows.

use bpx_conformance::Replay;
use bpx_contract::{Api, Place};
use bpx_evolve::{Change, Gate, Judged, Step, Verdict, Witness};

use crate::output::plain;

/// Operations that are named in a line. Of more, the first.
const NAMES_MAX: usize = 6;

/// A comparison to show.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) gate: &'a Gate<'a>,
    pub(super) replay: Option<&'a Replay>,
    /// What was not done, and why.
    pub(super) notes: &'a [String],
    /// The paths of the documents in the repository, if they have one.
    pub(super) old_path: Option<&'a str>,
    pub(super) path: Option<&'a str>,
}

impl View<'_> {
    /// `passed` or `failed`.
    pub(super) fn verdict(&self) -> &'static str {
        if self.gate.is_passed() {
            "passed"
        } else {
            "failed"
        }
    }

    /// `1 breaking, 0 risky, 3 safe; 1 accepted; for Rust callers a major version`
    pub(super) fn headline(&self) -> String {
        let diff = self.gate.diff;
        let accepted = match self.gate.accepted() {
            0 => String::new(),
            count => format!("; {count} accepted"),
        };
        let step = diff.step();
        let step = step.map(|step| format!("; for Rust callers a {} version", step.as_str()));
        format!("{}{accepted}{}", diff.summary(), step.unwrap_or_default())
    }

    /// The risky and undecided changes that neither fail nor are accepted, so that nobody takes a pass for a proof.
    pub(super) fn remainder(&self) -> Option<String> {
        let counts = [Verdict::Risky, Verdict::Undecided].map(|it| (self.gate.uncounted(it), it));
        let open: Vec<_> = counts.into_iter().filter(|(count, _)| *count > 0).collect();
        let (_, least) = open.last()?;
        let counts: Vec<_> = open
            .iter()
            .map(|(count, it)| format!("{count} {}", it.as_str()))
            .collect();
        Some(format!(
            "not counted: {}; review them, or count them with --fail-on {}",
            counts.join(", "),
            least.as_str()
        ))
    }

    /// What differs and is not judged, by name.
    pub(super) fn unjudged(&self) -> Option<String> {
        let diff = self.gate.diff;
        let plural = |count, name: &str| match count {
            0 => None,
            1 => Some(format!("1 {name}")),
            count => Some(format!("{count} {name}s")),
        };
        let named = diff
            .uncompared
            .iter()
            .map(|(name, count)| Some(format!("{count} `{}`", plain(name))));
        let counts = [
            plural(diff.descriptions, "description"),
            plural(diff.examples, "example"),
        ];
        let all: Vec<_> = counts.into_iter().chain(named).flatten().collect();
        (!all.is_empty()).then(|| format!("differs and is not judged: {}", all.join(", ")))
    }
}

/// Whether a change has details beside its line in a table.
pub(super) fn is_noticed(judged: &Judged<'_>) -> bool {
    let change = judged.change;
    judged.fails || change.verdict != Verdict::Safe || change.rust.step == Step::Major
}

/// What was decided about a change, behind its verdict.
pub(super) fn decision(judged: &Judged<'_>) -> &'static str {
    match judged {
        _ if judged.fails => " (fails)",
        _ if judged.accepted.is_some() => " (accepted)",
        _ => "",
    }
}

/// Operations by name.
pub(super) fn operations(change: &Change) -> String {
    let names = change.operations.iter().take(NAMES_MAX);
    let names: Vec<_> = names.map(|it| plain(it)).collect();
    match change.operations.len().saturating_sub(NAMES_MAX) {
        0 => names.join(", "),
        more => format!("{}, and {more} more", names.join(", ")),
    }
}

/// The details of a change, each under its name, as plain text on one line.
pub(super) fn details(judged: &Judged<'_>) -> Vec<(&'static str, String)> {
    let change = judged.change;
    let rust = &change.rust;
    let place = |place: &Place| place.pointer.is_some().then(|| place.to_string());
    let line = |line: &Option<String>| line.clone().filter(|_| rust.before != rust.after);
    let facts = [
        ("old", place(&change.old)),
        ("new", place(&change.new)),
        (
            "operations",
            Some(operations(change)).filter(|it| !it.is_empty()),
        ),
        (
            "Rust",
            Some(format!("{} ({} version)", rust.text, rust.step.as_str())),
        ),
        ("Rust before", line(&rust.before)),
        ("Rust after", line(&rust.after)),
        ("example", change.witness.as_ref().map(example)),
        ("accepted", judged.accepted.map(str::to_owned)),
    ];
    let known = facts
        .into_iter()
        .filter_map(|(name, text)| Some((name, plain(&text?))));
    known.collect()
}

pub(super) fn example(witness: &Witness) -> String {
    match witness {
        Witness::Body(body) => body.to_string(),
        Witness::Parameter(text) => text.clone(),
        Witness::WithoutParameter(name) => format!("a request without {name}"),
        Witness::EmptyResponse(status) => format!("{status} with an empty body"),
        _ => String::new(),
    }
}
