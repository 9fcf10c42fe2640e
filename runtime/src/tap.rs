//! What a recorder sees of a connection.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::Request;

use crate::decode::Answer;

/// Words in the names of headers that hold credentials; a tap sees the names of such headers only.
const SECRET_WORDS: [&str; 11] = [
    "apikey",
    "auth",
    "authorization",
    "cookie",
    "key",
    "passphrase",
    "password",
    "secret",
    "sign",
    "signature",
    "token",
];
/// What stands in place of a secret.
const REDACTED: HeaderValue = HeaderValue::from_static("redacted");

/// Sees each exchange of a connection: every attempt that was sent, with its answer or without one.
///
/// It is called on the call's own path, so it must return at once: hand the exchange over, and drop it where the
/// receiver is not quick enough. A call that its caller abandons is not seen.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::Arc;
/// use bpx_runtime::{Options, Tap, Tapped};
///
/// #[derive(Debug, Default)]
/// struct Failures(AtomicU64);
///
/// impl Tap for Failures {
///     fn saw(&self, exchange: Tapped) {
///         self.0.fetch_add(u64::from(exchange.status.is_none()), Ordering::Relaxed);
///     }
/// }
///
/// let failures = Arc::new(Failures::default());
/// let options = Options::default().with_tap(failures.clone());
/// assert!(options.tap.is_some());
/// ```
pub trait Tap: fmt::Debug + Send + Sync {
    /// Takes one exchange. The values of headers that hold credentials are replaced already.
    fn saw(&self, exchange: Tapped);
}

/// One exchange, as it went over the wire, without secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tapped {
    /// Operation that was called; empty where nobody knows it.
    pub operation: Cow<'static, str>,
    /// Where it went: scheme, host and port.
    pub origin: String,
    /// Method of the request.
    pub method: Method,
    /// Path of the request, as sent.
    pub path: String,
    /// Query of the request, as sent.
    pub query: Option<String>,
    /// Request headers; those of the signature and of logins say `redacted`.
    pub request_headers: HeaderMap,
    /// The request's bytes, empty if it had no body.
    pub request_body: Bytes,
    /// Status of the answer; none if there was none.
    pub status: Option<StatusCode>,
    /// Response headers; cookies and logins say `redacted`.
    pub response_headers: HeaderMap,
    /// The answer's bytes; empty if there were none, or if not all of them came.
    pub response_body: Bytes,
    /// What kept the whole answer away, in two or three words.
    pub failure: Option<&'static str>,
    /// When the request left.
    pub started: SystemTime,
    /// From then to the last byte of the answer, or to the failure.
    pub elapsed: Duration,
}

impl Tapped {
    /// The request, before it leaves.
    pub(crate) fn sent(operation: Cow<'static, str>, request: &Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Self {
            operation,
            origin: request.url().origin().ascii_serialization(),
            method: request.method().clone(),
            path: request.url().path().to_owned(),
            query: request.url().query().map(str::to_owned),
            request_headers: redacted(request.headers()),
            request_body: body.map(Bytes::copy_from_slice).unwrap_or_default(),
            status: None,
            response_headers: HeaderMap::new(),
            response_body: Bytes::new(),
            failure: None,
            started: SystemTime::now(),
            elapsed: Duration::ZERO,
        }
    }

    pub(crate) fn answered(self, answer: &Answer) -> Self {
        Self {
            status: Some(answer.status),
            response_headers: redacted(&answer.headers),
            response_body: answer.body.clone(),
            ..self
        }
    }

    pub(crate) fn failed(self, status: Option<StatusCode>, failure: &'static str) -> Self {
        Self {
            status,
            failure: Some(failure),
            ..self
        }
    }
}

fn redacted(headers: &HeaderMap) -> HeaderMap {
    let shown = headers.iter().map(|(name, value)| {
        let value = if is_secret(name, value) {
            REDACTED
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in shown {
        kept.append(name, value);
    }
    kept
}

fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    let mut words = name.as_str().split(['-', '_']);
    value.is_sensitive() || words.any(|word| SECRET_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_recognised_by_words_in_the_name_of_their_header() {
        let is_secret = |name: &'static str| {
            let name = HeaderName::from_static(name);
            is_secret(&name, &HeaderValue::from_static("value"))
        };
        for name in [
            "authorization",
            "cookie",
            "proxy-authorization",
            "set-cookie",
            "x-api-key",
            "x-auth-token",
            "x-csrf-token",
            "x-partner-key",
            "x-signature",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["content-type", "x-timestamp", "x-partner-id", "keep-alive"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
