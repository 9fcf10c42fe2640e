//! Masks amounts and identifiers, so that a recording can be passed on.

use bpx_contract::schema::formats::is_decimal;
use bpx_runtime::{Bytes, Tapped};

/// Members whose text may repeat values of the request.
const TEXTS: [&[u8]; 1] = [b"message"];

/// What happens to amounts and identifiers. Keys, signatures and tokens are never recorded either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Masking {
    /// Amounts and identifiers are recorded as they are.
    #[default]
    Keep,
    /// Each digit becomes a 1: in strings that are decimals or percentages, in numbers of members called `id` or ending in
    /// `Id` or `_id`, and in the member `message`; likewise in queries and in bodies that are not JSON. Type, format, length
    /// and sign stay, so a masked recording checks as the original does. Times and words are kept.
    Mask,
}

impl Masking {
    pub(super) fn applied(self, seen: Tapped) -> Tapped {
        let mut masked = seen;
        masked.query = masked.query.map(|query| query_without_secrets(&query));
        masked.request_body = body_without_secrets(&masked.request_body);
        if self == Self::Keep {
            return masked;
        }
        masked.query = masked.query.map(|query| query_without_digits(&query));
        masked.request_body = body(&masked.request_body);
        masked.response_body = body(&masked.response_body);
        masked
    }
}

/// How the names of secrets end, whatever their case: `password`, `clientSecret`, `twoFactorToken`.
const SECRETS: [&[u8]; 3] = [b"password", b"secret", b"token"];
const HIDDEN: &[u8] = b"***";

/// Whether what a request sends under this name is secret.
fn is_secret(name: &[u8]) -> bool {
    let ends_in = |end: &&[u8]| {
        let start = name.len().checked_sub(end.len());
        let tail = start.and_then(|start| name.get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    SECRETS.iter().any(ends_in)
}

fn query_without_secrets(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name.as_bytes()) => format!("{name}=***"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn body_without_secrets(bytes: &Bytes) -> Bytes {
    if is_json(bytes) {
        return rewritten(bytes, |key, _| {
            let hidden = || [b"\"", HIDDEN, b"\""].concat();
            is_secret(key).then(hidden)
        });
    }
    // A form is written as a query is.
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(char::is_whitespace) => query_without_secrets(text).into(),
        _ => bytes.clone(),
    }
}

/// Whether a member of this name identifies somebody or something.
fn is_identifier(name: &[u8]) -> bool {
    name == b"id" || name.ends_with(b"Id") || name.ends_with(b"_id")
}

fn query_without_digits(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if is_amount(value) => format!("{name}={}", ones(value)),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn is_amount(text: &str) -> bool {
    let number = text
        .strip_suffix('%')
        .or_else(|| text.strip_suffix("%25"))
        .unwrap_or(text);
    is_decimal(number) || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn ones(text: &str) -> String {
    let (text, percent) = match text.strip_suffix("%25") {
        Some(text) => (text, "%25"),
        None => (text, ""),
    };
    let digits = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '1' } else { c });
    digits.chain(percent.chars()).collect()
}

fn ones_in(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(
        bytes
            .iter()
            .map(|byte| if byte.is_ascii_digit() { b'1' } else { *byte }),
    );
}

fn is_json(bytes: &Bytes) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"{") || start.starts_with(b"[")
}

/// A body without the digits of its amounts and identifiers.
pub(super) fn body(bytes: &Bytes) -> Bytes {
    if !is_json(bytes) {
        let mut out = Vec::with_capacity(bytes.len());
        ones_in(bytes, &mut out);
        return out.into();
    }
    rewritten(bytes, |key, token| {
        let text = token
            .strip_prefix(b"\"")
            .and_then(|it| it.strip_suffix(b"\""));
        let is_masked = match text {
            Some(text) => TEXTS.contains(&key) || is_amount(&String::from_utf8_lossy(text)),
            None => is_identifier(key),
        };
        is_masked.then(|| {
            let mut masked = Vec::with_capacity(token.len());
            ones_in(token, &mut masked);
            masked
        })
    })
}

/// Changes strings and numbers of JSON by the name of the member that they stand in. Works token by token, so that
/// everything else stays byte for byte, faults included.
fn rewritten(bytes: &Bytes, change: impl Fn(&[u8], &[u8]) -> Option<Vec<u8>>) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest: &[u8] = bytes;
    let mut key: &[u8] = b"";
    while let Some(first) = rest.first() {
        let (token, after) = rest
            .split_at_checked(token_length(rest))
            .unwrap_or((rest, b""));
        let is_text = *first == b'"';
        let is_value = is_text || matches!(first, b'0'..=b'9' | b'-');
        let changed = if is_text && after.trim_ascii_start().starts_with(b":") {
            let inner = token.strip_prefix(b"\"");
            key = inner
                .and_then(|it| it.strip_suffix(b"\""))
                .unwrap_or_default();
            None
        } else {
            change(key, token).filter(|_| is_value)
        };
        out.extend_from_slice(changed.as_deref().unwrap_or(token));
        rest = after;
    }
    out.into()
}

/// Length of a string, a number, or one byte of anything else.
fn token_length(rest: &[u8]) -> usize {
    match rest.first() {
        Some(b'"') => {
            let mut escaped = false;
            let end = rest.iter().skip(1).position(|byte| {
                let ends = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        }
        Some(b'0'..=b'9' | b'-') => {
            let in_number =
                |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
            rest.iter().take_while(in_number).count()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_requests_are_never_recorded() {
        for (sent, recorded) in [
            (
                r#"{"address":"a1","twoFactorToken":"123456","n":[{"Password":7,"x":1}]}"#,
                r#"{"address":"a1","twoFactorToken":"***","n":[{"Password":"***","x":1}]}"#,
            ),
            (
                "user=a&client_secret=b%20c&x=1",
                "user=a&client_secret=***&x=1",
            ),
            ("token: a", "token: a"),
            (
                r#"{"tokens":"a","secretary":"b"}"#,
                r#"{"tokens":"a","secretary":"b"}"#,
            ),
        ] {
            let hidden = body_without_secrets(&Bytes::from_static(sent.as_bytes()));
            assert_eq!(String::from_utf8_lossy(&hidden), recorded);
        }
        assert_eq!(
            query_without_secrets("a=1&accessToken=x&b"),
            "a=1&accessToken=***&b"
        );
    }

    fn masked(text: &str) -> String {
        String::from_utf8(body(&Bytes::copy_from_slice(text.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn amounts_and_identifiers_lose_their_digits_and_keep_their_form() {
        let pet = r#"{"id":"11178", "price": "-20.10","ownerId":4294967295,"tag_id":7,"createdAt":1757621440699,"share":"80%","name":"2nd Rex","idea":5}"#;
        let expected = r#"{"id":"11111", "price": "-11.11","ownerId":1111111111,"tag_id":1,"createdAt":1757621440699,"share":"11%","name":"2nd Rex","idea":5}"#;
        assert_eq!(masked(pet), expected);
        assert_eq!(
            masked(r#"{"message":"Price 20.1 \"too\" far"}"#),
            r#"{"message":"Price 11.1 \"too\" far"}"#
        );
        assert_eq!(masked("failed at 20.10"), "failed at 11.11");
        assert_eq!(masked("{\"cut\": \"12"), "{\"cut\": \"12");
        assert_eq!(
            query_without_digits("name=Rex&petId=28&q=80%25"),
            "name=Rex&petId=11&q=11%25"
        );
    }
}
