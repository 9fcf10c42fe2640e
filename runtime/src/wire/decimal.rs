//! Decimals: JSON strings of plain digits, read exactly.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use super::Wire;
use crate::text::shown;

impl Wire for Decimal {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&positive_zero(*self))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DecimalText)
    }

    #[cfg(feature = "schemars")]
    fn schema() -> schemars::Schema {
        super::schema::decimal()
    }
}

struct DecimalText;

impl Visitor<'_> for DecimalText {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        let fraction = fraction_of(text).ok_or_else(|| {
            E::custom(format!(
                "`{}` is not a plain decimal, expected a decimal string like `-12.50`",
                shown(text)
            ))
        })?;
        exact(text, fraction).map(positive_zero).ok_or_else(|| {
            E::custom(format!(
                "`{}` does not fit a decimal of 96 bits (28 digits) with at most 28 of them after the point",
                shown(text)
            ))
        })
    }
}

/// The digits after the point (none without one), if the text is `-?(0|[1-9][0-9]*)(\.[0-9]+)?`.
fn fraction_of(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let is_canonical = whole == "0" || !whole.starts_with('0');
    let digits = is_canonical && is_digits(whole) && fraction.is_none_or(is_digits);
    digits.then(|| fraction.unwrap_or_default())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The value with all its digits, or without its trailing fraction zeros if it fits only so.
fn exact(text: &str, fraction: &str) -> Option<Decimal> {
    parse(text, fraction).or_else(|| {
        let fewer = fraction.trim_end_matches('0');
        let dropped = fraction.len() - fewer.len();
        let text = text.get(..text.len() - dropped)?;
        parse(text.trim_end_matches('.'), fewer)
    })
}

/// Parses, and refuses a result that kept fewer fraction digits than the text has.
fn parse(text: &str, fraction: &str) -> Option<Decimal> {
    let value = Decimal::from_str_exact(text).ok()?;
    (usize::try_from(value.scale()) == Ok(fraction.len())).then_some(value)
}

fn positive_zero(mut value: Decimal) -> Decimal {
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value
}
