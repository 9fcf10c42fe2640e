//! How a run ended: its outcome and its report.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// What was asked for has been done.
    Done,
    /// Nothing was left to do; [`Report::final_state`] says why, where the responses show it.
    AlreadyDone,
    /// Stopped before anything was changed.
    Stopped,
    /// A part was done, and the rest is known not to have been.
    Incomplete,
    /// It could not be found out what was done; nothing further was sent.
    Unknown,
}

impl Outcome {
    /// Every outcome in words, by the exit code of a command that ends with it.
    pub const EXIT_CODES: [(u8, &'static str); 5] = [
        (0, "done"),
        (10, "already done: nothing was left to do"),
        (11, "stopped before anything was changed"),
        (12, "incomplete: a part was done, the rest was not"),
        (13, "unknown: resume the run"),
    ];

    /// The exit code of a command that ends with it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::AlreadyDone => 10,
            Self::Stopped => 11,
            Self::Incomplete => 12,
            Self::Unknown => 13,
        }
    }

    /// The outcome in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadyDone => "already done",
            Self::Stopped => "stopped before anything was changed",
            Self::Incomplete => "incomplete: a part was done, the rest was not",
            Self::Unknown => "unknown",
        }
    }
}

/// The report of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The run, for `bpx workflow resume`.
    pub run: String,
    /// The workflow.
    pub workflow: String,
    /// How it ended.
    pub outcome: Outcome,
    /// For [`Outcome::AlreadyDone`]: the final state that the last response shows, as the exchange spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_state: Option<String>,
    /// After which step it ended, and why.
    pub why: String,
    /// What to do next: a command where there is one.
    pub next: String,
    /// The workflow's outputs, as far as they are known.
    pub outputs: Map<String, Value>,
    /// What else a caller should know: inputs that were not used, checks that lacked data.
    pub notes: Vec<String>,
}

impl Report {
    /// The outcome in words, with the final state where it is known.
    #[must_use]
    pub fn outcome_text(&self) -> String {
        let text = self.outcome.text();
        match &self.final_state {
            Some(state) => format!("{text}: {state}"),
            None => text.to_owned(),
        }
    }
}
