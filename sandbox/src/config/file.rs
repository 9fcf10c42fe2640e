//! The configuration as a TOML file.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use rust_decimal::Decimal;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::amount;
use crate::config::{AccountConfig, MarketConfig, RestingLiquidity, SandboxConfig, VenueConfig};
use crate::errors::SandboxError;
use crate::words::Side;

/// Everything is optional; what is left out has the default of [`SandboxConfig`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    control: Option<SocketAddr>,
    settle_late: Option<bool>,
    settle_delay_ms: Option<u64>,
    #[serde(default)]
    venue: VenueConfig,
    accounts: Option<Vec<FileAccount>>,
    markets: Option<Vec<FileMarket>>,
    liquidity: Option<Vec<FileLiquidity>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAccount {
    name: String,
    api_secret: Option<String>,
    balances: Option<BTreeMap<String, Exact>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMarket {
    base: String,
    quote: String,
    symbol: Option<String>,
    #[serde(rename = "type", default)]
    kind: FileMarketType,
    tick_size: Option<Exact>,
    min_price: Option<Exact>,
    max_price: Option<Exact>,
    step_size: Option<Exact>,
    min_quantity: Option<Exact>,
    max_quantity: Option<Exact>,
    price_band_percent: Option<Exact>,
    reference_price: Option<Exact>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum FileMarketType {
    #[default]
    Spot,
    Perp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLiquidity {
    symbol: String,
    side: Side,
    price: Exact,
    quantity: Exact,
}

/// A decimal in quotes, or a whole number. TOML's own decimals are floats, which are not exact.
#[derive(Clone, Copy)]
struct Exact(Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExactVisitor)
    }
}

struct ExactVisitor;

impl Visitor<'_> for ExactVisitor {
    type Value = Exact;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal in quotes, such as \"0.01\", or a whole number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
        let decimal = amount::parse(text).map(Exact);
        decimal.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
        Ok(Exact(number.into()))
    }
}

impl SandboxConfig {
    /// Reads a configuration from TOML. What it leaves out has the default value; a list that it names
    /// replaces the default list. `examples/sandbox.toml` of this crate shows every key.
    ///
    /// ```
    /// use bpx_sandbox::SandboxConfig;
    ///
    /// let config = SandboxConfig::from_toml(
    ///     r#"
    ///     [[markets]]
    ///     base = "SOL"
    ///     quote = "USDC"
    ///     tick_size = "0.01"
    ///     "#,
    /// )?;
    /// assert_eq!(config.markets[0].symbol, "SOL_USDC");
    /// assert_eq!(config.accounts[0].name, "main");
    /// # Ok::<(), bpx_sandbox::SandboxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError::Config`] with the line where the text is no TOML, a key is unknown or a value does
    /// not fit. Whether the exchange can be run as configured is checked at its start.
    pub fn from_toml(text: &str) -> Result<Self, SandboxError> {
        let file: File = toml::from_str(text).map_err(|error| unreadable(text, &error))?;
        let usual = Self::default();
        let accounts = |accounts: Vec<FileAccount>| accounts.into_iter().map(Into::into).collect();
        let markets = |markets: Vec<FileMarket>| markets.into_iter().map(Into::into).collect();
        let markets: Vec<MarketConfig> = file.markets.map_or(usual.markets, markets);
        let liquidity = match file.liquidity {
            Some(orders) => orders.into_iter().map(Into::into).collect(),
            None => markets.iter().flat_map(MarketConfig::quiet_book).collect(),
        };
        Ok(Self {
            listen: file.listen.unwrap_or(usual.listen),
            control: file.control.or(usual.control),
            accounts: file.accounts.map_or(usual.accounts, accounts),
            markets,
            liquidity,
            settle_late: file.settle_late.unwrap_or(usual.settle_late),
            settle_delay_ms: file.settle_delay_ms.unwrap_or(usual.settle_delay_ms),
            described: usual.described,
            venue: file.venue,
        })
    }
}

/// The parser's own text would quote the line, which may hold a secret.
fn unreadable(text: &str, error: &toml::de::Error) -> SandboxError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    SandboxError::Config {
        place: format!("line {line} of the configuration"),
        problem: format!("cannot be read: {}", error.message().trim_end()),
        fix: "compare it with the example, examples/sandbox.toml".to_owned(),
    }
}

impl From<FileAccount> for AccountConfig {
    fn from(account: FileAccount) -> Self {
        let exact = |(asset, Exact(amount))| (asset, amount);
        let balances = account.balances;
        Self {
            name: account.name,
            api_secret: account.api_secret,
            balances: balances.map(|balances| balances.into_iter().map(exact).collect()),
        }
    }
}

impl From<FileMarket> for MarketConfig {
    fn from(market: FileMarket) -> Self {
        let is_perp = market.kind == FileMarketType::Perp;
        let usual = Self::new(&market.base, &market.quote, is_perp);
        let exact = |size: Option<Exact>| size.map(|Exact(size)| size);
        Self {
            symbol: market.symbol.unwrap_or(usual.symbol),
            tick_size: exact(market.tick_size).unwrap_or(usual.tick_size),
            min_price: exact(market.min_price),
            max_price: exact(market.max_price),
            step_size: exact(market.step_size).unwrap_or(usual.step_size),
            min_quantity: exact(market.min_quantity),
            max_quantity: exact(market.max_quantity),
            price_band_percent: exact(market.price_band_percent),
            reference_price: exact(market.reference_price),
            ..usual
        }
    }
}

impl From<FileLiquidity> for RestingLiquidity {
    fn from(order: FileLiquidity) -> Self {
        let (Exact(price), Exact(quantity)) = (order.price, order.quantity);
        Self {
            symbol: order.symbol,
            side: order.side,
            price,
            quantity,
        }
    }
}
