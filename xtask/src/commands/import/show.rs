//! What an import reports, as text and as JSON.

use std::path::Path;

use bpx_contract::{Diagnostic, Diagnostics, Place};
use bpx_evolve::Change;
use bpx_evolve::import::Import;
use serde_json::{Value, json};

use super::super::{complain, say};
use super::step::Step;

/// Operations that are named in a line. Of more, the first.
const OPERATIONS_MAX: usize = 6;

/// Everything there is to report.
pub(super) struct Outcome<'a> {
    pub(super) document: &'a Path,
    pub(super) result: &'a Import,
    pub(super) steps: &'a [Step],
    pub(super) surface: &'a [String],
    /// The files with new texts.
    pub(super) changed: &'a [&'static str],
    /// They are written.
    pub(super) writes: bool,
    pub(super) exit_code: u8,
}

/// The first fault, since the others mostly follow from it.
pub(super) fn failure(faults: &Diagnostics, as_json: bool) {
    if as_json {
        let faults: Vec<_> = faults.0.iter().map(fault_json).collect();
        let report = json!({"status": "failed", "written": [], "faults": faults, "exit_code": 2});
        say(&pretty(&report));
        return;
    }
    let more = faults.0.len().saturating_sub(1);
    for fault in faults.0.iter().take(1) {
        complain(&fault.to_string());
    }
    if more > 0 {
        complain(&format!("note: {more} more, which --json lists"));
    }
    complain("Nothing was written.");
}

pub(super) fn text(outcome: &Outcome<'_>) {
    let result = outcome.result;
    if result.is_nothing() && !result.unread.is_empty() {
        let parts = match result.unread.len() {
            1 => "1 part".to_owned(),
            count => format!("{count} parts"),
        };
        say(&format!(
            "Nothing to import of what could be read; {parts} of the document could not be read (next steps)."
        ));
    } else if result.is_nothing() {
        say("Nothing to import: the contracts have every fact of the document.");
    } else {
        say(&result.diff.summary());
        let changes: Vec<_> = result.diff.changes.iter().map(line).collect();
        section("Changes", &changes);
        let renamed = result.renamed.iter().chain(&result.renamed_operations);
        let renamed = renamed.map(|(old, new)| format!("{old} is now called {new}"));
        section("Renamed, with the prose kept", &renamed.collect::<Vec<_>>());
        section(
            "Effect on Rust callers (lines of SURFACE.md)",
            outcome.surface,
        );
    }
    section("Left out of the document", &result.left_out);
    outside(result);
    if result.unread_elsewhere > 0 {
        let count = result.unread_elsewhere;
        let (parts, them) = if count == 1 {
            ("part", "it")
        } else {
            ("parts", "them")
        };
        say(&format!(
            "\nNot read and not compared: {count} {parts} of the document. No operation of ours reaches {them}."
        ));
    }
    if !result.is_nothing() {
        say(&format!("\n{}", written(outcome)));
    }
    let steps = outcome.steps.iter().enumerate();
    let steps = steps.map(|(index, step)| format!("{:>2}. {}", index + 1, step_line(step)));
    section("Next steps, in any order", &steps.collect::<Vec<_>>());
}

fn written(outcome: &Outcome<'_>) -> String {
    match (outcome.changed, outcome.writes) {
        ([], _) => "Nothing could be written: the next steps have it.".to_owned(),
        (changed, true) => format!("Written: {}.", changed.join(", ")),
        (changed, false) => format!("Not written: {}.", changed.join(", ")),
    }
}

/// A change as `bpx diff` words it, with the operations it reaches.
fn line(change: &Change) -> String {
    let names = change.operations.iter().map(String::as_str);
    let names: Vec<_> = names.take(OPERATIONS_MAX).collect();
    let more = change.operations.len().saturating_sub(OPERATIONS_MAX);
    match (names.as_slice(), more) {
        ([], _) => change.to_string(),
        (names, 0) => format!("{change} (in {})", names.join(", ")),
        (names, more) => format!("{change} (in {}, and {more} more)", names.join(", ")),
    }
}

fn outside(result: &Import) {
    if !result.outside.is_empty() {
        say(&format!(
            "\nOperations with none of this contract's tags, left out ({}): {}",
            result.outside.len(),
            result.outside.join(", ")
        ));
    }
}

fn section(title: &str, lines: &[impl std::fmt::Display]) {
    if !lines.is_empty() {
        say(&format!("\n{title}:"));
        lines.iter().for_each(|line| say(&format!("  {line}")));
    }
}

fn step_line(step: &Step) -> String {
    match &step.place {
        Some(place) => format!("{place}: {}", step.action),
        None => step.action.clone(),
    }
}

pub(super) fn json(outcome: &Outcome<'_>) -> anyhow::Result<()> {
    let result = outcome.result;
    let status = match (result.is_nothing(), outcome.changed, outcome.writes) {
        (true, ..) => "nothing-to-import",
        (_, [], _) => "by-hand",
        (_, _, true) => "written",
        (_, _, false) => "not-written",
    };
    let renamed = |list: &[(String, String)]| -> Vec<_> {
        let pairs = list.iter();
        pairs
            .map(|(old, new)| json!({"old": old, "new": new}))
            .collect()
    };
    let written = if outcome.writes { outcome.changed } else { &[] };
    let left_out = result.left_out.iter().map(ToString::to_string);
    let report = json!({
        "status": status,
        "document": outcome.document.display().to_string(),
        "changed": outcome.changed,
        "written": written,
        "summary": result.diff.summary(),
        "changes": serde_json::to_value(&result.diff.changes)?,
        "renamed_types": renamed(&result.renamed),
        "renamed_operations": renamed(&result.renamed_operations),
        "surface": outcome.surface,
        "left_out": left_out.collect::<Vec<_>>(),
        "operations_outside": result.outside,
        "unread_elsewhere": result.unread_elsewhere,
        "steps": outcome.steps.iter().map(step_json).collect::<Vec<_>>(),
        "exit_code": outcome.exit_code,
    });
    say(&pretty(&report));
    Ok(())
}

fn step_json(step: &Step) -> Value {
    json!({
        "kind": step.kind,
        "place": step.place.as_ref().map(place_json),
        "action": step.action,
        "needed": step.is_needed,
    })
}

fn fault_json(fault: &Diagnostic) -> Value {
    json!({"problem": fault.problem, "place": place_json(&fault.place), "fix": fault.fix})
}

fn place_json(place: &Place) -> Value {
    json!({"file": place.file, "line": place.line, "pointer": place.pointer})
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
