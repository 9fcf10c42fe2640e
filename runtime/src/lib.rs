#![doc = include_str!("../README.md")]

mod base_url;
mod body;
mod call;
mod connection;
mod credential;
pub mod decode;
mod error;
mod events;
mod follow;
mod integer_enum;
mod known;
mod options;
mod outcome;
mod pace;
mod pages;
mod path;
mod request;
mod retry;
mod row;
pub mod stream;
mod tagged;
mod tap;
mod text;
mod tls;
mod untagged;
mod wire;
mod wire_enum;
mod workflow;

pub use bpx_signing::{
    self as signing, ClockSkew, Key, Payload, SignedOperation, Signer, SigningError,
};
pub use bytes::{self, Bytes};
pub use chrono::{self, DateTime, NaiveDate, NaiveDateTime, Utc};
pub use http::{self, HeaderMap, StatusCode};
pub use progenitor_client::ResponseValue;
pub use reqwest;
pub use rust_decimal::{self, Decimal};
#[cfg(feature = "schemars")]
pub use schemars;
pub use serde;
pub use serde_json;
pub use std::net::{Ipv4Addr, Ipv6Addr};

pub use base_url::ConnectError;
pub use body::Body;
pub use connection::Connection;
pub use credential::Credential;
pub use decode::{Answer, PageHeaders, Undecoded};
pub use error::Error;
pub use events::{EventError, Events};
pub use follow::Follow;
pub use futures_core;
pub use known::{Known, convert, known, known_field};
pub use options::{Options, PrepareClient, RateLimit};
pub use outcome::{Outcome, Page, Unread};
pub use pages::Rows;
pub use request::{
    File, Files, RequestBuilder, RequestError, Style, fill_path, plain_json, plain_text,
};
pub use tagged::Tagged;
pub use tap::{Tap, Tapped};
pub use untagged::Untagged;
pub use uuid::{self, Uuid};
pub use wire::{AmountOrPercent, As, Lenient, Notations, ParseAmountError, Wire};
pub use wire_enum::{ParseEnumError, WireEnum};
pub use workflow::{Workflow, WorkflowDocument};

/// What [`wire_enum!`] expands to; not for callers.
#[doc(hidden)]
pub mod macros {
    pub use crate::row::{Exact, Text, default, given, given_exactly, plain, required};
    pub use crate::tagged::read_row;
    #[cfg(feature = "schemars")]
    pub use crate::wire_enum::schema;
    pub use crate::wire_enum::{deserialize, known, parse};
}
