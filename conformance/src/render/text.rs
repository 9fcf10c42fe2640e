//! The report for a terminal.

use super::{number, times};
use crate::report::{Subject, Where};
use crate::rules::Severity;
use crate::view::{Coverage, Shown, View, time};

/// Names that are listed in a line; of more, the first.
const NAMES_MAX: usize = 8;
const PROPOSALS_MAX: usize = 20;

pub(super) fn render(view: &View<'_>) -> String {
    let mut out = String::new();
    summary(&mut out, view);
    for shown in view
        .findings
        .iter()
        .filter(|it| it.severity > Severity::Note)
    {
        finding(&mut out, shown);
    }
    notes(&mut out, view);
    if view.lists_coverage {
        coverage(&mut out, view);
    }
    proposals(&mut out, view);
    for remark in view.remarks() {
        line(
            &mut out,
            format_args!(
                "{}[{}]: {}",
                remark.severity.as_str(),
                remark.id,
                remark.message
            ),
        );
        line(&mut out, format_args!("  fix: {}", remark.fix));
        out.push('\n');
    }
    out
}

/// `5,000`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (digit, left) in digits.chars().zip((0..digits.len()).rev()) {
        shown.push(digit);
        if left > 0 && left % 3 == 0 {
            shown.push(',');
        }
    }
    shown
}

/// One line, whatever the recordings hold: what ends a line, moves a cursor or turns a text around is written as an
/// escape, so that no line begins with a recorded text (CWE-117).
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    for letter in text.to_string().chars() {
        match letter {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(letter.escape_unicode());
            }
            letter if letter.is_control() => out.extend(letter.escape_default()),
            letter => out.push(letter),
        }
    }
    out.push('\n');
}

/// A finding as one line, without its places.
pub(super) fn headline(out: &mut String, severity: Severity, subject: &Subject) {
    let operation = match &*subject.operation {
        "" => "",
        operation => &format!(" {operation}"),
    };
    line(
        out,
        format_args!(
            "{}[{}]{operation} {}: {}",
            severity.as_str(),
            subject.rule,
            subject.part,
            subject.message()
        ),
    );
}

fn finding(out: &mut String, shown: &Shown) {
    let subject = &shown.finding.subject;
    let accepted = if shown.accepted.is_some() {
        ", accepted"
    } else {
        ""
    };
    headline(out, shown.severity, subject);
    let seen = &shown.finding.seen;
    let period = match (time(seen.first_ms), time(seen.last_ms)) {
        (Some(first), Some(last)) if first != last => format!(", {first} to {last}"),
        (Some(first), _) => format!(", {first}"),
        _ => String::new(),
    };
    line(
        out,
        format_args!(
            "  {}{period}, {}{accepted}",
            times(seen.count),
            shown.fingerprint
        ),
    );
    for place in &shown.finding.places {
        let value = place.value.as_ref().map(|value| format!("  {value}"));
        line(
            out,
            format_args!("  at {}{}", at(place), value.unwrap_or_default()),
        );
    }
    match &shown.accepted {
        Some(reason) => line(out, format_args!("  accepted: {reason}")),
        None => line(out, format_args!("  fix: {}", subject.rule.fix())),
    }
    out.push('\n');
}

/// `file:line`, or the entry where the format has no lines.
fn at(place: &Where) -> String {
    match (place.line, place.byte, place.entry) {
        (Some(line), Some(byte), _) => format!("{}:{line} (byte {byte})", place.file),
        (Some(line), None, _) => format!("{}:{line}", place.file),
        (None, _, 0) => place.file.clone(),
        (None, _, entry) => format!("{}, entry {entry}", place.file),
    }
}

/// Notes are many and mean little: a line for each rule and operation.
fn notes(out: &mut String, view: &View<'_>) {
    let mut counts = std::collections::BTreeMap::new();
    for shown in view
        .findings
        .iter()
        .filter(|it| it.severity == Severity::Note)
    {
        let subject = &shown.finding.subject;
        let row = counts
            .entry((subject.rule, &subject.operation))
            .or_insert((0_u64, Vec::new()));
        row.0 = row.0.saturating_add(shown.finding.seen.count);
        row.1.push(subject.pointer.clone());
    }
    for ((rule, operation), (count, places)) in &counts {
        line(
            out,
            format_args!(
                "note[{rule}] {operation}: {}: {}",
                times(*count),
                few(places)
            ),
        );
    }
    if !counts.is_empty() {
        out.push('\n');
    }
}

fn few(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

fn coverage(out: &mut String, view: &View<'_>) {
    line(out, format_args!("Coverage"));
    for row in &view.coverage {
        let Coverage {
            operation, tally, ..
        } = row;
        if tally.exchanges.count == 0 {
            line(out, format_args!("  {operation:24} never"));
            continue;
        }
        let statuses: Vec<_> = tally.statuses.keys().map(String::as_str).collect();
        let count = tally.exchanges.count;
        let percent = row.percent();
        line(
            out,
            format_args!(
                "  {operation:24} {count:>10}  {percent:>3} %  {}",
                statuses.join(" ")
            ),
        );
        // Which values and arms occur depends on the account; a field that never occurs deserves a look.
        let (values, fields): (Vec<_>, Vec<_>) = row
            .slots_never
            .iter()
            .cloned()
            .partition(|name| name.contains(['=', ':']));
        let values = values.len();
        if !fields.is_empty() {
            line(out, format_args!("  {:24} never: {}", "", few(&fields)));
        }
        if values > 0 {
            line(
                out,
                format_args!("  {:24} never: {values} values and arms", ""),
            );
        }
    }
    out.push('\n');
}

fn proposals(out: &mut String, view: &View<'_>) {
    if view.proposals.is_empty() {
        return;
    }
    let file = view.contract.file();
    line(
        out,
        format_args!("Proposed for {file} (JSON Patch in --format json)"),
    );
    for proposal in view.proposals.iter().take(PROPOSALS_MAX) {
        let count = proposal.seen.count;
        line(
            out,
            format_args!("  add {} {}", proposal.path, proposal.value),
        );
        line(
            out,
            format_args!("      {}, seen {}", proposal.why, times(count)),
        );
    }
    let more = view.proposals.len().saturating_sub(PROPOSALS_MAX);
    if more > 0 {
        line(out, format_args!("  and {more} more"));
    }
    out.push('\n');
}

fn summary(out: &mut String, view: &View<'_>) {
    let tally = &view.tally;
    let [errors, warnings, notes] = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ]
    .map(|(severity, what)| number(view.count(severity), what));
    let verdict = if view.fails() { "failed" } else { "passed" };
    let accepted = number(view.accepted() as u64, "finding");
    line(
        out,
        format_args!("{verdict}: {errors}, {warnings}, {notes}, {accepted} accepted"),
    );
    let skipped = super::skips(&tally.skipped);
    let interactions = number(tally.exchanges.count, "interaction");
    let inputs = number(view.report.inputs().len() as u64, "input");
    let validated = number(tally.validated, "response");
    line(
        out,
        format_args!("{interactions} from {inputs}: {validated} validated, {skipped}"),
    );
    if let Some(messages) = super::messages(&tally.messages) {
        line(out, format_args!("{messages}"));
    }
    if let Some(ignored) = super::ignored(tally) {
        line(out, format_args!("ignored: {ignored}"));
    }
    let (decided, bodies) = (tally.verdicts.ok, tally.verdicts.total());
    if bodies > 0 {
        let [decided, bodies] = [decided, bodies].map(grouped);
        line(out, format_args!("quick: {decided} of {bodies} bodies"));
    }
    let covered = |is_channel: bool| {
        let rows = view
            .coverage
            .iter()
            .filter(|it| it.is_channel == is_channel);
        let seen = rows.clone().filter(|it| it.tally.exchanges.count > 0);
        (seen.count(), rows.count())
    };
    let (seen, all) = covered(false);
    let channels = match covered(true) {
        (_, 0) => String::new(),
        (seen, all) => format!(", {seen} of {all} channels"),
    };
    let hint = if view.lists_coverage {
        ""
    } else {
        " (listed with --coverage)"
    };
    line(
        out,
        format_args!("coverage: {seen} of {all} operations{channels}{hint}"),
    );
    out.push('\n');
}
