//! What generated clients and callers of operations known at run time share: requests, sending, errors, wire types.
//!
//! # What it does
//!
//! - builds requests from typed values and from JSON arguments, with the same bytes ([`RequestBuilder`]): parameters in
//!   any [`Style`], bodies as JSON, forms, forms with files ([`File`]), text or bytes;
//! - shows the token, password or key that an operation asks for ([`Credential`]);
//! - sends them ([`Connection`]): one base URL, https except on this computer, redirects off, timeouts, bounded
//!   responses; a call waits for its turn under the rate limit, is signed last and sent, a write once, a read again after
//!   a temporary failure ([`Options`]); each call is a `tracing` span;
//! - tells every way a call can fail apart ([`Error`]), above all "not sent" from "may have been carried out";
//! - reads a list row by row over its pages, even if it changes meanwhile ([`Rows`]), and follows one that grows
//!   ([`Follow`]);
//! - turns a success into what the contract documents ([`decode`]): JSON, [`Outcome`], [`Page`], text, nothing, a stream of
//!   [`Events`]; where bodies differ by status, the status selects ([`Body`]);
//! - subscribes to streams of messages over one WebSocket, and tells where messages are missing ([`stream`]);
//! - reads and writes exact decimals and zone-less date-times ([`As`]), amounts and percentages ([`AmountOrPercent`]), and
//!   whatever comes in more than one notation ([`Lenient`]), open and closed enums of strings ([`wire_enum!`])
//!   and integers ([`integer_enum!`]), unions with a tag ([`Tagged`]) and without ([`Untagged`]);
//! - runs workflows with types of their own ([`Workflow`]);
//! - refuses to send back what the contract does not know ([`Known`]);
//! - shows each request with its response, without secrets, to a recorder ([`Tap`]).
//!
//! # What it does not do
//!
//! - It never sends a write twice. No message or log repeats a header, a body or a query.
//! - It knows no operation and no type of an API; those are generated or read from its document.
//! - It takes no ready-made HTTP client, since it could not see whether that one follows redirects.
//!
//! # Example
//!
//! ```
//! use bpx_runtime::{As, ConnectError, Connection, Decimal, Options, serde_json};
//!
//! let api = Connection::public("https://api.example.com/", Options::default())?;
//! assert_eq!(api.base_url(), "https://api.example.com");
//!
//! // Plain http would show a signed request to everyone on the way.
//! let refused = Connection::public("http://api.example.com", Options::default());
//! assert!(matches!(refused, Err(ConnectError::PlainHttp { .. })));
//!
//! let price: Decimal = As::<Decimal>::deserialize(&serde_json::json!("20.10"))?;
//! assert_eq!(price.to_string(), "20.10");
//! assert!(As::<Decimal>::deserialize(&serde_json::json!(20.1)).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
