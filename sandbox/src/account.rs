//! The one account: its key and what it owns.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use rust_decimal::Decimal;

use crate::errors::SandboxError;

/// What the account owns of every asset. Fixed: trades do not change it in this exchange.
const BALANCE: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

pub(crate) struct Account {
    key: SigningKey,
}

impl Account {
    /// Takes the key from its base64 seed, or makes a fresh one.
    pub(crate) fn open(secret: Option<&str>) -> Result<Self, SandboxError> {
        let seed = match secret {
            Some(text) => decode(text).ok_or(SandboxError::Secret)?,
            None => random_seed()?,
        };
        Ok(Self {
            key: SigningKey::from_bytes(&seed),
        })
    }

    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    pub(crate) fn api_key(&self) -> String {
        STANDARD.encode(self.key.verifying_key().as_bytes())
    }

    pub(crate) fn api_secret(&self) -> String {
        STANDARD.encode(self.key.to_bytes())
    }

    /// Whether the account could pay this much of any asset, were it its only order.
    pub(crate) fn covers(amount: Decimal) -> bool {
        amount <= BALANCE
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("api_key", &self.api_key())
            .finish_non_exhaustive()
    }
}

/// Standard, padded base64 of exactly `N` bytes.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn random_seed() -> Result<[u8; 32], SandboxError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(SandboxError::Random)?;
    Ok(seed)
}
