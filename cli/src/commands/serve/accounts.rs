//! The accounts that `bpx serve` serves: the one of the API secret, or several with names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bpx_contract::Api;
use bpx_dispatch::{Dispatch, Policy, Service, Settings, Status, signed_operations};
use bpx_gateway::{AccountSettings, Gateway, Scope};
use bpx_runtime::{Options, Signer};
use clap::Args;
use serde::Serialize;

use crate::access::Access;
use crate::failure::Failure;
use crate::key;

/// An account's policy, in its state folder.
const POLICY_FILE: &str = "policy.toml";
const NAME_CHARS_MAX: usize = 64;
/// A folder of this name may be in a state folder already.
const TAKEN: [&str; 3] = ["approvals", "running", "workflows"];

#[derive(Debug, Args)]
#[command(next_help_heading = "Exchange and limits")]
pub(super) struct AccountArgs {
    /// Serve the account of the API secret in this file under this name; may be repeated. Its state folder is NAME in
    /// --state, its policy the file policy.toml there or, without one, --policy
    #[arg(long, value_name = "NAME=SECRET_FILE", value_parser = named, conflicts_with = "api_secret_file")]
    account: Vec<Named>,
}

/// `NAME=SECRET_FILE`
#[derive(Debug, Clone)]
struct Named {
    name: String,
    secret: PathBuf,
}

/// An account that is to be served.
pub(super) struct Served {
    name: Option<String>,
    state: PathBuf,
    settings: Settings,
}

/// An account that is served.
pub(super) struct Open {
    pub(super) settings: AccountSettings,
    pub(super) status: Status,
}

/// An account in the ready line.
#[derive(Serialize)]
pub(super) struct Ready {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    account: String,
    read_token_file: PathBuf,
    trade_token_file: PathBuf,
    approve_token_file: PathBuf,
    trading: bool,
}

fn named(text: &str) -> Result<Named, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let given = text.split_once('=');
    let given = given.filter(|(name, secret)| {
        (1..=NAME_CHARS_MAX).contains(&name.len())
            && name.chars().all(is_plain)
            && !secret.is_empty()
    });
    let (name, secret) = given.ok_or(
        "write a name of letters, digits, `-` and `_`, then `=` and the file of the API secret",
    )?;
    if TAKEN.contains(&name.to_ascii_lowercase().as_str()) {
        return Err("state folders have a folder of this name already; choose another".to_owned());
    }
    Ok(Named {
        name: name.to_owned(),
        secret: secret.into(),
    })
}

impl AccountArgs {
    /// The accounts with the settings of their dispatchers.
    pub(super) fn served(
        &self,
        access: &Access,
        api: &Api,
        allow_trading: bool,
    ) -> Result<Vec<Served>, Failure> {
        self.require_distinct()?;
        let folder = access.state.folder()?;
        if self.account.is_empty() {
            return Ok(vec![Served {
                name: None,
                settings: access.serving(api, allow_trading)?,
                state: folder,
            }]);
        }
        let served = |Named { name, secret }: &Named| {
            let state = folder.join(name);
            let signer = Signer::new(key::key_in(secret)?, signed_operations(api));
            let policy = policy(access, Some(&state))?;
            let settings = access.settings_of(state.clone(), api, Some(signer), policy)?;
            let settings = access.journaled(settings).allow_trading(allow_trading);
            Ok(Served {
                name: Some(name.clone()),
                settings: settings.one_of_several(),
                state,
            })
        };
        self.account.iter().map(served).collect()
    }

    fn require_distinct(&self) -> Result<(), Failure> {
        for (at, Named { name, .. }) in self.account.iter().enumerate() {
            let mut before = self.account.iter().take(at);
            // Some file systems do not tell capital letters apart.
            if before.any(|it| it.name.eq_ignore_ascii_case(name)) {
                let problem = format!("two accounts are called `{name}`");
                return Err(Failure::bad_input(
                    problem,
                    "give each account a name of its own",
                ));
            }
        }
        Ok(())
    }
}

impl Served {
    /// Sends some operations to services of their own.
    pub(super) fn add_services(&mut self, services: &[Service]) {
        let services = services.iter().cloned();
        let settings = self.settings.clone();
        self.settings = services.fold(settings, Settings::with_service);
    }

    /// Sets how the connection behaves.
    pub(super) fn set_options(&mut self, options: Options) {
        self.settings = self.settings.clone().with_options(options);
    }
}

/// The policy of an account: its own, if its state folder has one.
fn policy(access: &Access, state: Option<&Path>) -> Result<Option<Policy>, Failure> {
    let own = state.map(|state| state.join(POLICY_FILE));
    match own
        .as_deref()
        .map(|path| (path, fs::symlink_metadata(path)))
    {
        None => access.policy(),
        Some((_, Err(error))) if error.kind() == io::ErrorKind::NotFound => access.policy(),
        Some((path, _)) => Ok(Some(Policy::load(path)?)),
    }
}

/// Opens every account; if one cannot be opened, the others are closed again.
pub(super) async fn open(accounts: Vec<Served>) -> Result<Vec<Open>, Failure> {
    let mut open: Vec<Open> = Vec::new();
    for Served {
        name,
        state,
        settings,
    } in accounts
    {
        let dispatch = match Dispatch::open(settings).await {
            Ok(dispatch) => dispatch,
            Err(refused) => {
                close(&open).await;
                return Err(about(name.as_deref(), refused.into()));
            }
        };
        let status = dispatch.status().await;
        let settings = AccountSettings::new(dispatch, state);
        let settings = match name {
            Some(name) => settings.named(name),
            None => settings,
        };
        open.push(Open { settings, status });
    }
    Ok(open)
}

pub(super) async fn close(open: &[Open]) {
    for account in open {
        account.settings.dispatch.close().await;
    }
}

fn about(name: Option<&str>, failure: Failure) -> Failure {
    match name {
        Some(name) => failure.about(&format!("account `{name}`")),
        None => failure,
    }
}

impl Open {
    /// Takes the policy from its file again. One that cannot be read changes nothing.
    pub(super) fn reload_policy(&self, access: &Access) {
        let AccountSettings {
            name,
            dispatch,
            state,
            ..
        } = &self.settings;
        match policy(access, name.as_ref().map(|_| state.as_path())) {
            Ok(Some(policy)) => {
                dispatch.set_policy(policy);
                tracing::info!(account = name, "the policy file was read again");
            }
            Ok(None) => {}
            Err(failure) => {
                about(name.as_deref(), failure).log("the policy stays as it was");
            }
        }
    }

    pub(super) fn ready(&self) -> Ready {
        let AccountSettings { name, .. } = &self.settings;
        Ready {
            name: name.clone(),
            account: self.status.account.clone(),
            read_token_file: self.settings.token_file(Scope::Read),
            trade_token_file: self.settings.token_file(Scope::Trade),
            approve_token_file: self.settings.approve_token_file(),
            trading: self.status.trading_off.is_none(),
        }
    }

    /// Whether orders are placed that nothing caps.
    pub(super) fn is_uncapped(&self) -> bool {
        self.status.trading_off.is_none() && !self.status.has_policy
    }

    /// What a person should know of it.
    pub(super) fn remarks(&self, gateway: &Gateway) -> Vec<String> {
        let status = &self.status;
        let does = match (status.trading_off, &status.killed) {
            (Some(why), _) => format!("reads only: {why}"),
            (None, Some(reason)) => {
                format!("the kill switch is on ({reason}): reads and cancellations only")
            }
            (None, None) if status.has_policy => "trading, within the policy".to_owned(),
            (None, None) => "trading, and no policy: nothing is capped".to_owned(),
        };
        let files = Scope::ALL.map(|scope| self.settings.token_file(scope).display().to_string());
        let name = self.settings.name.as_deref();
        let head = name.map(|name| format!("{name}: ")).unwrap_or_default();
        let tokens = format!("{head}tokens in {}", files.join(" and "));
        let token = self.settings.approve_token_file();
        let approvals = match gateway.approval_page() {
            Some(page) => format!(
                "{head}calls that need a person: {page} with the token in {}, or `bpx approve`",
                token.display()
            ),
            None => format!("{head}calls that need a person: `bpx approve`"),
        };
        vec![format!("{head}{does}"), tokens, approvals]
    }
}
