//! The exchange, the key, the policy and the state folder: what every command that calls the exchange is given.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bpx_contract::Api;
use bpx_dispatch::{Bounds, Policy, Settings, signed_operations};
use bpx_signing::Signer;
use bpx_venue::Backpack;
use clap::Args;

use crate::contract::is_of_venue;
use crate::failure::{Category, Failure};
use crate::key::KeyArgs;

const BASE_VARIABLE: &str = "BACKPACK_BASE_URL";
const STATE_VARIABLE: &str = "BPX_STATE";
const JOURNAL_VARIABLE: &str = "BPX_JOURNAL";
/// The name of the state folder in the platform's folder for state.
const FOLDER: &str = "bpx";

const WAIT_S_DEFAULT: u16 = 30;
const IN_FLIGHT_MORE: Duration = Duration::from_secs(1);

/// The environment variables of every command that calls the exchange, for its help.
pub(crate) const ENVIRONMENT: &str = "\
Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64, where --api-secret-file is not given
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set
  BACKPACK_BASE_URL    the exchange, where --base-url is not given; there is no default
  BPX_STATE            the state folder, where --state is not given
  BPX_JOURNAL          the journal's URL, where --journal is not given";

/// The exchange, the policy, and where the journal is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Exchange and limits")]
pub(crate) struct Access {
    /// The exchange to call; there is no default
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// TOML file of what is allowed: lists, caps, price bands
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: StateFolder,
    /// PostgreSQL for the journal, where several gateways share one account [default: SQLite in the state folder]
    #[arg(long, value_name = "URL")]
    journal: Option<String>,
}

/// The folder of journal, kill switch and caller tokens.
#[derive(Debug, Args)]
pub(crate) struct StateFolder {
    /// Folder of journal, kill switch and caller tokens [default: the platform's state folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// How long settling may take.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Exchange and limits")]
pub(crate) struct Patience {
    /// How long to find out how a call ended whose response leaves that open
    #[arg(long, value_name = "SECONDS", default_value_t = WAIT_S_DEFAULT)]
    wait: u16,
}

impl Patience {
    /// Waiting for a call under way with the same idempotency key takes a little longer, since that call may itself take
    /// as long to settle.
    pub(crate) fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::default();
        bounds.settle_max = Duration::from_secs(self.wait.into());
        bounds.in_flight_wait_max = bounds.settle_max + IN_FLIGHT_MORE;
        bounds
    }
}

impl Access {
    /// The settings of a dispatcher for this API. The person who runs a command knows what it calls, so the policy need
    /// not name what another API changes.
    pub(crate) fn settings(&self, api: &Api, allow_trading: bool) -> Result<Settings, Failure> {
        let settings = self.serving(api, allow_trading)?;
        Ok(match is_of_venue(api) {
            true => settings,
            false => settings.allow_unnamed_changes(),
        })
    }

    /// The settings of a dispatcher for the callers of a server.
    pub(crate) fn serving(&self, api: &Api, allow_trading: bool) -> Result<Settings, Failure> {
        let settings = self.settings_in(self.state.folder()?, api)?;
        Ok(self.journaled(settings).allow_trading(allow_trading))
    }

    /// The settings with the journal that is named.
    pub(crate) fn journaled(&self, settings: Settings) -> Settings {
        match self.journal.clone().or_else(|| variable(JOURNAL_VARIABLE)) {
            Some(url) => settings.with_journal(url),
            None => settings,
        }
    }

    /// The same with another state folder and the journal in it, and without permission to trade.
    pub(crate) fn settings_in(&self, state: PathBuf, api: &Api) -> Result<Settings, Failure> {
        self.settings_of(state, api, self.signer(api)?, self.policy()?)
    }

    /// The settings of an account that has a state folder, a signer and a policy.
    pub(crate) fn settings_of(
        &self,
        state: PathBuf,
        api: &Api,
        signer: Option<Signer>,
        policy: Option<Policy>,
    ) -> Result<Settings, Failure> {
        let base_url = base_url(self.base_url.as_deref())?;
        let mut settings = Settings::new(api.clone(), base_url, state);
        if let Some(signer) = signer {
            settings = settings.with_signer(signer);
        }
        if is_of_venue(api) {
            settings = settings.with_venue(Backpack);
        }
        if let Some(policy) = policy {
            settings = settings.with_policy(policy);
        }
        Ok(settings)
    }

    /// The policy file, if one is named.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failure> {
        let policy = self.policy.as_deref().map(Policy::load);
        Ok(policy.transpose()?)
    }

    /// The signer of the API's signed operations; none for an API that has none.
    pub(crate) fn signer(&self, api: &Api) -> Result<Option<Signer>, Failure> {
        let signed = signed_operations(api);
        if signed.is_empty() {
            return Ok(None);
        }
        Ok(Some(Signer::new(self.key.key()?, signed)))
    }

    /// The flags that name the same exchange, key, policy and state folder again. A journal's URL may hold a password and is
    /// left out.
    pub(crate) fn flags(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Path| path.display().to_string();
        let given = [
            ("--base-url", self.base_url.clone()),
            ("--api-secret-file", self.key.file().map(path)),
            ("--policy", self.policy.as_deref().map(path)),
            ("--state", self.state.state.as_deref().map(path)),
        ];
        let given = given.into_iter();
        given
            .filter_map(|(flag, value)| Some((flag, value?)))
            .collect()
    }
}

impl Access {
    /// The same flags, with a place for the journal's URL if one was given.
    pub(crate) fn flags_and_journal(&self) -> Vec<(&'static str, String)> {
        let journal = self
            .journal
            .as_ref()
            .map(|_| ("--journal", "URL".to_owned()));
        self.flags().into_iter().chain(journal).collect()
    }
}

impl StateFolder {
    /// The folder, which exists if it was named: a name that is mistyped must not be taken for one without programs.
    pub(crate) fn existing(&self) -> Result<PathBuf, Failure> {
        let folder = self.folder()?;
        let is_named = self.state.is_some() || variable(STATE_VARIABLE).is_some();
        match is_named && !folder.exists() {
            true => Err(Failure::new(
                Category::StateFolder,
                "there is no such state folder",
                "name the --state of the programs that trade, or leave it out for the default folder",
            )
            .at(Some(folder.display().to_string()))),
            false => Ok(folder),
        }
    }

    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        let from_environment = || {
            let folder = env::var_os(STATE_VARIABLE).filter(|folder| !folder.is_empty());
            folder.map(PathBuf::from)
        };
        let given = self.state.clone().or_else(from_environment);
        given.or_else(platform_folder).ok_or_else(|| {
            Failure::bad_input(
                "this platform names no state folder",
                format!("give --state or set {STATE_VARIABLE}"),
            )
        })
    }
}

fn platform_folder() -> Option<PathBuf> {
    let folder = dirs::state_dir().or_else(dirs::data_local_dir);
    folder.map(|folder| folder.join(FOLDER))
}

/// The exchange that is named, by the flag or by the environment.
pub(crate) fn base_url(given: Option<&str>) -> Result<String, Failure> {
    let base = given.map(str::to_owned).or_else(|| variable(BASE_VARIABLE));
    base.ok_or_else(|| {
        Failure::new(
            Category::BaseUrl,
            "no exchange is named",
            format!(
                "give --base-url or set {BASE_VARIABLE}; `bpx sandbox --env FILE` starts a local exchange, and `. FILE` sets it"
            ),
        )
    })
}

/// A variable's text; an empty one, or one that is not text, counts as not set.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}
