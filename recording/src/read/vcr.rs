//! Interactions of VCR cassettes (Ruby), vcrpy and Betamax (Python).

use serde_json::value::RawValue;

use super::beside::Beside;
use super::body::{Stored, split};
use super::raw::{Object, at, headers, object, status, stored, text, text_at, time};
use super::{Entry, Fault, Url};
use crate::Interaction;

pub(super) fn entry<'a>(raw: &'a RawValue, _: Beside<'_>) -> Entry<'a> {
    let root = object(raw.get()).ok_or_else(|| Fault::invalid("an interaction is no object"))?;
    let method = text_at(&root, &["request/method"]).ok_or_else(|| Fault::missing("method"))?;
    let url = text_at(&root, &["request/uri", "request/url"]);
    let url = Url::of(url.ok_or_else(|| Fault::missing("path or URL"))?);
    let list = |path| at(&root, path).and_then(|raw| headers(raw.get()));
    let (sent, received) = (list("request/headers"), list("response/headers"));
    let request = body(&root, &["request/body"]);
    let (request_body, request_body_fault) = split(request, sent.as_deref());
    let response = body(&root, &["response/body", "response/content"]);
    let (body, body_fault) = split(response, received.as_deref());
    let codes = [
        "response/status/code",
        "response/status_code",
        "response/status",
    ];
    Ok(Interaction {
        // Ruby's symbols begin with a colon.
        method: method.trim_start_matches(':').to_ascii_uppercase().into(),
        host: url.host,
        path: url.path,
        query: url.query,
        request_headers: sent,
        request_body,
        request_body_left_out: false,
        request_body_fault,
        status: codes.iter().find_map(|path| status(at(&root, path)?)),
        headers: received,
        body,
        body_fault,
        started_ms: at(&root, "recorded_at").and_then(time),
    })
}

/// A text, an object with `string` or `base64_string`, or an object in an object where the YAML has a binary `string`.
fn body<'a>(root: &Object<'a>, paths: &[&str]) -> Result<Option<Stored<'a>>, &'static str> {
    let Some(raw) = paths.iter().find_map(|path| at(root, path)) else {
        return Ok(None);
    };
    let Some(body) = object(raw.get()) else {
        return Ok(stored(raw));
    };
    let base64 = ["base64_string", "string/base64_string"];
    let base64 = base64.iter().filter_map(|path| at(&body, path));
    let mut base64 = base64.filter_map(text).filter(|it| !it.is_empty());
    match base64.next() {
        Some(base64) => Stored::base64(&base64).map(Some),
        None => Ok(at(&body, "string").and_then(stored)),
    }
}
