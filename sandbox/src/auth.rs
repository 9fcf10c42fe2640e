//! Who sent a request and whether it may be believed. Every request passes here before anything else
//! looks at its parameters.

use std::fmt::Display;
use std::str::FromStr;

use axum::http::{HeaderMap, StatusCode};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::account::{Account, Accounts, decode};
use crate::config::{SignatureCode, VenueConfig};
use crate::refusal::{Code, Refusal};

const WINDOW_DEFAULT_MS: &str = "5000";
pub(crate) const WINDOW_MAX_MS: u64 = 60_000;

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

    /// Of a message: key, signature, timestamp, window.
    pub(crate) fn of_message([api_key, signature, timestamp, window]: &'a [String; 4]) -> Self {
        Self {
            api_key,
            signature,
            timestamp,
            window,
        }
    }

    /// Checks everything that can be known before the parameters are read, and says whose key it is.
    pub(crate) fn check<'b>(
        &self,
        accounts: &'b Accounts,
        venue: &VenueConfig,
        now_ms: i64,
    ) -> Result<&'b Account, Refusal> {
        let timestamp_ms: i64 = integer("X-TIMESTAMP", self.timestamp)?;
        let window_ms: u64 = integer("X-WINDOW", self.window)?;
        let key = decode::<32>(self.api_key)
            .ok_or_else(|| Refusal::client("Invalid X-API-Key header"))?;
        let account = accounts.find(&key).ok_or_else(unauthorized)?;
        if !(1..=WINDOW_MAX_MS).contains(&window_ms) {
            return Err(Refusal::client(
                "Invalid X-Window header: must be between 1 and 60000",
            ));
        }
        if now_ms.abs_diff(timestamp_ms) > window_ms {
            return Err(expired(venue));
        }
        Ok(account)
    }

    /// Verifies the signature over the exchange's own signing string, and gives its bytes.
    pub(crate) fn verify(
        &self,
        account: &VerifyingKey,
        venue: &VenueConfig,
        signing_string: &str,
    ) -> Result<[u8; 64], Refusal> {
        let bytes = decode::<64>(self.signature)
            .ok_or_else(|| Refusal::client("Invalid X-Signature header"))?;
        account
            .verify_strict(signing_string.as_bytes(), &Signature::from_bytes(&bytes))
            .map_err(|_| Refusal::bad(venue.bad_signature_code.into(), "Invalid signature"))?;
        Ok(bytes)
    }
}

fn expired(venue: &VenueConfig) -> Refusal {
    let status = StatusCode::from_u16(venue.expired_status).unwrap_or(StatusCode::BAD_REQUEST);
    Refusal::coded(status, Code::InvalidClientRequest, "Request has expired")
}

impl From<SignatureCode> for Code {
    fn from(code: SignatureCode) -> Self {
        match code {
            SignatureCode::InvalidClientRequest => Self::InvalidClientRequest,
            SignatureCode::InvalidSignature => Self::InvalidSignature,
        }
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

#[cfg(test)]
mod tests {
    use axum::extract::Query;
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;
    use crate::account::AccountId;
    use crate::canonical::Signable;
    use crate::config::AccountConfig;

    const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

    /// One row of `tests/vectors/signing.json`.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        instruction: String,
        query: Option<String>,
        body: Option<Box<RawValue>>,
        timestamp: i64,
        window: u64,
        signing_string: String,
        public_key: String,
        signature: String,
    }

    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../tests/vectors/signing.json")).unwrap()
    }

    fn signing_string(vector: &Vector) -> String {
        let uri = format!("/?{}", vector.query.as_deref().unwrap_or_default())
            .parse()
            .unwrap();
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap();
        let signable = match vector.body.as_ref().map(|body| body.get()) {
            None => Signable::Query(&pairs),
            Some(body) if body.starts_with('[') => {
                Signable::Batch(serde_json::from_str(body).unwrap())
            }
            Some(body) => Signable::Object(serde_json::from_str(body).unwrap()),
        };
        signable.signing_string(
            &vector.instruction,
            &vector.timestamp.to_string(),
            &vector.window.to_string(),
        )
    }

    fn credentials(vector: &Vector) -> (Credentials<'_>, VerifyingKey) {
        let key = VerifyingKey::from_bytes(&decode(&vector.public_key).unwrap()).unwrap();
        let api_key = vector.public_key.as_str();
        (
            Credentials {
                api_key,
                signature: &vector.signature,
                timestamp: "0",
                window: "5000",
            },
            key,
        )
    }

    #[test]
    fn every_vector_gives_its_signing_string_and_verifies() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 10);
        for vector in &vectors {
            let text = signing_string(vector);
            assert_eq!(text, vector.signing_string, "{}", vector.name);
            let (credentials, key) = credentials(vector);
            let verified = credentials.verify(&key, &VenueConfig::default(), &text);
            assert!(verified.is_ok(), "{}", vector.name);
        }
    }

    #[test]
    fn no_vector_verifies_for_another_text() {
        for vector in &vectors() {
            let (credentials, key) = credentials(vector);
            let other = format!("{}0", vector.signing_string);
            assert_eq!(
                credentials.verify(&key, &VenueConfig::default(), &other),
                Err(Refusal::client("Invalid signature"))
            );
        }
    }

    #[test]
    fn a_request_is_fresh_up_to_its_window_on_either_side() {
        let vectors = vectors();
        let config = AccountConfig {
            api_secret: Some(SEED.to_owned()),
            ..Default::default()
        };
        let accounts = Accounts::open(&[config]).unwrap();
        let api_key = accounts.first().api_key();
        let credentials = Credentials {
            api_key: &api_key,
            ..credentials(&vectors[0]).0
        };
        let check = |now_ms| {
            credentials
                .check(&accounts, &VenueConfig::default(), now_ms)
                .map(|account| account.id)
        };
        for now_ms in [-5000, 0, 5000] {
            assert_eq!(check(now_ms), Ok(AccountId(1)));
        }
        for now_ms in [-5001, 5001, i64::MIN, i64::MAX] {
            assert_eq!(check(now_ms), Err(Refusal::client("Request has expired")));
        }
    }
}
