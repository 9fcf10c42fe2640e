//! Where requests may go.

use std::net::IpAddr;

use reqwest::Url;

use crate::text::shown;

/// Why a connection was not made. The message never repeats credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The base URL cannot be read.
    #[error("the base URL cannot be read ({reason}); write it like https://api.example.com")]
    InvalidUrl {
        /// What the URL parser says.
        reason: String,
    },
    /// The base URL's scheme is neither `https` nor `http`.
    #[error("the base URL's scheme {scheme:?} is not supported; use https")]
    Scheme {
        /// The scheme, shortened.
        scheme: String,
    },
    /// The base URL holds a user name or a password.
    #[error("the base URL holds a user name or a password; remove them, requests are signed")]
    Credentials,
    /// The base URL holds a query or a fragment.
    #[error("the base URL holds a {part}; leave only scheme, host, port and path")]
    Superfluous {
        /// `query` or `fragment`.
        part: &'static str,
    },
    /// The base URL is plain http to another computer.
    #[error("plain http to {host} is refused, signed requests could be read on the way; use https")]
    PlainHttp {
        /// The host, shortened.
        host: String,
    },
    /// The HTTP client could not be set up.
    #[error(
        "the HTTP client could not be set up; check the system's certificate store and proxy settings"
    )]
    Client(#[source] reqwest::Error),
    /// TLS could not be set up.
    #[error("TLS could not be set up; check the system's certificate store")]
    Tls(#[source] rustls::Error),
}

/// A base URL that holds nothing but scheme, host, port and path; plain http only within this computer.
pub(crate) fn parse(base: &str) -> Result<Url, ConnectError> {
    let url = Url::parse(base).map_err(|error| ConnectError::InvalidUrl {
        reason: error.to_string(),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConnectError::Credentials);
    }
    for (part, is_there) in [
        ("query", url.query().is_some()),
        ("fragment", url.fragment().is_some()),
    ] {
        if is_there {
            return Err(ConnectError::Superfluous { part });
        }
    }
    check_scheme(&url)?;
    Ok(url)
}

fn check_scheme(url: &Url) -> Result<(), ConnectError> {
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(host) => Ok(()),
        ("http", host) => Err(ConnectError::PlainHttp {
            host: shown(host.unwrap_or_default()),
        }),
        (scheme, _) => Err(ConnectError::Scheme {
            scheme: shown(scheme),
        }),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_plain_http_at_home_are_accepted() {
        for base in [
            "https://api.example.com",
            "https://proxy.example:8443/bpx/",
            "http://localhost:8800",
            "http://127.0.0.1:8800",
            "http://127.9.9.9",
            "http://[::1]:8800",
        ] {
            assert!(parse(base).is_ok(), "{base}");
        }
    }

    #[test]
    fn plain_http_to_another_computer_is_refused() {
        for base in [
            "http://api.example.com",
            "http://localhost.example",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
        ] {
            let error = parse(base).expect_err(base);
            assert!(matches!(error, ConnectError::PlainHttp { .. }), "{base}");
            assert!(error.to_string().ends_with("use https"), "{error}");
        }
    }

    #[test]
    fn what_does_not_belong_into_a_base_url_is_refused_by_name() {
        for (base, expected) in [
            ("", "cannot be read"),
            ("api.example.com", "cannot be read"),
            ("ftp://localhost", "scheme \"ftp\""),
            ("file:///etc/hosts", "scheme \"file\""),
            ("https://localhost?a=b", "query"),
            ("https://localhost#a", "fragment"),
        ] {
            let message = parse(base).expect_err(base).to_string();
            assert!(message.contains(expected), "{base}: {message}");
        }
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        for base in [
            "https://me:hunter2@localhost",
            "http://me:hunter2@a.example",
        ] {
            let error = parse(base).expect_err(base);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
            assert!(matches!(error, ConnectError::Credentials));
        }
    }
}
