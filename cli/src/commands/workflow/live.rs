//! A run as it goes on, on stderr; everything that happened, for the files at its end.

use bpx_workflow::{Event, Exchanged, Observer, Recorder, What};

use crate::output::{self, plain};

/// Shows each event and keeps it.
#[derive(Debug, Default)]
pub(super) struct Live {
    recorder: Recorder,
}

impl Live {
    pub(super) fn events(&self) -> Vec<Event> {
        self.recorder.events()
    }
}

impl Observer for Live {
    fn saw(&self, event: &Event) {
        self.recorder.saw(event);
        // With stderr gone there is nobody left to tell; the run goes on.
        let _ = output::remark(&plain(&line(event)));
    }
}

fn line(event: &Event) -> String {
    let step = &event.step;
    match &event.what {
        What::Began { call } => format!("{step}: {call}"),
        What::Exchanged(it) => format!("  {}", exchanged(it)),
        What::Ended {
            succeeded: true, ..
        } => "  succeeded".to_owned(),
        What::Ended { failed, .. } if failed.is_empty() => "  did not succeed".to_owned(),
        What::Ended { failed, .. } => format!("  did not succeed: {}", failed.join("; ")),
        What::Acted { action, then } => format!("  {action}: {then}"),
        What::Waits { wait_ms } => format!("  waits {wait_ms} ms"),
        What::Finished { outcome, why } => format!("{outcome}: {why}"),
        _ => String::new(),
    }
}

fn exchanged(it: &Exchanged) -> String {
    let status = it.status.map_or_else(
        || "nothing is known of an answer".to_owned(),
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
