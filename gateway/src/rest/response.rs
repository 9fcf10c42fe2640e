//! Outcomes of calls as HTTP responses.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use bpx_dispatch::{Accepted, Done, Note, Outcome, PageHeaders, Settled, Source};
use serde_json::{Map, Value};

use super::headers::{
    CLIENT_ID, CURRENT_PAGE, INTENT, NOTE, OUTCOME, PAGE_COUNT, PAGE_SIZE, REPLAYED, SOURCE, TOTAL,
    append,
};
use crate::failure::{self, identity};

/// Maximum number of notes that are repeated in headers.
const NOTES_MAX: usize = 20;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The response to a call that was made.
pub(super) fn settled(settled: &Settled) -> Response {
    let mut response = match &settled.outcome {
        Outcome::Done(done) => self::done(done),
        Outcome::Accepted(accepted) => self::accepted(accepted, settled),
        Outcome::Rejected(rejected) => failure::rejected(rejected, settled).into_response(),
        Outcome::Unknown(unknown) => failure::unknown(unknown, settled).into_response(),
    };
    response.headers_mut().extend(headers(settled));
    response
}

fn done(done: &Done) -> Response {
    let status = StatusCode::from_u16(done.status).unwrap_or(StatusCode::OK);
    let mut response = status.into_response();
    if status != StatusCode::NO_CONTENT {
        *response.body_mut() = done.body.get().to_owned().into();
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    let headers = response.headers_mut();
    page_headers(headers, done.page.unwrap_or_default());
    if done.source != Source::Response {
        append(headers, SOURCE, done.source.word());
    }
    response
}

fn page_headers(headers: &mut HeaderMap, page: PageHeaders) {
    for (name, number) in [
        (PAGE_COUNT, page.page_count),
        (CURRENT_PAGE, page.current_page),
        (PAGE_SIZE, page.page_size),
        (TOTAL, page.total),
    ] {
        if let Some(number) = number {
            append(headers, name, &number.to_string());
        }
    }
}

fn accepted(accepted: &Accepted, settled: &Settled) -> Response {
    let mut body = Map::new();
    body.insert("outcome".to_owned(), "accepted".into());
    body.insert("detail".to_owned(), accepted.why.clone().into());
    body.insert("next".to_owned(), accepted.next.clone().into());
    let identity = identity(settled).into_iter();
    body.extend(identity.map(|(name, value)| (name.to_owned(), value)));
    let mut response = (StatusCode::ACCEPTED, Value::Object(body).to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// The headers that identify the call, whatever its outcome.
fn headers(settled: &Settled) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    append(&mut headers, OUTCOME, settled.outcome.kind());
    if let Some(intent) = &settled.intent {
        append(&mut headers, INTENT, intent);
    }
    let ids: Vec<_> = settled.client_ids.iter().map(u32::to_string).collect();
    if !ids.is_empty() {
        append(&mut headers, CLIENT_ID, &ids.join(", "));
    }
    if settled.replayed {
        append(&mut headers, REPLAYED, "true");
    }
    for note in settled.notes.iter().take(NOTES_MAX) {
        append(&mut headers, NOTE, &note_text(note));
    }
    headers
}

/// A note on one line of visible ASCII characters.
fn note_text(note: &Note) -> String {
    let subject = [note.rule, &note.pointer].join(" ");
    let text = format!("{}: {}", subject.trim_end(), note.text);
    let visible = |c: char| if c.is_ascii_graphic() { c } else { ' ' };
    let text: String = text.chars().map(visible).collect();
    text.trim().to_owned()
}
