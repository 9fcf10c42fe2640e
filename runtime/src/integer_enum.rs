//! Enumerations of integers: closed ones refuse what they do not know, open ones keep it.

/// Implements what callers expect of an enumeration of integers, given the number of each variant and, for an open one,
/// the variant that keeps any other number.
///
/// `Display`, `From<…> for i64`, `TryFrom<i64>`, `Serialize`, `Deserialize`, [`Known`](crate::Known) and, with the
/// feature `schemars` of this crate, `JsonSchema`.
///
/// ```
/// use bpx_runtime::{integer_enum, serde_json};
///
/// #[derive(Debug, Clone, PartialEq)]
/// enum State {
///     Pending,
///     Live,
///     Unknown(i64),
/// }
/// integer_enum! { State { Pending = 1, Live = 2 } else Unknown }
///
/// let states: Vec<State> = serde_json::from_str("[2,7]")?;
/// assert_eq!(states, [State::Live, State::Unknown(7)]);
/// assert_eq!(serde_json::to_string(&states)?, "[2,7]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! integer_enum {
    (@other $number:ident) => {{
        let _ = $number;
        None
    }};
    (@other $number:ident $open:ident) => {
        Some(Self::$open($number))
    };
    ($name:ident { $($variant:ident = $number:literal),* $(,)? } $(else $open:ident)?) => {
        impl $name {
            /// The numbers that the contract lists.
            pub const KNOWN: &'static [i64] = &[$($number),*];

            /// The number, as it stands on the wire.
            #[must_use]
            pub fn number(&self) -> i64 {
                match self {
                    $(Self::$variant => $number,)*
                    $(Self::$open(number) => *number,)?
                }
            }

            fn from_number(number: i64) -> ::std::option::Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    other => $crate::integer_enum!(@other other $($open)?),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.number(), f)
            }
        }

        impl ::std::convert::From<$name> for i64 {
            fn from(value: $name) -> i64 {
                value.number()
            }
        }

        impl ::std::convert::TryFrom<i64> for $name {
            type Error = ::std::string::String;

            fn try_from(number: i64) -> ::std::result::Result<Self, ::std::string::String> {
                Self::from_number(number).ok_or_else(|| {
                    ::std::format!("{number} is not a value of {}; use one of {:?}", ::std::stringify!($name), Self::KNOWN)
                })
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.number())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let number = <i64 as $crate::serde::Deserialize>::deserialize(deserializer)?;
                <Self as ::std::convert::TryFrom<i64>>::try_from(number)
                    .map_err($crate::serde::de::Error::custom)
            }
        }

        impl $crate::Known for $name {
            fn known(&self) -> ::std::result::Result<(), ::std::string::String> {
                match Self::KNOWN.contains(&self.number()) {
                    true => Ok(()),
                    false => Err(::std::format!("{} is not a value of {}", self.number(), ::std::stringify!($name))),
                }
            }
        }

        $crate::__integer_enum_schema!($name, false $(|| !::std::stringify!($open).is_empty())?);
    };
}

/// Chosen by this crate's own feature, as for [`wire_enum!`](crate::wire_enum).
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __integer_enum_schema {
    ($name:ident, $open:expr) => {
        impl $crate::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(::std::stringify!($name))
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(::std::concat!(
                    ::std::module_path!(),
                    "::",
                    ::std::stringify!($name)
                ))
            }

            fn json_schema(_: &mut $crate::schemars::SchemaGenerator) -> $crate::schemars::Schema {
                if $open {
                    $crate::schemars::json_schema!({"anyOf": [{"enum": Self::KNOWN}, {"type": "integer"}]})
                } else {
                    $crate::schemars::json_schema!({"type": "integer", "enum": Self::KNOWN})
                }
            }
        }
    };
}

/// Without the feature there is no schema.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __integer_enum_schema {
    ($name:ident, $open:expr) => {};
}
