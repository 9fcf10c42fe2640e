//! A comparison for a terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use bpx_conformance::{Replay, Spot, Turn};
use bpx_evolve::{Answer, Change, Diff, Judged, Verdict};

use super::view::{View, example, is_noticed, operations};
use crate::output::plain;

/// The summary, a table of all changes, then the details of those that callers may notice.
pub(super) fn render(view: &View<'_>) -> String {
    let mut out = format!("{}\n", view.headline());
    if let Some(unjudged) = view.unjudged() {
        line(&mut out, format_args!("{unjudged}"));
    }
    let diff = view.gate.diff;
    table(&mut out, diff);
    let mut shown = BTreeSet::new();
    for judged in view.gate.changes.iter().filter(|it| is_noticed(it)) {
        let change = judged.change;
        // A change that is safe in one direction needs no details if the other direction has them.
        if shown.insert(&change.subject) || change.verdict != Verdict::Safe {
            detail(&mut out, judged);
        }
    }
    proofs(&mut out, diff);
    if let Some(replay) = view.replay {
        replayed(&mut out, replay);
    }
    out
}

/// Writing to a String cannot fail.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Breaking => AnsiColor::Red,
        Verdict::Risky => AnsiColor::Yellow,
        Verdict::Undecided => AnsiColor::Magenta,
        Verdict::Safe => AnsiColor::Green,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

fn table(out: &mut String, diff: &Diff) {
    let width = |of: fn(&Change) -> usize| diff.changes.iter().map(of).max().unwrap_or(0);
    let rules = width(|it| it.rule.id().len());
    let subjects = width(|it| plain(&it.subject).chars().count());
    if !diff.changes.is_empty() {
        out.push('\n');
    }
    for change in &diff.changes {
        let style = style(change.verdict);
        line(
            out,
            format_args!(
                "{style}{:9}{style:#}  {:rules$}  {:subjects$}  {:5}  {}",
                change.verdict.as_str(),
                change.rule.id(),
                plain(&change.subject),
                change.rust.step.as_str(),
                operations(change)
            ),
        );
    }
}

fn detail(out: &mut String, judged: &Judged<'_>) {
    let change = judged.change;
    let style = style(change.verdict);
    line(
        out,
        format_args!(
            "\n{style}{}[{}]{style:#} {}",
            change.verdict.as_str(),
            change.rule,
            plain(&change.subject)
        ),
    );
    line(out, format_args!("  {}", plain(&change.problem)));
    line(
        out,
        format_args!("  at {}", plain(&change.place.to_string())),
    );
    // The old document has it somewhere else than the place that is shown.
    if change.place != change.old && change.old.pointer.is_some() {
        let old = plain(&change.old.to_string());
        line(out, format_args!("  was at {old}"));
    }
    let rust = &change.rust;
    line(
        out,
        format_args!("  Rust ({}): {}", rust.step.as_str(), rust.text),
    );
    if rust.before != rust.after {
        for (sign, text) in [('-', &rust.before), ('+', &rust.after)] {
            if let Some(text) = text {
                line(out, format_args!("    {sign} `{}`", plain(text)));
            }
        }
    }
    if let Some(witness) = &change.witness {
        line(
            out,
            format_args!("  for example: {}", plain(&example(witness))),
        );
    }
    if let Some(reason) = judged.accepted {
        line(out, format_args!("  accepted: {}", plain(reason)));
    }
}

/// Operations with changes: whether their request and response bodies remain compatible.
fn proofs(out: &mut String, diff: &Diff) {
    let width = diff.operations.keys().map(|id| plain(id).chars().count());
    let Some(width) = width.max() else {
        return;
    };
    let (title, verdict) = ("Operations", "verdict");
    let width = width.max(title.len());
    line(
        out,
        format_args!(
            "\n{title:width$}  {verdict:9}  old bodies sent are accepted  new bodies read are expected"
        ),
    );
    for (id, row) in &diff.operations {
        let style = style(row.verdict);
        line(
            out,
            format_args!(
                "{:width$}  {style}{:9}{style:#}  {:28}  {}",
                plain(id),
                row.verdict.as_str(),
                answer(row.proof.request),
                answer(row.proof.response)
            ),
        );
    }
}

fn answer(answer: Option<Answer>) -> &'static str {
    match answer {
        Some(Answer::Yes) => "yes",
        Some(Answer::No) => "no",
        Some(Answer::Undecided) => "undecided",
        None => "-",
    }
}

fn replayed(out: &mut String, replay: &Replay) {
    line(
        out,
        format_args!(
            "\nReplay: of {} exchanges {} change their verdict",
            replay.exchanges,
            replay.changed()
        ),
    );
    for (count, meaning) in [
        (replay.broken, "fine before, not now"),
        (replay.mended, "not fine before, now they are"),
        (replay.otherwise, "not fine, for other reasons than before"),
        (replay.same, "judged the same"),
        (replay.unread, "entries cannot be read"),
    ] {
        line(out, format_args!("  {count:>10}  {meaning}"));
    }
    for ((operation, rule, turn), moved) in &replay.moved {
        let turn = match turn {
            Turn::Appeared => "new",
            Turn::Vanished => "gone",
        };
        let first: Vec<_> = moved.first.iter().map(spot).collect();
        line(
            out,
            format_args!(
                "  {turn} {rule} {}: {} exchanges, first {}",
                plain(operation),
                moved.exchanges,
                first.join(" ")
            ),
        );
    }
}

fn spot(spot: &Spot) -> String {
    format!("{}:{}", plain(&spot.file), spot.entry)
}
