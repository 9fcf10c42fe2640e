//! What is wrong with a call, or could not be checked: rule, place, problem, fix.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's id; it does not change between versions.
    pub rule: &'static str,
    /// JSON pointer to the argument, empty for the whole call.
    pub pointer: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
    /// The name or the value that was probably meant, by itself, where there is one near.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Finding {
    /// A finding without a suggestion.
    pub fn new(
        rule: &'static str,
        pointer: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            pointer: pointer.into(),
            problem: problem.into(),
            fix: fix.into(),
            suggestion: None,
        }
    }

    /// The same finding with a suggestion.
    #[must_use]
    pub fn suggesting(mut self, meant: Option<impl Into<String>>) -> Self {
        self.suggestion = meant.map(Into::into);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        write!(f, "{}; {} [{}]", self.problem, self.fix, self.rule)
    }
}

/// Something a caller should know of a call that went through: a check that lacked its data, say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Note {
    /// The rule it is about.
    pub rule: &'static str,
    /// JSON pointer to the argument it is about, empty for the whole call.
    pub pointer: String,
    /// What there is to know.
    pub text: String,
}

impl Note {
    pub(crate) fn new(
        rule: &'static str,
        pointer: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            pointer: pointer.into(),
            text: text.into(),
        }
    }
}

/// Findings on one line each, for a message.
pub(crate) fn lines(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
