//! SARIF 2.1.0: a rule object for each rule, a result for each change.

use bpx_conformance::render::sarif::{log, physical, rule};
use bpx_contract::Place;
use bpx_evolve::{Judged, Rule, Stale, Verdict};
use serde_json::{Value, json};

use super::view::{View, details};
use crate::output::plain;

const STALE: &str = "stale-accepted";

pub(super) fn render(view: &View<'_>) -> Result<String, serde_json::Error> {
    let changes = view.gate.changes.iter().map(|it| result(view, it));
    let results: Vec<_> = changes.chain(view.gate.stale.iter().map(stale)).collect();
    log(env!("CARGO_PKG_VERSION"), &rules(), &results)
}

fn rules() -> Vec<Value> {
    let of_change = |it: &Rule| {
        let (verdict, step) = (it.verdict().as_str(), it.step().as_str());
        let help = format!(
            "Verdict for existing callers: {verdict}. Effect on Rust callers: {} Version step: {step}.",
            it.effect()
        );
        rule(it.id(), it.meaning(), &help, level(it.verdict()))
    };
    let mut rules: Vec<_> = Rule::ALL.iter().map(of_change).collect();
    rules.push(rule(
        STALE,
        "An accepted change does not occur.",
        "Remove the entry from the file of accepted changes.",
        "error",
    ));
    rules
}

fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breaking => "error",
        Verdict::Risky | Verdict::Undecided => "warning",
        Verdict::Safe => "note",
    }
}

fn result(view: &View<'_>, judged: &Judged<'_>) -> Value {
    let change = judged.change;
    let facts = details(judged).into_iter();
    let facts: String = facts
        .map(|(name, text)| format!("\n{name}: {text}"))
        .collect();
    let level = match judged.fails {
        true => "error",
        // What does not fail is no error, even if it breaks.
        false if change.verdict == Verdict::Breaking => "warning",
        false => level(change.verdict),
    };
    let subject = plain(&change.subject);
    let message = format!("{subject}: {}{facts}", plain(&change.problem));
    let logical = [
        subject.clone(),
        change
            .operations
            .iter()
            .map(|it| plain(it))
            .collect::<Vec<_>>()
            .join(" "),
    ];
    let side = serde_json::to_value(change.side).unwrap_or_default();
    let side = side.as_str().unwrap_or_default();
    json!({
        "ruleId": change.rule,
        "ruleIndex": Rule::ALL.iter().position(|it| *it == change.rule),
        "level": level,
        "message": {"text": message},
        "locations": [{
            "physicalLocation": located(&change.new, view.path),
            "logicalLocations": [{"fullyQualifiedName": logical.join(" ").trim()}],
        }],
        "relatedLocations": [{
            "id": 1,
            "message": {"text": "the old document"},
            "physicalLocation": located(&change.old, view.old_path),
        }],
        "partialFingerprints": {"bpxDiff/v1": format!("{}/{side}/{subject}", change.rule)},
        "suppressions": suppressions(judged.accepted),
        "properties": {"verdict": change.verdict, "operations": change.operations, "version": change.rust.step},
    })
}

fn located(place: &Place, path: Option<&str>) -> Value {
    physical(path.unwrap_or(&place.file), place.line)
}

fn suppressions(reason: Option<&str>) -> Vec<Value> {
    let suppression = |reason| json!({"kind": "external", "justification": reason});
    reason.map(suppression).into_iter().collect()
}

fn stale(stale: &Stale) -> Value {
    json!({
        "ruleId": STALE,
        "level": "error",
        "message": {"text": stale.problem()},
        "locations": [{"physicalLocation": located(&stale.place, None)}],
    })
}
