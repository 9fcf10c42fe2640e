//! What a caller may choose before the sandbox starts.

mod account;
mod described;
mod file;
mod market;
mod venue;

use std::net::{Ipv4Addr, SocketAddr};

use rust_decimal::Decimal;

pub use account::AccountConfig;
pub use described::DescribedOperation;
pub use market::MarketConfig;
pub use venue::{DuplicateClientId, SignatureCode, UnknownOrder, VenueConfig};

use crate::words::Side;

/// Settings of one sandbox. Build it with `SandboxConfig { field: value, ..Default::default() }`.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Address to bind. Port 0 takes any free port. Default `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// Address of the control port. Default `None`: any free port of `127.0.0.1`.
    pub control: Option<SocketAddr>,
    /// The accounts. Default: one, `main`, with a fresh key and 1,000,000 of each asset.
    pub accounts: Vec<AccountConfig>,
    /// The markets. Default: `BTC_USDC`, `ETH_USDC`, `SOL_USDC`, and the same with `_PERP`.
    pub markets: Vec<MarketConfig>,
    /// Orders of an internal market maker, placed in this order at start. Default: a quiet book around
    /// each market's reference price.
    pub liquidity: Vec<RestingLiquidity>,
    /// Whether both DELETE operations answer 202 and settle afterwards. Default `false`.
    pub settle_late: bool,
    /// How long a late settlement waits, in milliseconds. Default 50.
    pub settle_delay_ms: u64,
    /// Operations that the exchange has no model of. Default: none.
    pub described: Vec<DescribedOperation>,
    /// What the exchange does where the venue's behaviour is unknown or disputed.
    pub venue: VenueConfig,
}

/// One resting limit order of the internal market maker, the account the caller trades against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestingLiquidity {
    /// Market symbol, for example `SOL_USDC`.
    pub symbol: String,
    /// The maker's side: `Ask` sells to the caller, `Bid` buys from the caller.
    pub side: Side,
    /// Limit price in the quote asset, positive, within the market's filters.
    pub price: Decimal,
    /// Quantity of the base asset, positive, within the market's filters.
    pub quantity: Decimal,
}

impl SandboxConfig {
    /// The default markets with the finest filters, without prices and with empty books.
    #[must_use]
    pub fn bare() -> Self {
        Self {
            markets: MarketConfig::fine(),
            liquidity: Vec::new(),
            ..Self::default()
        }
    }
}

impl Default for SandboxConfig {
    fn default() -> Self {
        let markets = MarketConfig::defaults();
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: None,
            accounts: vec![AccountConfig::default()],
            liquidity: markets.iter().flat_map(MarketConfig::quiet_book).collect(),
            markets,
            settle_late: false,
            settle_delay_ms: 50,
            described: Vec::new(),
            venue: VenueConfig::default(),
        }
    }
}
