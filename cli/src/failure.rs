//! Why a command fails: what is wrong, where, what to do about it, and the exit code.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use bpx_contract::{Diagnostic, Diagnostics};
use bpx_dispatch::{Finding, Refused};
use bpx_runtime::ConnectError;
use bpx_sandbox::SandboxError;
use bpx_signing::SigningError;

/// The command could not do its work.
pub(crate) const FAILED: u8 = 1;
/// What the caller gave cannot be used.
pub(crate) const BAD_INPUT: u8 = 2;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    exit_code: u8,
    /// Empty where the command has already reported what is wrong.
    faults: Vec<Fault>,
}

/// One thing that is wrong, in three lines of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) problem: String,
    pub(crate) location: Option<String>,
    pub(crate) fix: String,
}

impl Failure {
    /// A failure with this exit code.
    pub(crate) fn new(exit_code: u8, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        let fault = Fault {
            problem: problem.into(),
            location: None,
            fix: fix.into(),
        };
        Self {
            exit_code,
            faults: vec![fault],
        }
    }

    /// The command could not do its work.
    pub(crate) fn failed(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(FAILED, problem, fix)
    }

    /// What the caller gave cannot be used.
    pub(crate) fn bad_input(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(BAD_INPUT, problem, fix)
    }

    /// The command has reported everything; only the exit code is left.
    pub(crate) fn reported(exit_code: u8) -> Self {
        Self {
            exit_code,
            faults: Vec::new(),
        }
    }

    /// What is wrong; empty where the command has already reported it.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// A failure with everything that is wrong.
    pub(crate) fn with_faults(exit_code: u8, faults: Vec<Fault>) -> Self {
        Self { exit_code, faults }
    }

    /// The same failure, with every problem put under a subject such as a variable's or a file's name.
    pub(crate) fn about(mut self, subject: &str) -> Self {
        for fault in &mut self.faults {
            fault.problem = format!("{subject}: {}", fault.problem);
        }
        self
    }

    /// The same failure of a command whose result is told by exit code 1: the command has no result.
    pub(crate) fn without_result(self) -> Self {
        Self {
            exit_code: BAD_INPUT,
            ..self
        }
    }

    /// Prints what is wrong on stderr.
    pub(crate) fn print(&self) {
        let lines: String = self.faults.iter().map(|it| format!("{it}\n")).collect();
        // Without stderr there is nobody to report to; the exit code is still right.
        let _ = anstream::stderr().write_all(lines.as_bytes());
    }

    /// The exit code of the command.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code)
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

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            problem: diagnostic.problem,
            location: Some(diagnostic.place.to_string()),
            fix: diagnostic.fix,
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            exit_code: BAD_INPUT,
            faults: diagnostics.0.into_iter().map(Fault::from).collect(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let exit_code = match refused {
            Refused::Invalid { .. }
            | Refused::PolicyFile { .. }
            | Refused::Connect(_)
            | Refused::BadKey { .. } => BAD_INPUT,
            _ => FAILED,
        };
        if refused.findings().is_empty() {
            return Self::new(exit_code, refused.problem(), refused.fix());
        }
        let problem = refused.problem();
        let fault = |finding: &Finding| Fault {
            problem: format!("{problem}: {}", finding.problem),
            location: Some(finding.pointer.clone()).filter(|it| !it.is_empty()),
            fix: format!("{} [{}]", finding.fix, finding.rule),
        };
        Self {
            exit_code,
            faults: refused.findings().iter().map(fault).collect(),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Refused::from(error).into()
    }
}

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Entropy(_) => Self::failed(
                error.to_string(),
                "check the source of random bytes of this computer",
            ),
            _ => Self::bad_input(
                error.to_string(),
                "correct the request, and sign it again; `bpx sign --help` has examples",
            ),
        }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Config {
                place,
                problem,
                fix,
            } => Self::bad_input(format!("{place} {problem}"), fix),
            SandboxError::Listen { address, source } => Self::failed(
                format!("cannot listen on {address}: {source}"),
                "choose a free port with --listen or --control, or port 0 for any free port",
            ),
            SandboxError::Random(_) => Self::failed(
                error.to_string(),
                "give each account an `api_secret` in the configuration",
            ),
            _ => Self::bad_input(error.to_string(), "correct the configuration (--config)"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
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
    use bpx_contract::Place;

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
