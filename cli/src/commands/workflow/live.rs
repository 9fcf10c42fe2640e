//! Shows the events of a run on stderr, and keeps them for the files that are written at the end.

use std::sync::OnceLock;

use bpx_workflow::{Event, EventKind, Interaction, Observer, Recorder};

use crate::output::{self, plain};

/// Shows each event and keeps it.
#[derive(Debug, Default)]
pub(super) struct Live {
    recorder: Recorder,
    run: OnceLock<String>,
}

impl Live {
    pub(super) fn events(&self) -> Vec<Event> {
        self.recorder.events()
    }

    /// The run, once it has begun.
    pub(super) fn run(&self) -> Option<&str> {
        self.run.get().map(String::as_str)
    }
}

impl Observer for Live {
    fn on_run(&self, run: &str) {
        let _ = self.run.set(run.to_owned());
    }

    fn on_event(&self, event: &Event) {
        self.recorder.on_event(event);
        // Without stderr the run goes on.
        let _ = output::remark(&plain(&line(event)));
    }
}

fn line(event: &Event) -> String {
    let step = &event.step;
    match &event.kind {
        EventKind::StepBegan { call } => format!("{step}: {call}"),
        EventKind::Interaction(it) => format!("  {}", interaction(it)),
        EventKind::StepEnded {
            succeeded: true, ..
        } => "  succeeded".to_owned(),
        EventKind::StepEnded { failed, .. } if failed.is_empty() => "  did not succeed".to_owned(),
        EventKind::StepEnded { failed, .. } => format!("  did not succeed: {}", failed.join("; ")),
        EventKind::ActionTaken { action, then } => format!("  {action}: {then}"),
        EventKind::RetryWaiting { wait_ms } => format!("  waits {wait_ms} ms"),
        EventKind::Finished { outcome, why } => format!("{outcome}: {why}"),
        _ => String::new(),
    }
}

fn interaction(it: &Interaction) -> String {
    let status = it.status.map_or_else(
        || "no response is known".to_owned(),
        |status| status.to_string(),
    );
    let source = if it.replayed {
        " (from the record)"
    } else {
        ""
    };
    let remark = it
        .remark
        .as_deref()
        .map(|remark| format!(", {remark}"))
        .unwrap_or_default();
    format!(
        "{} {} -> {status} in {} ms{source}{remark}",
        it.method, it.url, it.took_ms
    )
}
