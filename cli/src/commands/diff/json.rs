//! A comparison, or why there is none, as one JSON object.

use bpx_conformance::Replay;
use bpx_evolve::Report;
use serde::Serialize;

use super::view::View;
use crate::failure::Failure;

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<&'a Replay>,
}

#[derive(Serialize)]
struct Errors<'a> {
    errors: Vec<Error<'a>>,
}

#[derive(Serialize)]
struct Error<'a> {
    problem: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    fix: &'a str,
}

pub(super) fn render(view: &View<'_>) -> Result<String, serde_json::Error> {
    let shown = Shown {
        report: Report::new(view.old, view.new, view.gate),
        notes: view.notes,
        replay: view.replay,
    };
    Ok(serde_json::to_string_pretty(&shown)? + "\n")
}

pub(super) fn errors(failure: &Failure) -> Result<String, serde_json::Error> {
    let errors = failure.faults().iter().map(|it| Error {
        problem: &it.problem,
        location: it.location.as_deref(),
        fix: &it.fix,
    });
    let errors = Errors {
        errors: errors.collect(),
    };
    Ok(serde_json::to_string_pretty(&errors)? + "\n")
}
