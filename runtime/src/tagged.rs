//! JSON objects that a tag field divides into arms.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::path::{at_path, is_tracking};
use crate::text::reason_without_position;

/// How deep an object may nest, as in the JSON reader. The text is read anew for each arm, which would otherwise start
/// counting from nothing.
const DEPTH_MAX: usize = 128;

/// A tagged JSON object, read once as text and decoded by its tag.
///
/// A union's `Deserialize` reads it, matches [`Tagged::tag`], and decodes the arm straight from the text; no tree of
/// values is built on the way. It works with the readers of `serde_json` only, from text as well as from a [`Value`].
///
/// ```
/// use bpx_runtime::{Tagged, serde, serde_json};
/// use serde::{Deserialize, Deserializer};
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// struct Limit { price: String }
///
/// #[derive(Debug, PartialEq)]
/// enum Order { Limit(Limit), Unknown(serde_json::Value) }
///
/// impl<'de> Deserialize<'de> for Order {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         let object = Tagged::read(deserializer, "orderType")?;
///         match object.tag() {
///             "Limit" => object.arm().map(Self::Limit),
///             _ => object.unknown().map(Self::Unknown),
///         }
///         .or_else(|error| object.unread(error).map(Self::Unknown))
///     }
/// }
///
/// let order: Order = serde_json::from_str(r#"{"orderType":"Limit","price":"1.50"}"#)?;
/// assert_eq!(order, Order::Limit(Limit { price: "1.50".to_owned() }));
/// # Ok::<(), bpx_runtime::serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct Tagged {
    text: Box<RawValue>,
    name: &'static str,
    tag: String,
}

impl Tagged {
    /// Reads one object and finds its tag.
    ///
    /// # Errors
    /// Anything but an object, a tag that is missing, double or not a string, nesting deeper than 128, or the
    /// reader's own error.
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        tag: &'static str,
    ) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if is_too_deep(text.get()) {
            return Err(D::Error::custom(format!(
                "the object with the tag `{tag}` nests deeper than {DEPTH_MAX}"
            )));
        }
        let found = serde_json::Deserializer::from_str(text.get())
            .deserialize_map(FindTag(tag))
            .map_err(|error| D::Error::custom(reason_without_position(&error)))?;
        Ok(Self {
            text,
            name: tag,
            tag: found,
        })
    }

    /// The tag's value.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Decodes the object as the arm the tag stands for. The arm sees the tag as one more field.
    ///
    /// # Errors
    /// What does not fit the arm; inside [`decode::json`](crate::decode::json) with the path to it.
    pub fn arm<T: DeserializeOwned, E: Error>(&self) -> Result<T, E> {
        decode(self.text.get())
    }

    /// As [`Tagged::arm`] with the tag taken out first, for an arm that is a tagged union itself and may keep the whole
    /// object as unknown.
    ///
    /// # Errors
    /// As [`Tagged::arm`].
    pub fn inner_union<T: DeserializeOwned, E: Error>(&self) -> Result<T, E> {
        decode(&self.text_without_tag().map_err(custom)?)
    }

    /// The whole object, tag included, for an arm the contract does not know.
    ///
    /// # Errors
    /// What is not JSON; cannot happen for a text that was read.
    pub fn unknown<E: Error>(&self) -> Result<Value, E> {
        serde_json::from_str(self.text.get()).map_err(custom)
    }

    /// The whole object, if it does not fit the arm its tag stands for and [`decode::json`](crate::decode::json) reads it.
    ///
    /// # Errors
    /// The given one, under any other reader.
    pub fn unread<E: Error>(&self, error: E) -> Result<Value, E> {
        if is_tracking() {
            self.unknown()
        } else {
            Err(error)
        }
    }

    fn text_without_tag(&self) -> serde_json::Result<String> {
        let Members(members) = serde_json::from_str(self.text.get())?;
        let others = members.iter().filter(|(key, _)| key != self.name);
        let mut text = Vec::with_capacity(self.text.get().len());
        serde_json::Serializer::new(&mut text)
            .collect_map(others.map(|(key, value)| (key, value)))?;
        String::from_utf8(text).map_err(serde_json::Error::custom)
    }
}

/// Reads a union of objects by its visitor; under [`decode::json`](crate::decode::json), an object with a tag that does not
/// fit is kept whole.
///
/// # Errors
/// The visitor's own, or the deserializer's.
#[doc(hidden)]
pub fn read_row<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    tag: &str,
    visitor: impl for<'a> Visitor<'a, Value = T>,
    keep: fn(Value) -> T,
) -> Result<T, D::Error> {
    if !is_tracking() {
        return deserializer.deserialize_map(visitor);
    }
    let text = Box::<RawValue>::deserialize(deserializer)?;
    let mut json = serde_json::Deserializer::from_str(text.get());
    json.deserialize_map(visitor).or_else(|error| {
        let object = serde_json::from_str::<Value>(text.get()).ok();
        let object = object.filter(|it| it.get(tag).is_some_and(Value::is_string));
        object.map(keep).ok_or_else(|| custom(error))
    })
}

fn decode<T: DeserializeOwned, E: Error>(text: &str) -> Result<T, E> {
    if !is_tracking() {
        return serde_json::from_str(text).map_err(custom);
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let reason = reason_without_position(error.inner());
        E::custom(at_path(error.path(), &reason))
    })
}

fn custom<E: Error>(error: serde_json::Error) -> E {
    E::custom(reason_without_position(&error))
}

/// Whether a valid JSON text nests deeper than [`DEPTH_MAX`]. Few texts have that many brackets, so most are only counted.
fn is_too_deep(text: &str) -> bool {
    let is_opening = |byte: &u8| matches!(byte, b'{' | b'[');
    text.bytes().filter(is_opening).count() > DEPTH_MAX && depth_exceeds_max(text)
}

fn depth_exceeds_max(text: &str) -> bool {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if is_string {
            is_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// Finds the string behind one key and skips the rest.
struct FindTag(&'static str);

impl<'de> Visitor<'de> for FindTag {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the tag `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut found = None;
        while let Some(is_tag) = map.next_key_seed(IsKey(self.0))? {
            if !is_tag {
                map.next_value::<IgnoredAny>()?;
            } else if found.is_some() {
                return Err(A::Error::custom(format!(
                    "the tag `{}` stands twice",
                    self.0
                )));
            } else {
                found = Some(map.next_value_seed(TagText(self.0))?);
            }
        }
        found.ok_or_else(|| A::Error::custom(format!("the tag `{}` is missing", self.0)))
    }
}

/// Compares a key without keeping it.
struct IsKey(&'static str);

impl<'de> DeserializeSeed<'de> for IsKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// Reads the tag's value, which must be a string.
struct TagText(&'static str);

impl<'de> DeserializeSeed<'de> for TagText {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_string(self)
    }
}

impl Visitor<'_> for TagText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string as the tag `{}`", self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

/// An object's members in their order, the values as text.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
