//! Which exchange, with whose key, within which limits: what every command over dispatch is given.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use bpx_client::signer;
use bpx_dispatch::{Bounds, Policy, Settings};
use clap::Args;

use crate::commands::sign::key_from_environment;
use crate::failure::Failure;

const BASE_VARIABLE: &str = "BACKPACK_BASE_URL";
const STATE_VARIABLE: &str = "BPX_STATE";
const JOURNAL_VARIABLE: &str = "BPX_JOURNAL";
/// Its name in the platform's folder for such things.
const FOLDER: &str = "bpx";

const WAIT_S_DEFAULT: u16 = 30;
const IN_FLIGHT_MORE: Duration = Duration::from_secs(1);

/// What the help of every command over dispatch says of the environment.
pub(crate) const ENVIRONMENT: &str = "\
Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64; 'bpx keygen' makes one
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set
  BACKPACK_BASE_URL    the exchange, where --base-url is not given; there is no default
  BPX_STATE            the state folder, where --state is not given
  BPX_JOURNAL          the journal's URL, where --journal is not given";

/// The exchange, the policy, and where what happened is kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Exchange and limits")]
pub(crate) struct Access {
    /// The exchange to call; there is no default
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// TOML file of what is allowed: lists, caps, price bands
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: StateFolder,
    /// PostgreSQL for the journal, where several gateways share one account [default: SQLite in the state folder]
    #[arg(long, value_name = "URL")]
    journal: Option<String>,
}

/// Where journal, kill switch and caller tokens are.
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
    /// How long to look into what an answer leaves open
    #[arg(long, value_name = "SECONDS", default_value_t = WAIT_S_DEFAULT)]
    wait: u16,
}

impl Patience {
    /// A call under way with the same key is waited for a little longer, since what an earlier process left open is
    /// looked into for so long.
    pub(crate) fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::default();
        bounds.settle_max = Duration::from_secs(self.wait.into());
        bounds.in_flight_wait_max = bounds.settle_max + IN_FLIGHT_MORE;
        bounds
    }
}

impl Access {
    /// What dispatch is opened with.
    pub(crate) fn settings(&self, allow_trading: bool) -> Result<Settings, Failure> {
        let base_url = base_url(self.base_url.as_deref())?;
        let key = key_from_environment()?;
        let settings =
            Settings::new(base_url, signer(key), self.state.folder()?).allow_trading(allow_trading);
        let settings = match self.policy()? {
            Some(policy) => settings.with_policy(policy),
            None => settings,
        };
        Ok(
            match self.journal.clone().or_else(|| variable(JOURNAL_VARIABLE)) {
                Some(url) => settings.with_journal(url),
                None => settings,
            },
        )
    }

    /// The policy file, if one is named.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failure> {
        let policy = self.policy.as_deref().map(Policy::load);
        Ok(policy.transpose()?)
    }
}

impl Access {
    /// The flags that name the same exchange, policy and state folder again. A journal's URL may hold a password and is
    /// left out.
    pub(crate) fn flags(&self) -> Vec<(&'static str, String)> {
        let path = |path: &PathBuf| path.display().to_string();
        let given = [
            ("--base-url", self.base_url.clone()),
            ("--policy", self.policy.as_ref().map(path)),
            ("--state", self.state.state.as_ref().map(path)),
        ];
        let given = given.into_iter();
        given
            .filter_map(|(flag, value)| Some((flag, value?)))
            .collect()
    }
}

impl StateFolder {
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        let from_environment = || {
            let folder = env::var_os(STATE_VARIABLE).filter(|folder| !folder.is_empty());
            folder.map(PathBuf::from)
        };
        let given = self.state.clone().or_else(from_environment);
        given.or_else(platform_folder).ok_or_else(|| {
            Failure::BadInput(format!(
                "this platform names no state folder; give --state or set {STATE_VARIABLE}"
            ))
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
        Failure::BadInput(format!(
            "no exchange is named; give --base-url or set {BASE_VARIABLE}"
        ))
    })
}

/// A variable's text; one that is empty or no text counts as not set.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}
