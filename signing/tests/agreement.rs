//! A slow second derivation, written apart from the crate, agrees with it on random flat objects and queries.

#![cfg(test)]

mod common;

use std::collections::BTreeMap;

use bpx_signing::{Key, SigningError, SigningString, verify};
use common::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_ORDER, SEED};
use proptest::prelude::*;

/// A JSON value with the text that must be signed for it.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Number(String),
    Boolean(bool),
    Null,
}

impl Value {
    fn json(&self, escape_all: bool) -> String {
        match self {
            Self::Text(text) => json_text(text, escape_all),
            Self::Number(digits) => digits.clone(),
            Self::Boolean(value) => value.to_string(),
            Self::Null => "null".to_owned(),
        }
    }

    fn signed(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(digits) => Some(digits.clone()),
            Self::Boolean(value) => Some(value.to_string()),
            Self::Null => None,
        }
    }
}

fn json_text(text: &str, escape_all: bool) -> String {
    let mut json = String::from("\"");
    for unit in text.chars() {
        match unit {
            '"' | '\\' if !escape_all => json.extend(['\\', unit]),
            _ if escape_all => unit
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|u| json += &format!("\\u{u:04x}")),
            _ => json.push(unit),
        }
    }
    json + "\""
}

/// Spread out, or as clients write it.
fn json_object(fields: &[(String, Value)], escape_all: bool, is_compact: bool) -> String {
    let (colon, comma, end) = if is_compact {
        (":", ",", "")
    } else {
        (" : ", " ,\t", "\n")
    };
    let members: Vec<String> = fields
        .iter()
        .map(|(key, value)| {
            format!(
                "{}{colon}{}",
                json_text(key, escape_all),
                value.json(escape_all)
            )
        })
        .collect();
    format!("{{{}{end}}}", members.join(comma))
}

/// The slow derivation: one `k=v` at a time, always taking the smallest key that is left.
fn slow_pairs(fields: &[(String, Value)]) -> String {
    let mut left: BTreeMap<Vec<u8>, &Value> = fields
        .iter()
        .map(|(key, value)| (key.clone().into_bytes(), value))
        .collect();
    let mut string = String::new();
    while let Some((key, value)) = left.pop_first() {
        if let Some(value) = value.signed() {
            string = format!("{string}&{}={value}", String::from_utf8(key).unwrap());
        }
    }
    string
}

/// Text that may be signed: anything but '&' and control characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9._]{0,12}",
        "[^&\\p{Cc}]{0,12}",
        Just("80%".to_owned()),
        Just("\"\\".to_owned())
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][A-Za-z]{0,10}", "[^&=\\p{Cc}]{1,8}"].prop_filter("reserved", |key| {
        !["instruction", "timestamp", "window"].contains(&key.as_str())
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::Text),
        "(-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?)".prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        Just(Value::Null),
    ]
}

/// Fields with distinct keys, in random order.
fn fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::hash_map(key(), value(), 0..8).prop_map(|map| map.into_iter().collect())
}

fn percent_encoded(text: &str, plus_for_space: bool) -> String {
    let byte = |byte: u8| match byte {
        b' ' if plus_for_space => "+".to_owned(),
        b'a'..=b'z' => char::from(byte).to_string(),
        _ if byte.is_multiple_of(2) => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn ours(
    operation: &bpx_signing::SignedOperation,
    query: Option<&str>,
    body: Option<&str>,
) -> Result<SigningString, SigningError> {
    SigningString::new(
        operation,
        query,
        body.map(str::as_bytes),
        1_750_793_021_519,
        5_000,
    )
}

const TAIL: &str = "&timestamp=1750793021519&window=5000";

proptest! {
    #[test]
    fn random_flat_objects_agree(fields in fields(), escape_all: bool, is_compact: bool) {
        let string = ours(&EXECUTE_ORDER, None, Some(&json_object(&fields, escape_all, is_compact))).unwrap();
        prop_assert_eq!(string.as_str(), format!("instruction=orderExecute{}{TAIL}", slow_pairs(&fields)));
    }

    #[test]
    fn random_batches_agree(orders in prop::collection::vec(fields(), 1..5), is_compact: bool) {
        let objects: Vec<_> = orders.iter().map(|order| json_object(order, false, is_compact)).collect();
        let string = ours(&EXECUTE_ORDER_BATCH, None, Some(&format!("[{}]", objects.join(",")))).unwrap();
        let slow: Vec<_> = orders.iter().map(|order| format!("instruction=orderExecute{}", slow_pairs(order))).collect();
        prop_assert_eq!(string.as_str(), format!("{}{TAIL}", slow.join("&")));
    }

    #[test]
    fn random_queries_agree_and_repeated_keys_keep_their_order(
        pairs in prop::collection::vec((prop_oneof![Just("marketType".to_owned()), key()], text()), 1..8),
        plus: bool,
    ) {
        let raw: Vec<_> = pairs
            .iter()
            .map(|(key, value)| format!("{}={}", percent_encoded(key, plus), percent_encoded(value, plus)))
            .collect();
        let mut groups: BTreeMap<&[u8], Vec<String>> = BTreeMap::new();
        for (key, value) in &pairs {
            groups.entry(key.as_bytes()).or_default().push(format!("&{key}={value}"));
        }
        let slow: String = groups.into_values().flatten().collect();
        let string = ours(&GET_ORDER, Some(&raw.join("&")), None).unwrap();
        prop_assert_eq!(string.as_str(), format!("instruction=orderQuery{slow}{TAIL}"));
    }

    #[test]
    fn what_is_signed_verifies_and_a_changed_byte_does_not(fields in fields(), at: prop::sample::Index) {
        let key = Key::from_base64(SEED).unwrap();
        let string = ours(&EXECUTE_ORDER, None, Some(&json_object(&fields, false, true))).unwrap();
        let signature = key.sign(&string);
        prop_assert_eq!(signature.len(), 88);
        prop_assert!(verify(&key.public_base64(), &signature, string.as_str()).is_ok());
        let at = at.index(string.as_str().chars().count());
        let changed: String = string.as_str().chars().enumerate().map(|(i, c)| if i == at { '\u{1F980}' } else { c }).collect();
        prop_assert!(verify(&key.public_base64(), &signature, &changed).is_err());
    }
}

/// What the quick way through a body reads, the thorough way reads too, and the other way round: a space in front of
/// a body keeps it off the quick way.
#[test]
fn the_quick_and_the_thorough_way_through_a_body_agree() {
    let bytes = "[\\[\\]{}\",:a-c0-2.\\\\n&=e-]{1,12}";
    let object = "\\{(\"[a-c]{0,2}\":(\"[a-c&=é]{0,2}\"|-?[0-2.]{1,3}|true|false|null|[a-c]|\\{\\}),?){0,4}\\}";
    proptest!(ProptestConfig::with_cases(4_000), |(body in prop_oneof![bytes, object], is_batch: bool)| {
        let (operation, body) = if is_batch {
            (&EXECUTE_ORDER_BATCH, format!("[{body},{body}]"))
        } else {
            (&EXECUTE_ORDER, body)
        };
        let shown = |body: &str| match ours(operation, None, Some(body)) {
            Ok(string) => string.as_str().to_owned(),
            Err(error) => format!("{:?}", std::mem::discriminant(&error)),
        };
        let spaced = format!(" {body}");
        prop_assert_eq!(shown(&body), shown(&spaced), "{}", body);
    });
}

#[test]
fn an_empty_object_and_an_empty_query_sign_the_instruction_alone() {
    let bare = |instruction: &str| format!("instruction={instruction}{TAIL}");
    assert_eq!(
        ours(&EXECUTE_ORDER, None, Some("{}")).unwrap().as_str(),
        bare("orderExecute")
    );
    assert_eq!(
        ours(&GET_ORDER, Some(""), Some("")).unwrap().as_str(),
        bare("orderQuery")
    );
    assert_eq!(
        ours(&GET_ORDER, None, None).unwrap().as_str(),
        bare("orderQuery")
    );
}

#[test]
fn a_key_without_a_value_is_signed_with_an_empty_one() {
    assert_eq!(
        ours(&GET_ORDER, Some("b&a="), None).unwrap().as_str(),
        format!("instruction=orderQuery&a=&b={TAIL}")
    );
}
