//! JSON values as they are sent and signed: whole numbers in plain digits.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// A JSON value as it is written in a query, header or path: text as it is, whole numbers in plain digits, lists joined
/// with commas.
#[must_use]
pub fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain_text).collect::<Vec<_>>().join(","),
        other => plain_json(other).to_string(),
    }
}

/// A JSON value with whole numbers in plain digits, as it is sent and signed.
#[must_use]
pub fn plain_json(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let digits = number.as_f64().and_then(whole);
            digits.map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(items) => items.iter().map(plain_json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), plain_json(member)))
            .collect(),
        other => other.clone(),
    }
}

/// A float without a fraction as an integer, as far as 64 bits reach.
fn whole(float: f64) -> Option<i64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "the range is checked first: both bounds are exact powers of two"
    )]
    let integer = (float.fract() == 0.0 && (i64::MIN as f64..-(i64::MIN as f64)).contains(&float))
        .then_some(float as i64);
    integer
}

/// Compact JSON with whole numbers in plain digits.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut json, PlainDigits))?;
    Ok(json)
}

struct PlainDigits;

impl Formatter for PlainDigits {
    fn write_f32<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        match whole(f64::from(value)) {
            Some(whole) => CompactFormatter.write_i64(writer, whole),
            None => CompactFormatter.write_f32(writer, value),
        }
    }

    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match whole(value) {
            Some(whole) => CompactFormatter.write_i64(writer, whole),
            None => CompactFormatter.write_f64(writer, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_in_digits_as_far_as_they_are_whole() {
        for (value, text) in [
            (json!(7.0), "7"),
            (json!(-0.0), "0"),
            (json!(1.5), "1.5"),
            (json!(1e18), "1000000000000000000"),
            (json!(1e300), "1e+300"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(i64::MIN), "-9223372036854775808"),
            (json!(true), "true"),
            (json!(["a", 2.0]), "a,2"),
        ] {
            assert_eq!(plain_text(&value), text);
        }
        let nested = json!({"a": [1.0, {"b": 2.0}], "c": "1.0"});
        assert_eq!(
            plain_json(&nested).to_string(),
            r#"{"a":[1,{"b":2}],"c":"1.0"}"#
        );
        assert_eq!(
            to_json(&nested).unwrap(),
            plain_json(&nested).to_string().as_bytes()
        );
    }
}
