//! Values that come in more than one notation, kept as they came.

use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{AmountOrPercent, date_time};
use crate::As;

/// A value of a response, read from whichever notation it came in, and written back as it came.
///
/// Reading never fails, so an odd member costs nothing beside it: what cannot be read has no [`Lenient::value`], and
/// [`Lenient::raw`] shows it. Two are equal if their values are, whatever their notation.
///
/// | `T` | read from |
/// |---|---|
/// | integers | a JSON integer, or its digits as text |
/// | `Decimal`, `AmountOrPercent` | their text, or a JSON integer; a JSON fraction is not exact, so it is not read |
/// | `DateTime<Utc>` | `YYYY-MM-DDTHH:MM:SS` with at most nine fraction digits and a zone or none, which is taken for UTC; milliseconds since the Unix epoch |
///
/// ```
/// use bpx_runtime::{Lenient, serde_json};
///
/// let [number, text]: [Lenient<u32>; 2] = serde_json::from_str(r#"[7,"7"]"#)?;
/// assert_eq!((number.value(), &number), (Some(7), &text));
/// assert_eq!(serde_json::to_string(&[number, text])?, r#"[7,"7"]"#);
/// # Ok::<(), bpx_runtime::serde_json::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lenient<T> {
    value: Option<T>,
    raw: Value,
}

/// A type that [`Lenient`] reads. Implemented here only.
pub trait Notations: Copy + PartialEq {
    #[doc(hidden)]
    fn read(raw: &Value) -> Option<Self>;

    /// The usual notation.
    #[doc(hidden)]
    fn write(self) -> Value;
}

impl<T: Notations> Lenient<T> {
    /// The value; none if what came is not one.
    #[must_use]
    pub fn value(&self) -> Option<T> {
        self.value
    }

    /// What came.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.raw
    }
}

impl<T: Notations> From<T> for Lenient<T> {
    fn from(value: T) -> Self {
        Self {
            value: Some(value),
            raw: value.write(),
        }
    }
}

impl<T: Notations> PartialEq for Lenient<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Some(value), Some(other)) => value == other,
            _ => self.raw == other.raw,
        }
    }
}

impl<T: Notations> PartialEq<T> for Lenient<T> {
    fn eq(&self, other: &T) -> bool {
        self.value == Some(*other)
    }
}

/// As it came; text without its quotes.
impl<T> fmt::Display for Lenient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.raw {
            Value::String(text) => f.pad(text),
            other => other.fmt(f),
        }
    }
}

impl<T> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl<'de, T: Notations> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Value::deserialize(deserializer)?;
        Ok(Self {
            value: T::read(&raw),
            raw,
        })
    }
}

#[cfg(feature = "schemars")]
impl<T> schemars::JsonSchema for Lenient<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lenient".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        true.into()
    }
}

macro_rules! integers {
    ($($integer:ty),+) => {
        $(
            impl Notations for $integer {
                fn read(raw: &Value) -> Option<Self> {
                    match raw {
                        Value::String(text) => text.parse().ok(),
                        other => Self::deserialize(other).ok(),
                    }
                }

                fn write(self) -> Value {
                    self.into()
                }
            }

            /// For parameters that ask for the number itself.
            impl TryFrom<Lenient<$integer>> for $integer {
                type Error = &'static str;

                fn try_from(lenient: Lenient<$integer>) -> Result<Self, Self::Error> {
                    lenient.value.ok_or("it holds no such number")
                }
            }
        )+
    };
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl Notations for Decimal {
    fn read(raw: &Value) -> Option<Self> {
        match raw {
            Value::Number(number) => number.as_i64().map(Self::from),
            text => As::<Self>::deserialize(text).ok(),
        }
    }

    fn write(self) -> Value {
        As::<Self>::serialize(&self, serde_json::value::Serializer).unwrap_or_default()
    }
}

impl Notations for AmountOrPercent {
    fn read(raw: &Value) -> Option<Self> {
        match raw {
            Value::Number(_) => Decimal::read(raw).map(Self::Amount),
            text => Self::deserialize(text).ok(),
        }
    }

    fn write(self) -> Value {
        self.to_string().into()
    }
}

impl Notations for DateTime<Utc> {
    fn read(raw: &Value) -> Option<Self> {
        match raw {
            Value::String(text) => date_time::parse_in_any_zone(text),
            other => Self::from_timestamp_millis(other.as_i64()?),
        }
    }

    fn write(self) -> Value {
        self.to_rfc3339().into()
    }
}
