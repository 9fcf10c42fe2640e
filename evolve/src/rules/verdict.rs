//! What a change means for callers, and for the version of a client.

use serde::Serialize;

/// What a change means for callers that were written for the old document and stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They keep working.
    Safe,
    /// Neither a proof nor a counterexample was found.
    Undecided,
    /// The documents do not decide it: it depends on how a caller reads, or on what the server ignores.
    Risky,
    /// Some of them stop working.
    Breaking,
}

impl Verdict {
    /// Every verdict, the worst first.
    pub const ALL: [Self; 4] = [Self::Breaking, Self::Risky, Self::Undecided, Self::Safe];

    /// The spelling in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Undecided => "undecided",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

/// The version step of a client that is generated again (Semantic Versioning 2.0.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The public API stays the same.
    Patch,
    /// Something is added.
    Minor,
    /// Source code of callers may have to change.
    Major,
}

impl Step {
    /// The spelling in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}
