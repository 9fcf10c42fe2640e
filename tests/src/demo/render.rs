//! The report as a page to read. Colour is put in here and taken out by whoever writes it to something that has none.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::recording::Recorded;
use super::report::{Call, Files, Report, Step, Workflow};

const HEADING: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ASIDE: Style = Style::new().dimmed();

const NEXT: [(&str, &str); 3] = [
    (
        "cargo run -- sandbox",
        "keep such an exchange running, with a key to sign with",
    ),
    (
        "cargo run -- sign --help",
        "see what is signed, and why a signature fails",
    ),
    (
        "cargo doc -p bpx-client --open",
        "the client: operations, types, errors",
    ),
];

/// The whole page.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut page = String::new();
    head(&mut page, report);
    heading(&mut page, "The eight operations");
    table(&mut page, &report.operations);
    let replaced = &report.cancel_replace.steps;
    steps(&mut page, "Cancel and replace, step by step", replaced);
    let late = &report.late_cancel;
    steps(
        &mut page,
        "A cancellation that is accepted first and settles later",
        late,
    );
    if let Some(ran) = &report.workflow {
        workflow(&mut page, ran);
    }
    if let Some(recording) = &report.recording {
        recorded(&mut page, recording);
    }
    totals(&mut page, report);
    next(&mut page);
    page
}

// Writing to a string cannot fail, here and below.
fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn heading(page: &mut String, text: &str) {
    let _ = writeln!(page, "\n{HEADING}{text}{HEADING:#}");
}

fn head(page: &mut String, report: &Report) {
    let _ = writeln!(
        page,
        "{HEADING}Backpack order API: every operation, signed, against a local exchange{HEADING:#}\n"
    );
    let files = files_in_words(&report.files);
    line(page, &format!("  Client    {files}"));
    line(
        page,
        "  Exchange  in memory, in this process: no account, no network, no money",
    );
    line(
        page,
        "  Proof     the exchange derives every signature anew, with code of its own",
    );
}

fn files_in_words(files: &Files) -> String {
    let count = files
        .generated
        .map_or_else(String::new, |count| format!("{count} files, "));
    let state = match files.changed {
        None => "",
        Some(0) => ", up to date",
        Some(_) => ", written anew just now",
    };
    format!("{count}generated from openapi/ and schemas/{state}")
}

fn table(page: &mut String, calls: &[Call]) {
    let widths = [
        width(calls, "operation", |call| call.id.len()),
        width(calls, "request", |call| request(call).len()),
        width(calls, "came back", |call| call.detail.len()),
    ];
    let [operation, requested, detail] = widths;
    let _ = writeln!(
        page,
        "  {ASIDE}{:operation$}  {:requested$}  status  {:detail$}  signature{ASIDE:#}",
        "operation", "request", "came back"
    );
    for call in calls {
        let _ = writeln!(
            page,
            "  {:operation$}  {:requested$}  {:<6}  {:detail$}  {}",
            call.id,
            request(call),
            call.status,
            call.detail,
            mark(call)
        );
    }
}

fn width(calls: &[Call], title: &str, of: fn(&Call) -> usize) -> usize {
    width_of(calls.iter().map(of)).max(title.len())
}

fn width_of(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.max().unwrap_or(0)
}

fn request(call: &Call) -> String {
    format!("{:6} {}", call.method, call.path)
}

fn mark(call: &Call) -> String {
    if call.verified {
        format!("{GOOD}verified{GOOD:#}")
    } else {
        format!("{BAD}not verified{BAD:#}")
    }
}

fn steps(page: &mut String, title: &str, steps: &[Step]) {
    heading(page, title);
    let detail = width_of(steps.iter().map(|step| step.detail.len()));
    for (number, step) in (1..).zip(steps) {
        let Step {
            name, detail: said, ..
        } = step;
        match &step.call {
            Some(call) => {
                let _ = writeln!(
                    page,
                    "  {number}  {name:8}  {:17}  {:<6}  {said:detail$}  {}",
                    call.id,
                    call.status,
                    mark(call)
                );
            }
            None => line(
                page,
                &format!("  {number}  {name:8}  {:17}  {:6}  {said}", "", ""),
            ),
        }
    }
}

fn workflow(page: &mut String, workflow: &Workflow) {
    let Workflow {
        id,
        outcome,
        cancelled_order_id,
        new_order_id,
        new_status,
        executed_quantity,
        ..
    } = workflow;
    heading(page, &format!("The same as a workflow, with types: {id}"));
    let width = width_of(workflow.steps.iter().map(|it| it.step.len()));
    for (number, step) in (1..).zip(&workflow.steps) {
        let status = step.status.map_or_else(String::new, |it| it.to_string());
        let _ = writeln!(
            page,
            "  {number}  {:width$}  {:17}  {status}",
            step.step, step.operation
        );
    }
    let _ = writeln!(
        page,
        "  {GOOD}{outcome}{GOOD:#}: order {new_order_id} is {new_status} in place of order {cancelled_order_id}, \
         {executed_quantity} of which was filled"
    );
}

fn recorded(page: &mut String, recording: &Recorded) {
    heading(page, "What was recorded, checked against the contract");
    let Recorded {
        recorded,
        dropped,
        exchanges,
        validated,
        findings,
        notes,
        ..
    } = recording;
    let style = if recording.is_fine() { GOOD } else { BAD };
    let _ = writeln!(
        page,
        "  {recorded} exchanges recorded, {dropped} dropped; {validated} of {exchanges} checked, \
         {style}{findings} findings{style:#}, {notes} notes (null for what is absent)"
    );
    let width = width_of(recording.coverage.iter().map(|row| row.operation.len()));
    let _ = writeln!(
        page,
        "  {ASIDE}{:width$}  exchanges  statuses  fields, values and arms{ASIDE:#}",
        "coverage"
    );
    for row in &recording.coverage {
        let of = |[seen, documented]: [usize; 2]| format!("{seen} of {documented}");
        let _ = writeln!(
            page,
            "  {:width$}  {:<9}  {:8}  {}",
            row.operation,
            row.exchanges,
            of(row.statuses),
            of(row.names)
        );
    }
    let _ = writeln!(page, "  {ASIDE}the recording: {}{ASIDE:#}", recording.file);
}

fn totals(page: &mut String, report: &Report) {
    let signatures = report.signatures;
    let (style, verdict) = if report.ok {
        (GOOD, "Everything was as expected.")
    } else {
        (BAD, "Not everything was as expected:")
    };
    let _ = writeln!(
        page,
        "\n{} requests sent, {} signatures verified. {style}{verdict}{style:#}",
        signatures.sent, signatures.verified
    );
    for problem in &report.problems {
        line(page, &format!("  - {problem}"));
    }
}

fn next(page: &mut String) {
    heading(page, "Next");
    let width = width_of(NEXT.iter().map(|(command, _)| command.len()));
    for (command, what) in NEXT {
        let _ = writeln!(page, "  {command:width$}  {ASIDE}{what}{ASIDE:#}");
    }
}
