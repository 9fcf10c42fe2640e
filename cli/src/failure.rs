//! How a command fails: what the problem is, what to do, and with which exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use bpx_sandbox::SandboxError;
use bpx_signing::SigningError;

/// A message of the form "problem; fix", as the libraries write theirs, with its exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command could not do its work: exit code 1.
    Failed(String),
    /// What the caller gave cannot be used: exit code 2.
    BadInput(String),
}

impl Failure {
    /// Prints the message on stderr, problem and fix on a line each, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let (message, code) = match self {
            Self::Failed(message) => (message, 1),
            Self::BadInput(message) => (message, 2),
        };
        let error = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let fix = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
        let text = match message.split_once("; ") {
            Some((problem, advice)) => {
                format!("{error}error:{error:#} {problem}\n  {fix}fix:{fix:#} {advice}\n")
            }
            None => format!("{error}error:{error:#} {message}\n"),
        };
        // With stderr gone there is nobody left to tell; the exit code still speaks.
        let _ = anstream::stderr().write_all(text.as_bytes());
        ExitCode::from(code)
    }
}

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Entropy(_) => Self::Failed(error.to_string()),
            _ => Self::BadInput(error.to_string()),
        }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Listen { .. } | SandboxError::Random(_) => {
                Self::Failed(error.to_string())
            }
            _ => Self::BadInput(error.to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(format!(
            "{error}; check the terminal, the pipe or the limits of the process"
        ))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(format!(
            "the result cannot be written as JSON ({error}); report this with the command line"
        ))
    }
}
