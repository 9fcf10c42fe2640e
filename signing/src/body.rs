//! Reads the final body, whatever JSON it is, and tells what is wrong with it. `plain` is the quick way.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use crate::error::{Place, SigningError, shown};
use crate::explain::Rule;
use crate::fields::{Field, Runs, check_key, check_value};

/// The fields of a JSON object, sorted by key.
pub(crate) fn object(body: &[u8]) -> Result<Runs<'_>, SigningError> {
    let object = parse::<Object<'_>>(body, "one flat JSON object")?;
    let mut runs = Runs::default();
    object.read_into(&mut runs, Place::Body)?;
    Ok(runs)
}

/// The fields of each object of a JSON array, in array order, sorted by key inside each.
pub(crate) fn batch(body: &[u8]) -> Result<Runs<'_>, SigningError> {
    let orders = parse::<Vec<Object<'_>>>(body, "a JSON array of flat objects")?;
    if orders.is_empty() {
        return Err(SigningError::EmptyBatch);
    }
    let mut runs = Runs::default();
    for (at, order) in orders.into_iter().enumerate() {
        order.read_into(&mut runs, Place::BatchOrder(at))?;
    }
    Ok(runs)
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

impl<'a> Object<'a> {
    fn read_into(self, runs: &mut Runs<'a>, place: Place) -> Result<(), SigningError> {
        for (key, raw) in self.0 {
            runs.push(field(key, raw.get(), place)?);
        }
        runs.end_object(place)
    }
}

fn field(key: String, raw: &str, place: Place) -> Result<Field<'_>, SigningError> {
    check_key(&key, place)?;
    let (value, rule) = match raw.bytes().next() {
        Some(b'"') => (unescaped(raw, place)?, Rule::TextField),
        Some(b't' | b'f') => (Cow::Borrowed(raw), Rule::BooleanField),
        Some(b'n') => (Cow::Borrowed(""), Rule::NullField),
        Some(b'{' | b'[') => {
            let key = shown(&key);
            return Err(SigningError::NestedValue { place, key });
        }
        _ if raw.contains(['e', 'E']) => {
            let key = shown(&key);
            return Err(SigningError::ExponentNumber { place, key });
        }
        _ => (Cow::Borrowed(raw), Rule::NumberField),
    };
    check_value(&key, &value, place)?;
    let key = Cow::Owned(key);
    Ok(Field { key, value, rule })
}

/// The text a JSON string stands for. The string is JSON already, so what can fail is half a surrogate pair.
fn unescaped(raw: &str, place: Place) -> Result<Cow<'_, str>, SigningError> {
    let text: String = serde_json::from_str(raw).map_err(|_| SigningError::NotUtf8 { place })?;
    Ok(Cow::Owned(text))
}
