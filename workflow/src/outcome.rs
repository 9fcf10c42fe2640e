//! How a run ended.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "order")]
pub enum Outcome {
    /// What was asked for has been done.
    Done,
    /// Nothing was left to do; how the order had ended.
    AlreadyDone(Already),
    /// Stopped before anything was changed.
    Stopped,
    /// A part was done and the rest is known not to have been: cancelled, not replaced.
    Incomplete,
    /// It could not be found out what was done; nothing further was sent.
    Unknown,
}

/// How an order had ended before a run could do anything to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Already {
    /// It was filled.
    Filled,
    /// It was cancelled.
    Cancelled,
    /// It had expired.
    Expired,
    /// The answers do not tell.
    Unknown,
}

impl Already {
    pub(crate) fn of(status: Option<&str>) -> Self {
        match status {
            Some("Filled") => Self::Filled,
            Some("Cancelled") => Self::Cancelled,
            Some("Expired") => Self::Expired,
            _ => Self::Unknown,
        }
    }
}

impl Outcome {
    /// Every outcome, by the exit code of a command that ends with it.
    pub const EXIT_CODES: [(u8, &'static str); 5] = [
        (0, "done"),
        (10, "already done: filled, cancelled or expired before"),
        (11, "stopped before anything was changed"),
        (12, "order cancelled but not replaced"),
        (13, "unknown: resume the run"),
    ];

    /// The exit code of a command that ends so.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::AlreadyDone(_) => 10,
            Self::Stopped => 11,
            Self::Incomplete => 12,
            Self::Unknown => 13,
        }
    }

    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadyDone(Already::Filled) => "already done: the order was filled",
            Self::AlreadyDone(Already::Cancelled) => "already done: the order was cancelled",
            Self::AlreadyDone(Already::Expired) => "already done: the order had expired",
            Self::AlreadyDone(Already::Unknown) => "already done",
            Self::Stopped => "stopped before anything was changed",
            Self::Incomplete => "order cancelled but not replaced",
            Self::Unknown => "unknown",
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The run, for `bpx workflow resume`.
    pub run: String,
    /// The workflow.
    pub workflow: String,
    /// How it ended.
    pub outcome: Outcome,
    /// After which step, and why.
    pub why: String,
    /// What to do next: a command where there is one.
    pub next: String,
    /// The workflow's outputs, as far as they are known.
    pub outputs: Map<String, Value>,
    /// What else a caller should know: inputs set aside, checks that lacked data.
    pub notes: Vec<String>,
}
