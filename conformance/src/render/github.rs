//! Workflow commands that GitHub shows as annotations.

use std::fmt::Display;

use crate::rules::Severity;
use crate::view::{Shown, View};

pub(super) fn render(view: &View<'_>) -> String {
    let findings = view.findings.iter().filter(|it| it.accepted.is_none());
    let mut out: String = findings.map(annotation).collect();
    for remark in view.remarks() {
        let line = None::<u64>;
        out.push_str(&command(
            level(remark.severity),
            None,
            line,
            remark.id,
            &remark.message,
        ));
    }
    out
}

fn annotation(shown: &Shown) -> String {
    let subject = &shown.finding.subject;
    let place = shown.finding.places.first();
    let times = super::times(shown.finding.seen.count);
    let message = format!(
        "{} {} ({times}). {}",
        subject.operation,
        shown.message(),
        subject.rule.fix()
    );
    command(
        level(shown.severity),
        place.map(|it| &*it.file),
        place.and_then(|it| it.line),
        subject.rule.id(),
        message.trim(),
    )
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// One annotation, escaped. `level` is `error`, `warning` or `notice`.
#[must_use]
pub fn command(
    level: &str,
    file: Option<&str>,
    line: Option<impl Display>,
    title: &str,
    message: &str,
) -> String {
    let file = file.map(|file| format!("file={},", property(file)));
    let line = line.map(|line| format!("line={line},"));
    format!(
        "::{level} {}{}title={}::{}\n",
        file.unwrap_or_default(),
        line.unwrap_or_default(),
        property(title),
        data(message)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
