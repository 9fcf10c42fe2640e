//! A request must not hold a value that the contract does not know.

use std::any::type_name;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::Error;
use crate::request::File;
use crate::text::shown;

/// Whether a value holds only what the contract knows.
///
/// Answers may hold enum values and union arms that are newer than the contract; they are kept as unknown. Sending one
/// back is refused, because nobody has checked what it would mean.
pub trait Known {
    /// Looks for unknown values at any depth.
    ///
    /// # Errors
    /// The path to the first one and what it is: ``orderType: `Iceberg` is not a value of OrderType``.
    fn known(&self) -> Result<(), String>;
}

/// Refuses a parameter or body that holds an unknown value; `name` is what the caller knows it by.
///
/// # Errors
/// [`Error::InvalidRequest`] with `name` and the path to the value.
pub fn known<T: Known, E>(name: &str, value: &T) -> Result<(), Error<E>> {
    value
        .known()
        .map_err(|reason| Error::InvalidRequest(format!("{name}: {reason}")))
}

/// As [`known`] for one field of a value, `name` being the field's name on the wire.
///
/// # Errors
/// The path to the first unknown value, `name` in front.
pub fn known_field<T: Known>(name: &str, value: &T) -> Result<(), String> {
    value.known().map_err(|reason| format!("{name}: {reason}"))
}

/// Turns what a caller gave into a parameter's type.
///
/// # Errors
/// A message that names the parameter and both types, never the value.
pub fn convert<T, V: TryInto<T>>(name: &str, value: V) -> Result<T, String> {
    value.try_into().map_err(|_| {
        let (given, expected) = (short_name(type_name::<V>()), short_name(type_name::<T>()));
        format!("{name}: the given {given} cannot be made into {expected}")
    })
}

/// A type's name without module paths: `Option<OrderType>`.
fn short_name(full: &str) -> String {
    let is_in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    full.split_inclusive(|c| !is_in_path(c))
        .filter_map(|piece| piece.rsplit("::").next())
        .collect()
}

macro_rules! always_known {
    ($($type:ty),+ $(,)?) => {
        $(impl Known for $type {
            fn known(&self) -> Result<(), String> {
                Ok(())
            }
        })+
    };
}

always_known!(
    (), bool, u8, u16, u32, u64, i8, i16, i32, i64, f32, f64, String, Decimal, NaiveDate, NaiveDateTime,
    DateTime<Utc>, Value, Map<String, Value>, Uuid, Ipv4Addr, Ipv6Addr, File,
);

macro_rules! known_tuples {
    ($($item:ident $place:tt),+) => {
        impl<$($item: Known),+> Known for ($($item,)+) {
            fn known(&self) -> Result<(), String> {
                $(self.$place.known().map_err(|reason| format!("[{}]: {reason}", $place))?;)+
                Ok(())
            }
        }
    };
}

known_tuples!(A 0);
known_tuples!(A 0, B 1);
known_tuples!(A 0, B 1, C 2);
known_tuples!(A 0, B 1, C 2, D 3);
known_tuples!(A 0, B 1, C 2, D 3, E 4);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
known_tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

impl<T: Known> Known for Option<T> {
    fn known(&self) -> Result<(), String> {
        self.as_ref().map_or(Ok(()), T::known)
    }
}

impl<T: Known> Known for Box<T> {
    fn known(&self) -> Result<(), String> {
        T::known(self)
    }
}

impl<T: Known> Known for Vec<T> {
    fn known(&self) -> Result<(), String> {
        self.iter().enumerate().try_for_each(|(index, item)| {
            item.known()
                .map_err(|reason| format!("[{index}]: {reason}"))
        })
    }
}

impl<T: Known> Known for BTreeMap<String, T> {
    fn known(&self) -> Result<(), String> {
        self.iter().try_for_each(|(key, value)| {
            value
                .known()
                .map_err(|reason| format!("{}: {reason}", shown(key)))
        })
    }
}
