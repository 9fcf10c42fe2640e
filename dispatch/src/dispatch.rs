//! The way in: open, call, close.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_runtime::Signer;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span, field, info_span};

use crate::call::Arguments;
use crate::identity;
use crate::inner::{Inner, UnderWay};
use crate::journal::Journal;
use crate::order::Order;
use crate::policy::{self, Policy};
use crate::remote::{Preview, Remote};
use crate::remotes::Remotes;
use crate::state::State;
use crate::validate::{require_valid, validate};
use crate::venue::Venue;
use crate::{
    Call, Finding, Recovered, Refused, Settings, Settled, journal, read, recover, replay, write,
};

const JOURNAL: &str = "journal.sqlite";
/// How much of the public key's digest names the account in the journal, in characters.
const ACCOUNT_CHARS: usize = 16;

/// The one way to the exchange: validates, allows, journals, signs, sends once, settles, records.
///
/// Cheap to clone; clones share everything. A write goes on in a task of its own until its outcome is recorded, whether
/// or not its caller still waits; [`Dispatch::close`] waits for all of them.
///
/// Each call is a `tracing` span named `dispatch` with the fields `operation`, `intent`, `outcome` (the kind, or the
/// code of a refusal) and `replayed`. Arguments do not stand in it.
#[derive(Debug, Clone)]
pub struct Dispatch {
    pub(crate) inner: Arc<Inner>,
}

impl Dispatch {
    /// Opens the state folder and the journal, and begins to look into what an earlier process left open
    /// ([`Dispatch::recovered`]). Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Refused::State`], [`Refused::Journal`] or [`Refused::Connect`].
    pub async fn open(settings: Settings) -> Result<Self, Refused> {
        let state = State::open_as(&settings.state, settings.is_one_of_several)?;
        let instance = state.enter()?;
        if settings.policy.is_some() {
            state.has_policy();
        }
        let (api, signer) = (settings.api, settings.signer);
        let options = settings.options;
        let exchange = Remote::new(&api, &settings.base_url, signer.as_ref(), options.clone())?;
        let services = &settings.services;
        let remote = Remotes::new(&api, exchange, services, signer.as_ref(), &options)?;
        let journal_digest = settings.journal_url.as_deref().map(identity::journal);
        let url = settings
            .journal_url
            .unwrap_or_else(|| journal::sqlite_url(&state.path(JOURNAL)));
        let journal = Journal::open(
            &url,
            account(signer.as_ref(), remote.base_url()),
            instance.id.clone(),
        )
        .await
        .map_err(Refused::journal("opening"))?;
        let inner = Arc::new(Inner {
            api,
            venue: settings.venue,
            remote,
            needs_names: settings.needs_names,
            signer,
            journal,
            state,
            policy: RwLock::new(settings.policy.map(Arc::new)),
            allow_trading: settings.allow_trading,
            bounds: settings.bounds,
            checkpoint: settings.checkpoint,
            journal_digest,
            instance,
            writes: TaskTracker::new(),
            under_way: UnderWay::default(),
            recovery: TaskTracker::new(),
            closing: CancellationToken::new(),
            is_closed: AtomicBool::new(false),
            recovered: watch::Sender::new(None),
            news: watch::Sender::new(0),
        });
        let left = recover::left_open(&inner)
            .await
            .map_err(Refused::journal("reading what was left open"))?;
        let looking = Arc::clone(&inner);
        inner.recovery.spawn(async move {
            let found = recover::look_into(&looking, left);
            let found = looking.closing.run_until_cancelled(found).await;
            looking
                .recovered
                .send_replace(Some(found.unwrap_or_default()));
        });
        Ok(Self { inner })
    }

    /// Where calls go, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.inner.remote.base_url()
    }

    /// The state folder: what else must survive a restart is kept beside the journal.
    #[must_use]
    pub fn state(&self) -> &Path {
        self.inner.state.folder()
    }

    /// The SHA-256 of the journal's URL without its password, by which it is known again; none if the journal is in the
    /// state folder.
    #[must_use]
    pub fn journal_digest(&self) -> Option<&str> {
        self.inner.journal_digest.as_deref()
    }

    /// Makes one call.
    ///
    /// A read goes straight to the exchange and is not journaled. A write is made at most once, whatever happens; with an
    /// idempotency key, calling again gives the outcome of the first time.
    ///
    /// # Errors
    /// [`Refused`]: nothing was sent.
    pub async fn call(&self, call: Call) -> Result<Settled, Refused> {
        let span = info_span!(
            "dispatch",
            operation = call.operation.id.as_str(),
            intent = field::Empty,
            outcome = field::Empty,
            replayed = field::Empty,
        );
        let result = self.begin(call).instrument(span.clone()).await;
        record(&span, &result);
        result
    }

    async fn begin(&self, call: Call) -> Result<Settled, Refused> {
        // Held until the write is a task of its own, so that closing waits for it.
        let _entered = self.inner.writes.token();
        if self.inner.is_closed.load(Ordering::Acquire) {
            return Err(Refused::Closed);
        }
        if call.operation.effect.only_reads() {
            return read::read(&self.inner, &call).await;
        }
        let inner = Arc::clone(&self.inner);
        let write = async move { write::write(&inner, &call).await };
        let task = self.inner.writes.spawn(write.instrument(Span::current()));
        task.await.unwrap_or(Err(Refused::Lost))
    }

    /// Whether the call would be refused as things stand: its arguments, trading, the kill switch, the policy. Nothing is
    /// written or sent. Caps of the day, and whether a `clientId` is free, are found out by the call itself.
    ///
    /// # Errors
    /// [`Refused`], as [`Dispatch::call`] would say it.
    pub fn check(&self, call: &Call) -> Result<(), Refused> {
        if self.inner.is_closed.load(Ordering::Acquire) {
            return Err(Refused::Closed);
        }
        match call.operation.effect.only_reads() {
            true => require_valid(self.inner.venue.as_ref(), call),
            false => write::check(&self.inner, call),
        }
    }

    /// How the call of an intent ended. Where the journal has no final outcome, the exchange is asked; nothing is sent
    /// again. None: the journal of this account has no such intent.
    ///
    /// # Errors
    /// [`Refused::InFlight`]: its process lives, and it has no outcome yet. [`Refused::Journal`].
    pub async fn outcome_of(&self, intent: &str) -> Result<Option<Settled>, Refused> {
        let found = self.inner.journal.find(intent).await;
        let found = found.map_err(Refused::journal("looking the intent up"))?;
        let known = found.and_then(|it| Some((self.inner.api.operation(&it.operation)?, it)));
        match known {
            Some((operation, known)) => replay::end_of(&self.inner, operation, &known)
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    /// The caller has the outcome of this intent: if it is final, the same call is a new one from here on
    /// ([`Call::until_reported`]). An idempotency key stays what it is.
    ///
    /// # Errors
    /// [`Refused::Journal`]; then the same call gives this outcome once more.
    pub async fn reported(&self, intent: &str) -> Result<(), Refused> {
        let reported = self.inner.journal.reported(intent).await;
        reported.map_err(Refused::journal("writing that the outcome is reported"))
    }

    /// The account's name in the journal: the start of its public key's SHA-256, `@`, and the exchange.
    #[must_use]
    pub fn account(&self) -> &str {
        self.inner.journal.account()
    }

    /// Tells how long each durable write to the journal takes, waiting for its turn included: intents, that they are
    /// sent, outcomes, and the probe of [`Dispatch::status`].
    pub fn watch_journal(&self, message: impl Fn(Duration) + Send + Sync + 'static) {
        self.inner.journal.watch(message);
    }

    /// What an earlier process left open and how it ended, once all of it was looked into. New calls do not wait for
    /// that.
    pub async fn recovered(&self) -> Vec<Recovered> {
        let mut receiver = self.inner.recovered.subscribe();
        let found = receiver.wait_for(Option::is_some).await;
        found
            .ok()
            .and_then(|found| found.clone())
            .unwrap_or_default()
    }

    /// Turns the kill switch on: no order is placed from here on, by any process with this state folder. Reads and
    /// cancellations go through. It survives a restart.
    ///
    /// # Errors
    /// [`Refused::State`]; then it is not on.
    pub fn kill(&self, reason: &str) -> Result<(), Refused> {
        self.inner.state.kill(reason)
    }

    /// Turns the kill switch off.
    ///
    /// # Errors
    /// [`Refused::State`]; then it is still on.
    pub fn revive(&self) -> Result<(), Refused> {
        self.inner.state.revive()
    }

    /// Why the kill switch is on; none if it is off.
    #[must_use]
    pub fn killed(&self) -> Option<String> {
        self.inner.state.killed()
    }

    /// Why trading is off; none if it is on.
    #[must_use]
    pub fn trading_off(&self) -> Option<&'static str> {
        let policy = self.inner.policy();
        let off = self.inner.trading_off(policy.as_deref());
        off.map(|(why, _)| why)
    }

    /// The API whose operations can be called.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.inner.api
    }

    /// What is known of the venue.
    #[must_use]
    pub fn venue(&self) -> &dyn Venue {
        self.inner.venue.as_ref()
    }

    /// The policy, if one is set.
    #[must_use]
    pub fn policy(&self) -> Option<Arc<Policy>> {
        self.inner.policy()
    }

    /// Puts another policy in the place of the one that holds. Calls that have begun keep theirs.
    pub fn set_policy(&self, policy: Policy) {
        let held = self.inner.policy.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(policy));
    }

    /// The orders that a call would place, each with its exposure as the policy counts it.
    #[must_use]
    pub fn orders(&self, operation: &Operation, arguments: &Arguments) -> Vec<Order> {
        let policy = self.inner.policy();
        self.inner.orders(operation, arguments, policy.as_deref())
    }

    /// The request of a call, exactly as it would be sent but for the signature; nothing is sent or written.
    ///
    /// # Errors
    /// [`RequestError`](bpx_runtime::RequestError): an argument that cannot travel where the contract puts it.
    pub fn preview(&self, call: &Call) -> Result<Preview, bpx_runtime::RequestError> {
        self.inner.remote.preview(&call.operation, &call.arguments)
    }

    /// A call in plain words, for the person who is asked to consent to it: the amounts are those that the policy
    /// counts.
    #[must_use]
    pub fn describe(&self, operation: &Operation, arguments: &Arguments) -> Option<String> {
        let unlimited = Policy::default();
        let policy = self.inner.policy();
        let policy = policy.as_deref().unwrap_or(&unlimited);
        self.inner.venue.describe(operation, arguments, policy)
    }

    /// What contract, venue and policy would say of a call of which only some arguments are known yet: each finding about
    /// known ones. Caps of a batch and of the day are left to the call itself.
    #[must_use]
    pub fn foreseen(&self, operation: &Operation, arguments: &Arguments) -> Vec<Finding> {
        let is_known = |pointer: &str| {
            let mut path = pointer.trim_start_matches('/').split('/');
            path.next().is_some_and(|name| arguments.contains_key(name))
        };
        let mut findings = validate(self.inner.venue.as_ref(), operation, arguments);
        findings.retain(|finding| is_known(&finding.pointer));
        let named = self.inner.check_operation(operation, arguments);
        let named = named.into_iter();
        findings.extend(named.filter(|it| it.pointer.is_empty() || is_known(&it.pointer)));
        if let Some(policy) = &self.inner.policy() {
            for order in self.inner.orders(operation, arguments, Some(policy)) {
                let stated = object_at(arguments, &order.pointer);
                let is_known = |name: &str| stated.is_some_and(|it| it.contains_key(name));
                findings.extend(policy::check_known(policy, &order, is_known));
            }
        }
        findings
    }

    /// Refuses new calls, and waits until each write under way has its outcome in the journal.
    pub async fn close(&self) {
        let inner = &self.inner;
        inner.is_closed.store(true, Ordering::Release);
        inner.closing.cancel();
        for tasks in [&inner.writes, &inner.recovery] {
            tasks.close();
            tasks.wait().await;
        }
        // What is not settled is found by the file that stays behind.
        if let Ok(unsettled) = inner.journal.unsettled().await
            && unsettled
                .iter()
                .all(|intent| intent.owner != inner.instance.id)
        {
            inner.instance.leave();
        }
        inner.journal.close().await;
    }
}

/// The object at a JSON pointer into the arguments.
fn object_at<'a>(arguments: &'a Arguments, pointer: &str) -> Option<&'a Arguments> {
    let mut steps = pointer.split('/').skip(1);
    let Some(first) = steps.next() else {
        return Some(arguments);
    };
    let rest = pointer.get(first.len() + 1..).unwrap_or_default();
    arguments.get(first)?.pointer(rest)?.as_object()
}

/// The account's name in the journal. The exchange belongs to it: what another one does not know proves nothing.
fn account(signer: Option<&Signer>, base_url: &str) -> String {
    let exchange = identity::exchange(base_url);
    let Some(signer) = signer else {
        return format!("unsigned@{exchange}");
    };
    let digest = Sha256::digest(signer.api_key().as_bytes());
    let mut name = hex::encode(digest);
    name.truncate(ACCOUNT_CHARS);
    format!("{name}@{exchange}")
}

fn record(span: &Span, result: &Result<Settled, Refused>) {
    match result {
        Ok(settled) => {
            span.record("intent", settled.intent.as_deref());
            span.record("outcome", settled.outcome.kind());
            span.record("replayed", settled.replayed);
        }
        Err(refused) => {
            span.record("outcome", refused.code());
        }
    }
}
