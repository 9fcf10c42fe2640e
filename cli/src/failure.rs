//! How a command fails: what the problem is, what to do, and with which exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use bpx_dispatch::Refused;
use bpx_sandbox::SandboxError;
use bpx_signing::SigningError;

/// A message of the form "problem; fix", as the libraries write theirs, with its exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command could not do its work: exit code 1.
    Failed(String),
    /// What the caller gave cannot be used: exit code 2.
    BadInput(String),
    /// The command did its work, and it ended in a way of its own: the exit code, and the message.
    Ended(u8, String),
    /// Everything was said; the exit code is left.
    Said(u8),
}

impl Failure {
    /// What it says, "problem; fix"; nothing where everything was said.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Failed(message) | Self::BadInput(message) | Self::Ended(_, message) => message,
            Self::Said(_) => "",
        }
    }

    /// Prints the message on stderr, problem and fix on a line each, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let code = match self {
            Self::Failed(_) => 1,
            Self::BadInput(_) => 2,
            Self::Ended(code, _) => *code,
            Self::Said(code) => return ExitCode::from(*code),
        };
        let message = self.message();
        let text = match message.split_once("; ") {
            Some((what, advice)) => format!("{}\n  {}\n", problem(what), fix(advice)),
            None => format!("{}\n", problem(message)),
        };
        // With stderr gone there is nobody left to tell; the exit code still speaks.
        let _ = anstream::stderr().write_all(text.as_bytes());
        ExitCode::from(code)
    }
}

/// The problem, as it stands on stderr.
pub(crate) fn problem(text: &str) -> String {
    let error = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    format!("{error}error:{error:#} {text}")
}

/// What to do about it, likewise.
pub(crate) fn fix(text: &str) -> String {
    let fix = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
    format!("{fix}fix:{fix:#} {text}")
}

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Entropy(_) => Self::Failed(error.to_string()),
            _ => Self::BadInput(error.to_string()),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::PolicyFile { .. } | Refused::Connect(_) | Refused::BadKey { .. } => {
                Self::BadInput(refused.to_string())
            }
            _ => Self::Failed(refused.to_string()),
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
