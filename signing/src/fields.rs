//! Reads the final query and the final body into fields, and refuses what cannot be signed unambiguously.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use crate::error::{Place, SigningError, shown};
use crate::explain::Rule;

/// Names the signing string uses itself.
const RESERVED_KEYS: [&str; 3] = ["instruction", "timestamp", "window"];

/// One parameter, decoded, with the rule that says how it is signed.
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) rule: Rule,
}

/// The pairs of a raw query, sorted by key; the values of a repeated key keep their order.
pub(crate) fn of_query(query: &str) -> Result<Vec<Field>, SigningError> {
    let mut fields = query
        .split('&')
        .map(query_field)
        .collect::<Result<Vec<_>, _>>()?;
    fields.sort_by(|a, b| a.key.cmp(&b.key));
    let repeated =
        |field: &Field, other: Option<&Field>| other.is_some_and(|other| other.key == field.key);
    let rules: Vec<Rule> = fields
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let before = at.checked_sub(1).and_then(|before| fields.get(before));
            let is_repeated = repeated(field, before) || repeated(field, fields.get(at + 1));
            if is_repeated {
                Rule::RepeatedQueryPair
            } else {
                Rule::QueryPair
            }
        })
        .collect();
    fields
        .iter_mut()
        .zip(rules)
        .for_each(|(field, rule)| field.rule = rule);
    Ok(fields)
}

fn query_field(pair: &str) -> Result<Field, SigningError> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let key = form_decoded(key)?;
    let value = form_decoded(value)?;
    check_key(&key, Place::Query)?;
    check_value(&key, &value, Place::Query)?;
    Ok(Field {
        key,
        value,
        rule: Rule::QueryPair,
    })
}

/// Decodes as a server reads a form: `+` is a space, `%xx` a byte.
fn form_decoded(text: &str) -> Result<String, SigningError> {
    let is_hex = |escape: &str| escape.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !text.split('%').skip(1).all(is_hex) {
        return Err(SigningError::MalformedPercent {
            place: Place::Query,
        });
    }
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| SigningError::NotUtf8 {
            place: Place::Query,
        })
}

/// The fields of a JSON object, sorted by key.
pub(crate) fn of_object(body: &[u8]) -> Result<Vec<Field>, SigningError> {
    parse::<Object<'_>>(body, "one flat JSON object")
        .and_then(|object| object.into_fields(Place::Body))
}

/// The fields of each object of a JSON array, in array order, sorted by key inside each.
pub(crate) fn of_batch(body: &[u8]) -> Result<Vec<Vec<Field>>, SigningError> {
    let orders = parse::<Vec<Object<'_>>>(body, "a JSON array of flat objects")?;
    if orders.is_empty() {
        return Err(SigningError::EmptyBatch);
    }
    orders
        .into_iter()
        .enumerate()
        .map(|(at, order)| order.into_fields(Place::BatchOrder(at)))
        .collect()
}

fn parse<'a, T: Deserialize<'a>>(
    body: &'a [u8],
    expected: &'static str,
) -> Result<T, SigningError> {
    let text = str::from_utf8(body).map_err(|_| SigningError::NotUtf8 { place: Place::Body })?;
    // serde_json's own message may quote a value, so only the place is taken over.
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Data => SigningError::WrongShape {
                expected,
                line,
                column,
            },
            Category::Syntax | Category::Eof | Category::Io => {
                SigningError::NotJson { line, column }
            }
        }
    })
}

/// A JSON object as it was written: every field in order, duplicates included, values untouched.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Object(fields))
    }
}

impl Object<'_> {
    fn into_fields(self, place: Place) -> Result<Vec<Field>, SigningError> {
        let mut fields = self
            .0
            .into_iter()
            .map(|(key, raw)| body_field(key, raw.get(), place))
            .collect::<Result<Vec<_>, _>>()?;
        fields.sort_by(|a, b| a.key.cmp(&b.key));
        let twice = fields
            .iter()
            .zip(fields.iter().skip(1))
            .find(|(a, b)| a.key == b.key);
        match twice {
            Some((field, _)) => Err(SigningError::DuplicateKey {
                place,
                key: shown(&field.key),
            }),
            None => Ok(fields),
        }
    }
}

fn body_field(key: String, raw: &str, place: Place) -> Result<Field, SigningError> {
    check_key(&key, place)?;
    let (value, rule) = match raw.bytes().next() {
        Some(b'"') => (unescaped(raw, place)?, Rule::TextField),
        Some(b't' | b'f') => (raw.to_owned(), Rule::BooleanField),
        Some(b'n') => (String::new(), Rule::NullField),
        Some(b'{' | b'[') => {
            return Err(SigningError::NestedValue {
                place,
                key: shown(&key),
            });
        }
        _ if raw.contains(['e', 'E']) => {
            return Err(SigningError::ExponentNumber {
                place,
                key: shown(&key),
            });
        }
        _ => (raw.to_owned(), Rule::NumberField),
    };
    check_value(&key, &value, place)?;
    Ok(Field { key, value, rule })
}

/// The text a JSON string stands for. The string is JSON already, so what can fail is half a surrogate pair.
fn unescaped(raw: &str, place: Place) -> Result<String, SigningError> {
    serde_json::from_str(raw).map_err(|_| SigningError::NotUtf8 { place })
}

fn check_key(key: &str, place: Place) -> Result<(), SigningError> {
    if key.is_empty() {
        return Err(SigningError::EmptyKey { place });
    }
    if RESERVED_KEYS.contains(&key) {
        return Err(SigningError::ReservedKey {
            place,
            key: key.to_owned(),
        });
    }
    if key.contains(['&', '=']) || key.contains(char::is_control) {
        return Err(SigningError::ForbiddenCharacter {
            place,
            key: shown(key),
        });
    }
    Ok(())
}

fn check_value(key: &str, value: &str, place: Place) -> Result<(), SigningError> {
    if value.contains('&') || value.contains(char::is_control) {
        return Err(SigningError::ForbiddenCharacter {
            place,
            key: shown(key),
        });
    }
    Ok(())
}
