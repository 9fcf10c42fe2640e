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
