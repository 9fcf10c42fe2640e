//! SARIF 2.1.0.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

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
    results.extend(view.stale.iter().map(|(fingerprint, reason)| {
        json!({
            "level": "error",
            "ruleId": "stale-baseline",
            "message": {"text": format!("{fingerprint} matches no finding any more ({reason})")},
        })
    }));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "bpx",
                "version": view.report.header.tool,
                "rules": rules(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log)?;
    text.push('\n');
    Ok(text)
}

fn rules() -> Vec<Value> {
    let mut rules: Vec<_> = Rule::ALL
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id(),
                "shortDescription": {"text": rule.meaning()},
                "help": {"text": rule.fix()},
                "defaultConfiguration": {"level": level(rule.severity())},
            })
        })
        .collect();
    rules.push(json!({
        "id": "stale-baseline",
        "shortDescription": {"text": "A row of the baseline matches no finding."},
        "help": {"text": "Remove the row."},
        "defaultConfiguration": {"level": "error"},
    }));
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
        "level": level(shown.severity()),
        "message": {"text": format!("{} ({} times)", shown.message(), shown.finding.seen.count)},
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
    let uri = utf8_percent_encode(&place.file, NOT_IN_URI).to_string();
    let mut physical = json!({"artifactLocation": {"uri": uri}});
    if let (Some(line), Value::Object(physical)) = (place.line, &mut physical) {
        physical.insert("region".to_owned(), json!({"startLine": line}));
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": logical.trim()}],
    })
}
