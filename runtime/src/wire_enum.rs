//! String enums: closed ones refuse what they do not know, open ones keep it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, Visitor};

use crate::text::shown;

/// A string enum of the contract; [`wire_enum!`](crate::wire_enum) implements it.
pub trait WireEnum: Sized {
    /// The enum's name in the contract.
    const NAME: &'static str;
    /// Whether a value outside [`WireEnum::KNOWN`] is kept instead of refused.
    const OPEN: bool;
    /// The values the contract lists, as they stand on the wire.
    const KNOWN: &'static [&'static str];

    /// The variant of a listed value; none for any other.
    fn from_wire(text: &str) -> Option<Self>;

    /// The variant that keeps an unlisted value; none if the enum is closed.
    fn unknown(text: String) -> Option<Self>;

    /// The value as it stands on the wire.
    fn as_str(&self) -> &str;

    /// Whether the value is one the contract does not list.
    fn is_unknown(&self) -> bool;
}

/// A text that is not a value of a closed enum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a value of {name}; use one of {}", known.join(", "))]
#[non_exhaustive]
pub struct ParseEnumError {
    /// The enum's name.
    pub name: &'static str,
    /// The refused text, shortened.
    pub value: String,
    /// The values the enum has.
    pub known: &'static [&'static str],
}

/// The enum's value for a text.
#[doc(hidden)]
pub fn parse<T: WireEnum>(text: &str) -> Result<T, ParseEnumError> {
    T::from_wire(text)
        .or_else(|| T::unknown(text.to_owned()))
        .ok_or_else(|| ParseEnumError {
            name: T::NAME,
            value: shown(text),
            known: T::KNOWN,
        })
}

/// The enum's value from a JSON string.
#[doc(hidden)]
pub fn deserialize<'de, T: WireEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(EnumText(PhantomData))
}

/// Refuses a value the contract does not list.
#[doc(hidden)]
pub fn known<T: WireEnum>(value: &T) -> Result<(), String> {
    if value.is_unknown() {
        return Err(format!(
            "`{}` is not a value of {}",
            shown(value.as_str()),
            T::NAME
        ));
    }
    Ok(())
}

struct EnumText<T>(PhantomData<T>);

impl<T: WireEnum> Visitor<'_> for EnumText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string as {}", T::NAME)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        parse(text).map_err(E::custom)
    }
}

/// The JSON schema: a closed enum lists its values, an open one allows any other string besides.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[must_use]
pub fn schema<T: WireEnum>() -> schemars::Schema {
    if T::OPEN {
        schemars::json_schema!({"anyOf": [{"enum": T::KNOWN}, {"type": "string"}]})
    } else {
        schemars::json_schema!({"type": "string", "enum": T::KNOWN})
    }
}

/// Implements what callers expect of a string enum, given the text of each variant and, for an open enum, the variant
/// that keeps any other text.
///
/// [`WireEnum`], `Display`, `FromStr`, `TryFrom<&str>`, `TryFrom<String>`, `AsRef<str>`, `Serialize`, `Deserialize`,
/// [`Known`](crate::Known) and, with the feature `schemars` of this crate, `JsonSchema`. Reading an open enum from text
/// never fails.
///
/// ```
/// use bpx_runtime::{Known, wire_enum};
///
/// #[derive(Debug, Clone, PartialEq)]
/// enum Status {
///     Open,
///     Unknown(String),
/// }
/// wire_enum! { Status { Open = "Open" } else Unknown }
///
/// let halted: Status = "Halted".parse()?;
/// assert_eq!(halted.to_string(), "Halted");
/// assert_eq!(halted.known(), Err("`Halted` is not a value of Status".to_owned()));
/// # Ok::<(), bpx_runtime::ParseEnumError>(())
/// ```
#[macro_export]
macro_rules! wire_enum {
    (@keep $text:ident) => {{
        let _ = $text;
        None
    }};
    (@keep $text:ident $open:ident) => {
        Some(Self::$open($text))
    };
    ($name:ident { $($variant:ident = $wire:literal),* $(,)? } $(else $open:ident)?) => {
        impl $crate::WireEnum for $name {
            const NAME: &'static str = stringify!($name);
            const OPEN: bool = false $(|| !stringify!($open).is_empty())?;
            const KNOWN: &'static [&'static str] = &[$($wire),*];

            fn from_wire(text: &str) -> Option<Self> {
                Some(match text {
                    $($wire => Self::$variant,)*
                    _ => return None,
                })
            }

            fn unknown(text: String) -> Option<Self> {
                $crate::wire_enum!(@keep text $($open)?)
            }

            fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    $(Self::$open(text) => text,)?
                }
            }

            fn is_unknown(&self) -> bool {
                false $(|| matches!(self, Self::$open(_)))?
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad($crate::WireEnum::as_str(self))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::ParseEnumError;

            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::ParseEnumError> {
                $crate::macros::parse(text)
            }
        }

        impl ::std::convert::TryFrom<&str> for $name {
            type Error = $crate::ParseEnumError;

            fn try_from(text: &str) -> ::std::result::Result<Self, $crate::ParseEnumError> {
                $crate::macros::parse(text)
            }
        }

        impl ::std::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::ParseEnumError;

            fn try_from(text: ::std::string::String) -> ::std::result::Result<Self, $crate::ParseEnumError> {
                $crate::macros::parse(&text)
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                $crate::WireEnum::as_str(self)
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::WireEnum::as_str(self))
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::macros::deserialize(deserializer)
            }
        }

        impl $crate::Known for $name {
            fn known(&self) -> ::std::result::Result<(), ::std::string::String> {
                $crate::macros::known(self)
            }
        }

        $crate::__wire_enum_schema!($name);
    };
}

/// Chosen by this crate's own feature: a `cfg` inside [`wire_enum!`] would ask the crate that expands it.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_enum_schema {
    ($name:ident) => {
        impl $crate::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(<Self as $crate::WireEnum>::NAME)
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(::std::concat!(
                    ::std::module_path!(),
                    "::",
                    ::std::stringify!($name)
                ))
            }

            fn json_schema(_: &mut $crate::schemars::SchemaGenerator) -> $crate::schemars::Schema {
                $crate::macros::schema::<Self>()
            }
        }
    };
}

/// Without the feature there is no schema.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_enum_schema {
    ($name:ident) => {};
}
