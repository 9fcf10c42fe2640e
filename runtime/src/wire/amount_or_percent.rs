//! An amount, or a share of one.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::text::shown;
use crate::{As, Known};

/// An amount such as `0.5`, or a share of one such as `80%`: a JSON string, exact as decimals are (see [`As`]).
///
/// ```
/// use bpx_runtime::{AmountOrPercent, Decimal};
///
/// let share: AmountOrPercent = "80%".parse()?;
/// assert_eq!(share, AmountOrPercent::Percent(Decimal::from(80)));
/// assert_eq!(share.to_string(), "80%");
/// # Ok::<(), bpx_runtime::ParseAmountError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmountOrPercent {
    /// So much.
    Amount(Decimal),
    /// So many hundredths of something else.
    Percent(Decimal),
}

/// A text that is neither a decimal nor one with `%` behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a plain decimal such as `0.5` nor a percentage such as `80%`")]
pub struct ParseAmountError(String);

impl FromStr for AmountOrPercent {
    type Err = ParseAmountError;

    fn from_str(text: &str) -> Result<Self, ParseAmountError> {
        let (digits, of): (_, fn(_) -> _) = match text.strip_suffix('%') {
            Some(digits) => (digits, Self::Percent),
            None => (text, Self::Amount),
        };
        let decimal = As::<Decimal>::deserialize(Value::from(digits));
        decimal.map(of).map_err(|_| ParseAmountError(shown(text)))
    }
}

impl From<Decimal> for AmountOrPercent {
    fn from(amount: Decimal) -> Self {
        Self::Amount(amount)
    }
}

impl fmt::Display for AmountOrPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(amount) => amount.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Serialize for AmountOrPercent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AmountOrPercent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Known for AmountOrPercent {
    fn known(&self) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for AmountOrPercent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AmountOrPercent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?%?$"})
    }
}
