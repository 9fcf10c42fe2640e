//! One request with its answer, as read from a recording.

use std::borrow::Cow;

/// One request with its answer; borrows from the recording where it can.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// Method of the request.
    pub method: Cow<'a, str>,
    /// Path of the request, without host and query.
    pub path: Cow<'a, str>,
    /// Query of the request, as sent.
    pub query: Option<Cow<'a, str>>,
    /// The request's body; none if it had none or it was not recorded.
    pub request_body: Option<Cow<'a, [u8]>>,
    /// Status of the answer; none if there was no answer.
    pub status: Option<u16>,
    /// Response headers; none if they were not recorded.
    pub headers: Option<Vec<(String, String)>>,
    /// The answer's body; none if it was not recorded.
    pub body: Option<Cow<'a, [u8]>>,
    /// When the request left, Unix milliseconds.
    pub started_ms: Option<i64>,
}

impl Exchange<'_> {
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

/// Where an exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The recording as the caller named it.
    pub file: &'a str,
    /// The exchange in it, from 1.
    pub entry: u64,
    /// Its line, from 1, where the format has one exchange per line.
    pub line: Option<u64>,
    /// The byte its line begins at, uncompressed.
    pub byte: Option<u64>,
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
