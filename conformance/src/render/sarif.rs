//! SARIF 2.1.0.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::times;
use crate::Error;
use crate::report::Where;
use crate::rules::{Rule, Severity};
use crate::view::{Shown, View};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What a URI cannot hold as it is.
const NOT_IN_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

pub(super) fn render(view: &View<'_>) -> Result<String, Error> {
    let mut results: Vec<_> = view.findings.iter().map(result).collect();
    results.extend(view.remarks().iter().map(|remark| {
        json!({
            "level": level(remark.severity),
            "ruleId": remark.id,
            "message": {"text": remark.message},
        })
    }));
    Ok(log(&view.report.header.tool, &rules(), &results)?)
}

/// The whole log of one run.
///
/// # Errors
/// A number or name that JSON cannot hold; none is known.
pub fn log(version: &str, rules: &[Value], results: &[Value]) -> Result<String, serde_json::Error> {
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "bpx", "version": version, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log)?;
    text.push('\n');
    Ok(text)
}

/// A rule. `level` is `error`, `warning`, `note` or `none`.
#[must_use]
pub fn rule(id: &str, meaning: &str, help: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": meaning},
        "help": {"text": help},
        "defaultConfiguration": {"level": level},
    })
}

/// A file, and a line of it.
#[must_use]
pub fn physical(file: &str, line: Option<impl Serialize>) -> Value {
    let uri = utf8_percent_encode(file, NOT_IN_URI).to_string();
    match line {
        None => json!({"artifactLocation": {"uri": uri}}),
        Some(line) => json!({"artifactLocation": {"uri": uri}, "region": {"startLine": line}}),
    }
}

fn rules() -> Vec<Value> {
    let mut rules: Vec<_> = Rule::ALL
        .iter()
        .map(|it| rule(it.id(), it.meaning(), it.fix(), level(it.severity())))
        .collect();
    rules.push(rule(
        "stale-baseline",
        "A row of the baseline matches no finding.",
        "Remove the row.",
        "error",
    ));
    rules.push(rule(
        "findings-not-kept",
        "There are more different findings than a report keeps.",
        "Correct the first ones, or check fewer recordings at a time.",
        "error",
    ));
    rules
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn result(shown: &Shown) -> Value {
    let subject = &shown.finding.subject;
    let logical = format!("{} {} {}", subject.operation, subject.part, subject.pointer);
    let index = Rule::ALL.iter().position(|rule| *rule == subject.rule);
    let mut result = json!({
        "ruleId": subject.rule,
        "ruleIndex": index,
        "level": level(shown.severity),
        "message": {"text": format!("{} ({})", shown.message(), times(shown.finding.seen.count))},
        "locations": shown.finding.places.iter().map(|place| location(place, &logical)).collect::<Vec<_>>(),
        "occurrenceCount": shown.finding.seen.count,
        "partialFingerprints": {"bpx/v1": shown.fingerprint},
    });
    if let (Some(reason), Value::Object(result)) = (&shown.accepted, &mut result) {
        let suppression = json!([{"kind": "external", "justification": reason}]);
        result.insert("suppressions".to_owned(), suppression);
    }
    result
}

fn location(place: &Where, logical: &str) -> Value {
    json!({
        "physicalLocation": physical(&place.file, place.line),
        "logicalLocations": [{"fullyQualifiedName": logical.trim()}],
    })
}
