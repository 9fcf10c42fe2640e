//! What a caller may choose before the sandbox starts.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use rust_decimal::Decimal;

use crate::words::Side;

/// Settings of one sandbox. Build it with `SandboxConfig { field: value, ..Default::default() }`.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Address to bind. Port 0 takes any free port. Default `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// Seed of the account's Ed25519 key: standard, padded base64 of 32 bytes.
    /// Default `None`: a fresh random key at every start.
    pub api_secret: Option<String>,
    /// Orders of an internal market maker, placed in this order at start. Default none.
    pub liquidity: Vec<RestingLiquidity>,
    /// Whether both DELETE operations answer 202 and settle afterwards. Default `false`.
    pub settle_late: bool,
    /// How long a late settlement waits, in milliseconds. Default 50.
    pub settle_delay_ms: u64,
    /// Whether absent optional fields are sent as explicit `null`, as the venue does. Default `true`.
    pub explicit_nulls: bool,
    /// How many orders one batch may hold. Default 20.
    pub batch_orders_max: usize,
}

/// One resting limit order of the internal market maker, the account the caller trades against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestingLiquidity {
    /// Market symbol, for example `SOL_USDC`.
    pub symbol: String,
    /// The maker's side: `Ask` sells to the caller, `Bid` buys from the caller.
    pub side: Side,
    /// Limit price in the quote asset, positive, at most 6 decimals.
    pub price: Decimal,
    /// Quantity of the base asset, positive, at most 8 decimals.
    pub quantity: Decimal,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_secret: None,
            liquidity: Vec::new(),
            settle_late: false,
            settle_delay_ms: 50,
            explicit_nulls: true,
            batch_orders_max: 20,
        }
    }
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("listen", &self.listen)
            .field("api_secret", &self.api_secret.as_ref().map(|_| "redacted"))
            .field("liquidity", &self.liquidity)
            .field("settle_late", &self.settle_late)
            .field("settle_delay_ms", &self.settle_delay_ms)
            .field("explicit_nulls", &self.explicit_nulls)
            .field("batch_orders_max", &self.batch_orders_max)
            .finish()
    }
}
