//! Pairs of Hoverfly simulations, versions 1 to 5.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::beside::Beside;
use super::body::{Stored, split};
use super::raw::{Object, at, headers, object, status, stored, text, text_at};
use super::{Entry, Fault};
use crate::Interaction;

pub(super) fn entry<'a>(raw: &'a RawValue, beside: Beside<'_>) -> Entry<'a> {
    let root = object(raw.get()).ok_or_else(|| Fault::invalid("a pair is no object"))?;
    if at(&root, "response/templated").is_some_and(|it| it.get() == "true") {
        return Err(Fault::invalid(
            "the response is a template, not a recorded one",
        ));
    }
    let method = exact(&root, "request/method")?.ok_or_else(|| Fault::missing("method"))?;
    let path = exact(&root, "request/path")?.ok_or_else(|| Fault::missing("path"))?;
    let received = at(&root, "response/headers").and_then(|raw| headers(raw.get()));
    let (body, body_fault) = split(response_body(&root, beside), received.as_deref());
    let request_body = exact(&root, "request/body")
        .ok()
        .flatten()
        .filter(|it| !it.is_empty());
    let (request_body, request_body_fault) = split(Ok(request_body.map(Stored::Text)), None);
    Ok(Interaction {
        method,
        host: exact(&root, "request/destination")?,
        path,
        query: query(&root)?.map(Cow::Owned),
        // What a request must have to be matched is not all that was sent.
        request_headers: None,
        request_body,
        request_body_left_out: false,
        request_body_fault,
        status: at(&root, "response/status").and_then(status),
        headers: received,
        body,
        body_fault,
        started_ms: None,
    })
}

fn response_body<'a>(
    root: &Object<'a>,
    beside: Beside<'_>,
) -> Result<Option<Stored<'a>>, &'static str> {
    if let Some(file) = text_at(root, &["response/bodyFile"]).filter(|it| !it.is_empty()) {
        return beside.read(&file, &[""]).map(Stored::Bytes).map(Some);
    }
    let Some(raw) = at(root, "response/body") else {
        return Ok(None);
    };
    let is_encoded = at(root, "response/encodedBody").is_some_and(|it| it.get() == "true");
    match text(raw).filter(|_| is_encoded) {
        Some(base64) => Stored::base64(&base64).map(Some),
        None => Ok(stored(raw)),
    }
}

/// The only value that a request is matched by: a text (version 1), `exactMatch` (2 to 4), or a list of matchers (5).
fn exact<'a>(root: &Object<'a>, path: &str) -> Result<Option<Cow<'a, str>>, Fault> {
    at(root, path).map_or(Ok(None), exact_of)
}

fn exact_of(raw: &RawValue) -> Result<Option<Cow<'_, str>>, Fault> {
    if let Some(text) = text(raw) {
        return Ok(Some(text));
    }
    let pattern = || Fault::invalid("the pair gives a pattern, not one request");
    if let Some(value) = object(raw.get()).and_then(|it| text_at(&it, &["exactMatch"])) {
        return Ok(Some(value));
    }
    let matchers: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| pattern())?;
    let [matcher] = matchers.as_slice() else {
        return matchers.is_empty().then_some(None).ok_or_else(pattern);
    };
    let matcher = object(matcher.get()).unwrap_or_default();
    let is_exact = |kind: &Cow<'_, str>| matches!(&**kind, "exact" | "json" | "xml");
    text_at(&matcher, &["matcher"])
        .filter(is_exact)
        .and_then(|_| text_at(&matcher, &["value"]))
        .map(Some)
        .ok_or_else(pattern)
}

/// A text, or from version 5 an object of names.
fn query(root: &Object<'_>) -> Result<Option<String>, Fault> {
    let Some(raw) = at(root, "request/query") else {
        return Ok(None);
    };
    let names = object(raw.get()).filter(|it| !it.contains_key("exactMatch"));
    let Some(names) = names else {
        return Ok(exact_of(raw)?.map(Cow::into_owned));
    };
    let mut pairs = Vec::new();
    for (name, raw) in names {
        if let Some(value) = exact_of(raw)? {
            pairs.push(format!("{name}={value}"));
        }
    }
    pairs.sort();
    Ok((!pairs.is_empty()).then(|| pairs.join("&")))
}
