//! Recordings of nock (Node.js), as its recorder gives them with `output_objects`.

use super::body::{Stored, split};
use super::raw::{Object, at, headers, status, stored, text, text_at};
use super::{Entry, Fault, Url};
use crate::Interaction;
use crate::interaction::host;

pub(super) fn is_nock(object: &Object<'_>) -> bool {
    ["scope", "method", "path", "status"]
        .iter()
        .all(|key| object.contains_key(*key))
}

/// `body` is the request's, `response` the response's.
pub(super) fn entry<'a>(root: &Object<'a>) -> Entry<'a> {
    let method = text_at(root, &["method"]).ok_or_else(|| Fault::missing("method"))?;
    let path = text_at(root, &["path"]).ok_or_else(|| Fault::missing("path or URL"))?;
    let url = Url::of(path);
    let scope = text_at(root, &["scope"]);
    let list = |paths: [&str; 2]| {
        let mut found = paths.iter().filter_map(|path| at(root, path));
        found.find_map(|raw| headers(raw.get()))
    };
    let received = list(["rawHeaders", "headers"]);
    let is_packed = received
        .iter()
        .flatten()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let (body, body_fault) = split(response_body(root, is_packed), received.as_deref());
    let request = at(root, "body").filter(|raw| raw.get() != "\"\"");
    let (request_body, request_body_fault) = split(Ok(request.and_then(stored)), None);
    Ok(Interaction {
        method,
        host: scope.and_then(|scope| host(&scope).map(|host| host.to_owned().into())),
        path: url.path,
        query: url.query,
        request_headers: list(["reqheaders", "requestHeaders"]),
        request_body,
        request_body_left_out: false,
        request_body_fault,
        status: at(root, "status").and_then(status),
        headers: received,
        body,
        body_fault,
        started_ms: None,
    })
}

/// Bytes are hexadecimal: a text where `responseIsBinary` says so, a list with one text for each part where they are packed.
fn response_body<'a>(
    root: &Object<'a>,
    is_packed: bool,
) -> Result<Option<Stored<'a>>, &'static str> {
    let Some(raw) = at(root, "response") else {
        return Ok(None);
    };
    let is_binary = at(root, "responseIsBinary").is_some_and(|it| it.get() == "true");
    let parts: Vec<String> = match text(raw) {
        Some(text) if is_binary => vec![text.into_owned()],
        _ if is_packed || is_binary => serde_json::from_str(raw.get()).unwrap_or_default(),
        _ => Vec::new(),
    };
    match hex::decode(parts.concat()) {
        Ok(bytes) if !bytes.is_empty() => Ok(Some(Stored::Bytes(bytes))),
        Err(_) if is_binary => Err("the body is not hexadecimal"),
        _ => Ok(stored(raw)),
    }
}
