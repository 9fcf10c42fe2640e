//! Decimals and zone-less date-times in their exact notation, at any depth of a type.

mod amount_or_percent;
mod date_time;
mod decimal;
mod lenient;
#[cfg(feature = "schemars")]
mod schema;

pub use self::amount_or_percent::{AmountOrPercent, ParseAmountError};
pub use self::lenient::{Lenient, Notations};

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with = "As::<T>")]`: reads and writes a field of type `T` in its exact notation.
///
/// `T` is [`Decimal`](rust_decimal::Decimal), [`NaiveDateTime`](chrono::NaiveDateTime), or options, lists, string maps
/// and boxes of these. An optional field also needs `#[serde(default)]`, so that absence reads as `None`, like null.
///
/// - A decimal is a JSON string of plain digits: `-?(0|[1-9][0-9]*)(\.[0-9]+)?`. A JSON number is refused. It is read
///   exactly, with its scale (`1.50` stays `1.50`), or refused if it does not fit 96 bits and 28 fraction digits; only
///   trailing fraction zeros may be dropped to fit. A negative zero is read and written as zero.
/// - A date-time is `YYYY-MM-DDTHH:MM:SS` with at most nine fraction digits, without a zone. It is written with
///   0, 3, 6 or 9 fraction digits. Leap seconds and years of more than four digits are refused both ways.
///
/// With the feature `schemars`, `As<T>` has the JSON schema of that notation.
///
/// ```
/// use bpx_runtime::{As, Decimal, serde_json};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Level {
///     #[serde(with = "As::<Decimal>")]
///     price: Decimal,
///     #[serde(default, with = "As::<Option<Decimal>>")]
///     quantity: Option<Decimal>,
/// }
///
/// let level: Level = serde_json::from_str(r#"{"price":"1.50"}"#)?;
/// assert_eq!(serde_json::to_string(&level)?, r#"{"price":"1.50","quantity":null}"#);
/// assert!(serde_json::from_str::<Level>(r#"{"price":1.5}"#).is_err());
/// # Ok::<(), bpx_runtime::serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct As<T>(PhantomData<T>);

impl<T: Wire> As<T> {
    /// Writes the value in its exact notation.
    ///
    /// # Errors
    /// A date-time that the notation cannot express, or the serializer's own error.
    pub fn serialize<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }

    /// Reads a value in its exact notation.
    ///
    /// # Errors
    /// Another notation, or the deserializer's own error.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// A type with a notation of its own on the wire. Implemented here only; used through [`As`].
pub trait Wire: Sized + sealed::Sealed {
    /// Writes the value.
    #[doc(hidden)]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// The JSON schema of the notation.
    #[cfg(feature = "schemars")]
    #[doc(hidden)]
    fn schema() -> schemars::Schema;
}

mod sealed {
    use super::{BTreeMap, Wire};

    pub trait Sealed {}
    impl Sealed for rust_decimal::Decimal {}
    impl Sealed for chrono::NaiveDateTime {}
    impl<T: Wire> Sealed for Option<T> {}
    impl<T: Wire> Sealed for Vec<T> {}
    impl<T: Wire> Sealed for BTreeMap<String, T> {}
    impl<T: Wire> Sealed for Box<T> {}
}

/// Types beside exact ones in a tuple, which have serde's notation.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {
        $(
            impl sealed::Sealed for $type {}
            impl Wire for $type {
                fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    self.serialize(serializer)
                }

                fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Self::deserialize(deserializer)
                }

                #[cfg(feature = "schemars")]
                fn schema() -> schemars::Schema {
                    <$type as schemars::JsonSchema>::json_schema(&mut schemars::SchemaGenerator::default())
                }
            }
        )+
    };
}

plain!(
    bool,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
    f64,
    String,
    serde_json::Value
);

macro_rules! tuples {
    ($($item:ident $place:tt),+) => {
        impl<$($item: Wire),+> sealed::Sealed for ($($item,)+) {}
        impl<$($item: Wire),+> Wire for ($($item,)+) {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                ($(Out(&self.$place),)+).serialize(serializer)
            }

            fn read<'de, De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                let read = <($(In<$item>,)+)>::deserialize(deserializer)?;
                Ok(($(read.$place.0,)+))
            }

            #[cfg(feature = "schemars")]
            fn schema() -> schemars::Schema {
                let items = [$($item::schema()),+];
                schemars::json_schema!({
                    "type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len(),
                })
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// A borrowed value that serde can write.
struct Out<'a, T>(&'a T);

impl<T: Wire> Serialize for Out<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// A value that serde can read.
struct In<T>(T);

impl<'de, T: Wire> Deserialize<'de> for In<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Out).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<In<T>>::deserialize(deserializer)?;
        Ok(value.map(|In(value)| value))
    }

    #[cfg(feature = "schemars")]
    fn schema() -> schemars::Schema {
        schema::nullable(T::schema())
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Out))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<In<T>>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|In(value)| value).collect())
    }

    #[cfg(feature = "schemars")]
    fn schema() -> schemars::Schema {
        schemars::json_schema!({"type": "array", "items": T::schema()})
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, Out(value))))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, In<T>>::deserialize(deserializer)?;
        Ok(values
            .into_iter()
            .map(|(key, In(value))| (key, value))
            .collect())
    }

    #[cfg(feature = "schemars")]
    fn schema() -> schemars::Schema {
        schemars::json_schema!({"type": "object", "additionalProperties": T::schema()})
    }
}

impl<T: Wire> Wire for Box<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::write(self, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self::new)
    }

    #[cfg(feature = "schemars")]
    fn schema() -> schemars::Schema {
        T::schema()
    }
}
