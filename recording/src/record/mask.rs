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
        if self == Self::Keep {
            return seen;
        }
        let mut masked = seen;
        masked.query = masked.query.map(|query| query_without_digits(&query));
        masked.request_body = body(&masked.request_body);
        masked.response_body = body(&masked.response_body);
        masked
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

/// Works token by token, so that everything else stays byte for byte, faults included.
fn body(bytes: &Bytes) -> Bytes {
    let is_json =
        bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[");
    let mut out = Vec::with_capacity(bytes.len());
    if !is_json {
        ones_in(bytes, &mut out);
        return out.into();
    }
    let mut rest: &[u8] = bytes;
    let mut key: &[u8] = b"";
    while let Some(first) = rest.first() {
        let (token, after) = rest
            .split_at_checked(token_length(rest))
            .unwrap_or((rest, b""));
        let is_key = *first == b'"' && after.trim_ascii_start().starts_with(b":");
        let inner = token
            .strip_prefix(b"\"")
            .and_then(|it| it.strip_suffix(b"\""));
        match (first, inner) {
            (b'"', Some(inner)) if is_key => {
                key = inner;
                out.extend_from_slice(token);
            }
            (b'"', Some(inner))
                if TEXTS.contains(&key) || is_amount(&String::from_utf8_lossy(inner)) =>
            {
                ones_in(token, &mut out);
            }
            (b'0'..=b'9' | b'-', _) if is_identifier(key) => ones_in(token, &mut out),
            _ => out.extend_from_slice(token),
        }
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
