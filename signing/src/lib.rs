//! Signs requests to Backpack Exchange: what goes out is what is signed.
//!
//! # What it does
//!
//! - builds the canonical signing string from the final query or the final body bytes ([`SigningString`]),
//!   and explains each part of it ([`SigningString::explain`]);
//! - holds an Ed25519 key in the venue's encoding ([`Key`]), wiped from memory when dropped;
//! - signs a finished HTTP request in place ([`Signer`]) and checks signatures ([`verify()`], [`PublicKey`]);
//! - corrects its clock by the venue's `Date` header when asked to ([`Signer::with_clock_correction`]), and tells so;
//! - is a layer for `reqwest-middleware` with the feature `middleware` (`SigningMiddleware`);
//! - refuses, before anything is sent, whatever two readers could understand differently: streams, nested values,
//!   duplicate or reserved keys, exponents, control characters, query characters that might not arrive, signature
//!   headers that are already set, plain http to another computer.
//!
//! # What it does not do
//!
//! - It sends nothing, retries nothing, and logs nothing but what becomes of the clock's correction. Sign once per
//!   attempt, after every wait and every retry decision, as the innermost step; keep the unsigned request and sign a
//!   copy of it for each attempt.
//! - [`Signer`] does not know which origin is yours. Whoever builds the request keeps it on the configured one and
//!   leaves redirects off; the middleware does it by itself.
//! - It does not know the operations. They come from the contract and are handed to [`Signer::new`].
//!
//! # Example
//!
//! ```
//! use bpx_signing::{Key, Payload, SignedOperation, SigningString, verify};
//!
//! const CANCEL_ORDER: SignedOperation = SignedOperation::new(
//!     "cancel_order",
//!     "DELETE",
//!     "/api/v1/order",
//!     "orderCancel",
//!     Payload::Object,
//! );
//!
//! let body = br#"{"symbol":"BTC_USDT","orderId":"28"}"#;
//! let string = SigningString::new(&CANCEL_ORDER, None, Some(body), 1_614_550_000_000, 5_000)?;
//! assert_eq!(
//!     string.as_str(),
//!     "instruction=orderCancel&orderId=28&symbol=BTC_USDT&timestamp=1614550000000&window=5000"
//! );
//!
//! let key = Key::from_base64("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")?;
//! verify(&key.public_base64(), &key.sign(&string), string.as_str())?;
//! # Ok::<(), bpx_signing::SigningError>(())
//! ```

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

/// Its snippets are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
