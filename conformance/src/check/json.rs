//! JSON as a tree, with what parsers pass over: keys that stand twice, and why a text is none.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::rules::Rule;

/// Keys that stood twice in one body; more are not listed.
const DUPLICATES_MAX: usize = 16;

/// A body as a tree.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) value: Value,
    /// Keys that stood twice in one object; the last value counts.
    pub(crate) duplicates: Vec<String>,
}

/// Why a body is no tree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unparsed {
    pub(crate) rule: Rule,
    /// In words, without the body's.
    pub(crate) reason: String,
}

/// Reads one value and nothing after it.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, Unparsed> {
    let text = std::str::from_utf8(bytes).map_err(|error| Unparsed {
        rule: Rule::Utf8Invalid,
        reason: format!("byte {} starts no character", error.valid_up_to()),
    })?;
    let duplicates = RefCell::new(Vec::new());
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Node(&duplicates)
        .deserialize(&mut parser)
        .and_then(|value| parser.end().map(|()| value))
        .map_err(|error| unparsed(&error))?;
    Ok(Parsed {
        value,
        duplicates: duplicates.into_inner(),
    })
}

fn unparsed(error: &serde_json::Error) -> Unparsed {
    let text = error.to_string();
    let rule = if text.starts_with("number out of range") {
        Rule::NumberOutOfRange
    } else if text.starts_with("recursion limit exceeded") {
        Rule::JsonTooDeep
    } else {
        Rule::JsonInvalid
    };
    let reason = text
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned();
    Unparsed { rule, reason }
}

#[derive(Clone, Copy)]
struct Node<'a>(&'a RefCell<Vec<String>>);

impl Node<'_> {
    fn twice(self, key: &str) {
        let mut seen = self.0.borrow_mut();
        if seen.len() < DUPLICATES_MAX && !seen.iter().any(|known| known == key) {
            seen.push(key.to_owned());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        let finite = Number::from_f64(number);
        finite
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            match object.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(mut taken) => {
                    self.twice(taken.key());
                    taken.insert(value);
                }
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_named_and_the_last_value_counts() {
        let parsed = parse(br#"[{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}]"#).unwrap();
        assert_eq!(parsed.value, serde_json::json!([{"a": 3, "b": {"c": 2}}]));
        assert_eq!(parsed.duplicates, ["c", "a"]);
    }

    #[test]
    fn what_is_no_json_says_which_rule_it_breaks() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        for (text, rule) in [
            (&b"{"[..], Rule::JsonInvalid),
            (b"", Rule::JsonInvalid),
            (b"{} {}", Rule::JsonInvalid),
            (b"1e999", Rule::NumberOutOfRange),
            (b"\"\xff\"", Rule::Utf8Invalid),
            (deep.as_bytes(), Rule::JsonTooDeep),
        ] {
            assert_eq!(parse(text).unwrap_err().rule, rule, "{text:?}");
        }
    }
}
