//! How a caller shows who it is, where a document asks for a token, a password or a key.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue};
use reqwest::Request;

use crate::request::RequestError;

/// A token, a password or a key, and where it travels. `Debug` does not show it.
///
/// ```
/// use bpx_runtime::Credential;
///
/// assert_eq!(format!("{:?}", Credential::bearer("secret")), "Credential(header authorization)");
/// ```
#[derive(Clone)]
pub struct Credential(Place);

#[derive(Clone)]
enum Place {
    Header(String, String),
    Query(String, String),
    Cookie(String, String),
}

impl Credential {
    /// `Authorization: Bearer …` (RFC 6750).
    pub fn bearer(token: impl AsRef<str>) -> Self {
        Self::header(AUTHORIZATION.as_str(), format!("Bearer {}", token.as_ref()))
    }

    /// `Authorization: Basic …` (RFC 7617).
    pub fn basic(user: impl AsRef<str>, password: impl AsRef<str>) -> Self {
        let pair = STANDARD.encode(format!("{}:{}", user.as_ref(), password.as_ref()));
        Self::header(AUTHORIZATION.as_str(), format!("Basic {pair}"))
    }

    /// A key in a header.
    pub fn header(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self(Place::Header(name.into(), key.into()))
    }

    /// A key in the query.
    pub fn query(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self(Place::Query(name.into(), key.into()))
    }

    /// A key in a cookie.
    pub fn cookie(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self(Place::Cookie(name.into(), key.into()))
    }

    /// Puts the credential into a request.
    ///
    /// # Errors
    /// A name or key that is no header.
    pub(crate) fn apply(&self, request: &mut Request) -> Result<(), RequestError> {
        match &self.0 {
            Place::Header(name, key) => {
                let header = HeaderName::try_from(name).ok().zip(sensitive(key));
                let (name, key) = header.ok_or_else(|| invalid(name))?;
                request.headers_mut().insert(name, key);
            }
            Place::Query(name, key) => {
                request.url_mut().query_pairs_mut().append_pair(name, key);
            }
            Place::Cookie(name, key) => {
                let known = request
                    .headers()
                    .get(COOKIE)
                    .and_then(|known| known.to_str().ok());
                let known = known.map(|known| format!("{known}; "));
                let text = format!("{}{name}={key}", known.unwrap_or_default());
                let value = sensitive(&text).ok_or_else(|| invalid(name))?;
                request.headers_mut().insert(COOKIE, value);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, name) = match &self.0 {
            Place::Header(name, _) => ("header", name),
            Place::Query(name, _) => ("query", name),
            Place::Cookie(name, _) => ("cookie", name),
        };
        write!(f, "Credential({place} {name})")
    }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn invalid(name: &str) -> RequestError {
    RequestError::InvalidHeader {
        name: name.to_owned(),
    }
}

/// The credentials of a connection, by the name of the security scheme.
pub(crate) type Credentials = BTreeMap<String, Credential>;

/// The first alternative of which every credential is there; none where the caller has set too few of them.
pub(crate) fn chosen<'a>(
    credentials: &'a Credentials,
    alternatives: &[&[&str]],
) -> Vec<&'a Credential> {
    // Going without is allowed where an alternative is empty, but no reason to hide a credential that is there.
    let found = alternatives
        .iter()
        .filter(|names| !names.is_empty())
        .find_map(|names| {
            let all = names.iter().map(|name| credentials.get(*name));
            all.collect::<Option<Vec<_>>>()
        });
    found.unwrap_or_default()
}
