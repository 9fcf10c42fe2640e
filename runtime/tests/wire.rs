//! The venue's notations, read and written at any depth.

use std::collections::BTreeMap;

use bpx_runtime::{As, Decimal, NaiveDateTime, Wire, serde_json};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read<T: Wire>(value: &Value) -> Result<T, String> {
    As::<T>::deserialize(value).map_err(|error| error.to_string())
}

fn write<T: Wire>(value: &T) -> Result<Value, String> {
    As::<T>::serialize(value, serde_json::value::Serializer).map_err(|error| error.to_string())
}

fn round_trip<T: Wire>(value: &Value) -> Result<Value, String> {
    write(&read::<T>(value)?)
}

#[test]
fn a_decimal_keeps_every_digit_and_its_scale() {
    for text in [
        "0",
        "0.0",
        "7",
        "-7",
        "1.50",
        "0.00000001",
        "-0.10",
        "100000000",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "7.9228162514264337593543950335",
        "0.0000000000000000000000000001",
        "1.0000000000000000000000000000",
    ] {
        assert_eq!(
            round_trip::<Decimal>(&json!(text)),
            Ok(json!(text)),
            "{text}"
        );
    }
}

#[test]
fn a_decimal_is_a_string_of_plain_digits_and_nothing_else() {
    for text in [
        "", " ", "-", "+1", "1.", ".5", "-.5", "1e5", "1E5", "1_000", "1,5", "01", "00", "-01.5",
        "0x1", " 1", "1 ", "1.5.5", "--1", "1-", "NaN", "inf", "٣", "1.٣", "80%", "1\u{0}",
    ] {
        let error = read::<Decimal>(&json!(text)).expect_err(text);
        assert!(
            error.contains("expected a decimal string"),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_json_number_is_not_a_decimal() {
    for value in [
        json!(1),
        json!(1.5),
        json!(-1),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
    ] {
        let error = read::<Decimal>(&value).expect_err("not a string");
        assert!(
            error.contains("expected a decimal string"),
            "{value}: {error}"
        );
    }
}

#[test]
fn a_decimal_that_would_be_rounded_is_refused_with_the_limit() {
    for text in [
        "79228162514264337593543950336",
        "0.00000000000000000000000000001",
        "1.00000000000000000000000000001",
        "7.9228162514264337593543950336",
        "12345678901234567890123456789.5",
        "99999999999999999999999999999999999999999999999999",
    ] {
        let error = read::<Decimal>(&json!(text)).expect_err(text);
        assert!(error.contains("96 bits"), "{text}: {error}");
    }
}

#[test]
fn trailing_fraction_zeros_are_dropped_only_to_fit() {
    for (text, expected) in [
        ("1.500", "1.500"),
        ("1.50000000000000000000000000000000", "1.5"),
        (
            "79228162514264337593543950335.0",
            "79228162514264337593543950335",
        ),
        ("-3.00000000000000000000000000000000000", "-3"),
        ("0.00000000000000000000000000000000000", "0"),
    ] {
        assert_eq!(
            round_trip::<Decimal>(&json!(text)),
            Ok(json!(expected)),
            "{text}"
        );
    }
}

#[test]
fn a_negative_zero_is_zero_and_keeps_its_scale() {
    assert_eq!(round_trip::<Decimal>(&json!("-0")), Ok(json!("0")));
    assert_eq!(round_trip::<Decimal>(&json!("-0.00")), Ok(json!("0.00")));
    let mut zero = Decimal::ZERO;
    zero.set_sign_negative(true);
    assert_eq!(write(&zero), Ok(json!("0")));
}

#[test]
fn a_refusal_repeats_only_the_start_of_a_long_text() {
    for text in [
        "x".repeat(100_000),
        "9".repeat(100_000),
        format!("0.{}1", "0".repeat(100_000)),
    ] {
        let error = read::<Decimal>(&json!(text)).expect_err("too long");
        assert!(error.len() < 250, "{} bytes", error.len());
    }
}

#[test]
fn a_date_time_is_read_strictly() {
    for (text, expected) in [
        ("2025-09-11T20:10:40", "2025-09-11T20:10:40"),
        ("2025-09-11T20:10:40.699", "2025-09-11T20:10:40.699"),
        ("2025-09-11T20:10:40.6", "2025-09-11T20:10:40.600"),
        ("2025-09-11T20:10:40.000001", "2025-09-11T20:10:40.000001"),
        (
            "2025-09-11T20:10:40.123456789",
            "2025-09-11T20:10:40.123456789",
        ),
        ("2025-09-11T20:10:40.000", "2025-09-11T20:10:40"),
        ("2024-02-29T23:59:59", "2024-02-29T23:59:59"),
        ("0000-01-01T00:00:00", "0000-01-01T00:00:00"),
        (
            "9999-12-31T23:59:59.999999999",
            "9999-12-31T23:59:59.999999999",
        ),
    ] {
        assert_eq!(
            round_trip::<NaiveDateTime>(&json!(text)),
            Ok(json!(expected)),
            "{text}"
        );
    }
}

#[test]
fn another_notation_of_a_date_time_is_refused() {
    for text in [
        "",
        "2025-09-11",
        "2025-09-11 20:10:40",
        "2025-09-11T20:10:40Z",
        "2025-09-11T20:10:40+00:00",
        "2025-09-11T20:10",
        "2025-09-11T20:10:40.",
        "2025-09-11T20:10:40.1234567890",
        "2025-09-11T20:10:40.1x",
        "2025-9-11T20:10:40",
        "12025-09-11T20:10:40",
        "+2025-09-11T20:10:40",
        "+202-09-11T20:10:40",
        "2025- 9-11T20:10:40",
        "2025-09-11T20:10: 0",
        " 2025-09-11T20:10:40",
        "2025-02-29T00:00:00",
        "2025-13-01T00:00:00",
        "2025-01-01T24:00:00",
        "2016-12-31T23:59:60",
        "2016-12-31T23:59:60.5",
        "2025-01-01t00:00:00",
        "२०२५-09-11T20:10:40",
        "2025-01-01T00:00:0é",
    ] {
        let error = read::<NaiveDateTime>(&json!(text)).expect_err(text);
        assert!(error.contains("YYYY-MM-DDTHH:MM:SS"), "{text}: {error}");
    }
    assert!(read::<NaiveDateTime>(&json!(1_700_000_000)).is_err());
}

#[test]
fn a_date_time_that_cannot_be_expressed_is_not_written() {
    let leap = NaiveDateTime::parse_from_str("2016-12-31T23:59:60", "%Y-%m-%dT%H:%M:%S").unwrap();
    for value in [leap, NaiveDateTime::MAX, NaiveDateTime::MIN] {
        assert!(write(&value).is_err(), "{value}");
    }
}

#[test]
fn options_lists_maps_and_boxes_nest() {
    type Deep = BTreeMap<String, Option<Vec<Box<Decimal>>>>;
    let value = json!({"a": ["1.50", "2"], "b": null, "c": []});
    assert_eq!(round_trip::<Deep>(&value), Ok(value));
    let error = read::<Deep>(&json!({"a": ["1", 2]})).expect_err("a number");
    assert!(error.contains("expected a decimal string"), "{error}");
    assert_eq!(round_trip::<Vec<NaiveDateTime>>(&json!([])), Ok(json!([])));
}

proptest! {
    #[test]
    fn any_decimal_survives_the_way_out_and_back(mantissa in any::<i128>(), scale in 0_u32..=28) {
        let value = Decimal::from_i128_with_scale(mantissa >> 32, scale);
        let back = read::<Decimal>(&write(&value).unwrap()).unwrap();
        prop_assert_eq!((back, back.scale()), (value, value.scale()));
    }

    #[test]
    fn a_plain_decimal_is_read_exactly_or_refused(text in "-?(0|[1-9][0-9]{0,32})(\\.[0-9]{1,32})?") {
        if let Ok(value) = read::<Decimal>(&json!(text)) {
            let unsigned = text.trim_start_matches('-');
            let written = value.abs().to_string();
            let zeros = unsigned.strip_prefix(written.as_str());
            prop_assert!(zeros.is_some_and(|rest| rest.trim_matches(['.', '0']).is_empty()), "{} {}", text, written);
        }
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>()) {
        let _ = read::<Decimal>(&json!(text));
        let _ = read::<NaiveDateTime>(&json!(text));
    }
}
