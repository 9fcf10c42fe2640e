//! What the generated Backpack client leans on, written once by hand so that generated code stays thin.
//!
//! # What it does
//!
//! - holds where requests go and how ([`Connection`]): one base URL, https except on this computer, redirects off,
//!   timeouts, bounded answers; signs innermost and sends once;
//! - tells every way a call can end badly apart ([`Error`]), above all "not sent" from "may have been carried out";
//! - turns a success into what the contract documents ([`decode`]): JSON, [`Outcome`], [`Page`], text, nothing;
//! - reads and writes the venue's notations: exact decimals and zone-less date-times ([`As`]), open and closed string
//!   enums ([`wire_enum!`]), tagged unions ([`Tagged`]);
//! - refuses to send back what the contract does not know ([`Known`]).
//!
//! # What it does not do
//!
//! - It retries nothing, waits for no rate limit and logs nothing.
//! - It knows no operation and no type of the venue; those are generated.
//! - It takes no ready-made HTTP client, whose redirect policy could not be seen.
//!
//! # Example
//!
//! ```
//! use bpx_runtime::{As, ConnectError, Connection, Decimal, Options, serde_json};
//!
//! let exchange = Connection::public("https://api.backpack.exchange/", Options::default())?;
//! assert_eq!(exchange.base_url(), "https://api.backpack.exchange");
//!
//! // Plain http would show a signed request to everyone on the way.
//! let refused = Connection::public("http://api.backpack.exchange", Options::default());
//! assert!(matches!(refused, Err(ConnectError::PlainHttp { .. })));
//!
//! let price: Decimal = As::<Decimal>::deserialize(&serde_json::json!("20.10"))?;
//! assert_eq!(price.to_string(), "20.10");
//! assert!(As::<Decimal>::deserialize(&serde_json::json!(20.1)).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base_url;
mod connection;
pub mod decode;
mod error;
mod known;
mod outcome;
mod path;
mod row;
mod tagged;
mod text;
mod wire;
mod wire_enum;

pub use bpx_signing::{self as signing, Key, Payload, SignedOperation, Signer, SigningError};
pub use bytes::{self, Bytes};
pub use chrono::{self, DateTime, NaiveDateTime, Utc};
pub use http::{self, HeaderMap, StatusCode};
pub use progenitor_client::{QueryParam, ResponseValue, encode_path};
pub use reqwest;
pub use rust_decimal::{self, Decimal};
#[cfg(feature = "schemars")]
pub use schemars;
pub use serde;
pub use serde_json;

pub use base_url::ConnectError;
pub use connection::{Connection, Options};
pub use decode::{Answer, Undecoded};
pub use error::Error;
pub use known::{Known, convert, known, known_field};
pub use outcome::{Outcome, Page};
pub use tagged::Tagged;
pub use wire::{As, Wire};
pub use wire_enum::{ParseEnumError, WireEnum};

/// What [`wire_enum!`] expands to; not for callers.
#[doc(hidden)]
pub mod macros {
    #[cfg(feature = "schemars")]
    pub use crate::wire_enum::schema;
    pub use crate::row::{Exact, Text, plain, required};
    pub use crate::wire_enum::{deserialize, known, parse};
}
