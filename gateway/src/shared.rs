//! What both faces share, and the one way from a face to dispatch.

use std::time::{Duration, Instant};

use bpx_dispatch::{Call, Dispatch, Refused, Settled};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::caller::{Caller, Scope};
use crate::metrics::Metrics;
use crate::rate::Rates;
use crate::settings::Limits;
use crate::token::Tokens;

/// What both faces share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dispatch: Dispatch,
    pub(crate) tokens: Tokens,
    pub(crate) rates: Rates,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    /// One permit for each request under way.
    pub(crate) places: Semaphore,
    /// Cancelled when the gateway stops: streams that would never end have to.
    pub(crate) stop: CancellationToken,
}

/// Why a call was not made.
#[derive(Debug)]
pub(crate) enum Denied {
    /// The token does not allow the operation.
    Scope { operation: &'static str },
    /// One call too many; wait so long.
    Rate { wait: Duration },
    /// Dispatch refused.
    Refused(Refused),
}

impl Denied {
    /// What kind it is; the codes of dispatch and of [`crate::PROBLEMS`].
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Scope { .. } => crate::problem::SCOPE.code,
            Self::Rate { .. } => crate::problem::RATE.code,
            Self::Refused(refused) => refused.code(),
        }
    }
}

impl Shared {
    /// Makes a call in the name of its caller, and counts it.
    ///
    /// # Errors
    /// [`Denied`]: nothing was sent.
    pub(crate) async fn call(&self, caller: Caller, mut call: Call) -> Result<Settled, Denied> {
        let operation = call.operation;
        let started = Instant::now();
        call.caller = caller.name();
        let result = match self.admit(caller, &call) {
            Ok(()) => self.dispatch.call(call).await.map_err(Denied::Refused),
            Err(denied) => Err(denied),
        };
        let outcome = match &result {
            Ok(settled) => settled.outcome.kind(),
            Err(denied) => denied.code(),
        };
        self.metrics
            .called(caller.face, operation.id, outcome, started.elapsed());
        result
    }

    fn admit(&self, caller: Caller, call: &Call) -> Result<(), Denied> {
        if !caller.scope.allows(call.operation) {
            return Err(Denied::Scope {
                operation: call.operation.id,
            });
        }
        if Scope::needed(call.operation) == Scope::Trade {
            self.rates.change().map_err(|wait| Denied::Rate { wait })?;
        }
        Ok(())
    }
}
