//! The report as one HTML page: no script, no other resource, every text escaped.

use std::fmt::Write as _;

use super::chart;
use super::times;
use crate::report::Where;
use crate::rules::Severity;
use crate::view::{Coverage, Shown, View, time};
use bpx_contract::prose::xml as escaped;

const STYLE: &str = include_str!("page.css");
/// Findings in one table; a page of more is slow to open and read by nobody.
const ROWS_MAX: usize = 1000;
const PROPOSALS_MAX: usize = 100;
/// Nothing is loaded and nothing runs, whatever a recording might hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

pub(super) fn render(view: &View<'_>) -> String {
    let verdict = if view.fails() { "failed" } else { "passed" };
    let body = format!(
        "{summary}<h2>Findings over time</h2>\n{times}\n<h2>Findings</h2>\n{findings}{proposals}\
         <h2>Coverage by operation</h2>\n{bars}\n{coverage}{inputs}",
        summary = summary(view),
        times = chart::over_time(&view.tally.times),
        bars = chart::coverage(&view.coverage),
        coverage = view.coverage.iter().map(operation).collect::<String>(),
        findings = findings(view),
        proposals = proposals(view),
        inputs = inputs(view),
    );
    let title = format!("Conformance report: {}", view.contract.file());
    page(&title, verdict, &body)
}

/// A whole page with its title. `verdict` is `passed` or `failed`; `body` is HTML.
#[must_use]
pub fn page(title: &str, verdict: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title} ({verdict})</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title} (<span class=\"{verdict}\">{verdict}</span>)</h1>\n{body}</body>\n</html>\n"
    )
}

fn summary(view: &View<'_>) -> String {
    let tally = &view.tally;
    let skipped: u64 = tally.skipped.values().sum();
    let rows = [
        ("interactions", tally.exchanges.count),
        ("responses validated", tally.validated),
        ("skipped", skipped),
        ("errors", view.count(Severity::Error)),
        ("warnings", view.count(Severity::Warning)),
        ("notes", view.count(Severity::Note)),
    ];
    let rows = rows.map(|(name, count)| format!("<div><dt>{name}</dt><dd>{count}</dd></div>"));
    let times = match (
        time(tally.exchanges.first_ms),
        time(tally.exchanges.last_ms),
    ) {
        (Some(first), Some(last)) => format!("{first} to {last}. "),
        _ => String::new(),
    };
    let ignored = super::ignored(tally).map(|it| format!(" Ignored: {it}."));
    let messages = super::messages(&tally.messages).map(|it| format!(" {it}."));
    let reasons = match tally.skipped.is_empty() {
        true => "All responses validated.".to_owned(),
        false => format!("S{}.", super::skips(&tally.skipped).trim_start_matches('s')),
    };
    format!(
        "<p class=\"quiet\">{times}{reasons}{}{}</p>\n<dl>{}</dl>\n",
        messages.unwrap_or_default(),
        ignored.unwrap_or_default(),
        rows.concat()
    )
}

fn operation(row: &Coverage) -> String {
    let tally = &row.tally;
    let statuses: Vec<_> = tally
        .statuses
        .iter()
        .map(|(status, seen)| format!("{status} ({})", seen.count))
        .collect();
    let never = |what: &str, names: &[String]| match names.is_empty() {
        true => String::new(),
        false => format!(
            "<p>{what} never seen: <code>{}</code></p>",
            escaped(&names.join(", "))
        ),
    };
    format!(
        "<details><summary>{} <span class=\"quiet\">{}, {} interactions</span></summary>\
         <p>Statuses: {}</p>{}{}</details>\n",
        escaped(&row.operation),
        escaped(&row.request),
        tally.exchanges.count,
        escaped(&statuses.join(", ")),
        never("Statuses", &row.statuses_never),
        never("Fields, values and arms", &row.slots_never),
    )
}

/// Notes are many and change no verdict, so they are folded away.
fn findings(view: &View<'_>) -> String {
    let is_note = |shown: &&Shown| shown.severity == Severity::Note;
    let (notes, faults): (Vec<_>, Vec<_>) = view.findings.iter().partition(is_note);
    let mut out = match faults.is_empty() {
        true if !view.fails() => "<p>None.</p>\n".to_owned(),
        true => String::new(),
        false => table(&faults),
    };
    for remark in view.remarks() {
        let (message, fix) = (escaped(&remark.message), remark.fix);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "<p class=\"{}\">{}: {message}. {fix}</p>",
            remark.severity.as_str(),
            remark.id
        );
    }
    if !notes.is_empty() {
        let _ = write!(
            out,
            "<details><summary>Notes, {} of them different</summary>\n{}</details>\n",
            notes.len(),
            table(&notes)
        );
    }
    out
}

fn table(findings: &[&Shown]) -> String {
    let mut out = String::from(
        "<div class=\"wide\" tabindex=\"0\"><table>\n<tr><th>Rule</th><th>Operation</th><th>Finding</th><th class=\"count\">Times</th></tr>\n",
    );
    for shown in findings.iter().take(ROWS_MAX) {
        finding(&mut out, shown);
    }
    out.push_str("</table></div>\n");
    let more = findings.len().saturating_sub(ROWS_MAX);
    if more > 0 {
        let _ = writeln!(
            out,
            "<p>{more} more different findings are in the JSON report.</p>"
        );
    }
    out
}

fn finding(out: &mut String, shown: &Shown) {
    let subject = &shown.finding.subject;
    let accepted = shown.accepted.as_ref();
    let accepted = accepted.map(|reason| format!("<p>Accepted: {}</p>", escaped(reason)));
    let places: String = shown.finding.places.iter().map(place).collect();
    let _ = writeln!(
        out,
        "<tr><td class=\"{severity}\">{rule}</td><td>{operation} <span class=\"quiet\">{part}</span></td>\
         <td><details><summary>{message}</summary>{accepted}<p>{fix}</p><ul>{places}</ul>\
         <p class=\"quiet\">Fingerprint <code>{fingerprint}</code></p></details></td><td class=\"count\">{count}</td></tr>",
        severity = shown.severity.as_str(),
        rule = subject.rule,
        operation = escaped(&subject.operation),
        part = escaped(&subject.part),
        message = escaped(&shown.message()),
        accepted = accepted.unwrap_or_default(),
        fix = escaped(subject.rule.fix()),
        fingerprint = escaped(&shown.fingerprint),
        count = shown.finding.seen.count,
    );
}

fn place(place: &Where) -> String {
    let line = place.line.map(|line| format!(", line {line}"));
    let value = place
        .value
        .as_ref()
        .map(|value| format!(": <code>{}</code>", escaped(value)));
    format!(
        "<li>{}, entry {}{}{}</li>",
        escaped(&place.file),
        place.entry,
        line.unwrap_or_default(),
        value.unwrap_or_default()
    )
}

fn proposals(view: &View<'_>) -> String {
    if view.proposals.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = view.proposals.iter().take(PROPOSALS_MAX).collect();
    let more = match view.proposals.len().saturating_sub(PROPOSALS_MAX) {
        0 => String::new(),
        more => format!("<p>{more} more are in the JSON report.</p>\n"),
    };
    let rows = shown.iter().map(|it| {
        let times = times(it.seen.count);
        format!(
            "<li><code>{}</code>: {}, seen {times}</li>",
            escaped(&it.path),
            escaped(&it.why)
        )
    });
    let patch = serde_json::to_string_pretty(&shown).unwrap_or_default();
    format!(
        "<h2>Proposed changes of the contract</h2>\n<ul>{}</ul>\n{more}<pre>{}</pre>\n",
        rows.collect::<String>(),
        escaped(&patch)
    )
}

fn inputs(view: &View<'_>) -> String {
    let rows = view.report.inputs().into_iter().map(|input| {
        let (file, shard) = (escaped(&input.file), escaped(&input.shard));
        format!(
            "<tr><td>{file}</td><td>{shard}</td><td class=\"count\">{}</td></tr>\n",
            input.bytes
        )
    });
    format!(
        "<h2>Inputs</h2>\n<div class=\"wide\" tabindex=\"0\"><table>\n<tr><th>File</th><th>Shard</th><th class=\"count\">Bytes</th></tr>\n{}</table></div>\n",
        rows.collect::<String>()
    )
}
