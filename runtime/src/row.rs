//! Unions of objects, read in one pass.
//!
//! Where all arms of a tagged union are objects that agree about the fields they share, one row can hold the fields
//! of any arm. It is filled once, whatever place the tag has among the fields, and then becomes the arm that the tag
//! names. Nothing is buffered: an object is read about as fast as a struct.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::Wire;

/// A value in its exact notation (see [`As`](crate::As)), for where serde wants a type.
#[derive(Debug, Clone, PartialEq)]
#[doc(hidden)]
pub struct Exact<T>(pub T);

impl<T: Wire> Serialize for Exact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: Wire> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Text that is borrowed from the input where it can be.
#[derive(Debug)]
#[doc(hidden)]
pub struct Text<'de>(pub Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

/// What absence of a field stands for: a JSON text, as the contract has it.
#[doc(hidden)]
#[must_use]
pub fn default<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// A field that is there, null or not: for fields that tell null from absence.
///
/// # Errors
/// The deserializer's own.
#[doc(hidden)]
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// As [`given`] in the exact notation.
///
/// # Errors
/// Another notation, or the deserializer's own.
#[doc(hidden)]
pub fn given_exactly<'de, T: Wire, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::read(deserializer).map(Some)
}

/// The value of a field that its arm requires.
///
/// # Errors
/// The field is absent or null.
#[doc(hidden)]
pub fn required<T, E: Error>(value: Option<T>, field: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(field))
}

/// The value inside its notation.
#[doc(hidden)]
pub fn plain<T>(value: Option<Exact<T>>) -> Option<T> {
    value.map(|Exact(value)| value)
}

/// Reads a tagged union of objects in one pass.
///
/// ```text
/// tagged_row! {
///     Shape, tag "kind",
///     fields { 6 { radius "radius" Exact<Decimal>, } 4 { side "side" u32, } }
///     arms { "circle" => Shape::Circle(Circle { radius: required(plain(radius), "radius")? }), }
/// }
/// ```
///
/// Fields stand in groups by the length of their name on the wire, which sorts out most of them with one comparison.
/// An arm is built of local variables, one `Option` per field. Other fields are kept for a tag that no arm has.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_row {
    (
        $union:ident, tag $tag:literal,
        fields { $($length:literal { $($field:ident $wire:literal $ty:ty,)* })* }
        arms { $($value:literal => $arm:expr,)* }
    ) => {
        impl<'de> $crate::serde::Deserialize<'de> for $union {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[allow(non_camel_case_types, reason = "the fields' own names")]
                enum Key {
                    Tag__,
                    Other__(String),
                    $($($field,)*)*
                }

                struct KeyVisitor;

                impl $crate::serde::de::Visitor<'_> for KeyVisitor {
                    type Value = Key;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("a field's name")
                    }

                    fn visit_str<E: $crate::serde::de::Error>(self, text: &str) -> Result<Key, E> {
                        Ok(match text.len() {
                            $($length => match text {
                                $($wire => Key::$field,)*
                                $tag => Key::Tag__,
                                _ => Key::Other__(text.to_owned()),
                            },)*
                            _ if text == $tag => Key::Tag__,
                            _ => Key::Other__(text.to_owned()),
                        })
                    }
                }

                impl<'de> $crate::serde::Deserialize<'de> for Key {
                    fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        deserializer.deserialize_identifier(KeyVisitor)
                    }
                }

                struct Object;

                impl<'de> $crate::serde::de::Visitor<'de> for Object {
                    type Value = $union;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(concat!("an object with `", $tag, "`"))
                    }

                    fn visit_map<M: $crate::serde::de::MapAccess<'de>>(self, mut map: M) -> Result<$union, M::Error> {
                        use $crate::serde::de::Error as _;
                        let mut tag: Option<$crate::macros::Text<'de>> = None;
                        let mut others = Vec::new();
                        $($(let mut $field: Option<$ty> = None;)*)*
                        while let Some(key) = map.next_key()? {
                            match key {
                                $($(Key::$field => {
                                    if $field.is_some() {
                                        return Err(M::Error::duplicate_field($wire));
                                    }
                                    $field = map.next_value()?;
                                })*)*
                                Key::Tag__ => {
                                    if tag.is_some() {
                                        return Err(M::Error::duplicate_field($tag));
                                    }
                                    tag = Some(map.next_value()?);
                                }
                                Key::Other__(name) => others.push((name, map.next_value()?)),
                            }
                        }
                        let tag = tag.ok_or_else(|| M::Error::missing_field($tag))?;
                        Ok(match &*tag.0 {
                            $($value => $arm,)*
                            _ => {
                                let mut object: $crate::serde_json::Map<_, _> = others.into_iter().collect();
                                object.insert($tag.to_owned(), tag.0.into_owned().into());
                                $($(if let Some(value) = $field {
                                    let value = $crate::serde_json::to_value(value).map_err(M::Error::custom)?;
                                    object.insert($wire.to_owned(), value);
                                })*)*
                                $union::Unknown(object.into())
                            }
                        })
                    }
                }

                $crate::macros::read_row(deserializer, $tag, Object, $union::Unknown)
            }
        }
    };
}
