//! What dispatch is opened with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bpx_contract::Api;
use bpx_runtime::{Options, Signer};

use crate::checkpoint::{Checkpoint, Hook};
use crate::policy::Policy;
use crate::remote::options;
use crate::remotes::Service;
use crate::settle::Bounds;
use crate::venue::{AnyVenue, Venue};

/// What dispatch is opened with. `Debug` shows no secret.
#[derive(Clone)]
pub struct Settings {
    pub(crate) api: Api,
    pub(crate) base_url: String,
    pub(crate) signer: Option<Signer>,
    pub(crate) venue: Arc<dyn Venue>,
    pub(crate) state: PathBuf,
    pub(crate) is_one_of_several: bool,
    pub(crate) journal_url: Option<String>,
    pub(crate) policy: Option<Policy>,
    pub(crate) allow_trading: bool,
    pub(crate) options: Options,
    pub(crate) services: Vec<Service>,
    pub(crate) needs_names: bool,
    pub(crate) bounds: Bounds,
    pub(crate) checkpoint: Hook,
}

impl Settings {
    /// Read-only access to an API at `base_url`, unsigned, with the journal and the kill switch in the folder `state`.
    pub fn new(api: Api, base_url: impl Into<String>, state: impl Into<PathBuf>) -> Self {
        let options = options(&api);
        Self {
            api,
            base_url: base_url.into(),
            signer: None,
            venue: Arc::new(AnyVenue),
            state: state.into(),
            is_one_of_several: false,
            journal_url: None,
            policy: None,
            allow_trading: false,
            options,
            services: Vec::new(),
            needs_names: true,
            bounds: Bounds::default(),
            checkpoint: Hook::default(),
        }
    }

    /// Signs what the contract wants signed. The signer's table must hold those operations
    /// ([`signed_operations`](crate::signed_operations)); its clock is the journal's too, and decides on UTC days.
    #[must_use]
    pub fn with_signer(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Sets what is known of the venue. Without it only what the contract says is known.
    #[must_use]
    pub fn with_venue(mut self, venue: impl Venue + 'static) -> Self {
        self.venue = Arc::new(venue);
        self
    }

    /// Puts on the operator's switch: what changes the account is allowed, as far as the policy allows it too.
    #[must_use]
    pub fn allow_trading(mut self, allow: bool) -> Self {
        self.allow_trading = allow;
        self
    }

    /// Sets the policy. Without one the operator's switch decides alone, and nothing is capped.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sends some operations to a service of their own.
    #[must_use]
    pub fn with_service(mut self, service: Service) -> Self {
        self.services.push(service);
        self
    }

    /// Changes that the venue does not know need no name in the policy: the operator's switch allows them all. Limits of
    /// those that it names hold all the same.
    #[must_use]
    pub fn allow_unnamed_changes(mut self) -> Self {
        self.needs_names = false;
        self
    }

    /// The state folder is one of several, each of an account, in one folder, whose kill switch holds for all of them.
    /// The state folder remembers that.
    #[must_use]
    pub fn one_of_several(mut self) -> Self {
        self.is_one_of_several = true;
        self
    }

    /// Keeps the journal at a URL (`postgres://…` where several gateways share one account, or `sqlite://…`) instead of
    /// in `journal.sqlite` in the state folder.
    #[must_use]
    pub fn with_journal(mut self, url: impl Into<String>) -> Self {
        self.journal_url = Some(url.into());
        self
    }

    /// Sets how the connection behaves.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets how long settling may take, and what it may rely on.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Is called at each step of a write: for drills, and for what an interrupted process can say.
    #[must_use]
    pub fn with_checkpoint(mut self, checkpoint: impl Checkpoint + 'static) -> Self {
        self.checkpoint = Hook(Some(Arc::new(checkpoint)));
        self
    }
}

/// A journal's URL may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url)
            .field("signer", &self.signer)
            .field("state", &self.state)
            .field("journal_url", &self.journal_url.as_ref().map(|_| "given"))
            .field("policy", &self.policy)
            .field("allow_trading", &self.allow_trading)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}
