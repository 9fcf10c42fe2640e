//! WireMock's mappings: a request's conditions, and the response that a stub gives.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::beside::Beside;
use super::body::{Stored, split};
use super::raw::{Object, at, headers, object, status, stored, text_at};
use super::{Entry, Fault, Url};
use crate::Interaction;

/// What makes a mapping more than one request, or its response none that was recorded.
const REFUSED: [(&str, &str); 8] = [
    (
        "request/urlPattern",
        "the mapping gives a pattern, not a URL",
    ),
    (
        "request/urlPathPattern",
        "the mapping gives a pattern, not a URL",
    ),
    (
        "request/urlPathTemplate",
        "the mapping gives a template, not a URL",
    ),
    (
        "response/fault",
        "the mapping injects a fault instead of a response",
    ),
    (
        "response/proxyBaseUrl",
        "the mapping passes the request on instead of responding",
    ),
    (
        "response/transformers",
        "the response is a template, not a recorded one",
    ),
    (
        "response/fromConfiguredStub",
        "the response is made of another one",
    ),
    (
        "response/proxyUrlPrefixToRemove",
        "the mapping passes the request on instead of responding",
    ),
];

pub(super) fn entry<'a>(raw: &'a RawValue, beside: Beside<'_>) -> Entry<'a> {
    let root = object(raw.get()).ok_or_else(|| Fault::invalid("a mapping is no object"))?;
    let mut refused = REFUSED.iter();
    if let Some((_, reason)) = refused.find(|(path, _)| at(&root, path).is_some()) {
        return Err(Fault::invalid(*reason));
    }
    let url = text_at(&root, &["request/url", "request/urlPath", "request/uri"]);
    let url = Url::of(url.ok_or_else(|| Fault::missing("path or URL"))?);
    let received = at(&root, "response/headers").and_then(|raw| headers(raw.get()));
    let (body, body_fault) = split(response_body(&root, beside), received.as_deref());
    Ok(Interaction {
        // A mapping without a method stands for every method.
        method: text_at(&root, &["request/method"])
            .unwrap_or_else(|| Interaction::ANY_METHOD.into()),
        host: url.host,
        path: url.path,
        query: url.query.or_else(|| query(&root).map(Cow::Owned)),
        // Conditions are not all that was sent.
        request_headers: None,
        request_body: None,
        request_body_left_out: false,
        request_body_fault: None,
        status: at(&root, "response/status").map_or(Some(200), status),
        headers: received,
        body,
        body_fault,
        started_ms: None,
    })
}

/// A stub without a body responds with an empty one.
fn response_body<'a>(
    root: &Object<'a>,
    beside: Beside<'_>,
) -> Result<Option<Stored<'a>>, &'static str> {
    if let Some(file) = text_at(root, &["response/bodyFileName"]) {
        let bytes = beside.read(&file, &["../__files", "__files", ""]);
        return bytes.map(Stored::Bytes).map(Some);
    }
    if let Some(base64) = text_at(root, &["response/base64Body"]) {
        return Stored::base64(&base64).map(Some);
    }
    let body = ["response/jsonBody", "response/body"];
    let body = body.iter().find_map(|path| stored(at(root, path)?));
    Ok(Some(body.unwrap_or(Stored::Text("".into()))))
}

/// The query parameters whose values the mapping gives.
fn query(root: &Object<'_>) -> Option<String> {
    let names = object(at(root, "request/queryParameters")?.get())?;
    let pairs = names.iter().filter_map(|(name, condition)| {
        let condition = object(condition.get())?;
        Some(format!("{name}={}", text_at(&condition, &["equalTo"])?))
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}
