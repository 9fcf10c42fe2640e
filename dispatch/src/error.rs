//! The one error of this crate: a problem, what to do about it, and an id by which programs tell refusals apart.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use crate::finding::{Finding, lines};
use crate::journal::Failure;

/// Why a call was not made, or dispatch not opened. Nothing was sent, unless [`Refused::InFlight`] or
/// [`Refused::Lost`] say otherwise.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refused {
    /// The arguments do not fit the contract: every finding at once.
    Invalid {
        /// Operation that was called.
        operation: String,
        /// What is wrong with which argument.
        findings: Vec<Finding>,
    },
    /// The policy does not allow the call: every finding at once.
    Policy {
        /// Operation that was called.
        operation: String,
        /// Which rule refuses what.
        findings: Vec<Finding>,
    },
    /// Trading is not allowed here.
    TradingDisabled {
        /// Operation that was called.
        operation: String,
        /// Which switch is off.
        why: &'static str,
        /// How it is put on.
        fix: &'static str,
    },
    /// The kill switch is on.
    Killed {
        /// The reason that was given when it was turned on.
        reason: String,
    },
    /// The idempotency key is not valid.
    BadKey {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The idempotency key belongs to a call with other arguments.
    KeyReused {
        /// Operation of the earlier call.
        operation: String,
        /// The earlier call's intent.
        intent: String,
    },
    /// The same call is under way and did not end in time.
    InFlight {
        /// The call's intent.
        intent: String,
    },
    /// The client order id belongs to an order that is, or may be, open.
    ClientIdInUse {
        /// The number.
        client_id: u32,
        /// The intent whose order has it.
        intent: String,
    },
    /// The call was made before, and an order that it placed has ended since ([`Call`](crate::Call)'s `while_open`).
    OrderEnded {
        /// The earlier call's intent.
        intent: String,
        /// Each order that the call placed, with its state now.
        orders: Vec<String>,
    },
    /// The journal cannot be read or written. What is not in the journal is not sent.
    Journal {
        /// What was being done.
        doing: &'static str,
        /// What to do about it.
        fix: &'static str,
        /// The database's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A file of the state folder cannot be read or written.
    State {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The policy file cannot be read, or contradicts itself.
    PolicyFile {
        /// The file, as the caller named it.
        file: String,
        /// What is wrong, with the line where there is one.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// The base URL cannot be connected to.
    Connect(bpx_runtime::ConnectError),
    /// Dispatch is closing.
    Closed,
    /// The task of the call ended without a result, which is a fault of this program.
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
            Self::OrderEnded { .. } => "ORDER_ENDED",
            Self::Journal { .. } => "JOURNAL",
            Self::State { .. } => "STATE_FOLDER",
            Self::PolicyFile { .. } => "POLICY_FILE",
            Self::Connect(_) => "CONNECTION",
            Self::Closed => "CLOSED",
            Self::Lost => "LOST",
        }
    }

    /// What is wrong, in one line, without the findings.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::Invalid { operation, .. } => {
                format!("the arguments do not fit {operation}, nothing was sent")
            }
            Self::Policy { operation, .. } => {
                format!("the policy does not allow this {operation}, nothing was sent")
            }
            Self::TradingDisabled { operation, why, .. } => format!(
                "{operation} changes the account, and trading is off ({why}), nothing was sent"
            ),
            Self::Killed { reason } => {
                format!("the kill switch is on ({reason}), nothing was sent")
            }
            Self::BadKey { problem } => {
                format!("the idempotency key is {problem}, nothing was sent")
            }
            Self::KeyReused { operation, intent } => format!(
                "the idempotency key was used for another {operation} or other arguments (intent {intent}), nothing was sent"
            ),
            Self::InFlight { intent } => format!(
                "the same call (intent {intent}) is under way and has no outcome yet"
            ),
            Self::ClientIdInUse { client_id, intent } => format!(
                "clientId {client_id} belongs to an order that is open or under way (intent {intent}), nothing was sent"
            ),
            Self::OrderEnded { intent, orders } => format!(
                "this call was made before (intent {intent}), and by now {}; nothing was sent now",
                orders.join(", ")
            ),
            Self::Journal { doing, source, .. } => {
                format!("the journal failed while {doing}, nothing was sent: {source}")
            }
            Self::State { path, source } => format!("{}: {source}", path.display()),
            Self::PolicyFile { file, problem, .. } => format!("{file}: {problem}"),
            Self::Connect(error) => error.to_string(),
            Self::Closed => "this process is shutting down, nothing was sent".to_owned(),
            Self::Lost => {
                "the task of this call ended without a result (its intent is in the journal, if it came that far)"
                    .to_owned()
            }
        }
    }

    /// What to do about it, in one line.
    #[must_use]
    pub fn fix(&self) -> &str {
        match self {
            Self::Invalid { .. } | Self::Policy { .. } => "see the findings",
            Self::TradingDisabled { fix, .. } | Self::Journal { fix, .. } => fix,
            Self::Killed { .. } => {
                "reads and cancellations still go through; the operator can turn the kill switch off"
            }
            Self::BadKey { .. } => "use 1 to 255 visible ASCII characters",
            Self::KeyReused { .. } => "use a new key for a new call",
            Self::InFlight { .. } => "make the same call again: nothing is sent twice",
            Self::ClientIdInUse { .. } => {
                "leave the clientId out and one is chosen, or use another"
            }
            Self::OrderEnded { .. } => {
                "if only its response was lost, that is how it ended, so do not repeat it; for one more order take another clientId, or none"
            }
            Self::State { .. } => "use a state folder that this user may write",
            Self::PolicyFile { fix, .. } => fix,
            Self::Connect(_) => "correct the base URL",
            Self::Closed => "call again after the restart",
            Self::Lost => "ask again with the same idempotency key, or look at the open orders",
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

    pub(crate) fn journal(doing: &'static str) -> impl FnOnce(Failure) -> Self {
        move |failure| Self::Journal {
            doing,
            fix: failure.fix(),
            source: Box::new(failure),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.findings() {
            [] => write!(f, "{}; {}", self.problem(), self.fix()),
            findings => write!(f, "{}:\n{}", self.problem(), lines(findings)),
        }
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Journal { source, .. } => Some(source.as_ref()),
            Self::State { source, .. } => Some(source),
            Self::Connect(error) => Some(error),
            _ => None,
        }
    }
}

impl From<bpx_runtime::ConnectError> for Refused {
    fn from(error: bpx_runtime::ConnectError) -> Self {
        Self::Connect(error)
    }
}
