//! One line of the recorder's own format, which `README.md` describes.
//!
//! The body is the last member, so that a reader can take it without parsing it.

use std::borrow::Cow;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::beside::Beside;
use super::body::{Stored, split};
use super::{Entry, Fault, FaultKind, access, alias, message};
use crate::{Interaction, Message};

/// How every line of the format begins.
pub const LINE_START: &str = "{\"bpx\":1,";

/// What comes before an embedded body. Quotes within strings are escaped, so this is a member's name wherever it occurs.
const BODY: &str = ",\"body\":";

/// One interaction as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Version of the format.
    pub bpx: u32,
    /// When the request left, RFC 3339 with milliseconds.
    #[serde(borrow)]
    pub started: Cow<'a, str>,
    /// From then to the last byte of the response, in microseconds.
    pub elapsed_us: u64,
    /// Operation that was called; empty where the recorder does not know it.
    #[serde(borrow, default)]
    pub operation: Cow<'a, str>,
    /// Where the request went: scheme, host and port.
    #[serde(borrow, default)]
    pub origin: Cow<'a, str>,
    /// Method of the request.
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    /// Path of the request, as sent.
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    /// Query of the request, as sent.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Cow<'a, str>>,
    /// Request headers, in order; secrets are replaced by `redacted`.
    #[serde(default)]
    pub request_headers: Vec<(String, String)>,
    /// The request's body: JSON as it was sent.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub request: Option<&'a RawValue>,
    /// The request's body where it cannot be embedded: text.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub request_text: Option<Cow<'a, str>>,
    /// The request's body where it is not text: standard base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_base64: Option<String>,
    /// Why there is no whole response.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Cow<'a, str>>,
    /// Status of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Response headers, in order; secrets are replaced by `redacted`.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The response's body where it is not text: standard base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The response's body where it cannot be embedded: text.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
    /// The response's body: JSON, byte for byte.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a RawValue>,
}

/// The last line: how many interactions were written, and how many were dropped because the writer fell behind.
#[derive(Debug, Serialize, Deserialize)]
pub struct Trailer {
    /// Version of the format.
    pub bpx: u32,
    /// Interactions that were written.
    pub recorded: u64,
    /// Interactions that were dropped.
    pub dropped: u64,
}

/// The trailer, if the line is one.
pub(super) fn trailer(line: &[u8]) -> Option<Trailer> {
    let is_own = line.starts_with(LINE_START.as_bytes());
    let is_end = line.get(LINE_START.len()..)?.starts_with(b"\"recorded\"");
    (is_own && is_end).then(|| serde_json::from_slice(line).ok())?
}

/// What a line or an entry of a recording holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded<'a> {
    /// A request with its response.
    Interaction(Box<Interaction<'a>>),
    /// A message of a stream.
    Message(Box<Message<'a>>),
}

impl<'a> From<Interaction<'a>> for Recorded<'a> {
    fn from(interaction: Interaction<'a>) -> Self {
        Self::Interaction(Box::new(interaction))
    }
}

/// Reads a line as [`read_line`] does, or as a message of a stream: one of the recorder, or a message as it went over the wire.
///
/// ```
/// use bpx_recording::{Direction, Recorded, read_recorded};
///
/// let line = br#"{"stream":"wind.north","data":{"speed":"7.5"}}"#;
/// let Ok(Recorded::Message(message)) = read_recorded(line) else { return };
/// assert_eq!(message.direction, Direction::Received);
/// ```
///
/// # Errors
/// A line that is not UTF-8, or is neither.
pub fn read_recorded(line: &[u8]) -> Result<Recorded<'_>, Fault> {
    or_message(
        read_line(line),
        std::str::from_utf8(line).unwrap_or_default(),
    )
}

/// What is no interaction may be a message.
pub(super) fn or_message<'a>(entry: Entry<'a>, text: &'a str) -> Result<Recorded<'a>, Fault> {
    match entry {
        Ok(interaction) => Ok(interaction.into()),
        Err(fault) => match message::of_object(text) {
            Some(message) => Ok(Recorded::Message(Box::new(message?))),
            None => Err(fault),
        },
    }
}

/// Reads a line: of the recorder's own format, or a JSON object of another tool whose keys are known.
///
/// # Errors
/// A line that is not UTF-8, or is no interaction.
pub fn read_line(line: &[u8]) -> Result<Interaction<'_>, Fault> {
    let text = std::str::from_utf8(line).map_err(|error| {
        let reason = format!(
            "byte {} of the line starts no character",
            error.valid_up_to()
        );
        Fault::new(FaultKind::NotUtf8, reason)
    })?;
    if text.starts_with(LINE_START) {
        let line: Line<'_> = serde_json::from_str(text).map_err(|error| Fault::of_json(&error))?;
        return of_line(line);
    }
    match text.starts_with('{') {
        true => alias::entry(text, Beside::NOTHING),
        false => access::entry(text).map_or_else(|| alias::entry(text, Beside::NOTHING), Ok),
    }
}

/// Reads a line of the recorder's own format without parsing its body. The line is valid only if the body turns out to be
/// JSON. `None` where the line has another form. `head` is a buffer for the rest of the line.
pub fn read_head<'a>(line: &'a [u8], head: &'a mut Vec<u8>) -> Option<Interaction<'a>> {
    if !line.starts_with(LINE_START.as_bytes()) {
        return None;
    }
    let at = memchr::memmem::find(line, BODY.as_bytes())?;
    let body = line.get(at + BODY.len()..)?.strip_suffix(b"}")?;
    head.clear();
    head.extend_from_slice(line.get(..at)?);
    head.push(b'}');
    let head: Line<'_> = serde_json::from_slice(head).ok()?;
    let mut interaction = of_line(head).ok()?;
    let is_bare = interaction.body.as_deref() == Some(&[]);
    interaction.body = Some(body.into());
    is_bare.then_some(interaction)
}

fn of_line(line: Line<'_>) -> Entry<'_> {
    let started = DateTime::parse_from_rfc3339(&line.started);
    let response = body(line.body, line.text, line.base64);
    let (whole, body_fault) = split(response, Some(&line.headers));
    let request = body(line.request, line.request_text, line.request_base64);
    let (request_body, request_body_fault) = split(request, Some(&line.request_headers));
    // Where the response broke off, its body is not known.
    let is_whole = line.failure.is_none() && body_fault.is_none();
    Ok(Interaction {
        method: line.method,
        host: None,
        path: line.path,
        query: line.query,
        request_headers: None,
        request_body,
        request_body_left_out: false,
        request_body_fault,
        status: line.status,
        headers: Some(line.headers),
        body: is_whole.then(|| whole.unwrap_or_default()),
        body_fault,
        started_ms: started.ok().map(|at| at.timestamp_millis()),
    })
}

fn body<'a>(
    json: Option<&'a RawValue>,
    text: Option<Cow<'a, str>>,
    base64: Option<String>,
) -> Result<Option<Stored<'a>>, &'static str> {
    match (json, base64) {
        (Some(json), _) => Ok(Some(Stored::Json(json.get()))),
        (None, Some(base64)) => Stored::base64(&base64).map(Some),
        (None, None) => Ok(text.map(Stored::Text)),
    }
}
