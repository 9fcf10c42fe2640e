#![doc = include_str!("../README.md")]

mod body;
mod clock;
mod error;
mod explain;
mod fields;
mod key;
#[cfg(feature = "middleware")]
mod middleware;
mod operation;
mod origin;
mod plain;
mod query;
mod signer;
mod string;

pub use clock::{Clock, ClockReading, ClockSkew, IgnoredDate, SystemClock};
pub use error::{Place, SigningError};
pub use explain::{Part, Rule};
pub use key::{Key, PublicKey, verify};
#[cfg(feature = "middleware")]
pub use middleware::SigningMiddleware;
pub use operation::{Payload, SignedOperation};
pub use signer::Signer;
pub use string::SigningString;

/// How long a request stays valid when nothing else is asked for, in milliseconds. The venue assumes the same when
/// `X-WINDOW` is absent.
pub const WINDOW_MS_DEFAULT: u64 = 5_000;

/// The longest window the venue accepts, in milliseconds.
pub const WINDOW_MS_MAX: u64 = 60_000;

/// The four headers a signature consists of, in lower case: what a recorder has to redact.
pub const SIGNING_HEADERS: [&str; 4] = [
    API_KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    WINDOW_HEADER,
];

const API_KEY_HEADER: &str = "x-api-key";
const SIGNATURE_HEADER: &str = "x-signature";
const TIMESTAMP_HEADER: &str = "x-timestamp";
const WINDOW_HEADER: &str = "x-window";
