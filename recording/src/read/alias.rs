//! Interactions under other tools' names: HAR entries, WireMock mappings, access logs in JSON.
//!
//! The first name that is there counts. Bodies that are embedded as JSON are taken byte for byte.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime};
use serde_json::value::RawValue;

use super::body::{decoded, into_bytes};
use super::{Entry, Fault, FaultKind};
use crate::interaction::{Interaction, split_url};

type Object<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

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
    (In::Request, In::Top, &["request", "req"]),
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
        ],
    ),
    (In::Request, &["method"]),
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
        ],
    ),
    (In::Request, &["url", "uri", "urlPath", "path"]),
];
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
        ],
    ),
    (
        In::Response,
        &["status", "status_code", "statusCode", "code"],
    ),
];
const HEADERS: &[(In, &[&str])] = &[
    (In::Top, &["response_headers", "responseHeaders"]),
    (In::Response, &["headers"]),
];
const BODY: &[(In, &[&str])] = &[
    (In::Top, &["response_body", "responseBody", "body"]),
    (In::Content, &["text"]),
    (In::Response, &["body", "jsonBody"]),
];
const BODY_BASE64: &[(In, &[&str])] = &[
    (In::Top, &["response_body_base64", "responseBodyBase64"]),
    (In::Response, &["base64Body", "body_base64"]),
];
const ENCODING: &[(In, &[&str])] = &[(In::Content, &["encoding"])];
const SIZE: &[(In, &[&str])] = &[(In::Content, &["size"])];
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
        "timestamp",
        "@timestamp",
        "time",
        "ts",
        "recorded_at",
    ],
)];

/// Reads one object of any tool.
pub(super) fn entry(text: &str) -> Entry<'_> {
    let fields = Fields::of(text)?;
    let missing = |what: &str| {
        Fault::new(
            FaultKind::Invalid,
            format!("no {what} under any known name"),
        )
    };
    let method = fields.text(METHOD).ok_or_else(|| missing("method"))?;
    let url = fields.text(URL).ok_or_else(|| missing("path or URL"))?;
    let (path, query) = split(url);
    Ok(Interaction {
        method,
        path,
        query: query.or_else(|| fields.text(QUERY)),
        request_body: fields.find(REQUEST_BODY).and_then(bytes),
        status: fields.status(),
        headers: fields.headers(),
        body: fields.body()?,
        started_ms: fields.find(TIME).and_then(time),
    })
}

fn split(url: Cow<'_, str>) -> (Cow<'_, str>, Option<Cow<'_, str>>) {
    match url {
        Cow::Borrowed(url) => {
            let (path, query) = split_url(url);
            (path.into(), query.map(Cow::Borrowed))
        }
        Cow::Owned(url) => {
            let (path, query) = split_url(&url);
            (path.to_owned().into(), query.map(|it| it.to_owned().into()))
        }
    }
}

struct Fields<'a>(HashMap<In, Object<'a>>);

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Result<Self, Fault> {
        let top: Object<'a> = serde_json::from_str(text).map_err(|error| Fault::of_json(&error))?;
        let mut this = Self(HashMap::from([(In::Top, top)]));
        for (object, within, names) in OBJECTS {
            let inner = this.find(&[(within, names)]);
            if let Some(Ok(inner)) = inner.map(|raw| serde_json::from_str(raw.get())) {
                this.0.insert(object, inner);
            }
        }
        Ok(this)
    }

    /// The first name that is there; an explicit null counts as absent.
    fn find(&self, names: &[(In, &[&str])]) -> Option<&'a RawValue> {
        let mut found = names.iter().flat_map(|(object, names)| {
            let object = self.0.get(object);
            names
                .iter()
                .filter_map(move |name| object?.get(*name).copied())
        });
        found.find(|raw| raw.get() != "null")
    }

    fn text(&self, names: &[(In, &[&str])]) -> Option<Cow<'a, str>> {
        text(self.find(names)?)
    }

    fn status(&self) -> Option<u16> {
        let raw = self.find(STATUS)?.get();
        let status: u16 = raw.trim_matches('"').parse().ok()?;
        // A browser writes 0 where no answer came.
        (status > 0).then_some(status)
    }

    /// An object of names, a list of pairs, or HAR's list of `name` and `value`.
    fn headers(&self) -> Option<Vec<(String, String)>> {
        let headers = self.find(HEADERS).and_then(|raw| headers(raw.get()));
        let media_type = self.text(MEDIA_TYPE).filter(|it| !it.is_empty());
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

    fn body(&self) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        if let Some(base64) = self.text(BODY_BASE64) {
            return decoded(&base64).map(|bytes| Some(bytes.into()));
        }
        let Some(raw) = self.find(BODY) else {
            let empty = self.find(SIZE).is_some_and(|size| size.get() == "0");
            return Ok(empty.then(Cow::default));
        };
        match (self.text(ENCODING).as_deref(), text(raw)) {
            (Some("base64"), Some(base64)) => decoded(&base64).map(|bytes| Some(bytes.into())),
            _ => Ok(bytes(raw)),
        }
    }
}

fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let raw = raw.get();
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        false => Some(inner.into()),
        true => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
    }
}

/// A text is the body's text; anything else is a body of JSON.
fn bytes(raw: &RawValue) -> Option<Cow<'_, [u8]>> {
    match text(raw) {
        Some(text) => Some(into_bytes(text)),
        None if raw.get() == "null" => None,
        None => Some(raw.get().as_bytes().into()),
    }
}

fn headers(raw: &str) -> Option<Vec<(String, String)>> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Value {
        One(String),
        Many(Vec<String>),
        Other(serde_json::Value),
    }
    #[derive(serde::Deserialize)]
    struct Named {
        name: String,
        value: String,
    }
    if let Ok(list) = serde_json::from_str::<Vec<Named>>(raw) {
        return Some(list.into_iter().map(|it| (it.name, it.value)).collect());
    }
    if let Ok(pairs) = serde_json::from_str::<Vec<(String, String)>>(raw) {
        return Some(pairs);
    }
    let object: HashMap<String, Value> = serde_json::from_str(raw).ok()?;
    let pairs = object.into_iter().map(|(name, value)| match value {
        Value::One(value) => (name, value),
        Value::Many(values) => (name, values.into_iter().next().unwrap_or_default()),
        Value::Other(value) => (name, value.to_string()),
    });
    Some(pairs.collect())
}

/// A time of any common writing, as Unix milliseconds.
fn time(raw: &RawValue) -> Option<i64> {
    if let Some(text) = text(raw) {
        let zoned = DateTime::parse_from_rfc3339(&text).map(|at| at.timestamp_millis());
        let naive = || NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f");
        return zoned
            .or_else(|_| naive().map(|at| at.and_utc().timestamp_millis()))
            .ok();
    }
    let number: f64 = raw.get().parse().ok()?;
    // Seconds, milliseconds, microseconds or nanoseconds, by size.
    let scale = match number.abs() {
        ..1e11 => 1e3,
        ..1e14 => 1.0,
        ..1e17 => 1e-3,
        _ => 1e-6,
    };
    // Past every date there is, the cast stays at the last one.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a float is cast to the nearest integer there is"
    )]
    Some((number * scale) as i64)
}
