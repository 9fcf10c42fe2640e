//! Bodies that the status of the response tells apart.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::decode::{Answer, Undecoded, json};

/// A documented body of a response. Generated for each type of an error, and for each choice between the bodies of
/// several statuses.
pub trait Body: Sized {
    /// Reads the body of a response with this status.
    ///
    /// # Errors
    /// As [`decode::json`](crate::decode::json); also a status without a documented body.
    fn read(answer: &Answer) -> Result<Self, Undecoded>;
}

/// Implements [`Body`] for types that are the JSON of any status.
#[macro_export]
macro_rules! json_body {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::Body for $type {
            fn read(answer: &$crate::Answer) -> ::std::result::Result<Self, $crate::Undecoded> {
                $crate::decode::json(answer)
            }
        })*
    };
}

json_body!(
    (),
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
    Value,
    NaiveDate,
    DateTime<Utc>,
    Uuid,
    Ipv4Addr,
    Ipv6Addr,
);

impl<T: DeserializeOwned> Body for Vec<T> {
    fn read(answer: &Answer) -> Result<Self, Undecoded> {
        json(answer)
    }
}

impl<T: DeserializeOwned> Body for Option<T> {
    fn read(answer: &Answer) -> Result<Self, Undecoded> {
        json(answer)
    }
}

impl<T: DeserializeOwned> Body for BTreeMap<String, T> {
    fn read(answer: &Answer) -> Result<Self, Undecoded> {
        json(answer)
    }
}
