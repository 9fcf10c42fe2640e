//! Answers that are wrong on purpose.

use std::future::ready;
use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::fault::codes;

/// The venue's text when it does not know itself what became of a request.
const UNKNOWN_ERROR: &str = "Unknown error, please check your request or try again later.";

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// How many bytes a truncated answer promises beyond its real length, so that even an empty one is.
const PROMISED_BYTES: usize = 64;

/// Values that stand in no document, for the first of these fields that an object has.
const UNKNOWN_VALUES: [(&str, &str); 3] = [
    ("status", "PendingRelease2"),
    ("systemOrderType", "SandboxSystemOrder"),
    ("code", "SANDBOX_UNKNOWN_CODE"),
];

pub(crate) fn error(code: &str, status: u16) -> Response {
    coded(status, code, &codes::message(code))
}

pub(crate) fn unavailable() -> Response {
    coded(503, "SERVER_ERROR", UNKNOWN_ERROR)
}

pub(crate) fn too_many_requests(retry_after_s: Option<u64>) -> Response {
    let mut response = error("TOO_MANY_REQUESTS", 429);
    if let Some(seconds) = retry_after_s {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub(crate) fn html() -> Response {
    let kind = [(CONTENT_TYPE, "text/html")];
    (StatusCode::BAD_GATEWAY, kind, BAD_GATEWAY).into_response()
}

fn coded(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    let body = json!({ "code": code, "message": message });
    (status, kind, body.to_string()).into_response()
}

/// The head promises more than the body holds, then the connection ends.
pub(crate) async fn truncated(response: Response) -> Response {
    let (mut parts, body) = taken_apart(response).await;
    let promised = body.len() + PROMISED_BYTES;
    let sent = Ok(body.slice(..body.len() / 2));
    // The pause lets the first half out before the error ends the connection.
    let end = async {
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    };
    let pieces = stream::once(ready(sent)).chain(stream::once(end));
    parts.headers.insert(CONTENT_LENGTH, promised.into());
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// Whole HTTP around half a body.
pub(crate) async fn cut(response: Response) -> Response {
    let (parts, body) = taken_apart(response).await;
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

/// The answer with one enum value per object that no document knows, and whether there was any.
pub(crate) async fn unknown_enum(response: Response) -> (Response, bool) {
    edited(response, |fields| {
        for (name, unknown) in UNKNOWN_VALUES {
            if let Some(value) = fields.get_mut(name) {
                *value = unknown.into();
                return true;
            }
        }
        false
    })
    .await
}

/// The answer with one field per object that no document knows, and whether there was any object.
pub(crate) async fn unknown_field(response: Response) -> (Response, bool) {
    edited(response, |fields| {
        let value = json!({ "since": 2, "of": ["tomorrow", null] });
        fields.insert("sandboxField".to_owned(), value);
        true
    })
    .await
}

type Fields = serde_json::Map<String, Value>;

/// Edits the object, or each object of the list, that the answer is.
async fn edited(response: Response, edit: fn(&mut Fields) -> bool) -> (Response, bool) {
    let (parts, body) = taken_apart(response).await;
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else {
        return (Response::from_parts(parts, Body::from(body)), false);
    };
    let edits = match &mut value {
        Value::Array(rows) => rows
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .map(edit)
            .filter(|edited| *edited)
            .count(),
        Value::Object(fields) => usize::from(edit(fields)),
        _ => 0,
    };
    let body = Body::from(value.to_string());
    (Response::from_parts(parts, body), edits > 0)
}

/// Head and body; the length is left to whoever puts them together again. Bodies here are in memory,
/// so reading them does not fail.
async fn taken_apart(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, body)
}
