//! Interactions under other tools' names: HAR entries, logs of proxies and gateways in JSON.
//!
//! The first name that is there counts. Bodies that are embedded as JSON are taken byte for byte.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::beside::Beside;
use super::body::{Stored, split};
use super::raw::{self, Object, stored, text};
use super::{Entry, Fault, Url, nock};
use crate::Interaction;

/// Where a name is looked up: the line itself, or an object in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum In {
    Top,
    Request,
    PostData,
    Response,
    Content,
}

const OBJECTS: [(In, In, &[&str]); 4] = [
    (In::Request, In::Top, &["request", "req", "httpRequest"]),
    (In::Response, In::Top, &["response", "res", "resp"]),
    (In::PostData, In::Request, &["postData"]),
    (In::Content, In::Response, &["content"]),
];
const METHOD: &[(In, &[&str])] = &[
    (
        In::Top,
        &[
            "method",
            "http_method",
            "httpMethod",
            "request_method",
            "requestMethod",
            "verb",
            "RequestMethod",
        ],
    ),
    (In::Request, &["method", "requestMethod"]),
];
const URL: &[(In, &[&str])] = &[
    (
        In::Top,
        &[
            "url",
            "uri",
            "path",
            "request_uri",
            "requestUri",
            "request_url",
            "requestUrl",
            "http_path",
            "RequestPath",
        ],
    ),
    (
        In::Request,
        &["url", "uri", "requestUrl", "urlPath", "path"],
    ),
];
/// Both in one: `GET /pets HTTP/1.1`, or without the protocol.
const REQUEST_LINE: &[(In, &[&str])] = &[(
    In::Top,
    &["request", "request_line", "requestLine", "routeKey"],
)];
const QUERY: &[(In, &[&str])] = &[
    (In::Top, &["query", "query_string", "queryString"]),
    (In::Request, &["query"]),
];
const STATUS: &[(In, &[&str])] = &[
    (
        In::Top,
        &[
            "status",
            "status_code",
            "statusCode",
            "response_status",
            "responseStatus",
            "http_status",
            "response_code",
            "responseCode",
            "DownstreamStatus",
        ],
    ),
    (
        In::Response,
        &["status", "status_code", "statusCode", "code"],
    ),
    (In::Request, &["status"]),
];
const HEADERS: &[(In, &[&str])] = &[
    (
        In::Top,
        &["response_headers", "responseHeaders", "resp_headers"],
    ),
    (In::Response, &["headers"]),
];
const REQUEST_HEADERS: &[(In, &[&str])] = &[
    (In::Top, &["request_headers", "requestHeaders"]),
    (In::Request, &["headers"]),
];
const COOKIES: &[(In, &[&str])] = &[(In::Request, &["cookies"])];
const REQUEST_MEDIA_TYPE: &[(In, &[&str])] = &[(In::PostData, &["mimeType"])];
const BODY: &[(In, &[&str])] = &[
    (In::Top, &["response_body", "responseBody", "body"]),
    (In::Content, &["text"]),
    (In::Response, &["body", "jsonBody"]),
];
const BODY_BASE64: &[(In, &[&str])] = &[
    (In::Top, &["response_body_base64", "responseBodyBase64"]),
    (In::Response, &["base64Body", "body_base64"]),
];
/// Of AWS Lambda: the body is base64.
const IS_BASE64: &[(In, &[&str])] = &[
    (In::Top, &["isBase64Encoded"]),
    (In::Response, &["isBase64Encoded"]),
];
const FILE: &[(In, &[&str])] = &[(In::Content, &["_file"])];
const REQUEST_FILE: &[(In, &[&str])] = &[(In::PostData, &["_file"])];
const ENCODING: &[(In, &[&str])] = &[(In::Content, &["encoding"])];
const SIZE: &[(In, &[&str])] = &[(In::Content, &["size"])];
const REQUEST_SIZE: &[(In, &[&str])] = &[(In::Request, &["bodySize"])];
const SENT_SIZE: &[(In, &[&str])] = &[(In::Response, &["bodySize"])];
const MEDIA_TYPE: &[(In, &[&str])] = &[
    (In::Top, &["content_type", "contentType"]),
    (In::Content, &["mimeType"]),
];
const REQUEST_BODY: &[(In, &[&str])] = &[
    (In::Top, &["request_body", "requestBody"]),
    (In::PostData, &["text"]),
    (In::Request, &["body"]),
];
const TIME: &[(In, &[&str])] = &[(
    In::Top,
    &[
        "startedDateTime",
        "started",
        "started_at",
        "timestamp",
        "@timestamp",
        "time",
        "ts",
        "recorded_at",
        "time_iso8601",
        "requestTime",
        "StartUTC",
    ],
)];

/// Reads one object of any tool.
pub(super) fn entry<'a>(text: &'a str, beside: Beside<'_>) -> Entry<'a> {
    let fields = Fields::of(text)?;
    if let Some(top) = fields.0.get(&In::Top).filter(|top| nock::is_nock(top)) {
        return nock::entry(top);
    }
    let (method, url) = fields.method_and_url()?;
    let url = Url::of(url);
    let (headers, request_headers) = (fields.headers(), fields.request_headers());
    let (body, body_fault) = split(fields.body(beside), headers.as_deref());
    let request = fields.request_body(beside);
    let (request_body, request_body_fault) = split(request, request_headers.as_deref());
    Ok(Interaction {
        method,
        host: url.host,
        path: url.path,
        query: url.query.or_else(|| fields.text(QUERY)),
        request_headers,
        request_body_left_out: request_body.is_none() && fields.number(REQUEST_SIZE) > Some(0),
        request_body,
        request_body_fault,
        status: fields.all(STATUS).find_map(raw::status),
        headers,
        body,
        body_fault,
        started_ms: fields.all(TIME).find_map(raw::time),
    })
}

struct Fields<'a>(HashMap<In, Object<'a>>);

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Result<Self, Fault> {
        let top: Object<'a> = serde_json::from_str(text).map_err(|error| Fault::of_json(&error))?;
        let mut this = Self(HashMap::from([(In::Top, top)]));
        for (object, within, names) in OBJECTS {
            let inner = this.find(&[(within, names)]);
            if let Some(inner) = inner.and_then(|raw| raw::object(raw.get())) {
                this.0.insert(object, inner);
            }
        }
        Ok(this)
    }

    /// What is there under these names, in their order; an explicit null counts as absent.
    fn all<'n>(
        &self,
        names: &'n [(In, &'n [&'n str])],
    ) -> impl Iterator<Item = &'a RawValue> + use<'a, 'n, '_> {
        let found = names.iter().flat_map(|(object, names)| {
            let object = self.0.get(object);
            names
                .iter()
                .filter_map(move |name| object?.get(*name).copied())
        });
        found.filter(|raw| raw.get() != "null")
    }

    fn find(&self, names: &[(In, &[&str])]) -> Option<&'a RawValue> {
        self.all(names).next()
    }

    fn text(&self, names: &[(In, &[&str])]) -> Option<Cow<'a, str>> {
        self.all(names).find_map(text)
    }

    fn number(&self, names: &[(In, &[&str])]) -> Option<i64> {
        self.find(names)?.get().parse().ok()
    }

    fn method_and_url(&self) -> Result<(Cow<'a, str>, Cow<'a, str>), Fault> {
        let (method, url) = (self.text(METHOD), self.text(URL));
        if let (Some(method), Some(url)) = (&method, &url) {
            return Ok((method.clone(), url.clone()));
        }
        let line = self.text(REQUEST_LINE).unwrap_or_default();
        let mut words = line
            .split(' ')
            .map(|word| Cow::<'a, str>::Owned(word.to_owned()));
        let (first, second) = (
            words.next(),
            words.next().filter(|url| url.starts_with('/')),
        );
        let first = first.filter(|_| second.is_some());
        let method = method.or(first).ok_or_else(|| Fault::missing("method"))?;
        let url = url
            .or(second)
            .ok_or_else(|| Fault::missing("path or URL"))?;
        Ok((method, url))
    }

    /// An object of names, a list of pairs, or HAR's list of `name` and `value`.
    fn headers(&self) -> Option<Vec<(String, String)>> {
        let headers = self.find(HEADERS).and_then(|raw| raw::headers(raw.get()));
        let media_type = self.text(MEDIA_TYPE);
        // Chrome's word for a response that it knows nothing of.
        let media_type = media_type.filter(|it| !it.is_empty() && it != "x-unknown");
        let mut known = match (headers, &media_type) {
            (Some(headers), _) => headers,
            (None, Some(_)) => Vec::new(),
            (None, None) => return None,
        };
        let named = |name: &str| name.eq_ignore_ascii_case("content-type");
        if let (Some(media_type), false) = (media_type, known.iter().any(|(name, _)| named(name))) {
            known.push(("content-type".to_owned(), media_type.into_owned()));
        }
        Some(known)
    }

    /// As [`Fields::headers`], with HAR's list of cookies. Conditions instead of values are not what was sent.
    fn request_headers(&self) -> Option<Vec<(String, String)>> {
        let raw = self.find(REQUEST_HEADERS)?.get();
        let mut known = match serde_json::from_str::<HashMap<String, serde_json::Value>>(raw) {
            Ok(object) if object.values().any(serde_json::Value::is_object) => return None,
            _ => raw::headers(raw)?,
        };
        let mut add = |name: &str, value: String| {
            if !known
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                known.push((name.to_owned(), value));
            }
        };
        let cookies = self.find(COOKIES).and_then(|raw| raw::headers(raw.get()));
        if let Some(cookies) = cookies.filter(|cookies| !cookies.is_empty()) {
            let pairs = cookies
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"));
            add("cookie", pairs.collect::<Vec<_>>().join("; "));
        }
        if let Some(media_type) = self.text(REQUEST_MEDIA_TYPE).filter(|it| !it.is_empty()) {
            add("content-type", media_type.into_owned());
        }
        Some(known)
    }

    fn request_body(&self, beside: Beside<'_>) -> Result<Option<Stored<'a>>, &'static str> {
        match (self.find(REQUEST_BODY), self.text(REQUEST_FILE)) {
            (None, Some(file)) => beside.read(&file, &[""]).map(Stored::Bytes).map(Some),
            (raw, _) => Ok(raw.and_then(stored)),
        }
    }

    fn body(&self, beside: Beside<'_>) -> Result<Option<Stored<'a>>, &'static str> {
        if let Some(base64) = self.text(BODY_BASE64) {
            return Stored::base64(&base64).map(Some);
        }
        match (self.find(BODY), self.text(FILE)) {
            (None, Some(file)) => beside.read(&file, &[""]).map(Stored::Bytes).map(Some),
            // Browsers leave out what they no longer have; its size remains.
            (None, None) => {
                let is_empty = self.number(SIZE) == Some(0) && self.number(SENT_SIZE) <= Some(0);
                Ok(is_empty.then(|| Stored::Text(Cow::default())))
            }
            (Some(raw), _) if raw.get() == "\"\"" && self.number(SIZE) > Some(0) => Ok(None),
            (Some(raw), _) => match text(raw).filter(|_| self.is_base64()) {
                Some(text) => of_base64(&text).map(Some),
                None => Ok(stored(raw)),
            },
        }
    }

    fn is_base64(&self) -> bool {
        let encoding = self.text(ENCODING);
        encoding.is_some_and(|it| it.eq_ignore_ascii_case("base64"))
            || self.find(IS_BASE64).is_some_and(|raw| raw.get() == "true")
    }
}

/// Polly.JS keeps a JSON list with the base64 of each part.
fn of_base64<'a>(text: &str) -> Result<Stored<'a>, &'static str> {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(parts) => {
            let mut whole = Vec::new();
            for part in parts {
                if let Stored::Bytes(bytes) = Stored::base64(&part)? {
                    whole.extend(bytes);
                }
            }
            Ok(Stored::Bytes(whole))
        }
        Err(_) => Stored::base64(text),
    }
}
