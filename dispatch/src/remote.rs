//! The exchange as dispatch asks it: one request, and what came of it, as settling needs it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bpx_contract::Api;
use bpx_contract::api::{Body, Location, Operation};
use bpx_contract::model::Media;
use bpx_runtime::decode::{Answer, Undecoded};
use bpx_runtime::http::Method;
use bpx_runtime::http::header::RETRY_AFTER;
use bpx_runtime::reqwest::Request;
use bpx_runtime::signing::SigningString;
use bpx_runtime::{
    Bytes, ClockSkew, ConnectError, Connection, Credential, Error, HeaderMap, Options, Payload,
    RateLimit, RequestError, ResponseValue, SignedOperation, Signer, Style, plain_json,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::call::Arguments;
use crate::outcome::{Rejected, Witness};

/// A date has 29 characters.
const RETRY_AFTER_CHARS_MAX: usize = 40;

/// What came of one request.
#[derive(Debug)]
pub enum Reply {
    /// A success status; the body is not looked at yet.
    Success(Success),
    /// The exchange, or something before it, refused.
    Refused(Rejected),
    /// Nothing left this computer.
    NotSent {
        /// Why.
        message: String,
    },
    /// Something may have left, and no whole response came.
    Broken {
        /// What happened.
        message: String,
    },
}

/// A success, whole.
#[derive(Debug)]
#[non_exhaustive]
pub struct Success {
    /// The status, 2xx.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// The headers.
    pub headers: HeaderMap,
}

impl Success {
    /// The body as JSON; plain text, where the document has that, as a string.
    #[must_use]
    pub fn json(&self, is_text: bool) -> Option<Box<RawValue>> {
        if !is_text {
            return serde_json::from_slice(&self.body).ok();
        }
        let text = std::str::from_utf8(&self.body).ok()?;
        to_raw_value(text).ok()
    }
}

/// One request as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Preview {
    /// The method.
    pub method: String,
    /// The URL with its query.
    pub url: String,
    /// The path with its query.
    pub target: String,
    /// Names of the headers that come from arguments; their values may be secret.
    pub headers: Vec<String>,
    /// The body, byte for byte.
    pub body: Option<String>,
    /// What would be signed, with the time of now; none for an unsigned request.
    pub signing_string: Option<String>,
}

/// How clients connect to an API unless configured otherwise, with the documented rate limit.
#[must_use]
pub fn options(api: &Api) -> Options {
    let limit = api.models().find_map(|model| model.rate_limit);
    let limit = limit.map(|limit| {
        let window = Duration::from_millis(limit.window_ms);
        RateLimit::new(limit.requests, window)
    });
    match limit {
        Some(limit) => Options::default().with_rate_limit(limit),
        None => Options::default(),
    }
}

/// The signature table of an API: what a [`Signer`] needs to know of each signed operation.
#[must_use]
pub fn signed_operations(api: &Api) -> Vec<SignedOperation> {
    api.operations().filter_map(|it| signed(it)).collect()
}

fn signed(operation: &Operation) -> Option<SignedOperation> {
    let signing = operation.signing.as_ref()?;
    Some(SignedOperation {
        id: Cow::Owned(operation.id.clone()),
        method: Cow::Borrowed(operation.method.as_str()),
        path: Cow::Owned(operation.path.clone()),
        instruction: Cow::Owned(signing.instruction.clone()),
        payload: match (&operation.body, signing.batch) {
            (Body::None, _) => Payload::Query,
            (_, true) => Payload::Batch,
            (_, false) => Payload::Object,
        },
    })
}

/// The exchange.
#[derive(Debug)]
pub struct Remote {
    connection: Connection,
    signer: Option<Signer>,
    signed: BTreeMap<String, SignedOperation>,
    /// The names under which the connection has its credentials.
    credentials: Vec<String>,
}

impl Remote {
    /// The exchange at a base URL, called with or without signatures.
    ///
    /// # Errors
    /// [`ConnectError`]: the base URL cannot be called.
    pub fn new(
        api: &Api,
        base_url: &str,
        signer: Option<&Signer>,
        options: Options,
    ) -> Result<Self, ConnectError> {
        let connection = match signer {
            Some(signer) => Connection::signed(base_url, signer.clone(), options)?,
            None => Connection::public(base_url, options)?,
        };
        let signed = signed_operations(api).into_iter();
        Ok(Self {
            connection,
            signer: signer.cloned(),
            signed: signed.map(|row| (row.id.to_string(), row)).collect(),
            credentials: Vec::new(),
        })
    }

    /// The same with credentials, which go with every request that is not signed.
    pub(crate) fn with_credentials(mut self, credentials: &[Credential]) -> Self {
        for credential in credentials {
            let name = self.credentials.len().to_string();
            self.connection = self.connection.with_credential(&name, credential.clone());
            self.credentials.push(name);
        }
        self
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn base_url(&self) -> &str {
        self.connection.base_url()
    }

    /// Sends one request, as [`Remote::response`] does, and reads what the response says about the call.
    pub(crate) async fn send(&self, operation: &Operation, arguments: &Arguments) -> Reply {
        reply(self.response(operation, arguments).await)
    }

    /// Sends one request: a write once, a read as often as the connection repeats it. The body of a success is not
    /// looked at.
    ///
    /// # Errors
    /// [`Error`]: the request was not sent, was refused, or its outcome is not known.
    pub async fn response(
        &self,
        operation: &Operation,
        arguments: &Arguments,
    ) -> Result<ResponseValue<Answer>, Error<Value>> {
        let request = self.build(operation, arguments)?;
        match self.signed.get(&operation.id) {
            Some(signed) => self.connection.call_signed(request, signed, whole).await,
            None => {
                let id = operation.id.clone();
                let names: Vec<_> = self.credentials.iter().map(String::as_str).collect();
                let connection = &self.connection;
                connection
                    .call_authorized(request, id, &[&names], whole)
                    .await
            }
        }
    }

    /// The request of a call, exactly as it would be sent but for the signature.
    ///
    /// # Errors
    /// [`RequestError`]: an argument that cannot travel where the contract puts it.
    pub fn preview(
        &self,
        operation: &Operation,
        arguments: &Arguments,
    ) -> Result<Preview, RequestError> {
        let request = self.build(operation, arguments)?;
        let url = request.url();
        let query = url.query().map(|it| format!("?{it}")).unwrap_or_default();
        let body = request.body().and_then(|it| it.as_bytes());
        let headers = operation.params.iter();
        let headers = headers.filter(|argument| {
            argument.location == Location::Header && arguments.contains_key(&argument.name)
        });
        Ok(Preview {
            method: request.method().to_string(),
            url: url.to_string(),
            target: format!("{}{query}", url.path()),
            headers: headers.map(|argument| argument.name.clone()).collect(),
            body: body.map(|it| String::from_utf8_lossy(it).into_owned()),
            signing_string: self.signing_string(operation, &request),
        })
    }

    fn signing_string(&self, operation: &Operation, request: &Request) -> Option<String> {
        let (signer, row) = (self.signer.as_ref()?, self.signed.get(&operation.id)?);
        let body = request.body().and_then(|it| it.as_bytes());
        let query = request.url().query();
        let (now, window) = (signer.clock_ms(), signer.window_ms());
        let string = SigningString::new(row, query, body, now, window);
        Some(string.ok()?.as_str().to_owned())
    }

    fn build(&self, operation: &Operation, arguments: &Arguments) -> Result<Request, RequestError> {
        let method = match operation.method.as_str() {
            "GET" => Method::GET,
            "PUT" => Method::PUT,
            "POST" => Method::POST,
            "DELETE" => Method::DELETE,
            "OPTIONS" => Method::OPTIONS,
            "HEAD" => Method::HEAD,
            _ => Method::PATCH,
        };
        let mut request = self.connection.request(method, &operation.path);
        for argument in &operation.params {
            let Some(value) = arguments.get(&argument.name) else {
                continue;
            };
            let name = &argument.name;
            let style = Style::named(argument.style.name()).unwrap_or(Style::FormExploded);
            request = match argument.location {
                Location::Path => request.path_as(name, value, style),
                Location::Header => request.header_as(name, value, style),
                Location::Cookie => request.cookie_as(name, value, style),
                Location::Query | Location::Body => request.query_as(name, value, style),
            };
        }
        let media = operation.described().and_then(|it| it.body.as_ref());
        match (body(operation, arguments), media.map(|body| &body.media)) {
            (Some(body), Some(Media::Form)) => request.form(&body).build(),
            (Some(body), _) => request.json(&body).build(),
            (None, _) => request.build(),
        }
    }
}

/// The body of a call, with whole numbers in plain digits, as they are signed.
fn body(operation: &Operation, arguments: &Arguments) -> Option<Value> {
    match &operation.body {
        Body::None => None,
        Body::Object { fields, .. } => {
            let given = fields.iter().filter_map(|field| {
                let value = arguments.get(&field.name)?;
                Some((field.name.clone(), plain_json(value)))
            });
            Some(Value::Object(given.collect::<Map<_, _>>()))
        }
        Body::Array { argument, .. } | Body::Value { argument } => {
            arguments.get(&argument.name).map(plain_json)
        }
    }
}

/// Leaves the body as it is: how it is read depends on the operation.
fn whole(answer: &Answer) -> Result<Answer, Undecoded> {
    Ok(answer.clone())
}

fn reply(response: Result<ResponseValue<Answer>, Error<Value>>) -> Reply {
    let error = match response {
        Ok(response) => {
            let Answer {
                status,
                headers,
                body,
            } = response.into_inner();
            return Reply::Success(Success {
                status: status.as_u16(),
                body,
                headers,
            });
        }
        Err(error) => error,
    };
    if !error.was_sent() {
        let message = match error {
            Error::Build(problem) => problem.to_string(),
            error => error.to_string(),
        };
        return Reply::NotSent { message };
    }
    refused(&error).unwrap_or_else(|| Reply::Broken {
        message: error.to_string(),
    })
}

/// A response that refuses; none where no whole response came.
fn refused(error: &Error<Value>) -> Option<Reply> {
    let (code, message, headers) = match error {
        Error::Api {
            status,
            body,
            headers,
            clock_skew,
            ..
        } => {
            let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
            let message = text("message").unwrap_or_else(|| format!("{status}, {body}"));
            let message = message + &aside(clock_skew.as_ref());
            (text("code"), message, Some(headers))
        }
        Error::Unexpected {
            status,
            content_type,
            body_start,
            headers,
            ..
        } => {
            let kind = content_type.as_deref().unwrap_or_default();
            // The page of a proxy is left out: it is not about the call.
            let message = match kind.starts_with("text/plain") {
                true => body_start.clone(),
                false => format!("{status} without the documented error body"),
            };
            (None, message, Some(headers))
        }
        Error::Redirect { .. } => (None, error.to_string(), None),
        _ => return None,
    };
    Some(Reply::Refused(Rejected {
        by: Witness::Response,
        status: Some(error.status()?.as_u16()),
        code,
        message,
        retry_after: headers.and_then(|headers| retry_after(headers)),
        order: None,
    }))
}

/// The headers of a response, without sensitive ones such as cookies.
#[must_use]
pub fn plain_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let plain = headers.iter().filter(|(_, value)| !value.is_sensitive());
    let texts =
        plain.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    texts.collect()
}

fn retry_after(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    (text.len() <= RETRY_AFTER_CHARS_MAX).then(|| text.to_owned())
}

fn aside(skew: Option<&ClockSkew>) -> String {
    skew.map_or_else(String::new, |skew| {
        format!(
            " (this computer's clock is {} ms away from the exchange's)",
            skew.offset_ms
        )
    })
}
