//! An account as configured.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::errors::SandboxError;
use crate::limits::QUANTITY_DECIMALS;

/// 10^12. Balances at the start stay below this, so that sums of them are exact.
const BALANCE_LIMIT: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

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

impl AccountConfig {
    /// Whether the exchange can compute with these balances.
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        for (asset, amount) in self.balances.iter().flatten() {
            let problem = if *amount < Decimal::ZERO {
                "owns less than nothing"
            } else if *amount >= BALANCE_LIMIT || amount.normalize().scale() > QUANTITY_DECIMALS {
                "owns an amount it cannot compute with"
            } else {
                continue;
            };
            return Err(SandboxError::Config {
                place: format!("account {}", self.name),
                problem: format!("{problem} of {asset}"),
                fix: format!(
                    "give 0 or more, less than {BALANCE_LIMIT}, at most {QUANTITY_DECIMALS} decimals"
                ),
            });
        }
        Ok(())
    }
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
