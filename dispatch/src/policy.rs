//! The policy: what the operator allows, read from a TOML file.

mod check;
mod notional;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bpx_runtime::Decimal;
use serde::{Deserialize, Deserializer, de};

use crate::Refused;

pub use check::RULES;
pub(crate) use check::{check, check_known};
pub(crate) use notional::plus;

/// What the operator allows. Everything that is absent is unlimited, but for trading, which is off.
///
/// Amounts are decimals written as text. What the eight operations cannot tell (tick and step, the last price, the
/// balance) is taken from here; a check that lacks its data is noted in [`Settled::notes`](crate::Settled::notes), or
/// refuses where `require_data` is set.
///
/// ```
/// use bpx_dispatch::Policy;
///
/// let policy = Policy::parse(r#"
///     trading = true
///     symbols = ["SOL_USDC"]
///     order_types = ["Limit"]
///
///     [order]
///     notional_max = "500"
///
///     [day]
///     orders_max = 200
///     notional_max = "10000"
///
///     [symbol.SOL_USDC]
///     reference_price = "142.5"
///     price_band_percent = "5"
///     tick = "0.01"
///     step = "0.01"
/// "#, "policy.toml")?;
/// assert!(policy.trading);
///
/// let refused = Policy::parse("tradign = true", "policy.toml").unwrap_err();
/// assert!(refused.to_string().contains("unknown field `tradign`"));
/// # Ok::<(), bpx_dispatch::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Policy {
    /// Whether anything that changes the account is allowed. The operator's switch is needed too.
    pub trading: bool,
    /// Whether a check that lacks its data refuses instead of being noted.
    pub require_data: bool,
    /// The markets in which orders may be placed; absent for all.
    pub symbols: Option<Vec<String>>,
    /// The order types that may be placed; absent for all.
    pub order_types: Option<Vec<String>>,
    /// The sides that may be taken; absent for both.
    pub sides: Option<Vec<String>>,
    /// Caps for each order.
    pub order: OrderCaps,
    /// Caps for each batch.
    pub batch: BatchCaps,
    /// Caps for each UTC day, over all gateways that share the journal.
    pub day: DayCaps,
    /// What is known of each market.
    pub symbol: BTreeMap<String, Market>,
    /// What the account holds of each asset; checked for spot orders.
    #[serde(deserialize_with = "amounts")]
    pub balance: BTreeMap<String, Decimal>,
}

/// Caps for each order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct OrderCaps {
    /// Most of the base asset.
    #[serde(deserialize_with = "amount")]
    pub quantity_max: Option<Decimal>,
    /// Most in the quote asset: price times quantity, at the reference price where there is no limit price.
    #[serde(deserialize_with = "amount")]
    pub notional_max: Option<Decimal>,
}

/// Caps for each batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BatchCaps {
    /// Most orders.
    pub orders_max: Option<u32>,
    /// Most in the quote asset, all its orders together.
    #[serde(deserialize_with = "amount")]
    pub notional_max: Option<Decimal>,
}

/// Caps for each UTC day. An order that was rejected does not count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DayCaps {
    /// Most orders.
    pub orders_max: Option<u32>,
    /// Most in the quote asset, all orders together.
    #[serde(deserialize_with = "amount")]
    pub notional_max: Option<Decimal>,
}

/// What is known of a market.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Market {
    /// The price around which the band lies, and at which market orders are valued.
    #[serde(deserialize_with = "amount")]
    pub reference_price: Option<Decimal>,
    /// How far a limit price may be from the reference price, in percent of it.
    #[serde(deserialize_with = "amount")]
    pub price_band_percent: Option<Decimal>,
    /// Prices are whole multiples of it.
    #[serde(deserialize_with = "amount")]
    pub tick: Option<Decimal>,
    /// Quantities are whole multiples of it.
    #[serde(deserialize_with = "amount")]
    pub step: Option<Decimal>,
    /// Least quantity.
    #[serde(deserialize_with = "amount")]
    pub quantity_min: Option<Decimal>,
    /// Greatest quantity.
    #[serde(deserialize_with = "amount")]
    pub quantity_max: Option<Decimal>,
}

impl Policy {
    /// Reads a policy; `origin` names the file in messages.
    ///
    /// # Errors
    /// [`Refused::PolicyFile`], with problem, line and fix.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Refused> {
        let refused = |message: String| Refused::PolicyFile { message };
        let policy: Self =
            toml::from_str(text).map_err(|error| refused(format!("{origin}: {error}")))?;
        match policy.contradiction() {
            Some(problem) => Err(refused(format!("{origin}: {problem}"))),
            None => Ok(policy),
        }
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`Refused::PolicyFile`].
    pub fn load(path: &Path) -> Result<Self, Refused> {
        let origin = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| Refused::PolicyFile {
            message: format!("{origin}: {error}; name a policy file that can be read, or none"),
        })?;
        Self::parse(&text, &origin)
    }

    /// What cannot be meant.
    fn contradiction(&self) -> Option<String> {
        let listed = |symbol: &&String| {
            let symbols = self.symbols.as_ref();
            symbols.is_some_and(|symbols| !symbols.contains(symbol))
        };
        if let Some(symbol) = self.symbol.keys().find(listed) {
            return Some(format!(
                "[symbol.{symbol}] describes a market that `symbols` does not allow; add it there or take it away here"
            ));
        }
        let zero = |market: &&Market| [market.tick, market.step].contains(&Some(Decimal::ZERO));
        if self.symbol.values().any(|market| zero(&market)) {
            return Some(
                "a `tick` or `step` is 0, of which nothing is a multiple; leave it out".to_owned(),
            );
        }
        let sides = self.sides.iter().flatten();
        let types = self.order_types.iter().flatten();
        let words = [
            ("sides", sides, &["Bid", "Ask"]),
            ("order_types", types, &["Limit", "Market"]),
        ];
        for (key, mut given, known) in words {
            if let Some(word) = given.find(|word| !known.contains(&word.as_str())) {
                return Some(format!(
                    "`{key}` holds {word:?}; use {}",
                    known.join(" and ")
                ));
            }
        }
        None
    }
}

const AMOUNT: &str = "a decimal that is not negative, written as text, such as \"0.01\"";

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    Amount::deserialize(deserializer).map(|Amount(amount)| Some(amount))
}

fn amounts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Decimal>, D::Error> {
    let amounts = BTreeMap::<String, Amount>::deserialize(deserializer)?;
    Ok(amounts
        .into_iter()
        .map(|(asset, Amount(amount))| (asset, amount))
        .collect())
}

/// A decimal that is not negative, from text alone: a TOML float would not be exact.
struct Amount(Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AmountVisitor)
    }
}

struct AmountVisitor;

impl de::Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(AMOUNT)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        let decimal = Decimal::from_str_exact(text).ok();
        decimal
            .filter(|decimal| *decimal >= Decimal::ZERO)
            .map(Amount)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
