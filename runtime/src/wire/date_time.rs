//! Date-times without a zone.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use serde::de::Visitor;
use serde::ser::Error as _;
use serde::{Deserializer, Serializer};

use super::Wire;
use crate::text::shown;

const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.f";
/// The fixed part of the notation; `0` stands for any digit.
const TEMPLATE: &[u8] = b"0000-00-00T00:00:00";
const FRACTION_DIGITS_MAX: usize = 9;
const YEAR_MAX: i32 = 9999;
/// From here on, chrono's nanoseconds mean a leap second.
const LEAP_NANOSECOND: u32 = 1_000_000_000;

impl Wire for NaiveDateTime {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_expressible(self) {
            serializer.collect_str(&self.format(FORMAT))
        } else {
            Err(S::Error::custom(format!(
                "the date-time {self} has a leap second or a year outside 0000..=9999, which cannot be sent"
            )))
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DateTimeText)
    }

    #[cfg(feature = "schemars")]
    fn schema() -> schemars::Schema {
        super::schema::naive_date_time()
    }
}

struct DateTimeText;

impl Visitor<'_> for DateTimeText {
    type Value = NaiveDateTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date-time string without a zone")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<NaiveDateTime, E> {
        parse(text).ok_or_else(|| {
            E::custom(format!(
                "`{}` is not a date-time, expected `YYYY-MM-DDTHH:MM:SS` with at most nine fraction digits and no zone",
                shown(text)
            ))
        })
    }
}

/// A date-time with a zone or without one, which is taken for UTC.
pub(super) fn parse_in_any_zone(text: &str) -> Option<DateTime<Utc>> {
    parse(text).map(|naive| naive.and_utc()).or_else(|| {
        let zoned = DateTime::parse_from_rfc3339(text).ok()?;
        Some(zoned.to_utc())
    })
}

/// Read by position: a format string would be looked at for each value, and chrono alone would take spaces, signs,
/// short fields and leap seconds.
fn parse(text: &str) -> Option<NaiveDateTime> {
    let (fixed, fraction) = text.as_bytes().split_at_checked(TEMPLATE.len())?;
    if !has_shape(fixed) || !is_fraction(fraction) {
        return None;
    }
    let number = |from: usize, to: usize| fixed.get(from..to).map(digits);
    let date = NaiveDate::from_ymd_opt(
        number(0, 4)?.try_into().ok()?,
        number(5, 7)?,
        number(8, 10)?,
    )?;
    date.and_hms_nano_opt(
        number(11, 13)?,
        number(14, 16)?,
        number(17, 19)?,
        nanoseconds(fraction),
    )
}

fn digits(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number * 10 + u32::from(byte - b'0'))
}

/// `.25` are 250 million of them.
fn nanoseconds(fraction: &[u8]) -> u32 {
    let padded = fraction
        .iter()
        .skip(1)
        .copied()
        .chain(std::iter::repeat(b'0'));
    padded
        .take(FRACTION_DIGITS_MAX)
        .fold(0, |number, byte| number * 10 + u32::from(byte - b'0'))
}

fn has_shape(fixed: &[u8]) -> bool {
    let fits = |(byte, expected): (&u8, &u8)| match expected {
        b'0' => byte.is_ascii_digit(),
        _ => byte == expected,
    };
    fixed.iter().zip(TEMPLATE).all(fits)
}

fn is_fraction(rest: &[u8]) -> bool {
    match rest.split_first() {
        None => true,
        Some((point, digits)) => {
            *point == b'.'
                && (1..=FRACTION_DIGITS_MAX).contains(&digits.len())
                && digits.iter().all(u8::is_ascii_digit)
        }
    }
}

fn is_expressible(value: &NaiveDateTime) -> bool {
    (0..=YEAR_MAX).contains(&value.year()) && value.nanosecond() < LEAP_NANOSECOND
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_by_position_says_what_chrono_says(
            text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,9})?"
        ) {
            let chrono = NaiveDateTime::parse_from_str(&text, FORMAT).ok().filter(is_expressible);
            prop_assert_eq!(parse(&text), chrono);
        }
    }
}
