//! Where requests go and how: base URL, HTTP client, signer.

use std::sync::Arc;
use std::time::Duration;

use bpx_signing::{SignedOperation, Signer};
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use progenitor_client::ResponseValue;
use reqwest::{Client, Request, Response, Url, redirect};
use serde::de::DeserializeOwned;

use crate::base_url::{self, ConnectError};
use crate::decode::{Answer, Undecoded};
use crate::error::Error;
use crate::text::{body_start, shown};

const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const BODY_BYTES_MAX_DEFAULT: u64 = 64 * 1024 * 1024;
/// Shorter than servers usually keep an idle socket, so that an order rarely meets one that is just being closed.
const POOL_IDLE: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("bpx-runtime/", env!("CARGO_PKG_VERSION"));

/// How a connection behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How long making a connection may take, TLS included. 10 s by default.
    pub connect_timeout: Duration,
    /// How long one call may take, from connecting to the last byte of the answer. 30 s by default.
    pub timeout: Duration,
    /// The largest response body that is read, in bytes. 64 MiB by default.
    pub body_bytes_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT_DEFAULT,
            timeout: TIMEOUT_DEFAULT,
            body_bytes_max: BODY_BYTES_MAX_DEFAULT,
        }
    }
}

impl Options {
    /// Sets how long making a connection may take.
    #[must_use]
    pub fn with_connect_timeout(mut self, connect_timeout: Duration) -> Self {
        self.connect_timeout = connect_timeout;
        self
    }

    /// Sets how long one call may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the largest response body that is read, in bytes.
    #[must_use]
    pub fn with_body_bytes_max(mut self, body_bytes_max: u64) -> Self {
        self.body_bytes_max = body_bytes_max;
        self
    }
}

/// Where requests go and how: base URL, HTTP client, signer.
///
/// Cheap to clone; clones share the connection pool. Redirects are not followed, each request is sent at most once, and
/// plain http is spoken with this computer only, past any proxy. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Connection {
    base: Url,
    base_text: Arc<str>,
    http: Client,
    signer: Option<Signer>,
    body_bytes_max: u64,
}

impl Connection {
    /// A connection for signed and public calls.
    ///
    /// # Errors
    /// A base URL that is not http or https, holds credentials, a query or a fragment, or is plain http to another
    /// computer; an HTTP client that cannot be set up.
    pub fn signed(base: &str, signer: Signer, options: Options) -> Result<Self, ConnectError> {
        Self::new(base, Some(signer), &options)
    }

    /// A connection for public calls only.
    ///
    /// # Errors
    /// As [`Connection::signed`].
    pub fn public(base: &str, options: Options) -> Result<Self, ConnectError> {
        Self::new(base, None, &options)
    }

    fn new(base: &str, signer: Option<Signer>, options: &Options) -> Result<Self, ConnectError> {
        let base = base_url::parse(base)?;
        Ok(Self {
            base_text: base.as_str().trim_end_matches('/').into(),
            http: http_client(&base, options)?,
            base,
            signer,
            body_bytes_max: options.body_bytes_max,
        })
    }

    /// The base URL without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_text
    }

    /// The HTTP client requests are built with. To send them, use the calls below.
    #[doc(hidden)]
    #[must_use]
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// Signs the request, sends it once and decodes the answer.
    ///
    /// # Errors
    /// Every [`Error`]; [`Error::was_sent`] and [`Error::is_unknown`] say what it means for a state-changing call.
    pub async fn call_signed<T, E: DeserializeOwned>(
        &self,
        mut request: Request,
        operation: &'static SignedOperation,
        decode: fn(&Answer) -> Result<T, Undecoded>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        self.check_origin(&request)?;
        let signer = self.signer.as_ref().ok_or_else(|| {
            Error::InvalidRequest(format!(
                "{} needs a signature, and this connection has no key; make it with Connection::signed",
                operation.id
            ))
        })?;
        signer.sign(&mut request, operation)?;
        let answer = self.send(request, operation.id).await?;
        settle(answer, operation.id, decode)
    }

    /// Sends the request as it is, once, and decodes the answer.
    ///
    /// # Errors
    /// Every [`Error`] but [`Error::Signing`].
    pub async fn call_public<T, E: DeserializeOwned>(
        &self,
        request: Request,
        operation_id: &'static str,
        decode: fn(&Answer) -> Result<T, Undecoded>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        self.check_origin(&request)?;
        let answer = self.send(request, operation_id).await?;
        settle(answer, operation_id, decode)
    }

    /// A signature must not reach anyone but the configured exchange.
    fn check_origin<E>(&self, request: &Request) -> Result<(), Error<E>> {
        let origin = request.url().origin();
        if origin == self.base.origin() {
            return Ok(());
        }
        Err(Error::InvalidRequest(format!(
            "the request goes to {}, the connection to {}; build requests from base_url()",
            shown(&origin.ascii_serialization()),
            self.base.origin().ascii_serialization()
        )))
    }

    /// The one way out: sends once and reads the whole answer.
    async fn send<E>(&self, request: Request, operation: &'static str) -> Result<Answer, Error<E>> {
        let response = self.http.execute(request).await.map_err(|error| {
            let source = error.without_url();
            if source.is_connect() || source.is_builder() {
                let base_url = self.base_text.to_string();
                return Error::NotSent {
                    operation,
                    base_url,
                    source,
                };
            }
            Error::Transport {
                operation,
                status: None,
                source,
            }
        })?;
        let status = response.status();
        let headers = without_cookies_in_debug(response.headers().clone());
        let body = self.read(response, operation).await?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    async fn read<E>(
        &self,
        mut response: Response,
        operation: &'static str,
    ) -> Result<Bytes, Error<E>> {
        let status = response.status();
        let body_bytes_max = self.body_bytes_max;
        let is_too_large = |bytes: u64| bytes > body_bytes_max;
        let too_large = || Error::TooLarge {
            operation,
            status,
            body_bytes_max,
        };
        if response.content_length().is_some_and(is_too_large) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Error::Transport {
            operation,
            status: Some(status),
            source: error.without_url(),
        })? {
            if is_too_large((body.len() as u64).saturating_add(chunk.len() as u64)) {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn http_client(base: &Url, options: &Options) -> Result<Client, ConnectError> {
    let accept_json =
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .pool_idle_timeout(POOL_IDLE)
        .user_agent(USER_AGENT)
        .default_headers(accept_json);
    // A proxy would carry plain http off this computer.
    let builder = match base.scheme() {
        "http" => builder.no_proxy(),
        _ => builder.https_only(true),
    };
    builder.build().map_err(ConnectError::Client)
}

/// A session cookie is as good as a password, and headers end up in errors.
fn without_cookies_in_debug(mut headers: HeaderMap) -> HeaderMap {
    for (name, value) in &mut headers {
        if *name == SET_COOKIE {
            value.set_sensitive(true);
        }
    }
    headers
}

fn settle<T, E: DeserializeOwned>(
    answer: Answer,
    operation: &'static str,
    decode: fn(&Answer) -> Result<T, Undecoded>,
) -> Result<ResponseValue<T>, Error<E>> {
    let status = answer.status;
    if status.is_redirection() {
        let location = header_text(&answer.headers, &LOCATION);
        return Err(Error::Redirect {
            operation,
            status,
            location,
        });
    }
    if !status.is_success() {
        return Err(refusal(answer, operation));
    }
    match decode(&answer) {
        Ok(value) => Ok(ResponseValue::new(value, status, answer.headers)),
        Err(Undecoded { reason }) => Err(Error::Undecoded {
            operation,
            status,
            reason,
            body_start: body_start(&answer.body),
            headers: Box::new(answer.headers),
        }),
    }
}

fn refusal<E: DeserializeOwned>(answer: Answer, operation: &'static str) -> Error<E> {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    match serde_json::from_slice(&body) {
        Ok(body) => Error::Api {
            operation,
            status,
            body: Box::new(body),
            headers: Box::new(headers),
        },
        Err(_) => Error::Unexpected {
            operation,
            status,
            content_type: header_text(&headers, &CONTENT_TYPE),
            body_start: body_start(&body),
            headers: Box::new(headers),
        },
    }
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(shown(&String::from_utf8_lossy(value.as_bytes())))
}
