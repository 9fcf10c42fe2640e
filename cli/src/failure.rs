//! Why a command fails: its category, what is wrong, where, and what to do about it.

mod category;
mod from;

use std::fmt;
use std::io;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use self::category::Retry;
pub(crate) use self::category::{CATEGORIES, Category};
pub(crate) use self::from::of_refused;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    category: Category,
    retryable: bool,
    /// What all faults are about, where they are several.
    headline: Option<String>,
    /// Empty where the command has already reported what is wrong.
    faults: Vec<Fault>,
}

/// One thing that is wrong, in three lines of plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    pub(crate) problem: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    pub(crate) fix: String,
}

/// A failure for programs.
#[derive(Serialize)]
pub(crate) struct Described<'a> {
    error: &'static str,
    problem: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    fix: &'a str,
    retryable: bool,
    exit_code: u8,
    /// Every fault, where there are several.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    faults: &'a [Fault],
}

impl Failure {
    /// A failure of this category.
    pub(crate) fn new(
        category: Category,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let fault = Fault {
            problem: problem.into(),
            location: None,
            fix: fix.into(),
        };
        Self::with_faults(category, vec![fault])
    }

    /// The command could not do its work.
    pub(crate) fn failed(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Category::Failed, problem, fix)
    }

    /// What the caller gave cannot be used.
    pub(crate) fn bad_input(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Category::InvalidInput, problem, fix)
    }

    /// The command has reported everything; only the exit code is left.
    pub(crate) fn reported(category: Category) -> Self {
        Self::with_faults(category, Vec::new())
    }

    /// A failure with everything that is wrong.
    pub(crate) fn with_faults(category: Category, faults: Vec<Fault>) -> Self {
        Self {
            category,
            retryable: category.retry() == Retry::Yes,
            headline: None,
            faults,
        }
    }

    /// The exit code of the failure, whose report is printed.
    pub(crate) fn exit_only(&self) -> Self {
        Self::reported(self.category)
    }

    /// Its category.
    pub(crate) fn category(&self) -> Category {
        self.category
    }

    /// What is wrong; empty where the command has already reported it.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The same failure, under a line about all of its faults.
    pub(crate) fn headed(self, headline: impl Into<String>) -> Self {
        Self {
            headline: Some(headline.into()),
            ..self
        }
    }

    /// Whether the same command may succeed later, for a category that leaves it open.
    pub(crate) fn retryable(self, retryable: bool) -> Self {
        Self { retryable, ..self }
    }

    /// The same failure with another thing to do.
    pub(crate) fn fixed(mut self, fix: &str) -> Self {
        for fault in &mut self.faults {
            fix.clone_into(&mut fault.fix);
        }
        self
    }

    /// The same failure at a place.
    pub(crate) fn at(mut self, location: Option<String>) -> Self {
        for fault in &mut self.faults {
            fault.location.clone_from(&location);
        }
        self
    }

    /// The same failure, with every problem put under a subject such as a variable's or a file's name.
    pub(crate) fn about(mut self, subject: &str) -> Self {
        for fault in &mut self.faults {
            fault.problem = format!("{subject}: {}", fault.problem);
        }
        self
    }

    /// The same failure of a command whose result is exit code 1: the command has no result.
    pub(crate) fn without_result(self) -> Self {
        match self.category.exit_code() {
            2 => self,
            _ => Self {
                category: Category::InvalidInput,
                ..self
            },
        }
    }

    /// The failure for programs.
    pub(crate) fn described(&self) -> Described<'_> {
        let first = self.faults.first();
        let problems = [
            self.headline.as_deref(),
            first.map(|it| it.problem.as_str()),
        ];
        let problems: Vec<_> = problems.into_iter().flatten().collect();
        Described {
            error: self.category.word(),
            problem: problems.join(": "),
            location: first.and_then(|it| it.location.as_deref()),
            fix: first.map_or("", |it| &it.fix),
            retryable: self.retryable,
            exit_code: self.category.exit_code(),
            faults: if self.faults.len() > 1 {
                &self.faults
            } else {
                &[]
            },
        }
    }

    /// Logs each fault under a message.
    pub(crate) fn log(&self, message: &str) {
        for Fault { problem, fix, .. } in &self.faults {
            tracing::error!(problem, fix, "{message}");
        }
    }

    /// The exit code of the command.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.category.exit_code())
    }
}

/// Each fault in its lines; or, under a headline, in two lines that are indented.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(headline) = &self.headline else {
            return self.faults.iter().try_for_each(|it| writeln!(f, "{it}"));
        };
        writeln!(f, "{}", problem(headline))?;
        self.faults.iter().try_for_each(|fault| {
            let location = fault.location.as_deref().map(|it| format!("{it}: "));
            let location = location.unwrap_or_default();
            writeln!(f, "  {location}{}\n  {}", fault.problem, fix(&fault.fix))
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&problem(&self.problem))?;
        if let Some(location) = &self.location {
            write!(f, "\n   at: {location}")?;
        }
        write!(f, "\n  {}", fix(&self.fix))
    }
}

/// The line of a problem.
pub(crate) fn problem(text: &str) -> String {
    let error = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    format!("{error}error:{error:#} {text}")
}

/// The line of a fix.
pub(crate) fn fix(text: &str) -> String {
    let fix = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
    format!("{fix}fix:{fix:#} {text}")
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // Whoever read the output has seen enough, as `head` has.
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::reported(Category::Failed);
        }
        Self::failed(
            error.to_string(),
            "check the terminal, the pipe or the limits of the process",
        )
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(
            format!("the result cannot be written as JSON ({error})"),
            "report this with the command line",
        )
    }
}

#[cfg(test)]
mod tests {
    use bpx_contract::{Diagnostic, Diagnostics, Place};
    use bpx_dispatch::Refused;

    use super::*;

    fn plain(fault: &Fault) -> String {
        anstream::adapter::strip_str(&fault.to_string()).to_string()
    }

    #[test]
    fn a_problem_stands_whole_in_its_line_whatever_it_contains() {
        let reason = "fills look wrong; call the desk".to_owned();
        let failure = Failure::from(Refused::Killed { reason });
        let text = plain(&failure.faults()[0]);
        let (first, rest) = text.split_once('\n').unwrap();
        assert!(first.starts_with("error: "), "{text}");
        assert!(
            first.contains("(fills look wrong; call the desk)"),
            "{text}"
        );
        assert!(rest.starts_with("  fix: "), "{text}");
    }

    #[test]
    fn every_diagnostic_is_reported_with_its_location() {
        let at = |line| Diagnostic::new(Place::line("a.yaml", line), "broken", "mend it");
        let failure = Failure::from(Diagnostics(vec![at(1), at(2)]));
        let texts: Vec<_> = failure.faults().iter().map(plain).collect();
        assert_eq!(
            texts,
            [1, 2].map(|line| format!("error: broken\n   at: a.yaml:{line}\n  fix: mend it"))
        );
    }
}
