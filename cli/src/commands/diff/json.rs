//! A comparison as one JSON object.

use bpx_conformance::Replay;
use bpx_evolve::Report;
use serde::Serialize;

use super::view::View;

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<&'a Replay>,
}

pub(super) fn render(view: &View<'_>) -> Result<String, serde_json::Error> {
    let shown = Shown {
        report: Report::new(view.old, view.new, view.gate),
        notes: view.notes,
        replay: view.replay,
    };
    Ok(serde_json::to_string_pretty(&shown)? + "\n")
}
