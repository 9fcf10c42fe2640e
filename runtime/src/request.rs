//! Builds a request from an operation's parameters: path, query, headers, JSON body.
//!
//! Generated builders and callers that work from JSON arguments use the same functions, so a call has the same bytes
//! whichever way it is made.

mod multipart;
mod plain;
mod style;
mod template;

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::{Request, Url};
use serde::Serialize;

use self::multipart::Form;
pub use self::multipart::{File, Files};
use self::plain::to_json;
pub use self::plain::{plain_json, plain_text};
pub use self::style::Style;
pub use self::template::fill_path;
use self::template::{fill_encoded, next_parameter};

/// Why a request could not be built. Messages name the parameter and never repeat its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A path parameter has no value, or an empty one, which would address another resource.
    #[error("the path parameter `{name}` has no value; set it")]
    MissingPathParameter {
        /// The parameter's name.
        name: String,
    },
    /// A path segment is `.` or `..`, which URLs resolve away.
    #[error(
        "a path segment is `.` or `..`, which would address another resource; use another value"
    )]
    DotSegment,
    /// A header parameter holds characters a header cannot hold, or its name is not a header name.
    #[error("the header parameter `{name}` cannot be written as a header; use visible ASCII")]
    InvalidHeader {
        /// The parameter's name.
        name: String,
    },
    /// A parameter is not a scalar or a list of scalars.
    #[error(
        "the parameter `{name}` cannot be written as text: {reason}; use text, a number or a list of these"
    )]
    InvalidParameter {
        /// The parameter's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The body cannot be written as JSON.
    #[error("the body cannot be written as JSON: {reason}; correct the value")]
    InvalidBody {
        /// What the serializer reports.
        reason: String,
    },
    /// Base URL and path do not make a URL.
    #[error("the URL cannot be read: {reason}; check the base URL and the path of the operation")]
    InvalidUrl {
        /// What the URL parser reports.
        reason: String,
    },
}

/// A request under construction. Made by [`Connection::request`](crate::Connection::request).
///
/// The first thing that cannot be written is the error of [`RequestBuilder::build`].
///
/// ```
/// use bpx_runtime::{Connection, Options, http::Method};
///
/// let connection = Connection::public("https://library.example/v1", Options::default())?;
/// let request = connection
///     .request(Method::GET, "/shelves/{shelf}/books")
///     .path("shelf", "A/3")
///     .query("language", &["en", "fr"])
///     .query("year", &1999.0)
///     .query("author", &None::<String>)
///     .build()?;
/// let url = "https://library.example/v1/shelves/A%2F3/books?language=en&language=fr&year=1999";
/// assert_eq!(request.url().as_str(), url);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a request is made by `build`"]
pub struct RequestBuilder {
    method: Method,
    base_url: String,
    path: String,
    /// Encoded already.
    query: Vec<(String, String)>,
    headers: HeaderMap,
    cookies: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    form: Option<Form>,
    failure: Option<RequestError>,
}

impl RequestBuilder {
    pub(crate) fn new(method: Method, base_url: &str, path: &str) -> Self {
        Self {
            method,
            base_url: base_url.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: None,
            form: None,
            failure: None,
        }
    }

    /// Fills `{name}` in the path, percent-encoded as part of one segment. A list is joined with commas.
    pub fn path<T: Serialize + ?Sized>(self, name: &str, value: &T) -> Self {
        self.path_as(name, value, Style::Simple)
    }

    /// As [`RequestBuilder::path`], in a style of the contract.
    pub fn path_as<T: Serialize + ?Sized>(mut self, name: &str, value: &T, style: Style) -> Self {
        match style::segment(name, value, style) {
            Ok(None) => self.fail(RequestError::MissingPathParameter {
                name: name.to_owned(),
            }),
            Ok(Some(text)) => self.path = fill_encoded(&self.path, name, &text),
            Err(reason) => self.fail(invalid(name, reason)),
        }
        self
    }

    /// Adds a query parameter. A list repeats the key; `None` and null leave it out.
    pub fn query<T: Serialize + ?Sized>(self, name: &str, value: &T) -> Self {
        self.query_as(name, value, Style::FormExploded)
    }

    /// As [`RequestBuilder::query`], in a style of the contract.
    pub fn query_as<T: Serialize + ?Sized>(mut self, name: &str, value: &T, style: Style) -> Self {
        match style::pairs(name, value, style) {
            Ok(pairs) => self.query.extend(pairs),
            Err(reason) => self.fail(invalid(name, reason)),
        }
        self
    }

    /// Sets a header parameter and marks it sensitive. A list is joined with commas; `None` and null leave it out.
    pub fn header<T: Serialize + ?Sized>(self, name: &str, value: &T) -> Self {
        self.header_as(name, value, Style::Simple)
    }

    /// As [`RequestBuilder::header`], in a style of the contract.
    pub fn header_as<T: Serialize + ?Sized>(mut self, name: &str, value: &T, style: Style) -> Self {
        match style::header_text(value, style) {
            Ok(None) => {}
            Ok(Some(text)) => match header(name, &text) {
                Some((name, value)) => {
                    self.headers.insert(name, value);
                }
                None => self.fail(RequestError::InvalidHeader {
                    name: name.to_owned(),
                }),
            },
            Err(reason) => self.fail(invalid(name, reason)),
        }
        self
    }

    /// Adds a cookie; `None` and null leave it out.
    pub fn cookie_as<T: Serialize + ?Sized>(mut self, name: &str, value: &T, style: Style) -> Self {
        match style::pairs(name, value, style) {
            Ok(pairs) => self.cookies.extend(pairs),
            Err(reason) => self.fail(invalid(name, reason)),
        }
        self
    }

    /// Adds a part to a `multipart/form-data` body: text, JSON for an object, a part for each item of a list.
    pub fn part<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        let added = self.form.get_or_insert_with(Form::new).value(name, value);
        if let Err(error) = added {
            self.fail(invalid(name, error.to_string()));
        }
        self
    }

    /// Adds files to a `multipart/form-data` body.
    pub fn files(mut self, name: &str, files: &impl Files) -> Self {
        let form = self.form.get_or_insert_with(Form::new);
        files
            .files()
            .into_iter()
            .for_each(|file| form.file(name, file));
        self
    }

    /// Sets the body and its content type, `application/json`.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.json_as(body, "application/json")
    }

    /// Sets the body under another JSON media type, such as `application/merge-patch+json`.
    pub fn json_as<T: Serialize + ?Sized>(self, body: &T, media: &str) -> Self {
        let json = to_json(body).map_err(|error| error.to_string());
        self.set_body(json, media)
    }

    /// Sets the body and its content type, `application/x-www-form-urlencoded`.
    pub fn form<T: Serialize + ?Sized>(self, body: &T) -> Self {
        let form = style::form(body).map(String::into_bytes);
        self.set_body(form, "application/x-www-form-urlencoded")
    }

    /// Sets the body to these bytes, under this media type.
    pub fn bytes(self, body: impl AsRef<[u8]>, media: &str) -> Self {
        self.set_body(Ok(body.as_ref().to_vec()), media)
    }

    fn set_body(mut self, body: Result<Vec<u8>, String>, media: &str) -> Self {
        match (body, HeaderValue::from_str(media)) {
            (Ok(body), Ok(media)) => {
                self.body = Some(body);
                self.headers.insert(CONTENT_TYPE, media);
            }
            (Err(reason), _) => self.fail(RequestError::InvalidBody { reason }),
            (_, Err(error)) => self.fail(RequestError::InvalidBody {
                reason: error.to_string(),
            }),
        }
        self
    }

    /// Says which media types the caller reads, where it is not JSON.
    pub fn accept(mut self, media: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(media));
        self
    }

    /// The finished request.
    ///
    /// # Errors
    /// The first [`RequestError`] of the parameters; then a path that is not filled in, or not a URL.
    pub fn build(self) -> Result<Request, RequestError> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        if let Some((_, name, _)) = next_parameter(&self.path) {
            let name = name.to_owned();
            return Err(RequestError::MissingPathParameter { name });
        }
        if self
            .path
            .split('/')
            .any(|segment| matches!(segment, "." | ".."))
        {
            return Err(RequestError::DotSegment);
        }
        let mut url = self
            .url()
            .map_err(|reason| RequestError::InvalidUrl { reason })?;
        if !self.query.is_empty() {
            let text = style::query_text(&self.query);
            let text = url
                .query()
                .map(|own| format!("{own}&{text}"))
                .unwrap_or(text);
            url.set_query(Some(&text));
        }
        let mut request = Request::new(self.method, url);
        *request.headers_mut() = self.headers;
        if !self.cookies.is_empty() {
            let pairs = self
                .cookies
                .iter()
                .map(|(key, value)| format!("{key}={value}"));
            let text = pairs.collect::<Vec<_>>().join("; ");
            let (name, value) =
                header(COOKIE.as_str(), &text).ok_or(RequestError::InvalidHeader {
                    name: COOKIE.to_string(),
                })?;
            request.headers_mut().insert(name, value);
        }
        if let Some(form) = self.form {
            let media = HeaderValue::from_str(&form.media());
            let media = media.map_err(|error| RequestError::InvalidBody {
                reason: error.to_string(),
            })?;
            request.headers_mut().insert(CONTENT_TYPE, media);
            *request.body_mut() = Some(form.finish().into());
        }
        if let Some(body) = self.body {
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }

    fn url(&self) -> Result<Url, String> {
        if !self.path.starts_with('/') {
            return Err("the path does not begin with `/`".to_owned());
        }
        Url::parse(&format!("{}{}", self.base_url, self.path)).map_err(|error| error.to_string())
    }

    fn fail(&mut self, error: RequestError) {
        self.failure.get_or_insert(error);
    }
}

fn invalid(name: &str, reason: String) -> RequestError {
    RequestError::InvalidParameter {
        name: name.to_owned(),
        reason,
    }
}

fn header(name: &str, text: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests;
