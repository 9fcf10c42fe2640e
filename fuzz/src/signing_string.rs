//! The signing string of an arbitrary query or body.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    unreachable_pub,
    reason = "a check panics: that is what a fuzzer looks for"
)]

use bpx_signing::{Payload, SignedOperation, SigningString};

use super::json::{Object, Reader};

/// Reads the bytes as: which payload, how many bytes of query if there is a body too, and the query or body; builds
/// the signing string and compares.
pub fn check(data: &[u8]) {
    let [kind, query_bytes, rest @ ..] = data else {
        return;
    };
    let (payload, is_both) = match kind % 4 {
        0 => (Payload::Query, false),
        1 => (Payload::Object, false),
        2 => (Payload::Batch, false),
        _ => (Payload::Object, true),
    };
    let (query, body) = match payload {
        Payload::Query => (Some(rest), None),
        _ if is_both => {
            let (query, body) = rest.split_at(rest.len().min(usize::from(*query_bytes)));
            (Some(query), Some(body))
        }
        _ => (None, Some(rest)),
    };
    let Ok(query) = query.map(str::from_utf8).transpose() else {
        return;
    };
    check_one(payload, query, body, i64::from(*query_bytes));
}

/// Builds the signing string and compares it with the slow derivation. Returns whether it was accepted.
pub fn check_one(
    payload: Payload,
    query: Option<&str>,
    body: Option<&[u8]>,
    timestamp_ms: i64,
) -> bool {
    let operation = SignedOperation::new("fuzz", "GET", "/fuzz", "fuzz", payload);
    let explained = SigningString::explain(&operation, query, body, timestamp_ms, 5_000);
    let Ok(string) = SigningString::new(&operation, query, body, timestamp_ms, 5_000) else {
        assert!(explained.is_err(), "explained, but not signed");
        return false;
    };
    let slow = slow_string(payload, query, body, timestamp_ms);
    assert_eq!(Some(string.as_str()), slow.as_deref());
    let parts = explained.expect("what is signed can be explained");
    let signed = parts.iter().filter(|part| part.rule.is_signed());
    let texts: Vec<_> = signed.map(|part| part.text.as_str()).collect();
    assert!(texts.iter().all(|text| !text.contains('&')));
    assert_eq!(string.as_str(), texts.join("&"));
    true
}

/// The slow derivation; `None` where it sees a reason to refuse.
fn slow_string(
    payload: Payload,
    query: Option<&str>,
    body: Option<&[u8]>,
    timestamp_ms: i64,
) -> Option<String> {
    let query = query.filter(|query| !query.is_empty());
    let body = body.filter(|body| !body.is_empty());
    let mut parts = Vec::new();
    match (payload, query, body) {
        (Payload::Query, None, None) => parts.push("instruction=fuzz".to_owned()),
        (Payload::Query, Some(query), None) => add_run(&mut parts, pairs(query)?),
        (Payload::Object, None, Some(body)) => {
            let object = Reader::new(str::from_utf8(body).ok()?).only_object()?;
            add_run(&mut parts, present(object)?);
        }
        (Payload::Batch, None, Some(body)) => {
            for object in Reader::new(str::from_utf8(body).ok()?).only_objects()? {
                add_run(&mut parts, present(object)?);
            }
        }
        _ => return None,
    }
    parts.push(format!("timestamp={timestamp_ms}"));
    parts.push("window=5000".to_owned());
    Some(parts.join("&"))
}

/// One instruction and the pairs, always the first of the smallest keys that are left.
fn add_run(parts: &mut Vec<String>, mut pairs: Vec<(String, String)>) {
    parts.push("instruction=fuzz".to_owned());
    while let Some(smallest) = pairs.iter().map(|(key, _)| key.clone()).min() {
        let at = pairs.iter().position(|(key, _)| *key == smallest);
        let (key, value) = pairs.remove(at.expect("the smallest is among them"));
        parts.push(format!("{key}={value}"));
    }
}

/// The fields that are not null, if all names differ.
fn present(object: Object) -> Option<Vec<(String, String)>> {
    for (at, (key, value)) in object.iter().enumerate() {
        let is_twice = object.iter().skip(at + 1).any(|(other, _)| other == key);
        if is_twice || !may_be_signed(key, value.as_deref().unwrap_or_default()) {
            return None;
        }
    }
    let pairs = object
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    Some(pairs.collect())
}

/// The pairs of a query, decoded byte by byte.
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in query.split('&') {
        let (key, value) = match pair.find('=') {
            Some(at) => (decoded(pair.get(..at)?)?, decoded(pair.get(at + 1..)?)?),
            None => (decoded(pair)?, String::new()),
        };
        if !may_be_signed(&key, &value) {
            return None;
        }
        pairs.push((key, value));
    }
    Some(pairs)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(left.next()?).to_digit(16)?;
                let low = char::from(left.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'#' | b' ' | b';' => return None,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn may_be_signed(key: &str, value: &str) -> bool {
    let is_split = |text: &str| text.chars().any(|c| c == '&' || c.is_control());
    let is_reserved = ["instruction", "timestamp", "window"].contains(&key);
    !(key.is_empty() || is_reserved || key.contains('=') || is_split(key) || is_split(value))
}
