//! Who sent a request and whether it may be believed. Every request passes here before anything else
//! looks at its parameters.

use std::fmt::Display;
use std::str::FromStr;

use axum::http::{HeaderMap, StatusCode};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::account::decode;
use crate::refusal::{Code, Refusal};

const WINDOW_DEFAULT_MS: &str = "5000";
const WINDOW_MAX_MS: u64 = 60_000;

/// The signing headers of one request, as received.
#[derive(Debug)]
pub(crate) struct Credentials<'a> {
    api_key: &'a str,
    signature: &'a str,
    pub(crate) timestamp: &'a str,
    pub(crate) window: &'a str,
}

impl<'a> Credentials<'a> {
    /// Reads the headers. Where a browser login would also do, a request without any is 401.
    pub(crate) fn read(headers: &'a HeaderMap, login_would_do: bool) -> Result<Self, Refusal> {
        let needed = |name| {
            header(headers, name)?.ok_or_else(|| {
                if login_would_do {
                    unauthorized()
                } else {
                    Refusal::parameter(name, "the header is missing")
                }
            })
        };
        Ok(Self {
            api_key: needed("X-API-KEY")?,
            signature: needed("X-SIGNATURE")?,
            timestamp: needed("X-TIMESTAMP")?,
            window: header(headers, "X-WINDOW")?.unwrap_or(WINDOW_DEFAULT_MS),
        })
    }

    /// Checks everything that can be known before the parameters are read.
    pub(crate) fn check(&self, account: &VerifyingKey, now_ms: i64) -> Result<(), Refusal> {
        let timestamp_ms: i64 = integer("X-TIMESTAMP", self.timestamp)?;
        let window_ms: u64 = integer("X-WINDOW", self.window)?;
        let key = decode::<32>(self.api_key)
            .ok_or_else(|| Refusal::client("Invalid X-API-Key header"))?;
        if key != account.to_bytes() {
            return Err(unauthorized());
        }
        if !(1..=WINDOW_MAX_MS).contains(&window_ms) {
            return Err(Refusal::client(
                "Invalid X-Window header: must be between 1 and 60000",
            ));
        }
        if now_ms.abs_diff(timestamp_ms) > window_ms {
            return Err(Refusal::client("Request has expired"));
        }
        Ok(())
    }

    /// Verifies the signature over the exchange's own signing string.
    pub(crate) fn verify(
        &self,
        account: &VerifyingKey,
        signing_string: &str,
    ) -> Result<(), Refusal> {
        let bytes = decode::<64>(self.signature)
            .ok_or_else(|| Refusal::client("Invalid X-Signature header"))?;
        account
            .verify_strict(signing_string.as_bytes(), &Signature::from_bytes(&bytes))
            .map_err(|_| Refusal::client("Invalid signature"))
    }
}

fn unauthorized() -> Refusal {
    Refusal::coded(StatusCode::UNAUTHORIZED, Code::Unauthorized, "Unauthorized")
}

/// The one value of a header; a header given twice has no one value.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refusal::parameter(name, "given more than once"));
    }
    value
        .to_str()
        .map(Some)
        .map_err(|_| Refusal::parameter(name, "not readable text"))
}

/// An integer in plain digits. Rust also reads a leading plus, which no client of this API sends.
pub(crate) fn integer<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, Refusal> {
    if text.starts_with('+') {
        return Err(Refusal::parameter(name, "invalid digit found in string"));
    }
    text.parse()
        .map_err(|error| Refusal::parameter(name, error))
}
