//! What a run came to, and why.

use serde_json::{Map, Value};

use crate::Outcome;
use crate::engine::{End, Engine, Fault};
use crate::record::{Certainty, RequestOutcome};

impl Engine<'_> {
    pub(crate) fn judge(&self, ended: Result<End, Fault>) -> (Outcome, String, Map<String, Value>) {
        match ended {
            Ok(end) => (self.outcome(&end), self.why(&end), end.outputs),
            Err(fault) => (self.broken(), fault.to_string(), Map::new()),
        }
    }

    /// What the document says; where it says nothing, what was done.
    fn outcome(&self, end: &End) -> Outcome {
        match end.declared {
            Some(bpx_arazzo::Outcome::Done) => Outcome::Done,
            Some(bpx_arazzo::Outcome::AlreadyDone) => Outcome::AlreadyDone,
            Some(bpx_arazzo::Outcome::Stopped) => Outcome::Stopped,
            Some(bpx_arazzo::Outcome::Incomplete) => Outcome::Incomplete,
            Some(bpx_arazzo::Outcome::Unknown) if self.knows() => self.broken(),
            Some(bpx_arazzo::Outcome::Unknown) => Outcome::Unknown,
            None if end.well && self.facts.open.is_empty() => Outcome::Done,
            None => self.broken(),
        }
    }

    /// A document can go by the status alone, which may leave open what dispatch knows: that nothing was changed, or that
    /// the last change was not made.
    fn knows(&self) -> bool {
        let last = self.facts.last_write.as_ref();
        let is_refused = last.is_some_and(|it| it.certainty == Certainty::Rejected);
        self.facts.open.is_empty() && (is_refused || !self.facts.changed)
    }

    fn broken(&self) -> Outcome {
        if !self.facts.open.is_empty() {
            return Outcome::Unknown;
        }
        if self.facts.changed {
            Outcome::Incomplete
        } else {
            Outcome::Stopped
        }
    }

    fn why(&self, end: &End) -> String {
        let by = end
            .action
            .as_ref()
            .map(|it| format!(": {it}"))
            .unwrap_or_default();
        let last = self.facts.last.as_ref();
        // What a step expected is no reason.
        let said = match end.well && end.action.is_none() {
            true => last.and_then(|it| it.remark.clone()),
            false => last.and_then(RequestOutcome::said),
        };
        let said = said.map(|it| format!(" ({it})")).unwrap_or_default();
        let failed = if end.well { None } else { self.failed(end) };
        match failed {
            Some(failed) => {
                let action = end.action.as_ref().map(|it| format!("; action `{it}`"));
                let action = action.unwrap_or_default();
                format!("step `{}`{failed}{said}{action}", end.step)
            }
            None => format!("step `{}`{by}{said}", end.step),
        }
    }

    /// Why the last step that failed did: its status, and the criteria that did not hold.
    fn failed(&self, end: &End) -> Option<String> {
        let failed = self.facts.failure.as_ref()?;
        let inner = match failed.step == end.step {
            true => String::new(),
            false => format!(", step `{}` of `{}`", failed.step, failed.workflow),
        };
        let status = self.facts.last.as_ref().and_then(|it| it.status);
        let status = status.map_or_else(
            || "no response".to_owned(),
            |status| format!("status {status}"),
        );
        let unmet = failed.unmet.join("; ");
        let unmet = match unmet.is_empty() {
            true => unmet,
            false => format!(", `{unmet}` does not hold"),
        };
        Some(format!("{inner} failed: {status}{unmet}"))
    }

    /// Of a run that had nothing left to do: the final state that the last response shows.
    pub(crate) fn final_state(&self, outcome: Outcome) -> Option<String> {
        let response = self.facts.last.as_ref()?.response.as_ref()?;
        let venue = self.router.venue();
        (outcome == Outcome::AlreadyDone).then(|| venue.final_state(response))?
    }
}
