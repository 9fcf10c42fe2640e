//! What all calls of one dispatcher share.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_runtime::Signer;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::call::{Arguments, Recovered};
use crate::checkpoint::{Hook, Passing, Point};
use crate::finding::Finding;
use crate::journal::Journal;
use crate::order::Order;
use crate::policy::{self, Policy};
use crate::remotes::Remotes;
use crate::settle::{self, Bounds, Settler};
use crate::state::{Instance, State};
use crate::venue::Venue;

/// What all calls share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) api: Api,
    pub(crate) venue: Arc<dyn Venue>,
    pub(crate) remote: Remotes,
    pub(crate) needs_names: bool,
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
    pub(crate) under_way: UnderWay,
    pub(crate) recovery: TaskTracker,
    /// Ends the looking into what was left open; it only asks, so the next start can begin it anew.
    pub(crate) closing: CancellationToken,
    pub(crate) is_closed: AtomicBool,
    pub(crate) recovered: watch::Sender<Option<Vec<Recovered>>>,
    /// The number of the last event.
    pub(crate) news: watch::Sender<i64>,
}

/// The intents whose calls this process makes, or looks into since its start.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<HashSet<String>>);

/// One of them, as long as this is held.
pub(crate) struct Held<'a>(&'a UnderWay, &'a str);

impl UnderWay {
    pub(crate) fn hold<'a>(&'a self, intent: &'a str) -> Held<'a> {
        self.all().insert(intent.to_owned());
        Held(self, intent)
    }

    pub(crate) fn has(&self, intent: &str) -> bool {
        self.all().contains(intent)
    }

    fn all(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.all().remove(self.1);
    }
}

impl Inner {
    pub(crate) fn settler(&self) -> Settler<'_> {
        Settler {
            api: &self.api,
            remote: &self.remote,
            journal: &self.journal,
            signer: self.signer.as_ref(),
            bounds: &self.bounds,
            news: &self.news,
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

    /// What the policy says against a change by its operation's name.
    pub(crate) fn check_operation(
        &self,
        operation: &Operation,
        arguments: &Arguments,
    ) -> Vec<Finding> {
        if operation.effect.only_reads() {
            return Vec::new();
        }
        let policy = self.policy();
        let venue = self.venue.as_ref();
        let needs_name = self.needs_names;
        policy::check_operation(policy.as_deref(), venue, needs_name, operation, arguments)
    }

    /// Tells the checkpoint where a call stands.
    pub(crate) fn passes(
        &self,
        point: Point,
        operation: &Operation,
        intent: Option<&str>,
        client_ids: &[u32],
    ) {
        let passing = Passing {
            operation: &operation.id,
            intent,
            client_ids,
        };
        self.checkpoint.reached(point, passing);
    }

    /// Why nothing that changes the account is allowed, and how that is changed; none if it is.
    pub(crate) fn trading_off(
        &self,
        policy: Option<&Policy>,
    ) -> Option<(&'static str, &'static str)> {
        if !self.allow_trading {
            return Some((
                "the operator's switch is off",
                "start with trading allowed: --allow-trading",
            ));
        }
        let is_off = policy.is_some_and(|policy| !policy.trading);
        is_off.then_some((
            "the policy file does not allow it",
            "set `trading = true` in the policy file",
        ))
    }
}
