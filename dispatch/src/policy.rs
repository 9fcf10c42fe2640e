//! The policy: what the operator allows, read from a TOML file.

mod check;
mod operations;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bpx_runtime::Decimal;
use serde::{Deserialize, Deserializer, de};

use crate::Refused;

pub(crate) use check::{Verdict, check, check_known};
pub use operations::{FindOut, OperationRule};
pub(crate) use operations::{check as check_operation, say_how};
pub use rules::RULES;

/// What the operator allows. Everything that is absent is unlimited, but for trading, borrowing, lending and brokers,
/// which are off.
///
/// Amounts are decimals written as text. What order operations cannot tell (tick and step, the last price, the balance)
/// is taken from here. A rule that lacks its data, or meets an order without an upper bound, is noted in
/// [`Settled::notes`](crate::Settled::notes), or refuses where `require_data` is set.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Policy {
    /// Whether anything that changes the account is allowed. The operator's switch is needed too.
    pub trading: bool,
    /// Whether a rule that lacks its data refuses instead of being noted.
    pub require_data: bool,
    /// The markets in which orders may be placed; absent for all.
    pub symbols: Option<Vec<String>>,
    /// The order types that may be placed; absent for all.
    pub order_types: Option<Vec<String>>,
    /// The sides that may be taken; absent for both.
    pub sides: Option<Vec<String>>,
    /// Whether orders may borrow, or pay back what is borrowed.
    pub borrow: bool,
    /// Whether orders may lend, or take back what is lent.
    pub lend: bool,
    /// Whether orders may name a broker.
    pub broker: bool,
    /// Caps for each order.
    pub order: OrderCaps,
    /// Caps for each batch.
    pub batch: BatchCaps,
    /// Caps for each UTC day, over all gateways that share the journal.
    pub day: DayCaps,
    /// What is known of each market.
    pub symbol: BTreeMap<String, Market>,
    /// What is allowed of operations by their ids. One that changes something and that the venue does not know has to
    /// be named, if only by an empty table.
    pub operation: BTreeMap<String, OperationRule>,
    /// What the account holds of each asset; checked for spot orders.
    #[serde(deserialize_with = "amounts")]
    pub balance: BTreeMap<String, Decimal>,
}

/// Caps for each order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct OrderCaps {
    /// Most of the base asset.
    #[serde(deserialize_with = "amount")]
    pub quantity_max: Option<Decimal>,
    /// Most in the quote asset that an order, its stop loss and its take profit come to at worst.
    #[serde(deserialize_with = "amount")]
    pub notional_max: Option<Decimal>,
}

/// Caps for each batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Market {
    /// The price around which the band lies, and at which orders are valued that no limit price bounds.
    #[serde(deserialize_with = "amount")]
    pub reference_price: Option<Decimal>,
    /// How far limit and trigger prices may be from the reference price, and how far from the best price a market order
    /// may trade, in percent.
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
        let refused = |problem: String, fix: &str| Refused::PolicyFile {
            file: origin.to_owned(),
            problem,
            fix: fix.to_owned(),
        };
        let policy: Self = toml::from_str(text)
            .map_err(|error| refused(error.to_string(), "correct the policy file"))?;
        match policy.contradiction() {
            Some((problem, fix)) => Err(refused(problem, &fix)),
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
            file: origin.clone(),
            problem: error.to_string(),
            fix: "name a policy file that can be read, or none".to_owned(),
        })?;
        Self::parse(&text, &origin)
    }

    /// The JSON Schema of policy files: every key with its meaning. Needs the feature `schema`.
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// What is known of a market; nothing where the file does not name it.
    #[must_use]
    pub fn market(&self, symbol: &str) -> &Market {
        const NOTHING: &Market = &Market {
            reference_price: None,
            price_band_percent: None,
            tick: None,
            step: None,
            quantity_min: None,
            quantity_max: None,
        };
        self.symbol.get(symbol).unwrap_or(NOTHING)
    }

    /// What contradicts itself, and what to do about it.
    fn contradiction(&self) -> Option<(String, String)> {
        let listed = |symbol: &&String| {
            let symbols = self.symbols.as_ref();
            symbols.is_some_and(|symbols| !symbols.contains(symbol))
        };
        if let Some(symbol) = self.symbol.keys().find(listed) {
            let problem =
                format!("[symbol.{symbol}] describes a market that `symbols` does not allow");
            return Some((problem, "add it there or take it away here".to_owned()));
        }
        let zero = |market: &&Market| [market.tick, market.step].contains(&Some(Decimal::ZERO));
        if self.symbol.values().any(|market| zero(&market)) {
            let problem = "a `tick` or `step` is 0, of which nothing is a multiple".to_owned();
            return Some((problem, "leave it out".to_owned()));
        }
        let words = [
            ("sides", &self.sides, &["Bid", "Ask"]),
            ("order_types", &self.order_types, &["Limit", "Market"]),
        ];
        words.into_iter().find_map(|(key, given, known)| {
            let mut given = given.iter().flatten();
            let word = given.find(|word| !known.contains(&word.as_str()))?;
            Some((
                format!("`{key}` holds {word:?}"),
                format!("use {}", known.join(" and ")),
            ))
        })
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
