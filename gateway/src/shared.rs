//! What both protocols share of an account, and the one way from them to its dispatch.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use bpx_capability::Exposed;
use bpx_dispatch::{Call, Dispatch, Refused, Settled};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::approval::Approvals;
use crate::caller::{Caller, Protocol, Scope};
use crate::connections::Connections;
use crate::error::GatewayError;
use crate::metrics::Metrics;
use crate::problem;
use crate::rate::Rates;
use crate::settings::{AccountSettings, GatewaySettings, Limits};
use crate::token::Tokens;

/// What both protocols share of one account.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The operator's name for it; none for the only one.
    pub(crate) name: Option<String>,
    /// What it is called in metrics.
    pub(crate) label: String,
    pub(crate) dispatch: Dispatch,
    pub(crate) state: PathBuf,
    /// None where the only client needs none.
    pub(crate) tokens: RwLock<Option<Tokens>>,
    pub(crate) rates: Rates,
    pub(crate) exposed: Exposed,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    /// One permit for each request in flight, of all accounts together.
    pub(crate) permits: Arc<Semaphore>,
    /// Those of all accounts.
    pub(crate) connections: Arc<Connections>,
    pub(crate) approvals: Approvals,
    /// Where the page for approvals is, as this computer reaches it.
    pub(crate) approval_page: Option<String>,
    /// How long calls that need a person wait.
    pub(crate) approval: ApprovalTimes,
    /// Whether it writes down what happens to the account.
    pub(crate) listens: bool,
    /// Cancelled when the gateway stops: it ends streams that have no end of their own.
    pub(crate) stop: CancellationToken,
}

/// How long a call waits for a person, and how long after that it can be approved and made again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApprovalTimes {
    pub(crate) wait: Duration,
    pub(crate) lifetime: Duration,
}

/// Why a call was not made.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The token does not allow the operation.
    Scope { operation: String },
    /// The caller's rate limit is exceeded for this long.
    Rate { wait: Duration },
    /// Dispatch refused the call.
    Refused(Refused),
}

impl CallError {
    /// The error code: one of dispatch's, or of [`crate::PROBLEMS`].
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Scope { .. } => problem::SCOPE.code,
            Self::Rate { .. } => problem::RATE.code,
            Self::Refused(refused) => refused.code(),
        }
    }
}

/// What all accounts of a gateway share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    metrics: Arc<Metrics>,
    permits: Arc<Semaphore>,
    connections: Arc<Connections>,
    approval_page: Option<String>,
    stop: CancellationToken,
}

impl Common {
    pub(crate) fn new(limits: &Limits, rest: Option<SocketAddr>, stop: CancellationToken) -> Self {
        Self {
            metrics: Arc::new(Metrics::new()),
            permits: Arc::new(Semaphore::new(limits.in_flight_max)),
            connections: Arc::new(Connections::new(limits)),
            approval_page: rest.map(approval_page),
            stop,
        }
    }
}

impl Shared {
    /// One account of a gateway; without tokens if its only client needs none.
    pub(crate) fn new(
        account: &AccountSettings,
        tokens: Option<Tokens>,
        settings: &GatewaySettings,
        common: Common,
    ) -> Result<Self, GatewayError> {
        let label = account.label().to_owned();
        common.metrics.watch(&label, &account.dispatch);
        Ok(Self {
            name: account.name.clone(),
            label,
            dispatch: account.dispatch.clone(),
            state: account.state.clone(),
            tokens: RwLock::new(tokens),
            rates: Rates::new(&settings.limits),
            exposed: settings.exposed.clone(),
            metrics: common.metrics,
            limits: settings.limits.clone(),
            permits: common.permits,
            connections: common.connections,
            approvals: Approvals::open(&account.state)?,
            approval_page: common.approval_page,
            approval: ApprovalTimes {
                wait: settings.mcp_settings.approval_wait,
                lifetime: settings.mcp_settings.confirm_lifetime,
            },
            listens: settings.events,
            stop: common.stop,
        })
    }

    /// Makes a call in the name of its caller, and counts it.
    ///
    /// # Errors
    /// [`CallError`]: nothing was sent.
    pub(crate) async fn call(&self, caller: Caller, mut call: Call) -> Result<Settled, CallError> {
        let operation = call.operation.id.clone();
        let started = Instant::now();
        call.caller = caller.name();
        let result = match self.admit(caller, &call) {
            Ok(()) => self.dispatch.call(call).await.map_err(CallError::Refused),
            Err(error) => Err(error),
        };
        let outcome = match &result {
            Ok(settled) => settled.outcome.kind(),
            Err(error) => error.code(),
        };
        self.called(caller.protocol, operation, outcome, started);
        result
    }

    /// Whether a call would be refused as things stand.
    ///
    /// # Errors
    /// [`CallError::Scope`] or [`CallError::Refused`].
    pub(crate) fn check(&self, caller: Caller, call: &Call) -> Result<(), CallError> {
        if !caller.scope.allows(&call.operation) {
            let operation = call.operation.id.clone();
            return Err(CallError::Scope { operation });
        }
        self.dispatch.check(call).map_err(CallError::Refused)
    }

    /// Counts a call that began at `started`.
    pub(crate) fn called(
        &self,
        protocol: Protocol,
        operation: String,
        outcome: &'static str,
        started: Instant,
    ) {
        let took = started.elapsed();
        self.metrics
            .called(&self.label, protocol, operation, outcome, took);
    }

    fn admit(&self, caller: Caller, call: &Call) -> Result<(), CallError> {
        if !caller.scope.allows(&call.operation) {
            return Err(CallError::Scope {
                operation: call.operation.id.clone(),
            });
        }
        if Scope::needed(&call.operation) == Scope::Trade {
            let allowed = self.rates.change();
            allowed.map_err(|wait| CallError::Rate { wait })?;
        }
        Ok(())
    }
}

fn approval_page(mut rest: SocketAddr) -> String {
    if rest.ip().is_unspecified() {
        rest.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{rest}{}", crate::approval::PAGE)
}
