//! Where requests go and how: base URL, HTTP client, signer.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bpx_signing::{ClockSkew, SignedOperation, Signer};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use progenitor_client::ResponseValue;
use reqwest::{Client, Request, Url, redirect};

use crate::base_url::{self, ConnectError};
use crate::body::Body;
use crate::call::{Call, Opened, Received};
use crate::credential::{Credential, Credentials, chosen};
use crate::decode::{Answer, Undecoded};
use crate::error::Error;
use crate::events::Events;
use crate::options::Options;
use crate::pace::Pace;
use crate::request::RequestBuilder;
use crate::stream::{Protocol, StreamOptions, Streams};
use crate::text::{body_start, shown};
use crate::tls::tls;

/// Shorter than servers usually keep an idle socket, so that an order rarely meets one that is just being closed.
const POOL_IDLE: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("bpx-runtime/", env!("CARGO_PKG_VERSION"));

/// Where requests go and how: base URL, HTTP client, signer, pace.
///
/// Cheap to clone; clones share the connection pool and the rate limit. Redirects are not followed, a write is sent at
/// most once, and plain http is spoken with this computer only, past any proxy. `Debug` shows no secret.
///
/// A signer that may correct its clock ([`Signer::with_clock_correction`]) learns from each answer to a signed call.
///
/// Each call is a `tracing` span named `call` with the fields `operation`, `attempt`, `status`, `latency_ms` (of the last
/// attempt, to the last byte of its answer), `failure` where there was no answer, and `clock_skew_ms` where the clocks
/// differ by more than can be explained. Neither headers nor bodies nor query values stand in it.
#[derive(Debug, Clone)]
pub struct Connection {
    base: Url,
    base_text: Arc<str>,
    http: Client,
    signer: Option<Signer>,
    credentials: Arc<Credentials>,
    options: Arc<Options>,
    pace: Option<Arc<Pace>>,
}

impl Connection {
    /// A connection for signed and public calls.
    ///
    /// # Errors
    /// A base URL that is not http or https, holds credentials, a query or a fragment, or is plain http to another
    /// computer; an HTTP client that cannot be set up.
    pub fn signed(base: &str, signer: Signer, options: Options) -> Result<Self, ConnectError> {
        Self::new(base, Some(signer), options)
    }

    /// A connection for public calls only.
    ///
    /// # Errors
    /// As [`Connection::signed`].
    pub fn public(base: &str, options: Options) -> Result<Self, ConnectError> {
        Self::new(base, None, options)
    }

    fn new(base: &str, signer: Option<Signer>, options: Options) -> Result<Self, ConnectError> {
        let base = base_url::parse(base)?;
        Ok(Self {
            base_text: base.as_str().trim_end_matches('/').into(),
            http: http_client(&base, &options)?,
            base,
            signer,
            credentials: Arc::default(),
            pace: options.rate_limit.map(Pace::new).map(Arc::new),
            options: Arc::new(options),
        })
    }

    /// The same connection with a credential for a security scheme of the document.
    #[must_use]
    pub fn with_credential(mut self, scheme: &str, credential: Credential) -> Self {
        Arc::make_mut(&mut self.credentials).insert(scheme.to_owned(), credential);
        self
    }

    /// The base URL without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_text
    }

    /// Begins a request to a path below the base URL. Send it with one of the calls below.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        RequestBuilder::new(method, &self.base_text, path)
    }

    /// Waits for its turn, signs the request, sends it and decodes the answer. A read that fails in passing is signed and
    /// sent again.
    ///
    /// # Errors
    /// Every [`Error`] but [`Error::ListMoved`]; [`Error::was_sent`] and [`Error::is_unknown`] say what it means for a
    /// state-changing call.
    pub async fn call_signed<T, E: Body>(
        &self,
        request: Request,
        operation: &SignedOperation,
        decode: fn(&Answer) -> Result<T, Undecoded>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        self.check_origin(&request)?;
        let signer = self.signer.as_ref().ok_or_else(|| {
            Error::InvalidRequest(format!(
                "{} needs a signature, and this connection has no key; make it with Connection::signed",
                operation.id
            ))
        })?;
        let call = self.call(operation.id.clone(), Some((signer, operation)));
        let received = call.answer(request).await?;
        settle(received, call.operation, decode)
    }

    /// Waits for its turn, sends the request as it is and decodes the answer. A read that fails in passing is sent again.
    ///
    /// # Errors
    /// As [`Connection::call_signed`], but for [`Error::Signing`].
    pub async fn call_public<T, E: Body>(
        &self,
        request: Request,
        operation_id: impl Into<Cow<'static, str>>,
        decode: fn(&Answer) -> Result<T, Undecoded>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        self.check_origin(&request)?;
        self.call_authorized(request, operation_id, &[], decode)
            .await
    }

    /// As [`Connection::call_public`] with credentials: those of the first alternative of security schemes for which the
    /// connection has all. Where it has too few, the request goes out without, and the server says what it wants.
    ///
    /// # Errors
    /// As [`Connection::call_public`]; also a credential that cannot be written as a header.
    pub async fn call_authorized<T, E: Body>(
        &self,
        request: Request,
        operation_id: impl Into<Cow<'static, str>>,
        security: &[&[&str]],
        decode: fn(&Answer) -> Result<T, Undecoded>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        self.check_origin(&request)?;
        let mut call = self.call(operation_id.into(), None);
        call.credentials = chosen(&self.credentials, security);
        let received = call.answer(request).await?;
        settle(received, call.operation, decode)
    }

    /// As [`Connection::call_authorized`] for a response that is a stream of events: sent once, and read as it arrives.
    /// The time of a call ends with the head of the response.
    ///
    /// # Errors
    /// As [`Connection::call_authorized`].
    pub async fn call_events<T, E: Body>(
        &self,
        request: Request,
        operation_id: impl Into<Cow<'static, str>>,
        security: &[&[&str]],
    ) -> Result<ResponseValue<Events<T>>, Error<E>> {
        self.check_origin(&request)?;
        let mut call = self.call(operation_id.into(), None);
        call.credentials = chosen(&self.credentials, security);
        let response = match call.open(request).await? {
            Opened::Stream(response) => response,
            Opened::Received(received) => {
                // A refusal, so the function that reads a success is not called.
                let empty = |_: &Answer| Err(Undecoded::undocumented(http::StatusCode::OK));
                return settle(received, call.operation, empty);
            }
        };
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(ResponseValue::new(Events::of(response), status, headers))
    }

    /// Sends a request that somebody else made, and signed if it needs that: once, as it is, without waiting for a turn.
    /// Gives the answer as it came, whatever its status. The tap sees it under the operation's id; mark as sensitive
    /// what it must not see.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] for a request to another origin than the connection's, [`Error::NotSent`],
    /// [`Error::Transport`], [`Error::TooLarge`].
    pub async fn pass_on(
        &self,
        request: Request,
        operation_id: impl Into<Cow<'static, str>>,
    ) -> Result<Answer, Error> {
        self.check_origin(&request)?;
        let received = self.call(operation_id.into(), None).once(request).await?;
        Ok(received.answer)
    }

    /// The streams of a document whose HTTP server is `server` and whose server of streams is `url`: at that URL for a
    /// connection to `server`, and beside any other, so that whoever speaks with an exchange on this computer hears no
    /// other one. What the document's URL lacks is reported by the subscriptions.
    #[must_use]
    pub fn streams(
        &self,
        protocol: Protocol,
        url: &str,
        server: &str,
        options: StreamOptions,
    ) -> Streams {
        let signer = self.signer.clone();
        let is_of_document =
            Url::parse(server).is_ok_and(|server| server.origin() == self.base.origin());
        let streams = if is_of_document {
            Streams::new(url, signer, protocol, options)
        } else {
            let mut beside = self.base.clone();
            beside.set_path("/");
            Streams::beside(&beside, signer, protocol, options)
        };
        streams.unwrap_or_else(|error| Streams::impossible(&error))
    }

    fn call<'a>(
        &'a self,
        operation: Cow<'static, str>,
        signing: Option<(&'a Signer, &'a SignedOperation)>,
    ) -> Call<'a> {
        Call {
            base_url: &self.base_text,
            http: &self.http,
            options: &self.options,
            pace: self.pace.as_deref(),
            operation,
            signing,
            credentials: Vec::new(),
        }
    }

    /// A signature must not reach anyone but the configured exchange.
    fn check_origin<E>(&self, request: &Request) -> Result<(), Error<E>> {
        let origin = request.url().origin();
        if origin == self.base.origin() {
            return Ok(());
        }
        Err(Error::InvalidRequest(format!(
            "the request goes to {}, the connection to {}; build requests with Connection::request",
            shown(&origin.ascii_serialization()),
            self.base.origin().ascii_serialization()
        )))
    }
}

fn http_client(base: &Url, options: &Options) -> Result<Client, ConnectError> {
    let accept_json =
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let builder = match &options.client {
        Some(prepare) => (prepare.0)(Client::builder()),
        None => Client::builder(),
    };
    let mut headers = accept_json;
    headers.extend(options.headers.clone());
    let builder = builder
        .tls_backend_preconfigured(tls(base).map_err(ConnectError::Tls)?)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .pool_idle_timeout(POOL_IDLE)
        .user_agent(USER_AGENT)
        .default_headers(headers);
    // A proxy would carry plain http off this computer.
    let builder = match base.scheme() {
        "http" => builder.no_proxy(),
        _ => builder.https_only(true),
    };
    builder.build().map_err(ConnectError::Client)
}

fn settle<T, E: Body>(
    received: Received,
    operation: Cow<'static, str>,
    decode: fn(&Answer) -> Result<T, Undecoded>,
) -> Result<ResponseValue<T>, Error<E>> {
    let Received { answer, skew } = received;
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
        return Err(refusal(answer, operation, skew));
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

fn refusal<E: Body>(
    answer: Answer,
    operation: Cow<'static, str>,
    skew: Option<ClockSkew>,
) -> Error<E> {
    let body = E::read(&answer);
    let Answer {
        status,
        headers,
        body: bytes,
    } = answer;
    match body {
        Ok(body) => Error::Api {
            operation,
            status,
            body: Box::new(body),
            headers: Box::new(headers),
            clock_skew: skew,
        },
        Err(_) => Error::Unexpected {
            operation,
            status,
            content_type: header_text(&headers, &CONTENT_TYPE),
            body_start: body_start(&bytes),
            headers: Box::new(headers),
        },
    }
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(shown(&String::from_utf8_lossy(value.as_bytes())))
}
