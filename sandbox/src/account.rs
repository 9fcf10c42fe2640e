//! The accounts: who may sign, and with which key.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::Serialize;

use crate::config::AccountConfig;
use crate::errors::SandboxError;

/// Number of an account. 0 is the internal market maker, 1 the first configured account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct AccountId(pub(crate) u32);

impl AccountId {
    /// The account behind the configured liquidity. It signs nothing and is never short.
    pub(crate) const MARKET_MAKER: Self = Self(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a client needs to sign for an account.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountKeys {
    /// The account's name in the configuration.
    pub name: String,
    /// Its public key in standard base64, as sent in `X-API-KEY`.
    pub api_key: String,
    /// Its 32-byte seed in standard base64.
    pub api_secret: String,
}

impl fmt::Debug for AccountKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountKeys")
            .field("name", &self.name)
            .field("api_key", &self.api_key)
            .finish_non_exhaustive()
    }
}

/// One account that signs.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    pub(crate) config: AccountConfig,
    key: SigningKey,
}

impl Account {
    /// Takes the key from its base64 seed, or makes a fresh one.
    fn open(id: AccountId, config: &AccountConfig) -> Result<Self, SandboxError> {
        config.check()?;
        let seed = match &config.api_secret {
            Some(text) => decode(text).ok_or(SandboxError::Secret)?,
            None => random_seed()?,
        };
        Ok(Self {
            id,
            name: config.name.clone(),
            config: config.clone(),
            key: SigningKey::from_bytes(&seed),
        })
    }

    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    pub(crate) fn api_key(&self) -> String {
        STANDARD.encode(self.key.verifying_key().as_bytes())
    }

    pub(crate) fn keys(&self) -> AccountKeys {
        AccountKeys {
            name: self.name.clone(),
            api_key: self.api_key(),
            api_secret: self.api_secret(),
        }
    }

    pub(crate) fn api_secret(&self) -> String {
        STANDARD.encode(self.key.to_bytes())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .field("api_key", &self.api_key())
            .finish_non_exhaustive()
    }
}

/// All accounts that sign, in the order of the configuration. There is at least one.
#[derive(Debug)]
pub(crate) struct Accounts {
    first: Account,
    others: Vec<Account>,
    /// From the bytes of a public key to the place in `others`; the first account is not in it.
    by_key: BTreeMap<[u8; 32], usize>,
}

impl Accounts {
    pub(crate) fn open(configs: &[AccountConfig]) -> Result<Self, SandboxError> {
        let numbered = (1..).map(AccountId).zip(configs);
        let mut accounts = numbered.map(|(id, config)| Account::open(id, config));
        let first = accounts.next().ok_or_else(|| {
            error(
                "accounts",
                "there is none",
                "name one, or leave the list out",
            )
        })??;
        let others = accounts.collect::<Result<Vec<_>, _>>()?;
        let keys = others.iter().enumerate();
        let by_key = keys
            .map(|(place, account)| (account.verifying_key().to_bytes(), place))
            .collect();
        let accounts = Self {
            first,
            others,
            by_key,
        };
        accounts.check()?;
        Ok(accounts)
    }

    fn check(&self) -> Result<(), SandboxError> {
        let (mut names, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for account in self.iter() {
            let place = format!("account {}", account.name);
            if names.insert(&account.name, ()).is_some() {
                return Err(error(&place, "is there twice", "give each its own name"));
            }
            let key = account.verifying_key().to_bytes();
            if keys.insert(key, ()).is_some() {
                return Err(error(
                    &place,
                    "has the secret of another account",
                    "give each its own secret, or none",
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn first(&self) -> &Account {
        &self.first
    }

    /// The account of a public key.
    pub(crate) fn find(&self, key: &[u8; 32]) -> Option<&Account> {
        if self.first.verifying_key().as_bytes() == key {
            return Some(&self.first);
        }
        self.by_key
            .get(key)
            .and_then(|place| self.others.get(*place))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Account> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

fn error(place: &str, problem: &str, fix: &str) -> SandboxError {
    SandboxError::Config {
        place: place.to_owned(),
        problem: problem.to_owned(),
        fix: fix.to_owned(),
    }
}

/// Standard, padded base64 of exactly `N` bytes.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let count = STANDARD.decode_slice(text, &mut bytes).ok()?;
    (count == N).then_some(bytes)
}

fn random_seed() -> Result<[u8; 32], SandboxError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(SandboxError::Random)?;
    Ok(seed)
}
