//! Writes one interaction, as a line or as a HAR entry.

use std::borrow::Cow;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bpx_runtime::{HeaderMap, Tapped};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::read::Line;

/// How a HAR file begins.
pub(super) const HAR_START: &str = concat!(
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"bpx\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"},\"entries\":[\n"
);

/// A line of NDJSON, without its end.
pub(super) fn line(seen: &Tapped) -> serde_json::Result<Vec<u8>> {
    let (request, response) = (Body::of(&seen.request_body), Body::of(&seen.response_body));
    serde_json::to_vec(&Line {
        bpx: 1,
        started: time(seen.started).into(),
        elapsed_us: u64::try_from(seen.elapsed.as_micros()).unwrap_or(u64::MAX),
        operation: seen.operation.as_ref().into(),
        origin: seen.origin.as_str().into(),
        method: seen.method.as_str().into(),
        path: seen.path.as_str().into(),
        query: seen.query.as_deref().map(Cow::Borrowed),
        request_headers: headers(&seen.request_headers),
        request: request.json(),
        request_text: request.text(),
        request_base64: request.base64(),
        failure: seen.failure.map(Cow::Borrowed),
        status: seen.status.map(|status| status.as_u16()),
        headers: headers(&seen.response_headers),
        base64: response.base64(),
        text: response.text(),
        body: response.json(),
    })
}

/// A body in the plainest form that keeps every byte.
enum Body<'a> {
    None,
    Json(&'a RawValue),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> Body<'a> {
    /// JSON stands in a line as it is, if it is all of the body and breaks no line.
    fn of(bytes: &'a [u8]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::Bytes(bytes);
        };
        if text.is_empty() {
            return Self::None;
        }
        match serde_json::from_str::<&RawValue>(text) {
            Ok(json) if json.get().len() == text.len() && !text.contains(['\n', '\r']) => {
                Self::Json(json)
            }
            _ => Self::Text(text),
        }
    }

    fn json(&self) -> Option<&'a RawValue> {
        match self {
            Self::Json(json) => Some(json),
            _ => None,
        }
    }

    fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn base64(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => Some(STANDARD.encode(bytes)),
            _ => None,
        }
    }
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let pairs = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    pairs.collect()
}

pub(super) fn time(at: SystemTime) -> String {
    DateTime::<Utc>::from(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An entry of a HAR file.
pub(super) fn har(seen: &Tapped) -> serde_json::Result<Vec<u8>> {
    let ms = u64::try_from(seen.elapsed.as_millis()).unwrap_or(u64::MAX);
    serde_json::to_vec(&json!({
        "startedDateTime": time(seen.started),
        "time": ms,
        "request": request(seen),
        "response": response(seen),
        "cache": {},
        "timings": {"send": 0, "wait": ms, "receive": 0},
    }))
}

fn request(seen: &Tapped) -> Value {
    let query = seen.query.as_ref().map(|query| format!("?{query}"));
    let url = [seen.origin.as_str(), &seen.path, &query.unwrap_or_default()].concat();
    let body = &seen.request_body;
    let mut request = json!({
        "method": seen.method.as_str(),
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": named(&seen.request_headers),
        "queryString": pairs(seen.query.as_deref().unwrap_or_default()),
        "headersSize": -1,
        "bodySize": body.len(),
    });
    if let (false, Value::Object(request)) = (body.is_empty(), &mut request) {
        let text = String::from_utf8_lossy(body);
        let media_type = media_type(&seen.request_headers);
        request.insert(
            "postData".to_owned(),
            json!({"mimeType": media_type, "text": text}),
        );
    }
    request
}

fn response(seen: &Tapped) -> Value {
    let body = &seen.response_body;
    let mut content = json!({
        "size": body.len(),
        "mimeType": media_type(&seen.response_headers),
    });
    if let Value::Object(content) = &mut content {
        match std::str::from_utf8(body) {
            // Where the response broke off, the body is not known to be empty.
            _ if seen.failure.is_some() => content.insert("size".to_owned(), json!(-1)),
            Ok(text) => content.insert("text".to_owned(), json!(text)),
            Err(_) => {
                content.insert("encoding".to_owned(), json!("base64"));
                content.insert("text".to_owned(), json!(STANDARD.encode(body)))
            }
        };
    }
    let status = seen.status;
    json!({
        "status": status.map_or(0, |status| status.as_u16()),
        "statusText": status.and_then(|status| status.canonical_reason()).unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": named(&seen.response_headers),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": body.len(),
    })
}

fn named(map: &HeaderMap) -> Vec<Value> {
    let pairs = headers(map).into_iter();
    pairs
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

fn pairs(query: &str) -> Vec<Value> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({"name": name, "value": value})
        })
        .collect()
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get("content-type");
    let text = value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    text.unwrap_or_default()
}
