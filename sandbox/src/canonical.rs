//! The signing string, rebuilt from the received query or body. Written for this crate alone, so that
//! a client and the exchange cannot share a mistake.
//!
//! Source of the rules: the authentication chapter of the venue's API document.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One JSON object without nesting and without repeated keys, sorted bytewise by key. Values are the text
/// that is signed; `None` is an explicit null, which is not signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FlatObject<'a>(Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>);

/// A key, borrowed from the body where it holds no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for FlatObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatVisitor)
    }
}

struct FlatVisitor;

impl<'de> Visitor<'de> for FlatVisitor {
    type Value = FlatObject<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flat JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FlatObject<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((Key(key), raw)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            let value = signed_text(raw)
                .map_err(|problem| A::Error::custom(format!("`{key}` {problem}")))?;
            fields.push((key, value));
        }
        fields.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        let mut neighbours = fields.iter().zip(fields.iter().skip(1));
        if let Some(((key, _), _)) = neighbours.find(|((left, _), (right, _))| left == right) {
            return Err(A::Error::custom(format!("duplicate field `{key}`")));
        }
        Ok(FlatObject(fields))
    }
}

impl FlatObject<'_> {
    /// Whether each pair says what the object says, too.
    pub(crate) fn holds(&self, pairs: &[(String, String)]) -> bool {
        pairs.iter().all(|(key, value)| {
            let mut fields = self.0.iter();
            fields.any(|(field, text)| field == key && text.as_deref() == Some(value))
        })
    }
}

/// Strings are signed decoded, numbers and booleans exactly as they stand in the body.
fn signed_text(raw: &RawValue) -> Result<Option<Cow<'_, str>>, String> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{' | b'[') => {
            Err("is nested; only text, numbers, booleans and null are allowed".to_owned())
        }
        Some(b'"') => string(text).map(Some),
        Some(b'n') => Ok(None),
        _ => Ok(Some(text.into())),
    }
}

/// A JSON string without its quotes, and decoded where it holds escapes.
fn string(text: &str) -> Result<Cow<'_, str>, String> {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match inner.filter(|inner| !inner.contains('\\')) {
        Some(plain) => Ok(plain.into()),
        None => serde_json::from_str(text)
            .map(Cow::Owned)
            .map_err(|error| error.to_string()),
    }
}

/// The parameters of one request, in the form its operation takes them.
#[derive(Debug)]
pub(crate) enum Signable<'a> {
    /// Decoded query pairs in wire order.
    Query(&'a [(String, String)]),
    Object(FlatObject<'a>),
    Batch(Vec<FlatObject<'a>>),
}

impl Signable<'_> {
    /// How many times the instruction occurs in the signing string.
    pub(crate) fn instruction_count(&self) -> usize {
        match self {
            Self::Query(_) | Self::Object(_) => 1,
            Self::Batch(orders) => orders.len(),
        }
    }

    /// The text the client must have signed. `timestamp` and `window` are the header texts as received.
    pub(crate) fn signing_string(
        &self,
        instruction: &str,
        timestamp: &str,
        window: &str,
    ) -> String {
        let mut text = String::with_capacity(512);
        match self {
            Self::Query(pairs) => query_run(&mut text, instruction, pairs),
            Self::Object(object) => object_run(&mut text, instruction, object),
            Self::Batch(orders) => {
                for order in orders {
                    object_run(&mut text, instruction, order);
                }
            }
        }
        pair(&mut text, "timestamp", timestamp);
        pair(&mut text, "window", window);
        text
    }
}

fn query_run(text: &mut String, instruction: &str, pairs: &[(String, String)]) {
    let mut sorted: Vec<_> = pairs.iter().collect();
    // Stable: the values of a repeated key stay in wire order.
    sorted.sort_by(|(left, _), (right, _)| left.cmp(right));
    pair(text, "instruction", instruction);
    for (key, value) in sorted {
        pair(text, key, value);
    }
}

fn object_run(text: &mut String, instruction: &str, object: &FlatObject<'_>) {
    pair(text, "instruction", instruction);
    for (key, value) in &object.0 {
        if let Some(value) = value {
            pair(text, key, value);
        }
    }
}

fn pair(text: &mut String, key: &str, value: &str) {
    if !text.is_empty() {
        text.push('&');
    }
    for part in [key, "=", value] {
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(body: &str) -> Result<FlatObject<'_>, serde_json::Error> {
        serde_json::from_str(body)
    }

    fn string(body: &str) -> String {
        Signable::Object(object(body).unwrap()).signing_string("orderExecute", "1", "5000")
    }

    #[test]
    fn keys_are_sorted_bytewise() {
        let signed = string(
            r#"{"symbol":"S","slippageToleranceType":"Percent","slippageTolerance":"1","Z":1,"autoLend":true,"autoBorrow":false}"#,
        );
        assert_eq!(
            signed,
            "instruction=orderExecute&Z=1&autoBorrow=false&autoLend=true&slippageTolerance=1\
             &slippageToleranceType=Percent&symbol=S&timestamp=1&window=5000"
        );
    }

    #[test]
    fn values_are_signed_as_sent_and_nulls_are_left_out() {
        let signed = string(r#"{"a":"1.50","b":1.50,"c":null,"d":"q\"\\ü\u00fc","e": 0 }"#);
        assert_eq!(
            signed,
            "instruction=orderExecute&a=1.50&b=1.50&d=q\"\\üü&e=0&timestamp=1&window=5000"
        );
    }

    #[test]
    fn repeated_query_keys_keep_their_wire_order() {
        let pairs = [
            ("marketType", "SPOT"),
            ("limit", "1"),
            ("marketType", "PERP"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(
            Signable::Query(&pairs).signing_string("x", "1", "2"),
            "instruction=x&limit=1&marketType=SPOT&marketType=PERP&timestamp=1&window=2"
        );
    }

    #[test]
    fn nested_values_repeated_keys_and_other_shapes_are_refused() {
        for body in [
            r#"{"a":{}}"#,
            r#"{"a":[1]}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            "[]",
            "1",
            "",
            "{",
        ] {
            assert!(object(body).is_err(), "{body}");
        }
    }
}
