//! JUnit's XML: a suite per operation, a case per finding, and one that passed where there is none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::times;
use crate::rules::Severity;
use crate::view::{Remark, Shown, View};
use bpx_contract::prose::xml as escaped;

/// The suite of what belongs to no operation.
const RECORDINGS: &str = "recordings";

pub(super) fn render(view: &View<'_>) -> String {
    let mut suites: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in &view.coverage {
        let case = match row.tally.exchanges.count {
            0 => case(
                &row.operation,
                "recorded",
                "<skipped message=\"never recorded\"/>",
            ),
            count => case(&row.operation, &format!("{count} interactions"), ""),
        };
        suites.entry(&row.operation).or_default().push(case);
    }
    for shown in view
        .findings
        .iter()
        .filter(|it| it.severity > Severity::Note)
    {
        let suite = suite_of(shown);
        suites
            .entry(suite)
            .or_default()
            .push(of_finding(suite, shown));
    }
    let is_failing = |it: &Remark| it.severity > Severity::Note;
    for remark in view.remarks().into_iter().filter(is_failing) {
        let (id, message) = (remark.id, escaped(&remark.message));
        let failure = format!("<failure type=\"{id}\" message=\"{message}\"/>");
        suites
            .entry(RECORDINGS)
            .or_default()
            .push(case(RECORDINGS, id, &failure));
    }
    document("bpx check", &suites)
}

/// The whole document: suites by name, each with its cases.
#[must_use]
pub fn document(name: &str, suites: &BTreeMap<&str, Vec<String>>) -> String {
    let name = escaped(name);
    let mut out =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\">\n");
    for (name, cases) in suites {
        let count = |what: &str| cases.iter().filter(|case| case.contains(what)).count();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" errors=\"0\">\n{}  </testsuite>",
            escaped(name),
            cases.len(),
            count("<failure "),
            count("<skipped "),
            cases.concat()
        );
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite_of(shown: &Shown) -> &str {
    match &*shown.finding.subject.operation {
        "" => RECORDINGS,
        operation => operation,
    }
}

/// One case. `inner` is empty, or a `<failure …>` or `<skipped …>` whose texts are escaped.
#[must_use]
pub fn case(class: &str, name: &str, inner: &str) -> String {
    let (class, name) = (escaped(class), escaped(name));
    match inner {
        "" => format!("    <testcase classname=\"{class}\" name=\"{name}\"/>\n"),
        inner => {
            format!("    <testcase classname=\"{class}\" name=\"{name}\">{inner}</testcase>\n")
        }
    }
}

fn of_finding(suite: &str, shown: &Shown) -> String {
    let subject = &shown.finding.subject;
    let name = [subject.rule.id(), &subject.pointer, &subject.detail].join(" ");
    let message = escaped(&shown.message());
    if let Some(reason) = &shown.accepted {
        let skipped = format!("<skipped message=\"accepted: {}\"/>", escaped(reason));
        return case(suite, name.trim(), &skipped);
    }
    let places = shown.finding.places.iter().map(|place| {
        let line = place
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let value = place.value.as_deref().unwrap_or_default();
        escaped(&format!(
            "{}{line}, entry {} {value}\n",
            place.file, place.entry
        ))
    });
    let text: String = places.collect();
    let failure = format!(
        "<failure type=\"{}\" message=\"{message}\">{}\n{text}fix: {}\nfingerprint: {}</failure>",
        subject.rule,
        times(shown.finding.seen.count),
        escaped(subject.rule.fix()),
        shown.fingerprint
    );
    case(suite, name.trim(), &failure)
}
