//! A run as files that other programs read: trace, JUnit, HAR; a workflow as a Mermaid graph.

use std::fmt::Write as _;

use bpx_arazzo::{Call, CheckedWorkflow, Destination, Then};
use bpx_contract::prose::xml;
use bpx_runtime::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{Event, EventKind, Interaction, Outcome, Report};

/// Everything that happened, as JSON.
#[must_use]
pub fn trace(report: &Report, events: &[Event]) -> Value {
    json!({"report": report, "events": events})
}

/// A test case for each step that ran, and one for the end, as JUnit reads them.
#[must_use]
pub fn junit(report: &Report, events: &[Event]) -> String {
    let mut cases = String::new();
    let (mut tests, mut failures) = (1, 0);
    let mut began_ms = 0;
    for event in events {
        match &event.kind {
            EventKind::StepBegan { .. } => began_ms = event.at_ms,
            EventKind::StepEnded {
                succeeded, failed, ..
            } => {
                tests += 1;
                let body = if *succeeded {
                    String::new()
                } else {
                    let unmet = xml(&failed.join("; "));
                    // A step may fail as the workflow foresees it; the end counts.
                    format!("<system-out>did not succeed: {unmet}</system-out>")
                };
                let name = xml(&event.step);
                let _ = writeln!(
                    cases,
                    r#"    <testcase classname="{}" name="{name}" time="{}">{body}</testcase>"#,
                    xml(&event.workflow),
                    seconds(event.at_ms - began_ms),
                );
            }
            _ => {}
        }
    }
    let end = match report.outcome {
        Outcome::Done | Outcome::AlreadyDone => String::new(),
        outcome => {
            failures = 1;
            let text = format!("{}\nnext: {}", report.why, report.next);
            format!(
                r#"<failure message="{}">{}</failure>"#,
                xml(outcome.text()),
                xml(&text)
            )
        }
    };
    let workflow = xml(&report.workflow);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{workflow}\" tests=\"{tests}\" \
         failures=\"{failures}\">\n{cases}    <testcase classname=\"{workflow}\" name=\"outcome\">{end}</testcase>\n  \
         </testsuite>\n</testsuites>\n"
    )
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// The requests that were made, as an HTTP archive 1.2. It has no headers of requests: they hold keys and signatures.
#[must_use]
pub fn har(events: &[Event]) -> Value {
    let made = events.iter().filter_map(|event| match &event.kind {
        EventKind::Interaction(it) if !it.replayed => Some(entry(event, it)),
        _ => None,
    });
    let creator = json!({"name": "bpx", "version": env!("CARGO_PKG_VERSION")});
    json!({"log": {"version": "1.2", "creator": creator, "entries": made.collect::<Vec<_>>()}})
}

fn entry(event: &Event, it: &Interaction) -> Value {
    let took = i64::try_from(it.took_ms).unwrap_or_default();
    let began = DateTime::<Utc>::from_timestamp_millis(event.at_ms - took).unwrap_or_default();
    let text = |body: &Option<Value>| body.as_ref().map(ToString::to_string);
    let response = text(&it.response).unwrap_or_default();
    let query = it
        .url
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split('&');
    let query = query.filter_map(|pair| pair.split_once('='));
    let headers = it
        .headers
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}));
    let headers: Vec<_> = headers.collect();
    let query: Vec<_> = query
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let mut request = json!({
        "method": it.method, "url": it.url, "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
        "queryString": query, "headersSize": -1, "bodySize": -1,
    });
    if let (Some(text), Some(members)) = (text(&it.request), request.as_object_mut()) {
        members.insert(
            "postData".to_owned(),
            json!({"mimeType": "application/json", "text": text}),
        );
    }
    json!({
        "startedDateTime": began.to_rfc3339(), "time": it.took_ms, "request": request, "cache": {},
        "response": {
            "status": it.status.unwrap_or(0), "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": headers,
            "content": {"size": response.len(), "mimeType": "application/json", "text": response},
            "redirectURL": "", "headersSize": -1, "bodySize": -1,
        },
        "timings": {"send": 0, "wait": it.took_ms, "receive": 0},
        "comment": it.remark.as_deref().map_or_else(|| event.step.clone(), |remark| format!("{}: {remark}", event.step)),
    })
}

/// The workflow as a Mermaid flowchart: steps, actions, ends.
#[must_use]
pub fn graph(workflow: &CheckedWorkflow) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for (at, checked) in workflow.steps.iter().enumerate() {
        let step = &checked.step;
        let call = match &checked.call {
            Call::Operation { operation, .. } => operation,
            Call::Workflow { workflow, .. } => &workflow.id,
        };
        let _ = writeln!(text, "  s{at}[\"{}<br/>{}\"]", label(&step.id), label(call));
        for (actions, arrow) in [(&step.on_success, "-->"), (&step.on_failure, "-.->")] {
            for action in actions {
                let name = label(&action.name);
                let _ = writeln!(
                    text,
                    "  s{at} {arrow}|{name}| {}",
                    target(workflow, at, &action.then, action.outcome)
                );
            }
        }
        let always = step.on_success.iter().any(|it| it.criteria.is_empty());
        if !always {
            let next = if at + 1 < workflow.steps.len() {
                format!("s{}", at + 1)
            } else {
                "done([done])".to_owned()
            };
            let _ = writeln!(text, "  s{at} --> {next}");
        }
        if !step
            .on_failure
            .iter()
            .any(|it| it.criteria.is_empty() && !matches!(it.then, Then::Retry { .. }))
        {
            let _ = writeln!(text, "  s{at} -.-> broken([broken off])");
        }
    }
    text
}

fn target(
    workflow: &CheckedWorkflow,
    at: usize,
    then: &Then,
    outcome: Option<bpx_arazzo::Outcome>,
) -> String {
    match then {
        Then::End => match outcome {
            Some(outcome) => format!("{0}([{0}])", outcome.as_str()),
            None => "end_([end])".to_owned(),
        },
        Then::Goto(Destination::Step(step)) => {
            format!("s{}", workflow.position(step).unwrap_or(at))
        }
        Then::Goto(Destination::Workflow(it)) => format!(
            "w_{0}[[\"{1}\"]]",
            it.id.replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
            label(&it.id)
        ),
        Then::Retry { .. } => format!("s{at}"),
    }
}

/// A label of a graph: what Mermaid would read as its own is spelled out.
fn label(text: &str) -> String {
    let plain = text.replace('"', "#quot;").replace('|', "#124;");
    plain.replace(['\n', '\r'], " ").replace('<', "&lt;")
}
