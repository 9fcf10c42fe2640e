//! The table of rules: the kinds of change, what each means for existing callers, and its effect on Rust callers.

mod table;
mod verdict;

use std::fmt;

pub use self::table::Rule;
pub use self::verdict::{Step, Verdict};

use crate::side::Side;

/// What a rule is about. Two means that report the same change in the same place agree about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Whether a part exists.
    Existence,
    /// Whether a part can be missing.
    Presence,
    /// Whether a value can be null.
    Null,
    /// Which values there can be.
    Values,
    /// The format of a body.
    Format,
    /// Anything else.
    Other,
}

impl Rule {
    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// The verdict, unless a proof by the whole body shows the change to be safe.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.row().verdict
    }

    /// The greatest version step that a client needs.
    #[must_use]
    pub fn step(self) -> Step {
        self.row().step
    }

    /// What changed, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// The effect on Rust callers.
    #[must_use]
    pub fn effect(self) -> &'static str {
        self.row().effect
    }

    /// An example of what a document says then.
    #[must_use]
    pub fn example(self) -> &'static str {
        self.row().example
    }

    /// Every rule as a table in Markdown: the verdict for what callers send, and for what they receive.
    #[must_use]
    pub fn markdown() -> String {
        let rows = Self::ALL.iter().map(|rule| {
            let verdict = rule.verdict().as_str();
            let (sent, received) = match rule.side() {
                Side::Operation => (verdict, verdict),
                Side::Request => (verdict, ""),
                Side::Response => ("", verdict),
            };
            let (step, meaning) = (rule.step().as_str(), rule.meaning());
            let (effect, example) = (rule.effect(), rule.example());
            format!(
                "| `{rule}` | {sent} | {received} | {step} | {meaning} | {effect} | {example} |\n"
            )
        });
        let head = "| rule | request | response | version | what changed | effect on Rust callers | example |\n";
        format!(
            "{head}|---|---|---|---|---|---|---|\n{}",
            rows.collect::<String>()
        )
    }

    /// The direction that the rule is about.
    fn side(self) -> Side {
        match self.id() {
            id if id.starts_with("request-") || id.starts_with("parameter-") => Side::Request,
            "extensible-value-refused" | "security-tightened" | "security-loosened" => {
                Side::Request
            }
            id if id.starts_with("response-") => Side::Response,
            "extensible-value-dropped" | "webhook-added" | "webhook-removed" => Side::Response,
            _ => Side::Operation,
        }
    }

    pub(crate) fn class(self) -> Class {
        let id = self.id();
        let is_part = [
            "-field-added",
            "-field-removed",
            "-status-added",
            "-status-removed",
            "-success-added",
        ];
        match id {
            _ if id.starts_with("extensible-") => Class::Other,
            _ if is_part.iter().any(|end| id.ends_with(end)) => Class::Existence,
            "parameter-added"
            | "parameter-required-added"
            | "parameter-removed"
            | "parameter-moved"
            | "request-body-added"
            | "request-optional-body-added"
            | "request-body-removed" => Class::Existence,
            _ if id.ends_with("-became-required") || id.ends_with("-became-optional") => {
                Class::Presence
            }
            _ if id.contains("-null-") => Class::Null,
            _ if id.ends_with("-content-changed") => Class::Format,
            _ if [
                "-narrowed",
                "-widened",
                "-undecided",
                "-refused",
                "-unexpected",
            ]
            .iter()
            .any(|end| id.ends_with(end)) =>
            {
                Class::Values
            }
            _ if ["-value-", "-arm-", "-shape-"]
                .iter()
                .any(|part| id.contains(part)) =>
            {
                Class::Values
            }
            "response-values-replaced" => Class::Values,
            _ => Class::Other,
        }
    }

    /// Whether only the old document has the part.
    pub(crate) fn is_removal(self) -> bool {
        self.id().ends_with("-removed")
    }

    /// Whether only the new document has the part.
    pub(crate) fn is_addition(self) -> bool {
        self.id().ends_with("-added")
    }

    /// The rule for the same change of a parameter's value.
    pub(crate) fn of_parameter(self) -> Self {
        match self {
            Self::RequestNarrowed => Self::ParameterNarrowed,
            Self::RequestWidened => Self::ParameterWidened,
            Self::RequestUndecided => Self::ParameterUndecided,
            Self::RequestDefaultChanged => Self::ParameterDefaultChanged,
            other => other,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
