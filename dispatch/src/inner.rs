//! What all calls of one dispatcher share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_runtime::Signer;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::call::{Arguments, Recovered};
use crate::checkpoint::Hook;
use crate::journal::Journal;
use crate::order::Order;
use crate::policy::Policy;
use crate::remote::Remote;
use crate::settle::{self, Bounds, Settler};
use crate::state::{Instance, State};
use crate::venue::Venue;

/// What all calls share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) api: Api,
    pub(crate) venue: Arc<dyn Venue>,
    pub(crate) remote: Remote,
    pub(crate) signer: Option<Signer>,
    pub(crate) journal: Journal,
    pub(crate) state: State,
    /// Replaced as a whole: a call keeps the one it began with.
    pub(crate) policy: RwLock<Option<Arc<Policy>>>,
    pub(crate) allow_trading: bool,
    pub(crate) bounds: Bounds,
    pub(crate) checkpoint: Hook,
    pub(crate) journal_digest: Option<String>,
    pub(crate) instance: Instance,
    pub(crate) writes: TaskTracker,
    pub(crate) recovery: TaskTracker,
    /// Ends the looking into what was left open; it only asks, so the next start can begin it anew.
    pub(crate) closing: CancellationToken,
    pub(crate) is_closed: AtomicBool,
    pub(crate) recovered: watch::Sender<Option<Vec<Recovered>>>,
}

impl Inner {
    pub(crate) fn settler(&self) -> Settler<'_> {
        Settler {
            api: &self.api,
            remote: &self.remote,
            journal: &self.journal,
            signer: self.signer.as_ref(),
            bounds: &self.bounds,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        settle::now_ms(self.signer.as_ref())
    }

    /// The policy that holds now.
    pub(crate) fn policy(&self) -> Option<Arc<Policy>> {
        let policy = self.policy.read().unwrap_or_else(PoisonError::into_inner);
        policy.clone()
    }

    /// The orders of a call, with their exposures as the policy counts them.
    pub(crate) fn orders(
        &self,
        operation: &Operation,
        arguments: &Arguments,
        policy: Option<&Policy>,
    ) -> Vec<Order> {
        let unlimited = Policy::default();
        let policy = policy.unwrap_or(&unlimited);
        self.venue.orders(operation, arguments, policy)
    }

    /// Why nothing that changes the account is allowed, and how that is changed; none if it is.
    pub(crate) fn trading_off(
        &self,
        policy: Option<&Policy>,
    ) -> Option<(&'static str, &'static str)> {
        if !self.allow_trading {
            return Some(("the operator's switch is off", "start with trading allowed"));
        }
        let is_off = policy.is_some_and(|policy| !policy.trading);
        is_off.then_some((
            "the policy file does not allow it",
            "set `trading = true` in the policy file",
        ))
    }
}
