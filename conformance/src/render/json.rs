//! The whole report as one JSON document.

use serde_json::{Map, Value, json};

use crate::Error;
use crate::report::{Messages, Seen, Where};
use crate::rules::Severity;
use crate::view::{Coverage, Shown, View, time};

pub(super) fn render(view: &View<'_>) -> Result<String, Error> {
    let mut text = serde_json::to_string_pretty(&document(view))?;
    text.push('\n');
    Ok(text)
}

fn document(view: &View<'_>) -> Value {
    let header = &view.report.header;
    let evidence = view.proposals.iter().map(|proposal| {
        let mut row = seen(&proposal.seen);
        row.insert("path".to_owned(), json!(proposal.path));
        row.insert("why".to_owned(), json!(proposal.why));
        row
    });
    let streams = view.contract.streams().map(crate::Contract::file);
    json!({
        "tool": {"name": "bpx", "version": header.tool},
        "contract": {"file": view.contract.file(), "streams": streams, "digest": header.contract},
        "rules_digest": header.rules,
        "passed": !view.fails(),
        "summary": summary(view),
        "findings": view.findings.iter().map(finding).collect::<Vec<_>>(),
        "coverage": view.coverage.iter().map(coverage).collect::<Vec<_>>(),
        "patch": view.proposals,
        "evidence": evidence.collect::<Vec<_>>(),
        "baseline": {
            "accepted": view.accepted(),
            "stale": view.stale.iter().map(|(fingerprint, reason)| {
                json!({"fingerprint": fingerprint, "reason": reason})
            }).collect::<Vec<_>>(),
        },
        "inputs": view.report.inputs(),
    })
}

fn summary(view: &View<'_>) -> Value {
    let tally = &view.tally;
    json!({
        "exchanges": tally.exchanges.count,
        "first": time(tally.exchanges.first_ms),
        "last": time(tally.exchanges.last_ms),
        "validated": tally.validated,
        "verdicts": tally.verdicts,
        "quick": {"decided": tally.verdicts.ok, "bodies": tally.verdicts.total()},
        "skipped": tally.skipped,
        "messages": messages(&tally.messages),
        "body_bytes": tally.body_bytes,
        "errors": view.count(Severity::Error),
        "warnings": view.count(Severity::Warning),
        "notes": view.count(Severity::Note),
        "rules": tally.rules,
        "ignored": tally.ignored,
        "findings_not_kept": view.not_kept(),
    })
}

fn messages(messages: &Messages) -> Value {
    json!({
        "count": messages.seen.count,
        "first": time(messages.seen.first_ms),
        "last": time(messages.seen.last_ms),
        "validated": messages.validated,
        "requests": messages.requests,
        "refusals": messages.refusals,
        "replies": messages.replies,
        "skipped": messages.skipped,
    })
}

fn seen(seen: &Seen) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("count".to_owned(), json!(seen.count));
    for (key, at_ms) in [("first", seen.first_ms), ("last", seen.last_ms)] {
        if let Some(at) = time(at_ms) {
            row.insert(key.to_owned(), at.into());
        }
    }
    row
}

fn finding(shown: &Shown) -> Value {
    let subject = &shown.finding.subject;
    let mut row = json!({
        "rule": subject.rule,
        "severity": shown.severity,
        "operation": subject.operation,
        "part": subject.part,
        "pointer": subject.pointer,
        "detail": subject.detail,
        "type": subject.type_name,
        "fingerprint": shown.fingerprint,
        "message": shown.message(),
        "fix": subject.rule.fix(),
        "accepted": shown.accepted,
        "where": shown.finding.places.iter().map(place).collect::<Vec<_>>(),
    });
    if let Value::Object(row) = &mut row {
        row.extend(seen(&shown.finding.seen));
    }
    row
}

fn place(place: &Where) -> Value {
    json!({
        "file": place.file,
        "entry": place.entry,
        "line": place.line,
        "byte": place.byte,
        "value": place.value,
    })
}

fn coverage(row: &Coverage) -> Value {
    let counted = |counts: &std::collections::BTreeMap<String, Seen>| -> Map<String, Value> {
        let rows = counts.iter();
        rows.map(|(name, count)| (name.clone(), Value::Object(seen(count))))
            .collect()
    };
    json!({
        "operation": row.operation,
        "request": row.request,
        "percent": row.percent(),
        "exchanges": seen(&row.tally.exchanges),
        "statuses": counted(&row.tally.statuses),
        "media_types": row.tally.media_types,
        "seen": counted(&row.tally.slots),
        "never": {"statuses": row.statuses_never, "names": row.slots_never},
    })
}
