//! What is never signed, and that no message repeats a value.

mod common;

use bpx_signing::{Place, SignedOperation, SigningError, SigningString, WINDOW_MS_MAX};
use common::{CANCEL_ORDER, EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_ORDER, OPERATIONS};

/// A value that must not appear in any message.
const VALUE: &str = "s3cr3t";

fn string(
    operation: &SignedOperation,
    query: Option<&str>,
    body: Option<&[u8]>,
) -> Result<String, SigningError> {
    SigningString::new(operation, query, body, 1_750_793_021_519, 5_000)
        .map(|string| string.as_str().to_owned())
}

fn object(body: &str) -> Result<String, SigningError> {
    string(&EXECUTE_ORDER, None, Some(body.as_bytes()))
}

fn batch(body: &str) -> Result<String, SigningError> {
    string(&EXECUTE_ORDER_BATCH, None, Some(body.as_bytes()))
}

fn query(query: &str) -> Result<String, SigningError> {
    string(&GET_ORDER, Some(query), None)
}

macro_rules! assert_refused {
    ($result:expr, $variant:pat $(if $guard:expr)?) => {
        match $result {
            Err(error) => {
                assert!(matches!(error, $variant $(if $guard)?), "{error:?}");
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains(VALUE), "{shown}");
                let (problem, fix) = shown.split_once("; ").unwrap();
                assert!(!problem.is_empty() && !fix.is_empty(), "{shown}");
            }
            Ok(text) => panic!("signed: {text}"),
        }
    };
}

#[test]
fn a_body_that_is_not_json_is_refused() {
    for body in [
        r#"{"a":"s3cr3t""#,
        "{a:1}",
        r#"{"a":NaN}"#,
        r#"{"a":01}"#,
        r#"{"a":+1}"#,
        r#"{"a":1}{}"#,
        "s3cr3t",
    ] {
        assert_refused!(object(body), SigningError::NotJson { .. });
    }
}

#[test]
fn a_body_of_another_shape_is_refused() {
    for body in [r#""s3cr3t""#, "null", "1", "[]", r#"[{"a":1}]"#] {
        assert_refused!(object(body), SigningError::WrongShape { .. });
    }
    for body in [
        r#"{"a":"s3cr3t"}"#,
        "null",
        r#"["s3cr3t"]"#,
        "[[]]",
        r#"[{"a":1},null]"#,
    ] {
        assert_refused!(batch(body), SigningError::WrongShape { .. });
    }
}

#[test]
fn the_place_of_a_fault_in_the_json_is_told() {
    let error = object("{\n \"a\": s3cr3t}").unwrap_err();
    assert!(error.to_string().contains("line 2, column 7"), "{error}");
}

#[test]
fn an_empty_batch_is_refused() {
    assert_refused!(batch("[]"), SigningError::EmptyBatch);
    assert_refused!(batch(" [ ] "), SigningError::EmptyBatch);
}

#[test]
fn nested_values_are_refused() {
    for body in [
        r#"{"a":{}}"#,
        r#"{"a":["s3cr3t"]}"#,
        r#"{"z":1,"a":{"b":"s3cr3t"}}"#,
    ] {
        assert_refused!(object(body), SigningError::NestedValue { .. });
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_refused!(object(&deep), SigningError::NestedValue { .. });
    assert_refused!(
        batch(r#"[{"a":1},{"a":[]}]"#),
        SigningError::NestedValue {
            place: Place::BatchOrder(1),
            ..
        }
    );
}

#[test]
fn numbers_with_exponents_are_refused() {
    for body in [
        r#"{"a":1e3}"#,
        r#"{"a":1E3}"#,
        r#"{"a":-1.5e-3}"#,
        r#"{"a":1e999999}"#,
    ] {
        assert_refused!(object(body), SigningError::ExponentNumber { .. });
    }
}

#[test]
fn duplicate_keys_are_refused_however_they_are_written() {
    for body in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":"s3cr3t","b":2,"\u0061":null}"#,
        r#"{"a":null,"a":1}"#,
    ] {
        assert_refused!(
            object(body),
            SigningError::DuplicateKey {
                place: Place::Body,
                ..
            }
        );
    }
    assert!(
        batch(r#"[{"a":1},{"a":1}]"#).is_ok(),
        "the same key in two orders is no duplicate"
    );
}

#[test]
fn empty_keys_are_refused() {
    assert_refused!(
        object(r#"{"":"s3cr3t"}"#),
        SigningError::EmptyKey { place: Place::Body }
    );
    for pairs in ["=s3cr3t", "&", "a=1&", "&a=1", "a=1&&b=2"] {
        assert_refused!(
            query(pairs),
            SigningError::EmptyKey {
                place: Place::Query
            }
        );
    }
}

#[test]
fn reserved_keys_are_refused() {
    for key in ["instruction", "timestamp", "window"] {
        assert_refused!(
            object(&format!(r#"{{"{key}":"s3cr3t"}}"#)),
            SigningError::ReservedKey { .. }
        );
        assert_refused!(
            object(&format!(r#"{{"{key}":null}}"#)),
            SigningError::ReservedKey { .. }
        );
        assert_refused!(
            batch(&format!(r#"[{{"{key}":1}}]"#)),
            SigningError::ReservedKey { .. }
        );
        assert_refused!(
            query(&format!("{key}=s3cr3t")),
            SigningError::ReservedKey { .. }
        );
    }
    assert_refused!(
        object(r#"{"w\u0069ndow":1}"#),
        SigningError::ReservedKey { .. }
    );
    assert_refused!(query("w%69ndow=1"), SigningError::ReservedKey { .. });
}

#[test]
fn pairs_that_could_be_read_as_two_are_refused() {
    for body in [
        r#"{"a":"s3cr3t&b=1"}"#,
        r#"{"a":"s3cr3t\n"}"#,
        r#"{"a":"s3cr3t\u0000"}"#,
        r#"{"a":"s3cr3t\u0085"}"#,
        r#"{"a&b":1}"#,
        r#"{"a=1":"s3cr3t"}"#,
        r#"{"a\t":1}"#,
    ] {
        assert_refused!(object(body), SigningError::ForbiddenCharacter { .. });
    }
    for pairs in ["a=s3cr3t%26b=1", "a=%0A", "a=%7F", "a%26=1", "a%3Db=1"] {
        assert_refused!(
            query(pairs),
            SigningError::ForbiddenCharacter {
                place: Place::Query,
                ..
            }
        );
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    assert_refused!(
        string(&EXECUTE_ORDER, None, Some(b"{\"a\":\"\xff\"}")),
        SigningError::NotUtf8 { .. }
    );
    assert_refused!(object(r#"{"a":"\ud800"}"#), SigningError::NotUtf8 { .. });
    assert_refused!(query("a=%ff"), SigningError::NotUtf8 { .. });
}

#[test]
fn a_percent_sign_without_two_digits_is_refused() {
    for pairs in ["a=80%", "a=%2", "a=%zz", "%=1", "a=%é"] {
        assert_refused!(query(pairs), SigningError::MalformedPercent { .. });
    }
}

#[test]
fn query_characters_that_might_not_arrive_as_they_stand_are_refused() {
    for (pairs, encoded) in [
        ("a=s3cr3t#b", "%23"),
        ("a=b ", "%20"),
        (" a=b", "%20"),
        ("a=1;b=2", "%3B"),
    ] {
        assert_refused!(query(pairs), SigningError::UnencodedCharacter { .. });
        let message = query(pairs).unwrap_err().to_string();
        assert!(message.ends_with(encoded), "{message}");
    }
    let signed = query("a=%23%20%3b").unwrap();
    assert!(signed.contains("&a=# ;&"), "{signed}");
}

#[test]
fn a_query_and_a_body_where_they_do_not_belong_are_refused() {
    let body: &[u8] = br#"{"symbol":"s3cr3t"}"#;
    assert_refused!(
        string(&GET_ORDER, None, Some(body)),
        SigningError::UnexpectedBody { ref operation } if operation == "get_order"
    );
    assert_refused!(
        string(&GET_ORDER, Some("a=1"), Some(body)),
        SigningError::UnexpectedBody { .. }
    );
    assert_refused!(
        string(&CANCEL_ORDER, Some("a=1"), Some(body)),
        SigningError::UnexpectedQuery { .. }
    );
    assert_refused!(
        string(&CANCEL_ORDER, Some("a=1"), None),
        SigningError::UnexpectedQuery { .. }
    );
    assert_refused!(
        string(&CANCEL_ORDER, None, None),
        SigningError::MissingBody { ref operation } if operation == "cancel_order"
    );
    assert_refused!(
        string(&EXECUTE_ORDER_BATCH, None, Some(b"")),
        SigningError::MissingBody { .. }
    );
}

#[test]
fn a_window_or_time_the_venue_would_refuse_is_refused() {
    let with = |timestamp_ms, window_ms| {
        SigningString::new(&GET_ORDER, None, None, timestamp_ms, window_ms)
    };
    for window_ms in [0, WINDOW_MS_MAX + 1, u64::MAX] {
        assert!(
            matches!(
                with(0, window_ms),
                Err(SigningError::WindowOutOfRange { .. })
            ),
            "{window_ms}"
        );
    }
    for window_ms in [1, WINDOW_MS_MAX] {
        assert!(with(0, window_ms).is_ok(), "{window_ms}");
    }
    for timestamp_ms in [-1, i64::MIN] {
        assert!(
            matches!(
                with(timestamp_ms, 1),
                Err(SigningError::NegativeTimestamp { .. })
            ),
            "{timestamp_ms}"
        );
    }
}

#[test]
fn a_long_field_name_is_shortened_in_the_message() {
    let error = object(&format!(r#"{{"{}":[]}}"#, "é".repeat(10_000))).unwrap_err();
    assert!(error.to_string().len() < 300, "{error}");
}

#[test]
fn random_input_never_panics() {
    use proptest::prelude::*;
    let body = prop_oneof![
        any::<Vec<u8>>(),
        "[\\[\\]{}\",:a-e0-9.\\\\+-]{0,40}".prop_map(String::into_bytes)
    ];
    let query = prop_oneof![any::<String>(), "[%&=+a-f0-9]{0,20}"];
    proptest!(|(query in query, body in body, timestamp_ms: i64, window_ms in 0..=WINDOW_MS_MAX + 1, row in 0..OPERATIONS.len())| {
        let _ = SigningString::new(&OPERATIONS[row], Some(&query), Some(&body), timestamp_ms, window_ms);
        let _ = SigningString::new(&OPERATIONS[row], Some(&query), None, timestamp_ms, window_ms);
        let _ = SigningString::new(&OPERATIONS[row], None, Some(&body), timestamp_ms, window_ms);
    });
}
