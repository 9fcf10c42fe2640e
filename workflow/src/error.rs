//! Why a workflow was not run, as values: problem, location, fix.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use bpx_contract::Diagnostics;
use bpx_dispatch::Refused;

use crate::command::resume_command;

/// Why a workflow was not run. Nothing has been sent then: what happens after the first request stands in a
/// [`Report`](crate::Report).
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The document, or a document that it refers to, is wrong.
    Document(Diagnostics),
    /// The document has no such workflow.
    NoWorkflow {
        /// The workflow that was asked for; none if the document has several and none was named.
        id: Option<String>,
        /// The document.
        file: String,
        /// The workflows it has.
        known: Vec<String>,
    },
    /// Inputs are missing or wrong: every fault at once.
    Inputs {
        /// The workflow.
        workflow: String,
        /// Every fault.
        faults: Vec<InputFault>,
    },
    /// No base URL is known for an operation of another service.
    NoRoute {
        /// The step.
        step: String,
        /// The operation.
        operation: String,
        /// The source description.
        source: String,
    },
    /// A source describes an operation of the exchange with another method or path.
    OtherOperation {
        /// The step.
        step: String,
        /// The operation.
        operation: String,
        /// Method and path in the source.
        found: String,
        /// Method and path at the exchange.
        known: String,
    },
    /// Another run works on the same subject, or another process on the same run.
    Locked {
        /// The subject.
        subject: String,
    },
    /// An earlier run began to change something and has no end. Continued later, it would do so once more.
    Unfinished {
        /// The run.
        run: String,
        /// What it works on.
        subject: String,
        /// Whether it sends something to the exchange.
        trades: bool,
    },
    /// There is no such run.
    NoRun {
        /// The run.
        run: String,
        /// Where runs are kept.
        folder: PathBuf,
    },
    /// The run was begun with another account, or at another exchange.
    OtherAccount {
        /// The run.
        run: String,
        /// The account it was begun with: the start of its public key's SHA-256, and the exchange.
        account: String,
    },
    /// The run was begun with another journal, which alone knows what was sent.
    OtherJournal {
        /// The run.
        run: String,
    },
    /// To go on, the run may have to change the account, and trading is off. The run is left as it is.
    TradingOff {
        /// The run.
        run: String,
        /// Which switch is off.
        why: &'static str,
    },
    /// The document is not the one the run was begun with.
    OtherDocument {
        /// The run.
        run: String,
        /// The document given.
        file: String,
        /// SHA-256 of the one that is needed.
        sha256: String,
    },
    /// Another version of this program wrote the record of a run.
    RecordVersion {
        /// The record.
        path: PathBuf,
        /// The version it has; 0 for those before versions were written.
        found: u32,
        /// The version that can be read.
        known: u32,
    },
    /// The record of a run cannot be read or written. What is not recorded is not sent.
    Record {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Dispatch refuses.
    Dispatch(Refused),
    /// The base URL of a service cannot be connected to.
    Connect(bpx_runtime::ConnectError),
}

/// One thing that is wrong with the inputs of a workflow. It does not hold the value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFault {
    /// JSON pointer into the inputs; empty for all of them.
    pub pointer: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

impl InputFault {
    pub(crate) fn new(
        pointer: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            problem: problem.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for InputFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "`{}`: ", self.pointer)?;
        }
        write!(f, "{}; {}", self.problem, self.fix)
    }
}

impl Error {
    /// What is wrong, in one line.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::Document(faults) => faults
                .0
                .first()
                .map_or_else(String::new, |it| it.problem.clone()),
            Self::NoWorkflow { id: Some(id), .. } => format!("there is no workflow `{id}`"),
            Self::NoWorkflow { id: None, .. } => "the document has several workflows".to_owned(),
            Self::Inputs { workflow, faults } => {
                format!(
                    "inputs of `{workflow}` are not valid (faults: {})",
                    faults.len()
                )
            }
            Self::NoRoute {
                operation, source, ..
            } => format!("no base URL is known for `{operation}` of the source `{source}`"),
            Self::OtherOperation {
                operation,
                found,
                known,
                ..
            } => {
                format!("`{operation}` is {found} in the source and {known} at the exchange")
            }
            Self::Locked { subject } => format!("another run is working on {subject}"),
            Self::Unfinished { run, subject, .. } => {
                format!("run `{run}` on {subject} has not ended")
            }
            Self::NoRun { run, .. } => format!("there is no run `{run}`"),
            Self::OtherAccount { run, account } => {
                format!("run `{run}` was begun with another account, {account}")
            }
            Self::OtherJournal { run } => format!("run `{run}` was begun with another journal"),
            Self::TradingOff { run, why } => {
                format!("run `{run}` cannot go on: trading is off ({why})")
            }
            Self::OtherDocument { run, .. } => {
                format!("this is not the document that run `{run}` was begun with")
            }
            Self::RecordVersion { found, known, .. } => format!(
                "the record of this run has version {found}, and this program reads version {known}"
            ),
            Self::Record { source, .. } => source.to_string(),
            Self::Dispatch(refused) => refused.problem(),
            Self::Connect(error) => error.to_string(),
        }
    }

    /// Where it is: a file, a folder or a step.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        match self {
            Self::Document(faults) => Some(faults.0.first()?.place.to_string()),
            Self::NoWorkflow { file, .. } | Self::OtherDocument { file, .. } => Some(file.clone()),
            Self::NoRoute { step, .. } | Self::OtherOperation { step, .. } => {
                Some(format!("step `{step}`"))
            }
            Self::NoRun { folder: path, .. }
            | Self::RecordVersion { path, .. }
            | Self::Record { path, .. } => Some(path.display().to_string()),
            _ => None,
        }
    }

    /// What to do about it, in one line.
    #[must_use]
    pub fn fix(&self) -> String {
        let fix = match self {
            Self::Document(faults) => faults.0.first().map_or("", |it| &it.fix),
            Self::NoWorkflow { known, .. } => return format!("use one of {}", known.join(", ")),
            Self::Inputs { .. } => "correct each input",
            Self::NoRoute { source, .. } => {
                return format!("give the URL where it is served: --service {source}=URL");
            }
            Self::OtherOperation { .. } => "use the exchange's document",
            Self::Locked { .. } => "wait until that run has ended, or resume it",
            Self::Unfinished { run, trades, .. } => {
                return format!("resume it: {}", resume_command(run, *trades));
            }
            Self::NoRun { .. } => "see which runs there are in that folder",
            Self::OtherAccount { .. } => "use that exchange and that key",
            Self::OtherJournal { .. } => "use that journal, or requests could be sent twice",
            Self::TradingOff { .. } => "allow trading and resume the run again",
            Self::OtherDocument { sha256, .. } => {
                return format!("put that one back (SHA-256 {sha256})");
            }
            Self::RecordVersion { .. } => {
                "finish the run with the version that began it, or look up by hand what it did and move the record away"
            }
            Self::Record { .. } => "use a state folder that this user may write",
            Self::Dispatch(refused) => refused.fix(),
            Self::Connect(_) => "correct the base URL",
        };
        fix.to_owned()
    }

    pub(crate) fn record(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Record { path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(faults) => return faults.fmt(f),
            Self::Dispatch(refused) => return refused.fmt(f),
            _ => {}
        }
        if let Some(location) = self.location() {
            write!(f, "{location}: ")?;
        }
        write!(f, "{}; {}", self.problem(), self.fix())?;
        if let Self::Inputs { faults, .. } = self {
            faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Document(faults) => Some(faults),
            Self::Record { source, .. } => Some(source),
            Self::Dispatch(refused) => Some(refused),
            Self::Connect(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Diagnostics> for Error {
    fn from(faults: Diagnostics) -> Self {
        Self::Document(faults)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::Dispatch(refused)
    }
}

impl From<bpx_runtime::ConnectError> for Error {
    fn from(error: bpx_runtime::ConnectError) -> Self {
        Self::Connect(error)
    }
}
