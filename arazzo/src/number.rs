//! Numbers as contracts and exchanges write them: exact decimals, never floats.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::EvaluationError;

/// Whether a text is a number in the grammar of JSON (RFC 8259, 6).
pub(crate) fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = split_exponent(unsigned);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.is_none_or(|it| digits(it.strip_prefix(['+', '-']).unwrap_or(it)));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !leading_zero && fraction.is_none_or(digits) && exponent
}

fn split_exponent(text: &str) -> (&str, Option<&str>) {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    }
}

/// Compares two numbers exactly.
///
/// # Errors
/// One of them has more than 28 digits.
pub(crate) fn compare(left: &str, right: &str) -> Result<Ordering, EvaluationError> {
    if left == right {
        return Ok(Ordering::Equal);
    }
    Ok(decimal(left)?.cmp(&decimal(right)?))
}

/// The exact decimal of a text, with exponent or without.
pub(crate) fn decimal(text: &str) -> Result<Decimal, EvaluationError> {
    let fault = || EvaluationError::Number(text.to_owned());
    if !is_number(text) {
        return Err(fault());
    }
    let (mantissa, exponent) = split_exponent(text);
    let mantissa = Decimal::from_str_exact(mantissa).map_err(|_| fault())?;
    let exponent: i32 = exponent.map_or(Ok(0), str::parse).map_err(|_| fault())?;
    shifted(mantissa, exponent).ok_or_else(fault)
}

fn shifted(mantissa: Decimal, exponent: i32) -> Option<Decimal> {
    if mantissa.is_zero() {
        return Some(mantissa);
    }
    let scale = i64::from(mantissa.scale()) - i64::from(exponent);
    if scale >= 0 {
        return Decimal::try_from_i128_with_scale(mantissa.mantissa(), u32::try_from(scale).ok()?)
            .ok();
    }
    let factor = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
    Decimal::try_from_i128_with_scale(mantissa.mantissa().checked_mul(factor)?, 0).ok()
}
