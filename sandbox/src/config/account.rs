//! An account as configured.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

/// One account: its key and what it owns at the start.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountConfig {
    /// What the account is called on the control port and in messages. Default `main`.
    pub name: String,
    /// Seed of the account's Ed25519 key: standard, padded base64 of 32 bytes.
    /// Default `None`: a fresh random key at every start.
    pub api_secret: Option<String>,
    /// What it owns of each asset at the start, at most 8 decimals. An asset that is not named is not
    /// owned. Default `None`: 1,000,000 of every asset of every market.
    pub balances: Option<BTreeMap<String, Decimal>>,
}

impl Default for AccountConfig {
    fn default() -> Self {
        Self {
            name: "main".to_owned(),
            api_secret: None,
            balances: None,
        }
    }
}

impl fmt::Debug for AccountConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountConfig")
            .field("name", &self.name)
            .field("api_secret", &self.api_secret.as_ref().map(|_| "redacted"))
            .field("balances", &self.balances)
            .finish()
    }
}
