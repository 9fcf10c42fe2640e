//! What both protocols share, and the one way from them to dispatch.

use std::time::{Duration, Instant};

use bpx_capability::Exposed;
use bpx_dispatch::{Call, Dispatch, Refused, Settled};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::caller::{Caller, Scope};
use crate::metrics::Metrics;
use crate::problem;
use crate::rate::Rates;
use crate::settings::{GatewaySettings, Limits};

/// What both protocols share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dispatch: Dispatch,
    pub(crate) exposed: Exposed,
    pub(crate) rates: Rates,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    /// One permit for each request in flight.
    pub(crate) permits: Semaphore,
    /// Cancelled when the gateway stops: it ends streams that have no end of their own.
    pub(crate) stop: CancellationToken,
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

impl Shared {
    pub(crate) fn new(settings: &GatewaySettings, stop: CancellationToken) -> Self {
        Self {
            rates: Rates::new(&settings.limits),
            metrics: Metrics::new(),
            permits: Semaphore::new(settings.limits.in_flight_max),
            limits: settings.limits.clone(),
            dispatch: settings.dispatch.clone(),
            exposed: settings.exposed.clone(),
            stop,
        }
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
        let protocol = caller.protocol;
        self.metrics
            .called(protocol, operation, outcome, started.elapsed());
        result
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
