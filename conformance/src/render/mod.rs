//! One report model, six ways to show it, and what other reports need to be shown in the same formats.

mod chart;
pub mod github;
pub mod html;
mod json;
pub mod junit;
pub mod sarif;
mod text;

use std::collections::BTreeMap;

use crate::Error;
use crate::report::{Messages, Skip, Subject, Tally};
use crate::settings::Settings;
use crate::view::View;

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Human,
    /// Everything, as JSON.
    Json,
    /// JUnit's XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// One page with charts.
    Html,
}

impl Format {
    /// All formats with their names.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Human, "human"),
        (Self::Json, "json"),
        (Self::Junit, "junit"),
        (Self::Sarif, "sarif"),
        (Self::Github, "github"),
        (Self::Html, "html"),
    ];
}

/// Writes a report in a format.
///
/// # Errors
/// A number or name that JSON cannot hold; none is known.
pub fn render(view: &View<'_>, format: Format) -> Result<String, Error> {
    match format {
        Format::Human => Ok(text::render(view)),
        Format::Json => json::render(view),
        Format::Junit => Ok(junit::render(view)),
        Format::Sarif => sarif::render(view),
        Format::Github => Ok(github::render(view)),
        Format::Html => Ok(html::render(view)),
    }
}

/// A finding as one line for a terminal.
#[must_use]
pub fn headline(subject: &Subject, settings: &Settings) -> String {
    let mut out = String::new();
    text::headline(&mut out, settings.severity(subject.rule), subject);
    out
}

/// `9 stream messages: 6 validated, 2 requests, 1 refusal, none skipped`; nothing where there are none.
pub(crate) fn messages(messages: &Messages) -> Option<String> {
    let Messages {
        seen,
        validated,
        requests,
        refusals,
        replies,
        skipped,
    } = messages;
    let counts = [
        (*requests, "request"),
        (*refusals, "refusal"),
        (*replies, "other reply"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, what)| number(count, what).replace("replys", "replies"));
    let parts: Vec<_> = [format!("{validated} validated")]
        .into_iter()
        .chain(counts)
        .collect();
    let count = number(seen.count, "stream message");
    let line = format!("{count}: {}, {}", parts.join(", "), skips(skipped));
    (seen.count > 0).then_some(line)
}

/// `skipped: 2 no such operation`
fn skips(skipped: &BTreeMap<Skip, u64>) -> String {
    let reasons: Vec<_> = skipped
        .iter()
        .map(|(reason, count)| format!("{count} {}", reason.as_str()))
        .collect();
    match reasons.is_empty() {
        true => "none skipped".to_owned(),
        false => format!("skipped: {}", reasons.join(", ")),
    }
}

/// `2 header-missing`: the findings that the settings leave out.
fn ignored(tally: &Tally) -> Option<String> {
    let ignored = tally.ignored.iter();
    let ignored: Vec<_> = ignored
        .map(|(rule, count)| format!("{count} {rule}"))
        .collect();
    Some(ignored.join(", ")).filter(|it| !it.is_empty())
}

/// `1 error`, or `2 errors`.
#[must_use]
pub fn number(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// `once`, or `5 times`.
fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
