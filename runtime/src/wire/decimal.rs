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
        if let Some(value) = quick(text.as_bytes()) {
            return Ok(value);
        }
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

/// Digits a `u64` always holds.
const QUICK_DIGITS_MAX: usize = 19;

/// Nearly every decimal there is, in one pass over its bytes; whatever it does not take, the careful way decides.
fn quick(text: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, text),
    };
    if digits.len() > QUICK_DIGITS_MAX {
        return None;
    }
    let mut mantissa: u64 = 0;
    let mut whole = digits.len();
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' if whole == digits.len() => whole = index,
            _ => return None,
        }
    }
    let scale = digits.len().saturating_sub(whole + 1);
    let has_fraction = scale > 0 || whole == digits.len();
    let has_leading_zero = whole > 1 && digits.first() == Some(&b'0');
    if whole == 0 || !has_fraction || has_leading_zero {
        return None;
    }
    let (low, middle) = (mantissa as u32, (mantissa >> 32) as u32);
    let scale = u32::try_from(scale).ok()?;
    Some(Decimal::from_parts(
        low,
        middle,
        0,
        negative && mantissa != 0,
        scale,
    ))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The careful way alone.
    fn careful(text: &str) -> Option<Decimal> {
        exact(text, fraction_of(text)?).map(positive_zero)
    }

    proptest! {
        #[test]
        fn the_quick_way_says_what_the_careful_way_says(text in "-?[0-9]{0,20}\\.?[0-9]{0,12}|[-+.0-9e_ ]{0,8}") {
            if let Some(value) = quick(text.as_bytes()) {
                let expected = careful(&text);
                prop_assert_eq!(Some(value), expected);
                prop_assert_eq!(Some(value.scale()), expected.map(|it| it.scale()));
                prop_assert_eq!(Some(value.is_sign_negative()), expected.map(|it| it.is_sign_negative()));
            }
        }

        #[test]
        fn common_decimals_go_the_quick_way(whole in 0_u64..1_000_000_000, fraction in "[0-9]{1,9}") {
            let text = format!("{whole}.{fraction}");
            prop_assert_eq!(quick(text.as_bytes()), careful(&text));
            prop_assert!(quick(text.as_bytes()).is_some());
        }
    }
}
