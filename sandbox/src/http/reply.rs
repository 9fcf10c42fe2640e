//! Answers as HTTP responses.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use crate::exchange::Exchange;
use crate::refusal::{Code, Refusal};

const JSON: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json; charset=utf-8")];

/// 200 with a JSON body. Absent fields are explicit nulls unless the configuration leaves them out.
pub(crate) fn ok(exchange: &Exchange, body: &impl Serialize) -> Result<Response, Refusal> {
    let bytes = if exchange.venue.explicit_nulls {
        serde_json::to_vec(body)
    } else {
        serde_json::to_value(body).and_then(|value| serde_json::to_vec(&without_nulls(value)))
    };
    bytes
        .map(|bytes| (JSON, bytes).into_response())
        .map_err(|error| {
            Refusal::coded(
                StatusCode::INTERNAL_SERVER_ERROR,
                Code::ServerError,
                format!("answer not written: {error}"),
            )
        })
}

/// 202 with an empty body: taken in, not yet executed.
pub(crate) fn accepted() -> Response {
    StatusCode::ACCEPTED.into_response()
}

pub(crate) fn refuse(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Text(status, message) => (status, message).into_response(),
        Refusal::Json(status, coded) => match serde_json::to_vec(&coded) {
            Ok(bytes) => (status, JSON, bytes).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(key, value)| (key, without_nulls(value)))
                .collect()
        }
        scalar => scalar,
    }
}
