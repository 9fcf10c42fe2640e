//! The one error of this crate, and the ids by which programs tell refusals apart.

use crate::finding::{Finding, lines};

/// Why a call was not made, or dispatch not opened. Nothing was sent, unless [`Refused::InFlight`] says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The arguments do not fit the contract: every finding at once.
    #[error("the arguments do not fit {operation}, nothing was sent:\n{}", lines(.findings))]
    Invalid {
        /// Operation that was called.
        operation: &'static str,
        /// What is wrong with which argument.
        findings: Vec<Finding>,
    },
    /// The policy does not allow the call: every finding at once.
    #[error("the policy does not allow this {operation}, nothing was sent:\n{}", lines(.findings))]
    Policy {
        /// Operation that was called.
        operation: &'static str,
        /// Which rule refuses what.
        findings: Vec<Finding>,
    },
    /// Trading is not allowed here.
    #[error("{operation} changes the account, and trading is off ({why}), nothing was sent; {fix}")]
    TradingDisabled {
        /// Operation that was called.
        operation: &'static str,
        /// Which switch is off.
        why: &'static str,
        /// How it is put on.
        fix: &'static str,
    },
    /// The kill switch is on.
    #[error(
        "the kill switch is on ({reason}), nothing was sent; reads and cancellations still go through, Dispatch::revive turns it off"
    )]
    Killed {
        /// What was written when it was turned on.
        reason: String,
    },
    /// The idempotency key is not one.
    #[error(
        "the idempotency key is {problem}, nothing was sent; use 1 to 255 visible ASCII characters"
    )]
    BadKey {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The idempotency key belongs to a call with other arguments.
    #[error(
        "the idempotency key was used for another {operation} or other arguments (intent {intent}), nothing was sent; use a new key for a new call"
    )]
    KeyReused {
        /// Operation of the earlier call.
        operation: String,
        /// The earlier call's intent.
        intent: String,
    },
    /// The call with this idempotency key is under way and did not end in time.
    #[error(
        "the call with this idempotency key (intent {intent}) is under way and has no outcome yet; ask again with the same key"
    )]
    InFlight {
        /// The call's intent.
        intent: String,
    },
    /// The `clientId` belongs to an order that is, or may be, open.
    #[error(
        "clientId {client_id} belongs to an order that is open or under way (intent {intent}), nothing was sent; leave it out and one is chosen, or use another"
    )]
    ClientIdInUse {
        /// The number.
        client_id: u32,
        /// The intent whose order has it.
        intent: String,
    },
    /// The journal cannot be read or written. What is not in the journal is not sent.
    #[error(
        "the journal failed while {doing}, nothing was sent: {source}; check its disk or server and see Dispatch::status"
    )]
    Journal {
        /// What was being done.
        doing: &'static str,
        /// The database's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of the state folder cannot be read or written.
    #[error("{}: {source}; the state folder must be a folder this user may write", path.display())]
    State {
        /// The file or folder.
        path: std::path::PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The policy file is not one.
    #[error("{message}")]
    PolicyFile {
        /// Problem, place and fix.
        message: String,
    },
    /// The base URL cannot be connected to.
    #[error(transparent)]
    Connect(#[from] bpx_runtime::ConnectError),
    /// Dispatch is closing.
    #[error("this process is shutting down, nothing was sent; call again after the restart")]
    Closed,
    /// The task of the call ended without an answer, which is a fault of this program.
    #[error(
        "the task of this call broke off (intent in the journal, if it came that far); ask again with the same idempotency key or look at the open orders"
    )]
    Lost,
}

impl Refused {
    /// What kind of refusal it is; it does not change between versions.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "INVALID_ARGUMENTS",
            Self::Policy { .. } => "POLICY",
            Self::TradingDisabled { .. } => "TRADING_DISABLED",
            Self::Killed { .. } => "KILL_SWITCH",
            Self::BadKey { .. } => "IDEMPOTENCY_KEY_INVALID",
            Self::KeyReused { .. } => "IDEMPOTENCY_KEY_REUSED",
            Self::InFlight { .. } => "IN_FLIGHT",
            Self::ClientIdInUse { .. } => "CLIENT_ID_IN_USE",
            Self::Journal { .. } => "JOURNAL",
            Self::State { .. } => "STATE_FOLDER",
            Self::PolicyFile { .. } => "POLICY_FILE",
            Self::Connect(_) => "CONNECTION",
            Self::Closed => "CLOSED",
            Self::Lost => "LOST",
        }
    }

    /// What is wrong with which argument; empty unless arguments or the policy are the reason.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Invalid { findings, .. } | Self::Policy { findings, .. } => findings,
            _ => &[],
        }
    }

    pub(crate) fn journal(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |error| Self::Journal {
            doing,
            source: Box::new(error),
        }
    }
}
