//! Why nothing was run.

use std::io;
use std::path::PathBuf;

use bpx_contract::Diagnostics;
use bpx_dispatch::Refused;

/// Why a workflow was not run. Nothing has been sent then: what happens after the first request is told by a
/// [`Report`](crate::Report).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document, or one it speaks of, is wrong.
    #[error(transparent)]
    Document(#[from] Diagnostics),
    /// The document has no such workflow.
    #[error("there is no workflow `{id}` in {file}; it has {known}")]
    NoWorkflow {
        /// What was asked for.
        id: String,
        /// The document.
        file: String,
        /// What there is.
        known: String,
    },
    /// Inputs are missing or wrong: a line each, with place and fix.
    #[error("inputs of `{workflow}`: {}", .faults.join("\n"))]
    Inputs {
        /// The workflow.
        workflow: String,
        /// Every fault.
        faults: Vec<String>,
    },
    /// An operation outside the contract has nowhere to go.
    #[error(
        "step `{step}`: `{operation}` is no operation of the exchange's contract, and no base URL is named for the source `{of}`; name the URL it is served at"
    )]
    NoRoute {
        /// The step.
        step: String,
        /// The operation.
        operation: String,
        /// The source description.
        of: String,
    },
    /// A contract describes an operation of the exchange otherwise than the client was generated from.
    #[error(
        "step `{step}`: `{operation}` is {found} in the source and {known} at the exchange; use the exchange's contract"
    )]
    OtherOperation {
        /// The step.
        step: String,
        /// The operation.
        operation: String,
        /// Method and path in the source.
        found: String,
        /// Method and path in the client.
        known: String,
    },
    /// Somebody else works on the same order, or on the same run.
    #[error("{what} is being worked on by another run; wait until that has ended, or resume it")]
    Locked {
        /// What.
        what: String,
    },
    /// An earlier run began to change something and has no end. Continued later, it would do so once more.
    #[error(
        "run `{run}` on {what} has not ended; go on with that one: bpx workflow resume {run} --allow-trading"
    )]
    Unfinished {
        /// The run.
        run: String,
        /// What it works on.
        what: String,
    },
    /// There is no such run.
    #[error("there is no run `{run}` in {}; see which runs there are in that folder", folder.display())]
    NoRun {
        /// The run.
        run: String,
        /// Where runs are kept.
        folder: PathBuf,
    },
    /// The run was begun with another account, or at another exchange.
    #[error(
        "run `{run}` was begun with another account, {account}; name that exchange and give that key"
    )]
    OtherAccount {
        /// The run.
        run: String,
        /// The account it was begun with: the start of its public key's SHA-256, and the exchange.
        account: String,
    },
    /// The run was begun over another journal, which alone knows what was sent.
    #[error("run `{run}` was begun over another journal; name that one, or it could send again")]
    OtherJournal {
        /// The run.
        run: String,
    },
    /// To go on, the run may have to change the account, and it may not. The run is left as it is.
    #[error("run `{run}` cannot go on: trading is off ({why}); allow it and resume the run again")]
    TradingOff {
        /// The run.
        run: String,
        /// Who says so.
        why: &'static str,
    },
    /// The document is not the one the run was begun with.
    #[error(
        "{file} is not the document that run `{run}` was begun with; put that one back (SHA-256 {sha256})"
    )]
    OtherDocument {
        /// The run.
        run: String,
        /// The document given.
        file: String,
        /// Digest of the one that is needed.
        sha256: String,
    },
    /// The record of a run cannot be read or written. What is not recorded is not sent.
    #[error("{}: {error}; the state folder must be a folder this user may write", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// What dispatch is opened with, or its state.
    #[error(transparent)]
    Dispatch(#[from] Refused),
    /// The base URL of a source cannot be connected to.
    #[error(transparent)]
    Connect(#[from] bpx_runtime::ConnectError),
}

impl Error {
    pub(crate) fn record(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Record { path, error }
    }
}
