//! The kinds of failure: one stable word for programs, with its exit code, as a table.

/// Whether the same command may succeed later, without the risk of being carried out twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Yes,
    No,
    /// The failure itself tells.
    Depends,
}

impl Retry {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Depends => "depends",
        }
    }
}

macro_rules! categories {
    ($($name:ident = $word:literal, $exit_code:literal, $retry:ident, $meaning:literal;)+) => {
        /// What kind of failure it is. Word and exit code do not change between versions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Category {
            $(#[doc = $meaning] $name,)+
        }

        impl Category {
            /// The word that programs tell failures apart by.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            pub(crate) fn exit_code(self) -> u8 {
                match self { $(Self::$name => $exit_code,)+ }
            }

            pub(crate) fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)+ }
            }
        }

        /// Every category with its meaning.
        pub(crate) const CATEGORIES: &[(Category, &str)] = &[$((Category::$name, $meaning),)+];
    };
}

categories! {
    Usage = "usage", 2, No, "The command line is not valid";
    InvalidInput = "invalid_input", 2, No, "A file or a value that was given is not valid";
    InvalidArguments = "invalid_arguments", 2, No, "The arguments do not fit the operation";
    ApiSecret = "api_secret", 2, No, "The API secret is missing, not valid, or readable by other users";
    BaseUrl = "base_url", 2, No, "No exchange is named, or its URL is not valid";
    PolicyFile = "policy_file", 2, No, "The policy file cannot be read or contradicts itself";
    IdempotencyKeyInvalid = "idempotency_key_invalid", 2, No, "The idempotency key is not valid";
    IdempotencyKeyReused = "idempotency_key_reused", 1, No, "The idempotency key belongs to another call";
    ClientIdInUse = "client_id_in_use", 1, No, "The `clientId` belongs to an order that may be open";
    TradingDisabled = "trading_disabled", 1, No, "Trading is not allowed: `--allow-trading`, or the policy file";
    KillSwitch = "kill_switch", 1, No, "The kill switch is on";
    Policy = "policy", 1, No, "The policy refuses the call";
    Journal = "journal", 1, Yes, "The journal cannot be read or written";
    StateFolder = "state_folder", 1, No, "The state folder cannot be read or written, or is another account's";
    Listen = "listen", 1, No, "A port cannot be listened on";
    WorkflowRecord = "workflow_record", 1, No, "The run is in use, unfinished, unknown, or its record cannot be read";
    ChecksFailed = "checks_failed", 1, No, "A check of `bpx doctor` failed";
    NotWaiting = "not_waiting", 1, No, "No such call waits for a decision, or it has one";
    Findings = "findings", 1, No, "The report has findings that fail: printed on stderr, since the report is on stdout";
    Failed = "failed", 1, No, "Anything else: a terminal or a pipe that broke, a file that cannot be written";
    Rejected = "rejected", 3, Depends, "The exchange did not carry it out, for certain";
    Accepted = "accepted", 4, No, "The exchange took it and has not executed it yet";
    Unknown = "unknown", 5, No, "It may have been carried out";
    InFlight = "in_flight", 5, Yes, "The same call is under way in another process";
    NotSent = "not_sent", 6, Yes, "No connection was made; nothing was sent";
    WorkflowAlreadyDone = "workflow_already_done", 10, No, "Nothing was left to do for the workflow";
    WorkflowStopped = "workflow_stopped", 11, No, "The workflow stopped before anything was changed";
    WorkflowIncomplete = "workflow_incomplete", 12, No, "A part of the workflow was done, the rest was not";
    WorkflowUnknown = "workflow_unknown", 13, No, "It is not known how a step of the workflow ended; resume the run";
    Interrupted = "interrupted", 130, Depends, "Stopped by Ctrl-C or SIGTERM; retryable if nothing was sent";
}
