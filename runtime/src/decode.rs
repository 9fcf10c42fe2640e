//! One function per kind of success: from a 2xx answer to its value.
//!
//! A call picks the function that fits what the contract documents; [`Connection`](crate::Connection) applies it to
//! success statuses only.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use serde_json::{Map, Value};

use crate::path;
use crate::{Outcome, Page, Unread};

/// One answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Response headers; `set-cookie` is marked sensitive.
    pub headers: HeaderMap,
    /// The body, empty if there was none.
    pub body: Bytes,
}

/// Why a success could not be read as what the contract documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Undecoded {
    /// The reason, with the path to the field where there is one; one line, bounded.
    pub reason: String,
}

impl Undecoded {
    /// For a status without a documented body.
    #[doc(hidden)]
    #[must_use]
    pub fn undocumented(status: StatusCode) -> Self {
        Self::because(format!("no body is documented for the status {status}"))
    }

    fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// The body as JSON.
///
/// # Errors
/// An empty body, a body that is not JSON, or JSON of another shape than `T`.
pub fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, Undecoded> {
    if answer.body.is_empty() {
        return Err(Undecoded::because("the body is empty, expected JSON"));
    }
    path::read(&answer.body).map_err(Undecoded::because)
}

/// Nothing: the contract documents no body, and whatever came is left unread.
///
/// # Errors
/// None; the signature is that of its siblings.
pub fn empty(_: &Answer) -> Result<(), Undecoded> {
    Ok(())
}

/// The body as UTF-8 text, empty if there was none.
///
/// # Errors
/// Bytes that are not UTF-8.
pub fn text(answer: &Answer) -> Result<String, Undecoded> {
    std::str::from_utf8(&answer.body)
        .map(str::to_owned)
        .map_err(|error| Undecoded::because(format!("the body is not UTF-8 text: {error}")))
}

/// The body's bytes, unread.
///
/// # Errors
/// None; the signature is that of its siblings.
pub fn bytes(answer: &Answer) -> Result<Bytes, Undecoded> {
    Ok(answer.body.clone())
}

/// A result now or later: 202 without a body is [`Outcome::Accepted`], JSON is [`Outcome::Done`].
///
/// # Errors
/// As [`json`]; also an empty body with a status other than 202.
pub fn outcome<T: DeserializeOwned>(answer: &Answer) -> Result<Outcome<T>, Undecoded> {
    if is_accepted(answer) {
        return Ok(Outcome::Accepted);
    }
    json(answer).map(Outcome::Done)
}

/// A value or nothing: 204, or any 2xx without a body, is `None`.
///
/// # Errors
/// As [`json`], but an empty body is none.
pub fn maybe<T: DeserializeOwned>(answer: &Answer) -> Result<Option<T>, Undecoded> {
    if answer.body.is_empty() {
        return Ok(None);
    }
    json(answer).map(Some)
}

/// A value, nothing, or later: 202 without a body is [`Outcome::Accepted`], any other 2xx without one is `None`.
///
/// # Errors
/// As [`maybe`].
pub fn maybe_outcome<T: DeserializeOwned>(
    answer: &Answer,
) -> Result<Outcome<Option<T>>, Undecoded> {
    if is_accepted(answer) {
        return Ok(Outcome::Accepted);
    }
    maybe(answer).map(Outcome::Done)
}

/// The names of the headers that come with a page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageHeaders<'a> {
    /// How many pages there are.
    pub page_count: &'a str,
    /// Which page this is.
    pub current_page: &'a str,
    /// How many items a full page holds.
    pub page_size: &'a str,
    /// How many items there are on all pages.
    pub total: &'a str,
}

/// One page: a JSON array with the page headers, as far as they are there and whole numbers. Objects that cannot be read are
/// kept beside the others.
///
/// # Errors
/// As [`json`].
pub fn page<T: DeserializeOwned>(
    answer: &Answer,
    names: &PageHeaders<'_>,
) -> Result<Page<T>, Undecoded> {
    let (items, unread) = rows(answer)?;
    let number = |name| answer.headers.get(name)?.to_str().ok()?.parse().ok();
    Ok(Page {
        page_count: number(names.page_count),
        current_page: number(names.current_page),
        page_size: number(names.page_size),
        total: number(names.total),
        items,
        unread,
    })
}

fn rows<T: DeserializeOwned>(answer: &Answer) -> Result<(Vec<T>, Vec<Unread>), Undecoded> {
    json(answer)
        .map(|items| (items, Vec::new()))
        .or_else(|undecoded| {
            let Ok(rows) = json::<Vec<Map<String, Value>>>(answer) else {
                return Err(undecoded);
            };
            let (mut items, mut unread) = (Vec::new(), Vec::new());
            for row in rows {
                let row = Value::Object(row);
                match path::read(row.to_string().as_bytes()) {
                    Ok(item) => items.push(item),
                    Err(reason) => unread.push(Unread { row, reason }),
                }
            }
            Ok((items, unread))
        })
}

fn is_accepted(answer: &Answer) -> bool {
    answer.status == StatusCode::ACCEPTED && answer.body.is_empty()
}
