//! Exact decimals as they travel: JSON strings of plain digits, never an exponent, never a float.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal on the wire. Reading is strict about the form and leaves sign and size to the caller;
/// writing drops trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) Decimal);

/// Reads `12`, `0.5`, `-3`; refuses exponents, signs other than a minus, underscores and bare points.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| Decimal::from_str(text).ok())?
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unexpected =
            || D::Error::invalid_value(Unexpected::Str(&text), &"a plain decimal string");
        parse(&text).map(Self).ok_or_else(unexpected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_decimals_are_read_and_written_without_trailing_zeros() {
        for (sent, written) in [
            ("12", "12"),
            ("1.50", "1.5"),
            ("-3", "-3"),
            ("0.0", "0"),
            ("007", "7"),
        ] {
            let amount: Amount = serde_json::from_value(sent.into()).unwrap();
            assert_eq!(serde_json::to_value(amount).unwrap(), written, "{sent}");
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for text in [
            "", "1e3", "1E3", "+1", "1_000", ".5", "5.", "--1", "-", "NaN", "inf", " 1", "1.2.3",
            "٣",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"9".repeat(40)), None);
    }

    #[test]
    fn more_decimals_than_a_decimal_holds_keep_their_great_scale() {
        assert_eq!(
            parse("1.000000000000000000000000000000001").map(|d| d.scale()),
            Some(28)
        );
    }
}
