//! One recorded request with its response.

use std::borrow::Cow;

/// One recorded request with its response; borrows from the recording where it can.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interaction<'a> {
    /// Method of the request.
    pub method: Cow<'a, str>,
    /// Path of the request, without host and query.
    pub path: Cow<'a, str>,
    /// Query of the request, as sent.
    pub query: Option<Cow<'a, str>>,
    /// The request's body; `None` if it had none or it was not recorded.
    pub request_body: Option<Cow<'a, [u8]>>,
    /// Status of the response; `None` if there was no response.
    pub status: Option<u16>,
    /// Response headers; `None` if they were not recorded.
    pub headers: Option<Vec<(String, String)>>,
    /// The response's body; `None` if it was not recorded.
    pub body: Option<Cow<'a, [u8]>>,
    /// When the request left, Unix milliseconds.
    pub started_ms: Option<i64>,
}

impl Interaction<'_> {
    /// The value of a response header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_deref()?;
        let mut headers = headers.iter();
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The media type without parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        let essence = value.split(';').next().unwrap_or(value);
        Some(essence.trim().to_ascii_lowercase())
    }
}

/// Where an interaction is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location<'a> {
    /// The recording as the caller named it.
    pub file: &'a str,
    /// The interaction in it, from 1; 0 for the file as a whole.
    pub entry: u64,
    /// Its line, from 1, where it is known.
    pub line: Option<u64>,
    /// The byte it begins at, uncompressed.
    pub byte: Option<u64>,
}

impl<'a> Location<'a> {
    /// The location of an entry whose line and byte are not known.
    pub(crate) fn entry(file: &'a str, entry: u64) -> Self {
        let (line, byte) = (None, None);
        Self {
            file,
            entry,
            line,
            byte,
        }
    }
}

/// Splits a URL into path and query; a path may stand alone.
#[must_use]
pub fn split_url(url: &str) -> (&str, Option<&str>) {
    let url = url.split('#').next().unwrap_or(url);
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest
            .find(['/', '?'])
            .and_then(|at| rest.get(at..))
            .unwrap_or("/"),
        None => url,
    };
    match rest.split_once('?') {
        Some(("", query)) => ("/", Some(query)),
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_whether_or_not_it_names_a_host() {
        assert_eq!(split_url("https://h:1/a/b?c=d#e"), ("/a/b", Some("c=d")));
        assert_eq!(split_url("/a?b"), ("/a", Some("b")));
        assert_eq!(split_url("https://h"), ("/", None));
        assert_eq!(split_url("https://h?x=1"), ("/", Some("x=1")));
    }
}
