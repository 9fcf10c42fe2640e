//! One recorded request with its response.

use std::borrow::Cow;

/// One recorded request with its response; borrows from the recording where it can.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interaction<'a> {
    /// Method of the request.
    pub method: Cow<'a, str>,
    /// Host of the request's URL, with its port; for a URL that is not of HTTP its scheme (`data:`); `None` if only a path was
    /// recorded.
    pub host: Option<Cow<'a, str>>,
    /// Path of the request, without host and query.
    pub path: Cow<'a, str>,
    /// Query of the request, as sent.
    pub query: Option<Cow<'a, str>>,
    /// Request headers, those of cookies included; `None` if they were not recorded.
    pub request_headers: Option<Vec<(String, String)>>,
    /// The request's body; `None` if it had none or it was not recorded.
    pub request_body: Option<Cow<'a, [u8]>>,
    /// Whether the request had a body that was not recorded.
    pub request_body_left_out: bool,
    /// Why the recorded body of the request cannot be read.
    pub request_body_fault: Option<&'static str>,
    /// Status of the response; `None` if there was no response.
    pub status: Option<u16>,
    /// Response headers; `None` if they were not recorded.
    pub headers: Option<Vec<(String, String)>>,
    /// The response's body, unpacked; `None` if it was not recorded or cannot be read.
    pub body: Option<Cow<'a, [u8]>>,
    /// Why the recorded body of the response cannot be read. It repeats nothing of the recording.
    pub body_fault: Option<&'static str>,
    /// When the request left, Unix milliseconds.
    pub started_ms: Option<i64>,
}

impl Interaction<'_> {
    /// The method of a stub that responds to every method.
    pub const ANY_METHOD: &'static str = "ANY";

    /// The value of a response header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value_of(self.headers.as_deref()?, name)
    }

    /// The value of a request header, whatever the case of its name.
    #[must_use]
    pub fn request_header(&self, name: &str) -> Option<&str> {
        value_of(self.request_headers.as_deref()?, name)
    }

    /// The media type without parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        let essence = value.split(';').next().unwrap_or(value);
        Some(essence.trim().to_ascii_lowercase())
    }
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut headers = headers.iter();
    headers
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
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

/// The host of a URL, with its port, or the scheme of one that is not of HTTP, with its colon.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (before, _) = url.split_once(':')?;
    if before.contains(['/', '?', '#']) {
        return None;
    }
    let (scheme, rest) = url.split_at_checked(before.len() + 1)?;
    let is_http = ["http:", "https:", "ws:", "wss:"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(scheme));
    if !is_http {
        return Some(scheme);
    }
    let rest = rest.strip_prefix("//")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(..end)
}

/// A URL taken apart; a path may stand alone.
pub(crate) struct Url<'a> {
    pub(crate) host: Option<Cow<'a, str>>,
    pub(crate) path: Cow<'a, str>,
    pub(crate) query: Option<Cow<'a, str>>,
}

impl<'a> Url<'a> {
    pub(crate) fn of(url: Cow<'a, str>) -> Self {
        match url {
            Cow::Borrowed(url) => {
                let (path, query) = split_url(url);
                Self {
                    host: host(url).map(Cow::Borrowed),
                    path: path.into(),
                    query: query.map(Cow::Borrowed),
                }
            }
            Cow::Owned(url) => {
                let Url { host, path, query } = Url::of(url.as_str().into());
                let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
                Self {
                    host: host.map(owned),
                    path: Cow::Owned(path.into_owned()),
                    query: query.map(|it| Cow::Owned(it.into_owned())),
                }
            }
        }
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

    #[test]
    fn a_host_is_of_http_and_other_schemes_stand_for_themselves() {
        for (url, expected) in [
            ("https://h:1/a?b", Some("h:1")),
            ("wss://h", Some("h")),
            ("data:text/html,x", Some("data:")),
            ("chrome-extension://abc/x.js", Some("chrome-extension:")),
            ("/a:b/c", None),
            ("a?x=http://h", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
