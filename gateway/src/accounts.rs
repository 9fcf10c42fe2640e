//! The accounts that a gateway serves, each with a state folder and tokens of its own.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use bpx_dispatch::private_folder;
use fs4::FileExt;
use tokio_util::sync::CancellationToken;

use crate::caller::Scope;
use crate::error::GatewayError;
use crate::new_file;
use crate::rate::Bucket;
use crate::settings::{AccountSettings, GatewaySettings};
use crate::shared::{Common, Shared};
use crate::token::{self, Tokens};

/// The file of a state folder that says whose tokens are in it.
const FILE: &str = "account";

/// One or more accounts. What they share is the same in each.
#[derive(Debug)]
pub(crate) struct Accounts {
    pub(crate) first: Arc<Shared>,
    pub(crate) others: Vec<Arc<Shared>>,
    /// For requests without a valid token.
    pub(crate) anonymous: Bucket,
    _claims: Vec<Claim>,
}

impl Accounts {
    /// Makes each state folder its account's, and opens the tokens in it.
    pub(crate) fn open(
        settings: &GatewaySettings,
        rest: Option<SocketAddr>,
        stop: CancellationToken,
    ) -> Result<Self, GatewayError> {
        require_distinct(&settings.accounts)?;
        let claims = settings.accounts.iter().map(claim);
        let claims = claims.collect::<Result<_, _>>()?;
        let folders: Vec<_> = settings
            .accounts
            .iter()
            .map(|it| it.state.as_path())
            .collect();
        let common = Common::new(&settings.limits, rest, stop);
        let opened = settings.accounts.iter().zip(open_tokens(&folders)?);
        let accounts = opened.map(|(account, tokens)| {
            Shared::new(account, Some(tokens), settings, common.clone()).map(Arc::new)
        });
        let accounts: Vec<_> = accounts.collect::<Result<_, GatewayError>>()?;
        require_distinct_approvers(&accounts)?;
        let mut accounts = accounts.into_iter();
        Ok(Self {
            first: accounts.next().ok_or(GatewayError::NothingToServe)?,
            others: accounts.collect(),
            anonymous: Bucket::of_requests(&settings.limits),
            _claims: claims,
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Shared>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The account of this token, and what the token allows. The time it takes does not depend on which one it is.
    pub(crate) fn of_token(&self, token: &str) -> Option<(&Arc<Shared>, Scope)> {
        let scope = |account: &Shared| {
            let tokens = account.tokens.read();
            let tokens = tokens.unwrap_or_else(PoisonError::into_inner);
            tokens.as_ref().and_then(|tokens| tokens.scope(token))
        };
        let found = self
            .iter()
            .map(|account| scope(account).map(|it| (account, it)));
        found.fold(None, Option::or)
    }

    /// The account whose calls this token decides about.
    ///
    /// # Errors
    /// It is none's, and this token cannot be read.
    pub(crate) fn of_approver(&self, token: &str) -> Result<Option<&Arc<Shared>>, GatewayError> {
        let (mut found, mut failed) = (None, None);
        for account in self.iter() {
            match account.approvals.is_token(token) {
                Ok(true) => found = found.or(Some(account)),
                Ok(false) => {}
                Err(error) => failed = Some(error),
            }
        }
        match (found, failed) {
            (None, Some(error)) => Err(error),
            (found, _) => Ok(found),
        }
    }

    /// Reads the tokens of every account from their files again. If one cannot be had, all stay as they are.
    pub(crate) fn reload_tokens(&self) -> Result<(), GatewayError> {
        let folders: Vec<_> = self.iter().map(|it| it.state.as_path()).collect();
        for (account, tokens) in self.iter().zip(open_tokens(&folders)?) {
            *account
                .tokens
                .write()
                .unwrap_or_else(PoisonError::into_inner) = Some(tokens);
        }
        Ok(())
    }
}

/// The tokens in these folders; those that are missing are created. A token may be in one file only.
fn open_tokens(folders: &[&Path]) -> Result<Vec<Tokens>, GatewayError> {
    let mut opened: Vec<Tokens> = Vec::new();
    for folder in folders {
        let tokens = Tokens::open(folder)?;
        if let Some(scope) = opened.iter().find_map(|other| tokens.shared_with(other)) {
            return Err(GatewayError::Token {
                path: token::file(folder, scope),
                problem: "it holds a token of another account, so its callers could trade on both",
                fix: "delete it; a new token is made at the next start",
            });
        }
        opened.push(tokens);
    }
    Ok(opened)
}

/// A token that approves calls may be in one file only, too.
fn require_distinct_approvers(accounts: &[Arc<Shared>]) -> Result<(), GatewayError> {
    for (at, account) in accounts.iter().enumerate() {
        let path = account.approvals.token_file();
        let token = token::open(path)?;
        let is_its = |it: &Arc<Shared>| it.approvals.is_token(&token);
        if accounts
            .iter()
            .take(at)
            .map(is_its)
            .any(|it| matches!(it, Ok(true)))
        {
            return Err(GatewayError::Token {
                path: path.to_owned(),
                problem: "it holds a token of another account, so who approves for one could for both",
                fix: "delete it; a new token is made at the next start",
            });
        }
    }
    Ok(())
}

/// Refuses accounts that are one account under two names: each would have the caps of the whole.
fn require_distinct(accounts: &[AccountSettings]) -> Result<(), GatewayError> {
    for (at, account) in accounts.iter().enumerate() {
        let mut before = accounts.iter().take(at);
        if let Some(same) = before.find(|it| it.dispatch.account() == account.dispatch.account()) {
            return Err(GatewayError::Setting {
                setting: format!("accounts `{}` and `{}`", same.label(), account.label()),
                problem: "they have the same key, so each would have the caps of the whole",
                fix: "name the secret of each account once",
            });
        }
    }
    Ok(())
}

/// A state folder that is an account's: no other account's as long as this is held.
#[derive(Debug)]
pub(crate) struct Claim {
    _locked: File,
}

/// Makes the state folder this account's, if it is nobody's yet. A local exchange has another key after each start:
/// its account takes the place of its earlier one, if no process serves that.
///
/// # Errors
/// [`GatewayError::OtherAccount`]: it is another account's, whose callers could trade on this one.
pub(crate) fn claim(account: &AccountSettings) -> Result<Claim, GatewayError> {
    let path = account.state.join(FILE);
    let own = account.dispatch.account();
    let claimed = claimed(&account.state, &path, own);
    let claimed = claimed.map_err(|source| GatewayError::TokenFile {
        path: path.clone(),
        source,
    })?;
    claimed.map_err(|held| GatewayError::OtherAccount {
        path,
        held,
        account: own.to_owned(),
    })
}

/// The claim, or whose folder it is.
fn claimed(folder: &Path, path: &Path, own: &str) -> io::Result<Result<Claim, String>> {
    private_folder(folder)?;
    if !path.try_exists()? {
        new_file::create(path, format!("{own}\n").as_bytes())?;
    }
    let mut file = File::options().read(true).write(true).open(path)?;
    FileExt::lock_shared(&file)?;
    let mut held = String::new();
    file.read_to_string(&mut held)?;
    let held = held.trim();
    if held != own {
        if !is_same_local_exchange(held, own) || FileExt::try_lock(&file).is_err() {
            return Ok(Err(held.to_owned()));
        }
        tracing::warn!("the state folder was of {held}, and is now of {own}, with the same tokens");
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{own}")?;
        file.sync_all()?;
        FileExt::lock_shared(&file)?;
    }
    Ok(Ok(Claim { _locked: file }))
}

/// Whether both are accounts of one exchange, and it runs on this computer.
fn is_same_local_exchange(held: &str, own: &str) -> bool {
    let exchange = |account: &str| Some(account.split_once('@')?.1.to_owned());
    let own = exchange(own).filter(|it| it.starts_with("127.0.0.1:"));
    own.is_some() && own == exchange(held)
}
