//! What one client's run is reported as.

use std::collections::BTreeMap;
use std::fmt::Debug;

use bpx_api_client::Error;
use serde::Deserialize;

/// What became of a step, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// The values are those of the exchange.
    Ok,
    /// The exchange does not have the endpoint.
    #[serde(rename = "not offered")]
    NotOffered,
    /// The client is wrong.
    #[serde(rename = "their fault")]
    TheirFault,
}

/// One check of one call.
#[derive(Debug, Deserialize)]
pub(crate) struct Step {
    pub(crate) stage: String,
    pub(crate) call: String,
    pub(crate) note: String,
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    pub(crate) problem: Option<String>,
}

/// All steps of a client.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    #[serde(skip)]
    pub(crate) client: &'static str,
    pub(crate) version: String,
    pub(crate) steps: Vec<Step>,
}

impl Report {
    /// Reads what a script prints last.
    pub(crate) fn read(client: &'static str, text: &str) -> serde_json::Result<Self> {
        let report: Self = serde_json::from_str(text)?;
        Ok(Self { client, ..report })
    }

    /// What failed, a line for each step.
    pub(crate) fn problems(&self) -> impl Iterator<Item = String> + '_ {
        self.steps.iter().filter_map(|step| {
            let problem = step.problem.as_ref()?;
            let (client, name) = (self.client, step.name());
            Some(format!("{client} {name}: {problem}"))
        })
    }

    /// Each call with the worst of its verdicts.
    pub(crate) fn calls(&self) -> BTreeMap<&str, Verdict> {
        let mut calls = BTreeMap::new();
        for step in &self.steps {
            let worst = calls.entry(&*step.call).or_insert(step.verdict);
            *worst = step.verdict.max(*worst);
        }
        calls
    }
}

impl Step {
    /// The call, and what about it.
    pub(crate) fn name(&self) -> String {
        let Self { call, note, .. } = self;
        if note.is_empty() {
            format!("`{call}`")
        } else {
            format!("`{call}` ({note})")
        }
    }
}

/// The steps of the client that is linked here, with the same verdicts as in `tests/third_party/harness.py`.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    pub(crate) stage: &'static str,
    pub(crate) done: Vec<Step>,
}

impl Steps {
    /// A call whose result is as the exchange has it.
    pub(crate) fn ok<T: Debug>(
        &mut self,
        name: &str,
        result: Result<T, Error>,
        is_wanted: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let is_ok = result.as_ref().is_ok_and(is_wanted);
        self.push(name, Verdict::Ok, "", is_ok, &result);
        result.ok()
    }

    /// A call that is refused with a text.
    pub(crate) fn refused<T: Debug>(&mut self, name: &str, result: Result<T, Error>, text: &str) {
        let is_ok = matches!(&result, Err(error) if error.to_string().contains(text));
        self.push(name, Verdict::Ok, "", is_ok, &result);
    }

    /// A call to an endpoint that the exchange does not have.
    pub(crate) fn not_offered<T: Debug>(&mut self, name: &str, result: Result<T, Error>) {
        let is_unknown = matches!(&result, Err(Error::BpxApiError { message, .. })
            if ["not found", "method not allowed"].contains(&&**message));
        self.push(name, Verdict::NotOffered, "", is_unknown, &result);
    }

    /// `name` is a call, or a call and a note in brackets.
    fn push(&mut self, name: &str, verdict: Verdict, reason: &str, is_ok: bool, got: &dyn Debug) {
        let (call, note) = name.split_once(" (").unwrap_or((name, ""));
        let step = Step {
            stage: self.stage.to_owned(),
            call: call.to_owned(),
            note: note.trim_end_matches(')').to_owned(),
            verdict,
            reason: reason.to_owned(),
            problem: (!is_ok).then(|| format!("got {got:?}")),
        };
        println!("{verdict:?} {}", step.name());
        self.done.push(step);
    }
}
