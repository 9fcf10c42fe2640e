//! Where a signed request may go.

use std::net::IpAddr;

use reqwest::Url;

use crate::SigningError;
use crate::error::shown;

/// Refuses plain http to another computer, where everyone on the way could read the signed request, and a fragment,
/// which is never sent.
pub(crate) fn check(url: &Url) -> Result<(), SigningError> {
    if url.fragment().is_some() {
        return Err(SigningError::Fragment);
    }
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(host) => Ok(()),
        (_, host) => Err(SigningError::PlainText {
            host: shown(host.unwrap_or_default()),
        }),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// The one place a middleware signs for.
#[cfg(feature = "middleware")]
#[derive(Debug, Clone)]
pub(crate) struct Base(Url);

#[cfg(feature = "middleware")]
impl Base {
    pub(crate) fn parse(base_url: &str) -> Result<Self, SigningError> {
        let url = Url::parse(base_url).map_err(|error| SigningError::InvalidBaseUrl {
            reason: error.to_string(),
        })?;
        let refused = [
            ("it holds a user name", !url.username().is_empty()),
            ("it holds a password", url.password().is_some()),
            ("it holds a query", url.query().is_some()),
            ("it holds a fragment", url.fragment().is_some()),
        ];
        if let Some((reason, _)) = refused.into_iter().find(|(_, is_there)| *is_there) {
            let reason = reason.to_owned();
            return Err(SigningError::InvalidBaseUrl { reason });
        }
        check(&url)?;
        Ok(Self(url))
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The path of a URL below this one, with its slash.
    pub(crate) fn path_below<'a>(&self, url: &'a Url) -> Result<&'a str, SigningError> {
        let base = self.0.path().trim_end_matches('/');
        let is_same = self.0.origin() == url.origin();
        url.path()
            .strip_prefix(base)
            .filter(|path| is_same && path.starts_with('/'))
            .ok_or_else(|| SigningError::ForeignOrigin {
                origin: shown(&url.origin().ascii_serialization()),
                base_url: self.0.to_string(),
            })
    }
}
