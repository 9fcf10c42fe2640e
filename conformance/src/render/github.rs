//! Workflow commands that GitHub shows as annotations.

use crate::rules::Severity;
use crate::view::{Shown, View};

pub(super) fn render(view: &View<'_>) -> String {
    let findings = view.findings.iter().filter(|it| it.accepted.is_none());
    let mut out: String = findings.map(annotation).collect();
    for (fingerprint, _) in &view.stale {
        out.push_str(&format!(
            "::error title=stale baseline::{fingerprint} matches no finding any more\n"
        ));
    }
    out
}

fn annotation(shown: &Shown) -> String {
    let subject = &shown.finding.subject;
    let command = match shown.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = shown.finding.places.first();
    let file = place.map(|place| format!("file={},", property(&place.file)));
    let line = place
        .and_then(|place| place.line)
        .map(|line| format!("line={line},"));
    let times = super::times(shown.finding.seen.count);
    let message = format!(
        "{} {} ({times}). {}",
        subject.operation,
        shown.message(),
        subject.rule.fix()
    );
    format!(
        "::{command} {}{}title={}::{}\n",
        file.unwrap_or_default(),
        line.unwrap_or_default(),
        property(subject.rule.id()),
        data(message.trim())
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
