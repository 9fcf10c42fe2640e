//! The formats of strings, as the client reads them, and scalars written as text.

use chrono::{DateTime, NaiveDate, Timelike as _};

use crate::model::{Shape, StringFormat};

/// Whether `text`, as it stands in a query, path or header, is a value of the scalar `shape`. True for all other shapes.
pub fn fits(shape: &Shape, text: &str) -> bool {
    match shape {
        Shape::Boolean => matches!(text, "true" | "false"),
        Shape::Integer(format) => {
            let (least, greatest) = format.bounds();
            let number = text.parse::<i128>();
            number.is_ok_and(|number| (least..=greatest).contains(&number))
        }
        Shape::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
        Shape::String(StringFormat::Decimal) => is_decimal(text),
        Shape::String(StringFormat::NaiveDateTime) => is_naive_date_time(text),
        Shape::String(StringFormat::DateTime) => is_date_time(text),
        _ => true,
    }
}

/// Digits, and a point with digits after it; no exponent, no plus, no leading zero.
pub fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// `YYYY-MM-DDTHH:MM:SS`, with one to nine fraction digits or none, and no zone.
pub fn is_naive_date_time(text: &str) -> bool {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    digits && (1..=9).contains(&fraction.len()) && is_to_the_second(seconds)
}

fn is_to_the_second(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00";
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    };
    if text.len() != shape.len() || !text.bytes().zip(*shape).all(fits) {
        return false;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to);
        digits.and_then(|digits| digits.parse::<u32>().ok())
    };
    let date = || {
        let year = i32::try_from(number(0, 4)?).ok()?;
        NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?.and_hms_opt(
            number(11, 13)?,
            number(14, 16)?,
            number(17, 19)?,
        )
    };
    date().is_some()
}

/// RFC 3339, with a `T` between date and time. A leap second is the last one of a day in UTC (5.7).
pub fn is_date_time(text: &str) -> bool {
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return false;
    }
    let Ok(at) = DateTime::parse_from_rfc3339(text) else {
        return false;
    };
    let is_leap = at.nanosecond() >= 1_000_000_000;
    let at = at.to_utc();
    !is_leap || (at.hour(), at.minute()) == (23, 59)
}

/// Base64 with padding (RFC 4648, 4).
pub fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len().is_multiple_of(4) && padding <= 2 && digits.bytes().all(is_digit)
}

/// Base64 for URLs, with or without padding (RFC 4648, 5).
pub fn is_base64url(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    digits.len() % 4 != 1 && text.len() - digits.len() <= 2 && digits.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_plain_digits() {
        for good in [
            "0",
            "-0",
            "1.50",
            "-12.5",
            "100000000000000000000000000000000.1",
        ] {
            assert!(is_decimal(good), "{good}");
        }
        for bad in [
            "", "-", ".5", "5.", "01", "+1", "1e3", "abc", "1,5", " 1", "NaN",
        ] {
            assert!(!is_decimal(bad), "{bad}");
        }
    }

    #[test]
    fn date_times_have_a_letter_between_date_and_time() {
        for good in ["2025-09-11T20:10:40Z", "2025-09-11t20:10:40.5+02:00"] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in ["2025-09-11 20:10:40Z", "2025-09-11_20:10:40Z", "2025-09-11"] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn date_times_without_zone_exist_on_the_calendar() {
        for good in [
            "2025-09-11T20:10:40",
            "2024-02-29T00:00:00.1",
            "2025-09-11T20:10:40.699123456",
        ] {
            assert!(is_naive_date_time(good), "{good}");
        }
        for bad in [
            "2025-02-29T00:00:00",
            "2025-09-11 20:10:40",
            "2025-09-11T20:10:40Z",
            "2025-09-11T24:00:00",
            "2025-09-11T20:10:60",
            "2025-09-11T20:10:40.",
            "1757621440699",
            "",
        ] {
            assert!(!is_naive_date_time(bad), "{bad}");
        }
    }
}
